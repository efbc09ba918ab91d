"""The demo bureau's people: on SQLite for most tests, on both databases where statements differ."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from handlers.people.demo_people import install_demo_people
from handlers.people.profiles import install_profile, load_profile
from handlers.store.database import Database
from handlers.store.tables import metadata

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


def fill(database: Database) -> Database:
    """Put the demo people in."""
    with database.write() as connection:
        install_profile(connection, load_profile("binhai"))
        install_demo_people(connection, NOW)
    return database


@pytest.fixture(scope="session")
def filled_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file to copy."""
    path = tmp_path_factory.mktemp("people") / "people.sqlite"
    database = Database(f"sqlite:///{path}")
    with database.write() as connection:
        metadata.create_all(connection)
    fill(database).close()
    return path


@pytest.fixture
def people(filled_file: Path, tmp_path: Path) -> Iterator[Database]:
    """The demo bureau's people on SQLite."""
    shutil.copyfile(filled_file, tmp_path / "people.sqlite")
    database = Database(f"sqlite:///{tmp_path / 'people.sqlite'}")
    yield database
    database.close()


@pytest.fixture
def people_on_both(database: Database) -> Database:
    """The same; each test runs once per kind of database."""
    return fill(database)
