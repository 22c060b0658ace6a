"""Claims, one command each, with the limit of the same machine measured in the same run."""
