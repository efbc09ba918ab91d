"""Work that recurs: each sweep looks for what is due by an indexed column and does it, however often it is called."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from sqlalchemy import select, tuple_

from handlers.store.database import Database
from handlers.store.tables import instance

BATCH = 100
EARLIEST = datetime.fromisoformat("1900-01-01T00:00:00+00:00")

logger = logging.getLogger(__name__)


def fire_due_timers(database: Database, fire_due: Callable[[int], object], now: datetime) -> int:
    """Call `fire_due(instance_id)` for every active case with a timer due at `now`; how many calls went well.

    `fire_due` locks the case and looks again, so two workers that sweep at once fire a timer once. A case that fails
    does not stop the others; it is met again at the next sweep.
    """
    fired = 0
    for instance_id in _due(database, now):
        try:
            fire_due(instance_id)
        except Exception:  # one broken case must not keep the timers of all others from firing
            logger.exception("timer of case %s failed", instance_id)
        else:
            fired += 1
    return fired


def _due(database: Database, now: datetime) -> Iterator[int]:
    # Paged by the index and not by "again from the start": a case that cannot be fired would be found for ever.
    after = (EARLIEST - timedelta(days=1), 0)
    place = tuple_(instance.c.next_due_at, instance.c.id)
    due = (
        select(instance.c.next_due_at, instance.c.id)
        .where(instance.c.status == "active", instance.c.next_due_at <= now)
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
