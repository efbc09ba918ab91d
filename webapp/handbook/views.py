"""All routes of the handbook."""

from __future__ import annotations

from webapp.handbook import reading
from webapp.handbook.area import blueprint

__all__ = ["blueprint", "reading"]
