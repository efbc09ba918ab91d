"""The web server as it is shipped, in processes of its own, over a bureau that holds the benchmark procedure."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

import psutil

from tests.bench import procedure
from tests.bench.visitor import Visitor
from tests.support.bureau import SEAL_KEY, Bureau

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 90
LOOK_SECONDS = 0.02


@dataclass
class Served:
    """A running gunicorn and the bureau behind it."""

    bureau: Bureau
    port: int
    process: subprocess.Popen[bytes]

    def visitor(self) -> Visitor:
        """A new browser."""
        return Visitor("127.0.0.1", self.port)

    def cpu_ns(self) -> int:
        """CPU time that the server has spent so far, all its processes and threads."""
        spent = 0
        for process in psutil.Process(self.process.pid).children(recursive=True):
            for statistics in Path(f"/proc/{process.pid}/task").glob("*/schedstat"):
                with suppress(OSError):
                    spent += int(statistics.read_text().split()[0])
        return spent


@contextmanager
def bench_bureau(folder: Path) -> Iterator[Bureau]:
    """A set-up bureau on SQLite with the benchmark procedure published."""
    bureau = Bureau(f"sqlite:///{folder / 'banli.sqlite'}")
    try:
        bureau.prepare()
        with bureau.database.write() as connection:
            procedure.install(connection, bureau.time.now())
        yield bureau
    finally:
        bureau.close()


def environment(folder: Path, **more: str) -> dict[str, str]:
    """The settings of an installation in `folder` whose histories are sealed as the tests' are."""
    return os.environ | {
        "BANLI_DEMO": "1",
        "BANLI_DEMO_LETTERS": "0",
        "BANLI_VAR": str(folder),
        "BANLI_SECRET_KEY": "a secret for this run only, long enough",
        "BANLI_AUDIT_KEY": SEAL_KEY.decode(),
        **more,
    }


@contextmanager
def served(bureau: Bureau, folder: Path) -> Iterator[Served]:
    """Start gunicorn on a free port; it has ended when this block does."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(128)
        command = [sys.executable, "-m", "gunicorn", "-c", "python:webapp.gunicorn_config"]
        command += ["-b", f"fd://{listening.fileno()}", "tests.bench.wsgi:app"]
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment(folder), pass_fds=[listening.fileno()], start_new_session=True
        )
        try:
            running = Served(bureau, listening.getsockname()[1], process)
            _wait_until_it_answers(running)
            yield running
        finally:
            end(process)


def _wait_until_it_answers(running: Served) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and running.process.poll() is None:
        visitor = running.visitor()
        with suppress(OSError, HTTPException):
            if visitor.get("/health").status == 200:
                return
        visitor.close()
        time.sleep(LOOK_SECONDS)
    raise AssertionError("the web server did not answer")


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask a process that leads its own session to end; kill the session if it does not."""
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
