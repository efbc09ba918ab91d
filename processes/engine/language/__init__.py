"""Expressions and decision tables."""
