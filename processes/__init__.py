"""The procedures: diagrams, tables and scenarios by group, and the engine that runs them."""
