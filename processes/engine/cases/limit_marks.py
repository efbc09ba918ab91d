"""What a desk keeps about its limit, so that its page can say which limit it is and count the days out later."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from handlers.clocks.calendar import Calendar
from handlers.clocks.counting import ClockState, Due, RollOver, Unit
from handlers.clocks.limit_table import Limit, LimitKind
from processes.engine.cases.row_shapes import ClockRow, TaskRow
from processes.engine.cases.world import CountedLimit

Mark = dict[str, Any]


def nearest(marks: Sequence[Mark]) -> Mark | None:
    """Of the limits of one desk the one that ends first; those that rest come last."""
    return min(marks, key=lambda mark: (mark["due_on"] is None, mark["due_on"] or ""), default=None)


def due_day(mark: Mark | None) -> date | None:
    """The due day of the desk whose nearest limit this is; None where there is none, or while it rests."""
    return date.fromisoformat(mark["due_on"]) if mark and mark["due_on"] else None


def own_mark(counted: CountedLimit) -> Mark:
    """What is kept with the task, so that its page can count the days out later."""
    limit, due = counted.limit, counted.due
    return {
        "code": limit.code,
        "name": limit.name,
        "amount": limit.amount,
        "unit": limit.unit.value,
        "basis": limit.basis,
        "kind": limit.kind.value,
        "roll": limit.roll.value,
        "provisional": due.provisional,
        "due_on": due.estimated_on.isoformat() if due.estimated_on else None,
    }


def row_mark(row: ClockRow, due: Due | None = None) -> Mark:
    """The same of a row of `clock`; `due` says what remains of one that rests."""
    paused = row.state == ClockState.PAUSED
    return {
        "clock_id": row.id,
        "code": row.code,
        "name": row.name,
        "amount": row.amount,
        "unit": row.unit,
        "basis": row.basis,
        "kind": row.kind,
        "provisional": row.provisional,
        "due_on": row.due_on.isoformat() if row.due_on and not paused else None,
        "paused": paused,
        "remaining": due.remaining if due else None,
    }


def own_of(row: TaskRow, calendar: Calendar) -> Mark | None:
    """The task's own limit, counted again from when it came on the desk; None where it has none."""
    own = row.why.get("own_limit") or row.why.get("limit")
    if not own or "clock_id" in own:
        return None
    limit = Limit(
        own["code"],
        own["name"],
        own["amount"],
        Unit(own["unit"]),
        own["basis"],
        roll=RollOver(own.get("roll", RollOver.NON_WORKING)),
        kind=LimitKind(own.get("kind", LimitKind.TARGET)),
    )
    return own_mark(CountedLimit(limit, limit.due(row.created_at, calendar)))
