"""The thin Flask UI and the command line."""
