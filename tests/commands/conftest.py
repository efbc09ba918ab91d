"""A bureau that receives letters by a small procedure of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from processes.importing.opening import Imports
from tests.support.bureau import Bureau
from tests.support.postgres import Postgres
from tests.support.registers import imports, prepare, prepared_sqlite


@pytest.fixture(scope="session")
def letters_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bureau as a SQLite file, made once."""
    return prepared_sqlite(tmp_path_factory.mktemp("letters") / "banli.sqlite")


@pytest.fixture(scope="session")
def letters_postgresql(postgres_server: Postgres) -> str:
    """Address of the bureau on PostgreSQL, to copy."""
    url = postgres_server.create()
    with closing(Bureau(url)) as bureau:
        prepare(bureau)
    return url


@pytest.fixture(params=("sqlite", "postgresql"))
def letters_bureau(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bureau]:
    """The bureau; each test runs once per kind of database."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            path = tmp_path / "banli.sqlite"
            shutil.copyfile(request.getfixturevalue("letters_sqlite"), path)
            url = f"sqlite:///{path}"
        else:
            server: Postgres = request.getfixturevalue("postgres_server")
            url = stack.enter_context(server.database(request.getfixturevalue("letters_postgresql")))
        yield stack.enter_context(closing(Bureau(url)))


@pytest.fixture
def work(letters_bureau: Bureau, tmp_path: Path) -> Imports:
    """The imports of the small procedure's bureau."""
    return imports(letters_bureau, tmp_path)
