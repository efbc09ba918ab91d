"""All routes of the cases."""

from __future__ import annotations

from webapp.cases import correcting, filing, limit_page, linked, reading, starting, steering
from webapp.cases.area import blueprint

__all__ = ["blueprint", "correcting", "filing", "limit_page", "linked", "reading", "starting", "steering"]
