"""People, departments, substitutions and the bureau's profile."""
