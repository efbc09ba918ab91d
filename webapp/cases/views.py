"""All routes of the cases."""

from __future__ import annotations

from webapp.cases import linked, reading, starting, steering
from webapp.cases.area import blueprint

__all__ = ["blueprint", "linked", "reading", "starting", "steering"]
