"""All routes of the cases."""

from __future__ import annotations

from webapp.cases import limits, reading, starting, steering
from webapp.cases.area import blueprint

__all__ = ["blueprint", "limits", "reading", "starting", "steering"]
