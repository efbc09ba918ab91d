"""The command line `banli`."""
