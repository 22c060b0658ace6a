"""The demonstration: real directives on their dates, then a scripted year, and a summary."""
