"""Opening the database, and the only place that commits.

SQLite runs in WAL with full durability; PostgreSQL runs READ COMMITTED. Both are used in the same way: `read()` for a
look, which cannot write; `snapshot()` for a look whose statements must agree with one another; `write()` for exactly
one transaction that commits when its block ends and rolls back when it raises.
"""

from __future__ import annotations

import select
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import orjson
from sqlalchemy import Connection, DateTime, Engine, LargeBinary, QueuePool, Text, create_engine, event
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError, DisconnectionError, SQLAlchemyError
from sqlalchemy.types import TypeDecorator

BUSY_TIMEOUT_MS = 10_000
"""How long a SQLite writer waits for the one before it: longer than any command, shorter than a browser."""

IDLE_LIMIT = 10
"""Connections kept open for the next block, in each process. There is no limit on how many are in use."""

RESTED_SECONDS = 30
"""After so long a rest PostgreSQL is asked whether it is still there: a server that lost its power says no farewell."""


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
    zone = value.tzinfo
    if zone is UTC:  # nearly all of ours, several in every row
        return value
    if zone is None:
        raise ValueError("naive datetime given to the database")
    return value.astimezone(UTC)


_WITHOUT_ZONE = len("2026-11-30 08:00:00.000000")


def _sqlite_text(value: datetime | None) -> str | None:
    moment = _utc(value)
    return None if moment is None else moment.isoformat(" ", "microseconds")[:_WITHOUT_ZONE]


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


def _forbid_sqlite_to_write(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA query_only=ON")


def _prepare_postgres(connection: Any, _record: object) -> None:
    # `Database` says BEGIN, not the driver: psycopg would begin a transaction for a look as well, and forget at its
    # rollback every statement that the server has parsed and planned.
    connection.autocommit = True
    connection.execute("SET default_transaction_read_only = on")


def _note_rest(_connection: Any, record: Any) -> None:
    record.info["rests_since"] = monotonic()


def _refuse_dead(connection: Any, record: Any, _proxy: object) -> None:
    """Before a block begins: for a connection that is refused here the pool makes a new one, once."""
    if _has_hung_up(connection) or (_has_rested(record) and not _answers(connection)):
        raise DisconnectionError


def _has_hung_up(connection: Any) -> bool:
    """Whether something has arrived: a server says nothing to a connection that rests, unless it ends it."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _has_rested(record: Any) -> bool:
    now = monotonic()
    rests_since: float = record.info.get("rests_since", now)
    return now - rests_since > RESTED_SECONDS


def _answers(connection: Any) -> bool:
    try:
        connection.execute("SELECT 1")
    except connection.OperationalError:
        return False
    return True


class Database:
    """One database, of either kind. Transactions are begun here: `engine.begin()` by itself begins none.

    `url` is a SQLAlchemy address: `sqlite:///var/banli.sqlite` or `postgresql+psycopg://...`. A session keeps a setting
    and prepared statements: between us and PostgreSQL may stand a pooler by sessions, but none by transactions.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine: Engine = _engine(url)
        """For writing; on PostgreSQL for looking as well."""
        self.looks: Engine = self.engine
        """For looking."""
        self.errors: tuple[type[Exception], ...] = (SQLAlchemyError, self.engine.dialect.loaded_dbapi.Error)
        """What a database raises, as SQLAlchemy says it and as its driver does."""
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        if self.is_sqlite:
            # Connections of their own: one that is now forbidden to write and now allowed to parses all anew each time.
            self.looks = _engine(url)
            for engine in self.engines():
                event.listen(engine, "connect", _prepare_sqlite)
            event.listen(self.looks, "connect", _forbid_sqlite_to_write)
        else:
            event.listen(self.engine, "connect", _prepare_postgres)
            event.listen(self.engine, "checkin", _note_rest)
            event.listen(self.engine, "checkout", _refuse_dead)

    def engines(self) -> tuple[Engine, ...]:
        """Whoever wants to hear of every statement listens to each of these."""
        return (self.engine, self.looks) if self.is_sqlite else (self.engine,)

    def read(self) -> AbstractContextManager[Connection]:
        """A connection for looking; a statement that writes is refused with sqlalchemy.exc.DBAPIError.

        On PostgreSQL every statement sees what is committed when it begins; two need not agree: see `snapshot`.
        """
        # On SQLite the agreement costs nothing: one BEGIN, and the log is locked once and not by every statement.
        return _Block(self.looks, "BEGIN" if self.is_sqlite else "", self.errors, keep=False)

    def snapshot(self) -> AbstractContextManager[Connection]:
        """A look whose statements all see the database as it is at the first of them. For what compares rows."""
        begin = "BEGIN" if self.is_sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        return _Block(self.looks, begin, self.errors, keep=True)  # by commit: a rollback forgets what was prepared

    def write(self) -> AbstractContextManager[Connection]:
        """One transaction. Commits when the block ends, rolls back when it raises."""
        # A deferred BEGIN that later writes answers "database is locked" at once, without waiting its turn.
        begin = "BEGIN IMMEDIATE" if self.is_sqlite else "BEGIN READ WRITE"
        return _Block(self.engine, begin, self.errors, keep=True)

    def close(self) -> None:
        """Close the idle connections. The database can be used again, over new ones."""
        for engine in self.engines():
            engine.dispose()

    def after_fork(self) -> None:
        """Leave the parent's connections to the parent: neither used here nor closed."""
        self._parents = [engine.pool for engine in self.engines()]  # kept, or they would be closed as garbage
        for engine in self.engines():
            engine.dispose(close=False)


def _engine(url: str) -> Engine:
    # Not reset on return: `_Block` has ended its transaction, and at a rollback psycopg forgets what is prepared.
    # Last in, first out: what is in use stays warm. Parameters are hidden: they may be somebody's name or telephone,
    # and an error ends in a log.
    return create_engine(
        url,
        poolclass=QueuePool,
        pool_size=IDLE_LIMIT,
        max_overflow=-1,
        pool_use_lifo=True,
        pool_reset_on_return=None,
        hide_parameters=True,
    )


class _Block:
    """A `with` block that is one look or transaction. A class: as a generator it would be most of what a look costs.

    Most blocks run `Prepared` statements only. SQLAlchemy begins a transaction of its own when it is asked for one of
    its statements, and otherwise does not hear of the block.
    """

    __slots__ = ("_begin", "_connection", "_engine", "_errors", "_keep")

    def __init__(self, engine: Engine, begin: str, errors: tuple[type[Exception], ...], *, keep: bool) -> None:
        self._engine = engine
        self._begin = begin
        self._errors = errors
        self._keep = keep

    def __enter__(self) -> Connection:
        connection = self._connection = self._engine.connect()
        if self._begin:
            try:
                _driver(connection).execute(self._begin)
            except self._errors as error:
                connection.invalidate()
                connection.close()
                raise self._named(self._begin, error) from error
        return connection

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        connection = self._connection
        begun = connection.get_transaction()
        try:
            if self._keep and kind is None:
                if begun is not None:
                    begun.commit()
                else:
                    self._commit()
            elif begun is not None:
                begun.rollback()
            else:
                _driver(connection).rollback()
        except self._errors:
            connection.invalidate()
            if self._keep and kind is None:
                raise
            # Nothing can be left of it on a server that has gone, and what the block found or raised still holds.
        finally:
            connection.close()

    def _commit(self) -> None:
        # By the driver, as the statements; who listens for commits hears of it as of SQLAlchemy's.
        connection = self._connection
        if connection._has_events or self._engine._has_events:
            connection.dispatch.commit(connection)
        try:
            _driver(connection).commit()
        except self._errors[-1] as error:
            raise self._named("COMMIT", error) from error

    def _named(self, statement: str, error: Exception) -> Exception:
        """The driver's error as SQLAlchemy says it."""
        return DBAPIError.instance(statement, None, error, self._errors[-1], dialect=self._engine.dialect)


def _driver(connection: Connection) -> Any:
    return connection.connection.dbapi_connection
