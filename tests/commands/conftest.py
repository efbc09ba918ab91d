"""A bureau that receives letters by a small procedure of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.bureau import Bureau
from tests.support.registers import prepare, prepared_sqlite


@pytest.fixture(scope="session")
def letters_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bureau as a SQLite file, made once."""
    return prepared_sqlite(tmp_path_factory.mktemp("letters") / "banli.sqlite")


@pytest.fixture(scope="session")
def letters_postgresql(postgres_server: Any, new_postgres_url: Any) -> Callable[[], str]:
    """Gives the address of a fresh copy of the bureau on PostgreSQL."""
    template = new_postgres_url()
    bureau = Bureau(template)
    prepare(bureau)
    bureau.close()
    made: list[str] = []

    def copy() -> str:
        made.append(f"letters_{os.getpid()}_{len(made)}")
        postgres_server.psql(f"CREATE DATABASE {made[-1]} TEMPLATE {template.partition('?')[0].rpartition('/')[2]}")
        return str(postgres_server.get_uri(made[-1])).replace("postgresql://", "postgresql+psycopg://")

    return copy


@pytest.fixture(params=("sqlite", "postgresql"))
def letters_bureau(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bureau]:
    """The bureau; each test runs once per kind of database."""
    if request.param == "sqlite":
        path = tmp_path / "banli.sqlite"
        shutil.copyfile(request.getfixturevalue("letters_sqlite"), path)
        url = f"sqlite:///{path}"
    else:
        url = request.getfixturevalue("letters_postgresql")()
    bureau = Bureau(url)
    yield bureau
    bureau.close()
