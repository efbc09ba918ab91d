"""Checks, publishes and runs diagrams. The only importer of SpiffWorkflow; knows no Flask."""
