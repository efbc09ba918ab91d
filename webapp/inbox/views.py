"""All routes of the inbox."""

from __future__ import annotations

from webapp.inbox import reading, task_form
from webapp.inbox.area import blueprint

__all__ = ["blueprint", "reading", "task_form"]
