"""Registers of other systems become cases by the people's own commands."""
