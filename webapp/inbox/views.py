"""All routes of the inbox."""

from __future__ import annotations

from webapp.inbox import completing, reading
from webapp.inbox.area import blueprint

__all__ = ["blueprint", "completing", "reading"]
