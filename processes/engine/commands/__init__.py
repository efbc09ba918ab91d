"""What can be done to a case, one module per command, and the transaction they all run in."""
