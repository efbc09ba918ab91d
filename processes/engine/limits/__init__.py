"""Limits that run with activities, and the messages that move them."""
