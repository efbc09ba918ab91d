"""Versions of the owners' files: what is published, and what a release holds."""
