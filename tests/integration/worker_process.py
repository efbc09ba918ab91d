"""A real worker in a process of its own, with jobs and a sweep that write down what they do.

Arguments: address of the database, folder to write into, name of the machine it plays.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

from handlers.files.file_store import FileStore
from handlers.jobs.queue import JobContext, enqueue, job
from handlers.store.database import Database
from handlers.time_source import SystemTime
from tests.support.jobs import NoEngine
from webapp.operations.worker import ClockWatch, Sweep, Worker

folder = Path(sys.argv[2])


def note(line: str) -> None:
    with (folder / "notes.txt").open("a", encoding="utf-8") as file:
        file.write(f"{line} {os.getpid()}\n")


@job("test.note")
def write_note(_context: JobContext, text: str) -> None:
    note(text)


@job("test.gate")
def wait_at_gate(_context: JobContext, text: str) -> None:
    """Runs until the test opens the gate."""
    note(f"begin-{text}")
    while not (folder / "gate").exists():
        time.sleep(0.02)
    note(f"end-{text}")


@job("test.stubborn")
def fail_once(_context: JobContext, text: str) -> None:
    note(text)
    if sum(line.startswith(text) for line in (folder / "notes.txt").read_text(encoding="utf-8").splitlines()) < 2:
        raise RuntimeError("not yet")


@job("test.forward")
def leave_a_note(context: JobContext, text: str) -> None:
    """A job that leaves another, as a message to another case leaves a letter there."""
    with context.database.write() as connection:
        enqueue(connection, "test.note", text)


def tick(context: JobContext) -> None:
    note("tick")
    if (folder / "found").exists():
        (folder / "found").unlink()
        leave_a_note(context, "found")


def wall_clock() -> float:
    """Jumps a day ahead when the test says so."""
    return time.time() + (86_400 if (folder / "jump").exists() else 0)


def main() -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    context = JobContext(Database(sys.argv[1]), FileStore(folder / "files"), SystemTime(), NoEngine())
    ticks = [Sweep("tick", "* * * * * *", lambda _now: tick(context))]
    worker = Worker(context, ticks, host=sys.argv[3], house_seconds=0.2, clock=ClockWatch(wall_clock))
    worker.start()
    note(f"ready-{worker.name}")
    worker.run(stop)
    worker.stop()


if __name__ == "__main__":
    main()
