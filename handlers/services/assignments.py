"""Work that is due on a day somebody names, not after a number of days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from handlers.service_registry import HandlerContext, service


@service("limits.by_date")
def by_date(context: HandlerContext, due_on: str) -> Mapping[str, Any]:
    """From when a limit of one calendar day, without roll-over, must be counted to end on the named day.

    `due_on`: ISO date of the last day. Gives `counted_from`, the ISO date of the day before: day 0 of the limit.
    Source: S2:12 承办上级或领导交办的其他工作, whoever assigns it names the day (R034).
    Raises: ValueError, if `due_on` is no ISO date.
    """
    return {"counted_from": (date.fromisoformat(due_on) - timedelta(days=1)).isoformat()}
