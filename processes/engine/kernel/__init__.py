"""Diagrams as SpiffWorkflow runs them: compiled specs, a live instance, its saved state."""
