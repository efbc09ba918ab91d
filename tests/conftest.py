"""A fresh database of each kind for every test, and how the tests are shared out."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from handlers.store import database as database_module
from handlers.store.database import Database
from handlers.store.tables import metadata
from tests.browser.chromium import pytest_sessionfinish, pytest_terminal_summary
from tests.support.bureau import Bureau, prepared_sqlite
from tests.support.limited import publish_limited
from tests.support.postgres import Postgres

__all__ = ["pytest_sessionfinish", "pytest_terminal_summary"]  # hooks: here, or the main process of xdist misses them
DATABASE_KINDS = ("sqlite", "postgresql")


@pytest.hookimpl(optionalhook=True)  # so that pytest runs without xdist
def pytest_xdist_auto_num_workers() -> int:
    """One worker more than processors: much of the time of a test goes into waiting for a browser or a process."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first: then no processor waits at the end for a test that another began last.

    Browser tests come next, so that one worker has nearly all of them and the others need no server and no browser.
    """
    items.sort(key=lambda item: (item.get_closest_marker("slow") is None, item.get_closest_marker("browser") is None))


@pytest.fixture(scope="session", autouse=True)
def quick_hashing() -> Iterator[None]:
    """Argon2 with little work. It is slow on purpose, and every bureau has ten people."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("handlers.people.passwords._hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_disk() -> Iterator[None]:
    """SQLite does not wait for the disk, which is nine tenths of a commit. Processes that tests start do wait."""
    prepare = database_module._prepare_sqlite

    def prepare_quickly(connection: sqlite3.Connection, record: object) -> None:
        prepare(connection, record)
        connection.execute("PRAGMA synchronous=OFF")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database_module, "_prepare_sqlite", prepare_quickly)
        yield


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """One PostgreSQL server for the whole run."""
    server = Postgres()
    yield server
    server.stop()


@pytest.fixture
def new_postgres_url(postgres_server: Postgres) -> Iterator[str]:
    """Address of an empty PostgreSQL database."""
    with postgres_server.database() as url:
        yield url


@pytest.fixture(params=DATABASE_KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty database; each test runs once per kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'banli.sqlite'}"
    return str(request.getfixturevalue("new_postgres_url"))


@pytest.fixture
def empty_database(database_url: str) -> Iterator[Database]:
    """A database without tables."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def database(empty_database: Database) -> Database:
    """A database with all tables, made from the records (no migrations, no triggers)."""
    with empty_database.write() as connection:
        metadata.create_all(connection)
    return empty_database


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file that is set up as a newcomer's would be; tests copy it, which is quicker than setting up."""
    return prepared_sqlite(tmp_path_factory.mktemp("template") / "banli.sqlite")


@pytest.fixture
def bureau(sqlite_template: Path, tmp_path: Path) -> Iterator[Bureau]:
    """The demo bureau on SQLite with everything that is shipped published, and a clock that stands still."""
    path = tmp_path / "banli.sqlite"
    shutil.copyfile(sqlite_template, path)
    bureau = Bureau(f"sqlite:///{path}")
    yield bureau
    bureau.close()


@pytest.fixture(scope="session")
def postgres_template(postgres_server: Postgres) -> str:
    """Address of a PostgreSQL database that is set up as a newcomer's would be; tests copy it."""
    url = postgres_server.create()
    with closing(Bureau(url)) as bureau:
        bureau.prepare()
    return url


@pytest.fixture
def postgres_bureau(postgres_server: Postgres, postgres_template: str) -> Iterator[Bureau]:
    """The demo bureau on PostgreSQL."""
    with postgres_server.database(postgres_template) as url, closing(Bureau(url)) as bureau:
        yield bureau


@pytest.fixture(params=DATABASE_KINDS)
def bureau_on_both(request: pytest.FixtureRequest) -> Bureau:
    """The demo bureau; each test runs once per kind of database."""
    found: Bureau = request.getfixturevalue("bureau" if request.param == "sqlite" else "postgres_bureau")
    return found


@pytest.fixture(scope="session")
def limited_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The SQLite template with the procedure of `tests.support.limited`: publishing it checks all that ships."""
    path = tmp_path_factory.mktemp("limited") / "banli.sqlite"
    shutil.copyfile(sqlite_template, path)
    with closing(Bureau(f"sqlite:///{path}")) as bureau:
        publish_limited(bureau)
    return path


@pytest.fixture(scope="session")
def limited_postgres_template(postgres_server: Postgres, postgres_template: str) -> str:
    """The same on PostgreSQL."""
    url = postgres_server.create(postgres_template)
    with closing(Bureau(url)) as bureau:
        publish_limited(bureau)
    return url


@pytest.fixture
def house(limited_template: Path, tmp_path: Path) -> Iterator[Bureau]:
    """The demo bureau on SQLite with a procedure under legal limits."""
    path = tmp_path / "house.sqlite"
    shutil.copyfile(limited_template, path)
    with closing(Bureau(f"sqlite:///{path}")) as bureau:
        yield bureau


@pytest.fixture
def postgres_house(postgres_server: Postgres, limited_postgres_template: str) -> Iterator[Bureau]:
    """The same on PostgreSQL."""
    with postgres_server.database(limited_postgres_template) as url, closing(Bureau(url)) as bureau:
        yield bureau


@pytest.fixture(params=DATABASE_KINDS)
def house_on_both(request: pytest.FixtureRequest) -> Bureau:
    """The same; each test runs once per kind of database."""
    found: Bureau = request.getfixturevalue("house" if request.param == "sqlite" else "postgres_house")
    return found
