"""How the limits of a task or directive were counted: found, drawn and told."""
