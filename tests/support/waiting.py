"""Two transactions at once: how a test knows that the second one waits for the first."""

from __future__ import annotations

import time

from handlers.store.database import Database

PATIENCE_SECONDS = 10


def until_somebody_waits(database: Database) -> None:
    """Until another transaction waits for a row that the caller's has locked.

    Returns at once on SQLite: there a writer waits before it has read anything, so it is the same whenever it comes.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not database.is_sqlite:
        with database.read() as connection:
            if connection.exec_driver_sql("SELECT count(*) FROM pg_locks WHERE NOT granted").scalar():
                return
        assert time.monotonic() < deadline, "nobody waits"
