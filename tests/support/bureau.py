"""The demo bureau for tests: database, people, published procedures, engine, and a clock that stands still."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Row, select

import handlers.services  # noqa: F401 - registers the functions that service tasks call
from handlers.jobs import queue
from handlers.people.actors import Actor, load_actor
from handlers.people.demo_people import install_demo_people
from handlers.people.profiles import install_profile, load_profile
from handlers.store import schema
from handlers.store.database import Database
from handlers.store.tables import account, instance, task
from handlers.time_source import ManualTime, beijing_date
from processes.engine.engine import Engine
from processes.engine.publishing.publish import Source, publish, publish_shipped

MONDAY = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
"""09:30 in Beijing on an ordinary Monday."""
SEAL_KEY = b"a key for tests only, never for a bureau"


class Bureau:
    """Everything a test of commands needs."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        self.time = ManualTime(MONDAY)
        self.engine = self.new_engine()
        self._people: dict[str, Actor] = {}

    def new_engine(self) -> Engine:
        """Another engine over the same database, as another process would have."""
        return Engine(self.database, self.time, seal_key=SEAL_KEY)

    def prepare(self) -> None:
        """Set the database up."""
        schema.upgrade(self.database)
        queue.prepare(self.database)
        with self.database.write() as connection:
            install_profile(connection, load_profile("binhai"))
            install_demo_people(connection, self.time.now())
            publish_shipped(connection, self.time.now())

    def publish(self, *sources: Source, effective_on: date | None = None) -> None:
        """Add to what is published, in force from today unless another day is given."""
        now = self.time.now()
        day = effective_on or beijing_date(now)
        with self.database.write() as connection:
            publish(connection, sources, author="测试", note="测试", effective_on=day, now=now)

    def close(self) -> None:
        """Give all connections back."""
        self.database.close()

    def actor(self, username: str) -> Actor:
        """The person, as signed in now (substitutions of today included)."""
        with self.database.read() as connection:
            account_id = connection.execute(select(account.c.id).where(account.c.username == username)).scalar_one()
            actor = load_actor(connection, account_id, beijing_date(self.time.now()))
        assert actor is not None
        return actor

    def open_tasks(self, instance_id: int) -> list[Row[Any]]:
        """The case's tasks that are on a desk, oldest first."""
        wanted = select(task).where(task.c.instance_id == instance_id, task.c.state.in_(("open", "held")))
        with self.database.read() as connection:
            return list(connection.execute(wanted.order_by(task.c.id)))

    def open_task(self, instance_id: int) -> Row[Any]:
        """The case's only open task."""
        (row,) = self.open_tasks(instance_id)
        return row

    def case(self, instance_id: int) -> Row[Any]:
        """The case's row."""
        with self.database.read() as connection:
            return connection.execute(select(instance).where(instance.c.id == instance_id)).one()


def prepared_sqlite(path: Path) -> Path:
    """A set-up SQLite file at `path`."""
    bureau = Bureau(f"sqlite:///{path}")
    bureau.prepare()
    with bureau.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    bureau.close()
    return path
