"""The words of the access table; apart from it, so that every area can use them in its own part."""

from __future__ import annotations

PUBLIC = "public"
SIGNED_IN = "signed-in"

Permission = str | frozenset[str]
"""PUBLIC, SIGNED_IN, a named permission of `handlers.people.roles.PERMISSIONS`, or a set of role codes."""
