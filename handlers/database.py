"""Opening the database, and the only place that commits.

SQLite runs in WAL with full durability; PostgreSQL runs READ COMMITTED. Both are used in the same way: `read()` for
a consistent look, `write()` for exactly one transaction that commits when its block ends and rolls back when it raises.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, DateTime, Engine, LargeBinary, Text, create_engine, event
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

BUSY_TIMEOUT_MS = 10_000
"""How long a SQLite writer waits for the one before it: longer than any command, shorter than a browser."""


class Instant(TypeDecorator[datetime]):
    """An aware moment, kept in UTC. SQLite has no time zones, so there it is stored as naive UTC.

    Naive values are refused with ValueError: they are how a deadline moves by eight hours.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        """One function from value to driver: these stand in every row, and a chain of three would be the cost of it."""
        return _sqlite_text if dialect.name == "sqlite" else _utc

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        """Aware UTC moments on both databases."""
        return _from_sqlite_text if dialect.name == "sqlite" else _utc


def _utc(value: datetime | None) -> datetime | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("naive datetime given to the database")
    return value.astimezone(UTC)


def _sqlite_text(value: datetime | None) -> str | None:
    moment = _utc(value)
    return None if moment is None else moment.replace(tzinfo=None).isoformat(" ", "microseconds")


def _from_sqlite_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value).replace(tzinfo=UTC)


class Json(TypeDecorator[Any]):
    """JSON as text, never JSONB: key order is part of what we store, and hashes are taken over the text.

    A value that is not JSON raises TypeError.
    """

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], str | None]:
        """Encode."""
        return _json_text

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str | None], Any]:
        """Decode."""
        return _from_json_text


def _json_text(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


def _from_json_text(value: str | None) -> Any:
    return None if value is None else orjson.loads(value)


Blob = LargeBinary


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # `Database` says BEGIN, not the driver
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.close()


_Spare = list[Connection]
"""The connection that nobody uses at the moment, if there is one."""


class Database:
    """One database, of either kind. Transactions are begun here: on SQLite, `engine.begin()` by itself begins none.

    `url` is a SQLAlchemy address: `sqlite:///var/banli.sqlite` or `postgresql+psycopg://...`.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        # There are at most two for a thread. Without a bound of their own, nobody who holds one waits for another.
        # What a statement was given may be somebody's name or telephone, and its error ends in a log.
        self.engine: Engine = create_engine(
            url, pool_size=10, max_overflow=-1, pool_pre_ping=False, hide_parameters=True
        )
        self._spare: ContextVar[_Spare | None] = ContextVar("spare", default=None)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)

    def read(self) -> AbstractContextManager[Connection]:
        """A connection for looking; whatever it might have written is rolled back."""
        return _Block(self, "BEGIN", keep=False)

    def write(self) -> AbstractContextManager[Connection]:
        """One transaction. Commits when the block ends, rolls back when it raises."""
        # A deferred BEGIN that later writes answers "database is locked" at once, without waiting its turn.
        return _Block(self, "BEGIN IMMEDIATE", keep=True)

    @contextmanager
    def one_connection(self) -> Iterator[None]:
        """Within the block, and its thread, all reads and writes after one another go over one connection.

        For a web request, which has several: getting each its own from the pool costs more than a statement.
        """
        spare: _Spare = []
        token = self._spare.set(spare)
        try:
            yield
        finally:
            self._spare.reset(token)
            for connection in spare:
                connection.close()

    def _take(self) -> Connection:
        spare = self._spare.get()
        return spare.pop() if spare else self.engine.connect()

    def _give_back(self, connection: Connection) -> None:
        spare = self._spare.get()
        if spare is None or spare or connection.invalidated or connection.closed:
            connection.close()
        else:
            spare.append(connection)

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


class _Block:
    """A `with` block that is one transaction. A class: as a generator it would be most of what a short look costs."""

    def __init__(self, database: Database, begin: str, *, keep: bool) -> None:
        self._database = database
        self._begin = begin
        self._keep = keep

    def __enter__(self) -> Connection:
        connection = self._connection = self._database._take()
        try:
            self._transaction = connection.begin()
            if self._database.is_sqlite:
                # Straight to the driver: an event listener for this would be asked about every statement as well.
                connection.connection.driver_connection.execute(self._begin)  # type: ignore[union-attr]
        except BaseException:
            connection.close()
            raise
        return connection

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        try:
            if self._keep and kind is None:
                self._transaction.commit()
        finally:
            self._transaction.close()  # which rolls back what was not committed
            self._database._give_back(self._connection)
