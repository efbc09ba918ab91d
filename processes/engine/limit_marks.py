"""What a desk keeps about its limit, so that its page can say which limit it is and count the days out later."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from handlers.clocks import ClockState, Due
from processes.engine.host import CountedLimit

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
        "provisional": due.provisional,
        "due_on": due.estimated_on.isoformat() if due.estimated_on else None,
    }


def row_mark(row: Any, due: Due | None = None) -> Mark:
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
