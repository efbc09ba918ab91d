"""All routes of the register."""

from __future__ import annotations

from webapp.register import importing, listing, sources
from webapp.register.area import blueprint

__all__ = ["blueprint", "importing", "listing", "sources"]
