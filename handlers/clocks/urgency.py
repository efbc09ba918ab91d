"""How near the end of a limit is, for lists and colours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from handlers.clocks.calendar import Calendar


@dataclass(frozen=True, slots=True)
class Urgency:
    """How near the end is, in working days. `text` is for the list on the screen."""

    working_days: int
    overdue: bool
    provisional: bool
    text: str


def urgency(calendar: Calendar, today: date, due_on: date) -> Urgency:
    """还剩 3 个工作日, 今天到期, 超期 2 个工作日. Working days after the earlier of both days, up to the later one."""
    days = abs(calendar.working_days_between(today, due_on))
    years = range(min(today, due_on).year, max(today, due_on).year + 1)
    provisional = not all(calendar.has_notice(year) for year in years)
    if today > due_on:
        text = f"超期 {days} 个工作日" if days else "已超期，尚未满 1 个工作日"
    elif today == due_on:
        text = "今天到期"
    else:
        text = f"还剩 {days} 个工作日" if days else "到期前已无工作日"
    return Urgency(days, today > due_on, provisional, text)


def is_resting(why: Mapping[str, Any]) -> bool:
    """Whether excluded time rests on the limit of the task that keeps this reason."""
    limit = why.get("limit")
    return bool(limit and limit.get("paused"))
