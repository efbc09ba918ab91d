"""Opening the database, and the only place that commits.

SQLite runs in WAL with full durability; PostgreSQL runs READ COMMITTED. Both are used in the same way: `read()` for
a consistent look, `write()` for exactly one transaction that commits when its block ends and rolls back when it raises.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, DateTime, Engine, LargeBinary, Text, create_engine, event
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool
from sqlalchemy.types import TypeDecorator

BUSY_TIMEOUT_MS = 10_000
"""How long a SQLite writer waits for the one before it: longer than any command, shorter than a browser."""

IDLE_LIMIT = 10
"""Connections kept open for the next transaction, in each process. There is no limit on how many are in use."""


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


class Database:
    """One database, of either kind. Transactions are begun here: on SQLite, `engine.begin()` by itself begins none.

    `url` is a SQLAlchemy address: `sqlite:///var/banli.sqlite` or `postgresql+psycopg://...`.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        # No pool of SQLAlchemy's: going through one costs more than most of our statements, and ours is one list.
        # What a statement was given may be somebody's name or telephone, and its error ends in a log.
        self.engine: Engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
        self.errors: tuple[type[Exception], ...] = (SQLAlchemyError, self.engine.dialect.loaded_dbapi.Error)
        """What a database raises, as SQLAlchemy says it and as its driver does."""
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._idle: list[Connection] = []
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)

    def read(self) -> AbstractContextManager[Connection]:
        """A connection for looking; whatever it might have written is rolled back."""
        return _Block(self, "BEGIN", keep=False)

    def write(self) -> AbstractContextManager[Connection]:
        """One transaction. Commits when the block ends, rolls back when it raises."""
        # A deferred BEGIN that later writes answers "database is locked" at once, without waiting its turn.
        return _Block(self, "BEGIN IMMEDIATE", keep=True)

    def take(self) -> Connection:
        """A connection for one transaction: the one that rested for the shortest time, or a new one."""
        try:
            return self._idle.pop()
        except IndexError:
            return self.engine.connect()

    def give_back(self, connection: Connection) -> None:
        """It is out of its transaction and may serve another, of any thread."""
        if connection.invalidated:  # by SQLAlchemy, which saw the server go and has nothing left to roll back
            self.drop(connection)
        elif len(self._idle) < IDLE_LIMIT:
            self._idle.append(connection)
        else:
            connection.close()

    def drop(self, connection: Connection) -> None:
        """It could not end its transaction. If the server has gone, the idle ones are as dead as this one."""
        connection.invalidate()
        connection.close()
        self.close()

    def close(self) -> None:
        """Close the idle connections. The database can be used again, over new ones."""
        with suppress(IndexError):  # there are no more; asked beforehand, another thread might take the last one
            while True:
                self._idle.pop().close()

    def after_fork(self) -> None:
        """Leave the parent's connections to the parent: neither used here nor closed."""
        self._parents, self._idle = self._idle, []


class _Block:
    """A `with` block that is one transaction. A class: as a generator it would be most of what a short look costs.

    Most blocks run `Prepared` statements only. SQLAlchemy begins a transaction of its own when it is asked for one of
    its statements, and otherwise does not hear of the block before its commit.
    """

    __slots__ = ("_begin", "_connection", "_database", "_keep")

    def __init__(self, database: Database, begin: str, *, keep: bool) -> None:
        self._database = database
        self._begin = begin
        self._keep = keep

    def __enter__(self) -> Connection:
        connection = self._connection = self._database.take()
        if self._database.is_sqlite:
            try:
                _driver(connection).execute(self._begin)
            except sqlite3.Error as error:
                self._database.drop(connection)
                raise DBAPIError.instance(
                    self._begin, None, error, sqlite3.Error, dialect=connection.dialect
                ) from error
        return connection

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        database, connection = self._database, self._connection
        begun = connection.get_transaction() is not None
        try:
            if self._keep and kind is None:
                if not begun:
                    connection.begin()
                connection.commit()
            elif begun:
                connection.rollback()
            else:
                _driver(connection).rollback()
        except database.errors:
            database.drop(connection)
            if self._keep and kind is None:
                raise
            # Nothing can be left of it on a server that has gone, and what the block found or raised still holds.
        else:
            database.give_back(connection)


def _driver(connection: Connection) -> Any:
    return connection.connection.dbapi_connection
