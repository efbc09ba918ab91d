"""Messages of a linked case that suspend, resume or extend the legal clocks of the case above it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from processes.engine.work import Work, entry


def apply_limit_message(work: Work, name: str, payload: Mapping[str, Any], sender_id: int) -> None:
    """Apply message `name` (one of `handlers.posts.LIMIT_MESSAGES`) of case `sender_id` to the case of `work`."""
    detail = {"message": name, "payload": dict(payload), "from": sender_id}
    work.entries.append(entry(None, "limit_message", detail=detail))
