"""Databases as set-up leaves them, with the tables of migrations and of DBOS, for tests of jobs and papers."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from handlers import jobs, schema
from handlers.database import Database


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set-up SQLite file without content. Copied, because DBOS takes a second to make its tables."""
    path = tmp_path_factory.mktemp("migrated") / "banli.sqlite"
    _set_up(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def copy_postgres(postgres_server: Any, new_postgres_url: Callable[[], str]) -> Callable[[], str]:
    """Gives the address of a fresh copy of a set-up PostgreSQL database without content."""
    template = new_postgres_url()
    _set_up(template)
    numbers = itertools.count(1)

    def copy() -> str:
        name = f"copy_{os.getpid()}_{next(numbers)}"
        postgres_server.psql(f"CREATE DATABASE {name} TEMPLATE {template.partition('?')[0].rpartition('/')[2]}")
        return str(postgres_server.get_uri(name)).replace("postgresql://", "postgresql+psycopg://")

    return copy


def _set_up(url: str) -> None:
    database = Database(url)
    schema.upgrade(database)
    jobs.prepare(database)
    if database.is_sqlite:
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def ready_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of a set-up database; each test runs once per kind."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "banli.sqlite")
        return f"sqlite:///{tmp_path / 'banli.sqlite'}"
    copy: Callable[[], str] = request.getfixturevalue("copy_postgres")
    return copy()


@pytest.fixture
def ready_database(ready_url: str) -> Iterator[Database]:
    """A set-up database without content; each test runs once per kind."""
    database = Database(ready_url)
    yield database
    database.close()
