"""Databases as set-up leaves them, with the tables of migrations and of DBOS, for tests of jobs and papers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from handlers.jobs import queue
from handlers.store import schema
from handlers.store.database import Database
from tests.support.postgres import Postgres


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set-up SQLite file without content. Copied, because DBOS takes a second to make its tables."""
    path = tmp_path_factory.mktemp("migrated") / "banli.sqlite"
    _set_up(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: Postgres) -> str:
    """Address of a set-up PostgreSQL database without content, to copy."""
    url = postgres_server.create()
    _set_up(url)
    return url


def _set_up(url: str) -> None:
    database = Database(url)
    schema.upgrade(database)
    queue.prepare(database)
    if database.is_sqlite:
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def ready_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a set-up database; each test runs once per kind."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "banli.sqlite")
        yield f"sqlite:///{tmp_path / 'banli.sqlite'}"
        return
    server: Postgres = request.getfixturevalue("postgres_server")
    with server.database(request.getfixturevalue("migrated_postgres")) as url:
        yield url


@pytest.fixture
def ready_database(ready_url: str) -> Iterator[Database]:
    """A set-up database without content; each test runs once per kind."""
    database = Database(ready_url)
    yield database
    database.close()
