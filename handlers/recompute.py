"""Working out open clocks again after the calendar or a suspension changed. Pure; the rows come from the caller."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from handlers.calendar import Calendar
from handlers.clocks import Clock, Due, compute_due


@dataclass(frozen=True, slots=True)
class OpenClock:
    """A clock with what was last told to people about it; `due_on` is an estimate where `provisional`."""

    id: int
    clock: Clock
    due_on: date | None
    provisional: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """A clock whose answer is another one now."""

    id: int
    clock: Clock
    was_on: date | None
    was_provisional: bool
    due: Due


def recompute(clocks: Iterable[OpenClock], calendar: Calendar) -> list[Moved]:
    """Those of the open clocks whose day or whose certainty changed, in the order given."""
    moved = []
    for row in clocks:
        due = compute_due(row.clock, calendar)
        if (due.estimated_on, due.provisional) != (row.due_on, row.provisional):
            moved.append(Moved(row.id, row.clock, row.due_on, row.provisional, due))
    return moved
