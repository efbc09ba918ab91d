"""Making an installation ready: tables, job queues, the bureau, the shipped procedures. Safe to run again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter

from sqlalchemy import select

import handlers.services  # noqa: F401 - what is published is checked, and the check asks which service functions exist
from handlers.jobs import queue
from handlers.people.demo_people import install_demo_people
from handlers.people.profiles import install_profile, load_profile
from handlers.store import schema
from handlers.store.database import Database
from handlers.store.tables import instance
from handlers.time_source import SystemTime, TimeSource
from processes.engine.publishing.publish import Published, publish_shipped
from webapp.config import Settings
from webapp.operations.modes import wide_modes

Say = Callable[[str], None]


def set_up(settings: Settings, database: Database, say: Say, time: TimeSource | None = None) -> Published:
    """Bring the database to this release and publish what the release ships; says what takes time as it goes."""
    time = time or SystemTime()
    settings.files.mkdir(parents=True, exist_ok=True)
    with _step(say, "数据库 database"):
        schema.upgrade(database)
        queue.prepare(database)
    for sentence in wide_modes(settings):
        say(f"  注意：{sentence}")
    profile = load_profile(settings.profile)
    with _step(say, "流程、决策表、表单、文书 procedures"), database.write() as connection:
        install_profile(connection, profile)
        if settings.demo:
            install_demo_people(connection, time.now())
        published = publish_shipped(connection, time.now())
    if settings.demo and not _has_cases(database):
        from webapp.demo import install_demo_cases  # late: it brings the engine, which a second start need not wait for

        with _step(say, "示范事项 demo cases"):
            install_demo_cases(settings, database, time, say)
    return published


def _has_cases(database: Database) -> bool:
    with database.read() as connection:
        return connection.scalar(select(instance.c.id).limit(1)) is not None


@contextmanager
def _step(say: Say, name: str) -> Iterator[None]:
    say(f"  {name} ...")
    started = perf_counter()
    yield
    if (taken := perf_counter() - started) > 2:
        say(f"  {name}: {taken:.1f} s")
