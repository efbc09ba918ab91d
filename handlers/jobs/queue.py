"""Background jobs: what an action leaves behind to be done after its commit.

A job is a row of DBOS's tables, written in the action's own transaction: it exists exactly if the action does. Any
worker of any machine picks it up. It may run more than once (a worker dies between effect and bookkeeping), so every
job function must be idempotent.

DBOS takes two seconds to import; nothing here imports it before it is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import Connection, Select, create_engine, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from handlers.files.file_store import FileStore
from handlers.store.database import Database
from handlers.store.tables import setting
from handlers.time_source import TimeSource

if TYPE_CHECKING:
    from dbos import DBOSClient

APPLICATION = "banli"
VERSION = "banli-jobs-1"
"""DBOS hands a job only to workers of the version that left it, by default a hash of the source: after an upgrade the
old jobs would wait for ever. Raise it only if a job's parameters change so that an older worker misreads them."""
QUEUE = "banli"
SCHEMA = "dbos"
BULK = 1
"""DBOS's priority of bulk work, taken up after all that has none; what one queue holds is not lost by an upgrade."""

_PREPARED = "jobs.dbos"
_DRIVERS = {"sqlite": "sqlite://", "postgresql": "postgresql+psycopg://"}


class EngineJobs(Protocol):
    """What jobs ask of the engine, which stands above them."""

    def deliver(self, post_id: int) -> None:
        """Deliver a post; one that has been delivered stays as it is."""

    def run_import(self, run_id: int) -> None:
        """Carry an import out, from where it stands."""


@dataclass(frozen=True, slots=True)
class JobContext:
    """What a job may use. It opens its own transactions."""

    database: Database
    files: FileStore
    time: TimeSource
    engine: EngineJobs


JobFunction = Callable[..., None]

_jobs: dict[str, JobFunction] = {}
_in_bulk: ContextVar[bool] = ContextVar("in_bulk", default=False)


def job(name: str) -> Callable[[JobFunction], JobFunction]:
    """Register an idempotent function under `name`; it gets a JobContext and what `enqueue` was given."""

    def register(function: JobFunction) -> JobFunction:
        if name in _jobs:
            raise ValueError(f"two jobs are called {name}")
        _jobs[name] = function
        return function

    return register


def find_job(name: str) -> JobFunction:
    """The function registered as `name`. Raises KeyError."""
    return _jobs[name]


def job_names() -> frozenset[str]:
    """All registered names."""
    return frozenset(_jobs)


def enqueue(connection: Connection, name: str, *args: int | str, key: str | None = None) -> None:
    """Leave a job that exists if the caller's transaction commits. Two SQL statements.

    `key`: at most one job of this name ever has this key; a second one is dropped silently.
    Raises KeyError, if no job has that name.
    """
    find_job(name)
    client, options = _client(connection.dialect.name), _options(name, key)
    translated = connection.get_execution_options().get("schema_translate_map")
    try:
        client.enqueue_in_transaction(connection, options, *args)
    finally:
        # DBOS leaves its schema map on the caller's connection, where it would slow every later statement down.
        connection.execution_options(schema_translate_map=translated)


@contextmanager
def in_bulk(bulk: bool = True) -> Iterator[None]:
    """Let the jobs left within wait until no other is there: nobody sits in front of a screen for them.

    For what is done by the hundred: an import, a sweep, the demo. What people do must not stand in line behind it.
    """
    before = _in_bulk.set(bulk)
    try:
        yield
    finally:
        _in_bulk.reset(before)


def requeue(database: Database, name: str, stuck: Select[int], now: datetime) -> int:
    """Leave a new job `name` for every row id that `stuck` selects, at most one an hour for each; how many rows."""
    with database.read() as connection:
        ids = list(connection.scalars(stuck))
    if ids:
        with database.write() as connection:
            for row_id in ids:
                enqueue(connection, name, row_id, key=f"{row_id}/{now:%Y%m%d%H}")
    return len(ids)


def _options(name: str, key: str | None) -> Any:
    from dbos import WorkflowSerializationFormat

    options: dict[str, Any] = {
        "workflow_name": name,
        "queue_name": QUEUE,
        "app_version": VERSION,
        "serialization_type": WorkflowSerializationFormat.PORTABLE,  # JSON: the next release must be able to read it
    }
    if _in_bulk.get():
        options["priority"] = BULK
    return options if key is None else {**options, "workflow_id": f"{name}:{key}"}


@cache
def _client(dialect: str) -> DBOSClient:
    # One per kind of database, over an engine that never connects: all it does is build rows for other connections.
    from dbos import DBOSClient

    return DBOSClient(
        system_database_engine=create_engine(_DRIVERS[dialect]),
        dbos_system_schema=SCHEMA,
        application_name=APPLICATION,
        lazy=True,
    )


def warm_up(dialect: str) -> None:
    """Import DBOS and build the client now. A web process does this in a thread, so that no person waits for it."""
    _client(dialect)


def prepare(database: Database) -> None:
    """Create or upgrade DBOS's tables; at once if this DBOS release has done it before. Needs our own tables."""
    installed = version("dbos")
    with database.read() as connection:
        done = connection.scalar(select(setting.c.value).where(setting.c.name == _PREPARED))
    if done == installed:
        return
    from dbos import DBOS

    DBOS.migrate(database.url, schema=SCHEMA)
    with database.write() as connection:
        insert = sqlite_insert if database.is_sqlite else postgresql_insert
        row = insert(setting).values(name=_PREPARED, value=installed)
        connection.execute(row.on_conflict_do_update(index_elements=["name"], set_={"value": row.excluded.value}))
