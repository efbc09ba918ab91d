"""Timers: firing those of one case that are due, and finding the cases that have one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select, tuple_

from handlers.store.database import Database
from handlers.store.states import CaseStatus, EventKind
from handlers.store.tables import instance
from processes.engine.cases.work import Work, entry
from processes.engine.commands.sending import deliver_buffered
from processes.engine.errors import NothingToDo

BATCH = 100
EARLIEST = datetime.fromisoformat("1900-01-01T00:00:00+00:00")


def fire(work: Work, *, again: bool = False) -> None:
    """Fire the timers of the case that are due. `again`: it failed before; by now the timer may have been moved.

    Raises: NothingToDo, where none is due; StepFailed.
    """
    if _is_due(work) and work.live.fire_due(work.host):
        work.entries.append(entry(None, EventKind.TIMER, detail=work.walked()))
        deliver_buffered(work)
    elif not again:
        raise NothingToDo


def _is_due(work: Work) -> bool:
    due_at = work.case.next_due_at
    return work.case.status == CaseStatus.ACTIVE and due_at is not None and due_at <= work.now


def cases_due(database: Database, now: datetime) -> Iterator[int]:
    """Ids of the active cases with a timer due at `now`, the longest overdue first."""
    # Paged by the index and not by "again from the start": a case that cannot be fired would be found for ever.
    after = (EARLIEST, 0)
    place = tuple_(instance.c.next_due_at, instance.c.id)
    due = (
        select(instance.c.next_due_at, instance.c.id)
        .where(instance.c.status == CaseStatus.ACTIVE, instance.c.next_due_at <= now)
        .order_by(instance.c.next_due_at, instance.c.id)
        .limit(BATCH)
    )
    while True:
        with database.read() as connection:
            page = connection.execute(due.where(place > after)).all()
        yield from (row.id for row in page)
        if len(page) < BATCH:
            return
        after = (page[-1].next_due_at, page[-1].id)
