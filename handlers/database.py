"""Opening the database, and the only place that commits.

SQLite runs in WAL with full durability; PostgreSQL runs READ COMMITTED. Both are used in the same way: `read()` for
a consistent look, `write()` for exactly one transaction that commits when its block ends and rolls back when it raises.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, DateTime, Engine, LargeBinary, Text, create_engine, event
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

BUSY_TIMEOUT_MS = 10_000
"""How long a SQLite writer waits for the one before it: longer than any command, shorter than a browser."""


class Instant(TypeDecorator[datetime]):
    """An aware moment, kept in UTC. SQLite has no time zones, so there it is stored as naive UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive values: they are how a deadline moves by eight hours."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime given to the database")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back an aware UTC moment on both databases."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """JSON as text, never JSONB: key order is part of what we store, and hashes are taken over the text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Encode; a value that is not JSON raises TypeError."""
        return None if value is None else orjson.dumps(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Decode."""
        return None if value is None else orjson.loads(value)


Blob = LargeBinary


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's begin event below says BEGIN, not the driver
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A deferred BEGIN that later writes answers "database is locked" at once, without waiting its turn.
    writing = connection.get_execution_options().get("banli_write", False)
    # Straight to the driver: SQLAlchemy's way to the same five bytes costs as much as a statement.
    connection.connection.execute("BEGIN IMMEDIATE" if writing else "BEGIN")


class Database:
    """One database, of either kind.

    `url` is a SQLAlchemy address: `sqlite:///var/banli.sqlite` or `postgresql+psycopg://...`.
    """

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = url
        # What a statement was given may be somebody's name or telephone, and its error ends in a log.
        self.engine: Engine = create_engine(
            url, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=False, hide_parameters=True
        )
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        self._writer = self.engine.execution_options(banli_write=True)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for looking; whatever it might have written is rolled back."""
        connection = self.engine.connect()
        try:
            connection.begin()
            yield connection
        finally:
            connection.close()  # which rolls back

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction. Commits when the block ends, rolls back when it raises."""
        connection = self._writer.connect()
        try:
            transaction = connection.begin()
            yield connection
            transaction.commit()
        finally:
            connection.close()  # which rolls back what was not committed

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()
