"""A name for each running worker, and the sure knowledge whether its bearer still lives.

DBOS writes the worker's name on every job it starts. A job whose worker died must be taken up by another, a job whose
worker is merely slow must not. So a name is a lock that the operating system (SQLite: one machine) or the database
server (PostgreSQL: many machines) gives back at the very moment its holder dies, however it dies: no heartbeat, no
timeout to choose. Names are reused, so a restarted worker finds what it left.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from handlers.store.database import Database

MAX_WORKERS_PER_HOST = 100
_TRY = text("SELECT pg_try_advisory_lock(hashtextextended('banli.worker.' || :name, 0))")
_GIVE_BACK = text("SELECT pg_advisory_unlock(hashtextextended('banli.worker.' || :name, 0))")


class NoNameFree(Exception):
    """All names of this machine are taken: something starts workers without end."""


class HeldName(Protocol):
    """A worker's name while it is held."""

    name: str

    def still_held(self) -> bool:
        """False, once others may believe us dead (the connection that held the lock is gone)."""

    def release(self) -> None:
        """Give the name back."""


class WorkerNames(Protocol):
    """Where names are kept."""

    def take(self, host: str) -> HeldName:
        """The first free name of this machine, held until released or until this process dies. Raises NoNameFree."""

    def is_free(self, name: str) -> bool:
        """Whether no living worker has this name."""


def worker_names(database: Database) -> WorkerNames:
    """The register of names that belongs to this database."""
    if database.is_sqlite:
        return _FileNames(Path(str(database.engine.url.database)).absolute().parent / "workers")
    return _PostgresNames(database)


def _candidates(host: str) -> list[str]:
    return [f"{host}-{number}" for number in range(1, MAX_WORKERS_PER_HOST + 1)]


class _FileNames:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def take(self, host: str) -> HeldName:
        for name in _candidates(host):
            descriptor = self._lock(name)
            if descriptor is not None:
                return _HeldFile(name, descriptor)
        raise NoNameFree(host)

    def is_free(self, name: str) -> bool:
        descriptor = self._lock(name)
        if descriptor is None:
            return False
        os.close(descriptor)
        return True

    def _lock(self, name: str) -> int | None:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{name.replace('/', '_')}.lock"
        # The file stays: removing it would let two processes lock two files of one name.
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return descriptor


class _HeldFile:
    def __init__(self, name: str, descriptor: int) -> None:
        self.name = name
        self._descriptor = descriptor

    def still_held(self) -> bool:
        return True

    def release(self) -> None:
        os.close(self._descriptor)


class _PostgresNames:
    def __init__(self, database: Database) -> None:
        self.database = database

    def take(self, host: str) -> HeldName:
        connection = self._connect()
        for name in _candidates(host):
            if connection.scalar(_TRY, {"name": name}):
                return _HeldLock(name, connection)
        connection.close()
        raise NoNameFree(host)

    def is_free(self, name: str) -> bool:
        with self._connect() as connection:
            free = bool(connection.scalar(_TRY, {"name": name}))
            if free:
                connection.execute(_GIVE_BACK, {"name": name})
        return free

    def _connect(self) -> Connection:
        # No `write()`: an advisory lock belongs to the session, and a session idle in a transaction holds back vacuum.
        return self.database.engine.connect()


class _HeldLock:
    def __init__(self, name: str, connection: Connection) -> None:
        self.name = name
        self._connection = connection

    def still_held(self) -> bool:
        try:
            return bool(self._connection.scalar(text("SELECT 1")))
        except OperationalError:
            return False

    def release(self) -> None:
        with suppress(SQLAlchemyError):  # a connection that is gone has given it back already
            self._connection.execute(_GIVE_BACK, {"name": self.name})
        self._connection.close()
