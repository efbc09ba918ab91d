"""A job exists exactly if the action that left it does, and runs although workers die."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from dbos import DBOS
from sqlalchemy import text

from handlers.files.file_store import FileStore
from handlers.jobs import queue
from handlers.jobs.queue import JobContext
from handlers.jobs.worker_names import worker_names
from handlers.store.database import Database
from handlers.time_source import ManualTime
from tests.support.job_rows import turns
from tests.support.jobs import NoEngine
from tests.support.statements import heard
from webapp.operations.worker import JOBS_AT_ONCE, ClockWatch, Sweep, Worker

ROOT = Path(__file__).parents[2]
ON_SQLITE = pytest.mark.parametrize("ready_url", ["sqlite"], indirect=True)
"""For what is the same on both and takes seconds."""
PATIENCE_SECONDS = 60


@pytest.fixture(autouse=True)
def job_of_these_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("test.note", "test.gate", "test.stubborn", "test.forward"):
        monkeypatch.setitem(queue._jobs, name, lambda *_: None)


class Workers:
    """Starts worker processes, knows what they noted, and leaves none behind."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, host: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.integration.worker_process", self.url, str(self.folder), host]
        process = subprocess.Popen(command, cwd=ROOT)
        self.processes.append(process)
        self.wait_for(f"ready-{host}-1 {process.pid}")
        return process

    def notes(self) -> list[str]:
        path = self.folder / "notes.txt"
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    def wait_for(self, *lines: str) -> None:
        self.wait_until(lambda: all(any(line in note for note in self.notes()) for line in lines), str(lines))

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < deadline, f"waited in vain for {what}; noted: {self.notes()[-20:]}"
            time.sleep(0.05)

    def count(self, start: str) -> int:
        return sum(note.startswith(start) for note in self.notes())

    def end(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()


@pytest.fixture
def workers(ready_url: str, tmp_path: Path) -> Iterator[Workers]:
    group = Workers(ready_url, tmp_path)
    yield group
    group.end()


def leave(database: Database, name: str, *args: str, key: str | None = None) -> None:
    with database.write() as connection:
        queue.enqueue(connection, name, *args, key=key)


def waiting(database: Database) -> int:
    return len(turns(database, "test.note"))


def test_a_committed_action_leaves_its_job(ready_database: Database) -> None:
    leave(ready_database, "test.note", "a")
    assert waiting(ready_database) == 1


def test_an_action_that_is_rolled_back_leaves_no_job(ready_database: Database) -> None:
    def fail_after_enqueueing() -> None:
        with ready_database.write() as connection:
            queue.enqueue(connection, "test.note", "a")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_enqueueing()
    assert waiting(ready_database) == 0


def test_a_job_costs_two_statements(ready_database: Database) -> None:
    leave(ready_database, "test.note", "first")
    with heard(ready_database) as spoken, ready_database.write() as connection:
        queue.enqueue(connection, "test.note", "second")
    assert len(spoken.said) == 2


def test_a_job_does_not_change_the_callers_connection(ready_database: Database) -> None:
    with ready_database.write() as connection:
        queue.enqueue(connection, "test.note", "a")
        assert not connection.get_execution_options().get("schema_translate_map")


def test_of_two_jobs_with_one_key_the_second_is_dropped(ready_database: Database) -> None:
    leave(ready_database, "test.note", "a", key="letter-1")
    leave(ready_database, "test.note", "b", key="letter-1")
    assert waiting(ready_database) == 1


def test_what_is_left_in_bulk_waits_behind_what_people_leave_before_and_after(ready_database: Database) -> None:
    leave(ready_database, "test.note", "before")
    with suppress(ZeroDivisionError), queue.in_bulk():
        leave(ready_database, "test.note", "bulk")
        raise ZeroDivisionError
    leave(ready_database, "test.note", "after")
    assert turns(ready_database, "test.note") == [0, 0, queue.BULK]


def test_an_unknown_job_is_refused(ready_database: Database) -> None:
    with pytest.raises(KeyError), ready_database.write() as connection:
        queue.enqueue(connection, "test.nobody")


def test_preparing_twice_does_nothing_the_second_time(ready_database: Database) -> None:
    with heard(ready_database) as spoken:
        queue.prepare(ready_database)
    assert len([statement for statement in spoken.texts if statement.startswith("SELECT")]) == 1


def test_each_living_worker_has_a_name_of_its_own(ready_database: Database) -> None:
    names = worker_names(ready_database)
    first, second = names.take("pc"), names.take("pc")
    assert (first.name, second.name) == ("pc-1", "pc-2")
    assert not names.is_free("pc-1")
    assert first.still_held()
    first.release()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not names.is_free("pc-1"):  # PostgreSQL notices a moment later that the session has ended
        assert time.monotonic() < deadline
    third = names.take("pc")
    assert third.name == "pc-1"
    second.release()
    third.release()


@pytest.mark.parametrize("ready_url", ["postgresql"], indirect=True)
def test_a_worker_whose_lock_is_gone_knows_that_others_may_believe_it_dead(ready_database: Database) -> None:
    held = worker_names(ready_database).take("pc")
    with ready_database.read() as connection:
        connection.execute(text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"))
    assert not held.still_held()


@pytest.mark.parametrize(("jump", "noticed"), [(0.0, False), (30.0, False), (86_400.0, True), (-86_400.0, True)])
def test_a_clock_that_moves_without_time_passing_is_noticed_once(jump: float, noticed: bool) -> None:
    wall, steady = [1_000.0], [50.0]
    watch = ClockWatch(lambda: wall[0], lambda: steady[0])
    wall[0] += 300 + jump
    steady[0] += 300
    assert watch.jumped() is noticed
    assert not watch.jumped()


@ON_SQLITE
def test_after_a_jump_of_the_clock_the_worker_goes_on(workers: Workers, ready_database: Database) -> None:
    workers.start("pc")
    workers.wait_for("tick")
    leave(ready_database, "test.gate", "one")
    workers.wait_for("begin-one")
    (workers.folder / "jump").touch()
    (workers.folder / "gate").touch()
    workers.wait_until(lambda: workers.count("begin-one") == workers.count("end-one"), "the end of the job")
    leave(ready_database, "test.note", "later")
    before = workers.count("tick")
    workers.wait_for("later")
    workers.wait_until(lambda: workers.count("tick") > before, "a tick after the jump")
    assert workers.count("end-one") == 1


def test_a_worker_runs_jobs_and_ends_in_order(workers: Workers, ready_database: Database) -> None:
    leave(ready_database, "test.note", "before")
    process = workers.start("pc")
    leave(ready_database, "test.note", "after")
    leave(ready_database, "test.stubborn", "again")
    workers.wait_for("before", "after")
    workers.wait_until(lambda: workers.count("again") == 2, "the second attempt")
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE_SECONDS) == 0
    assert worker_names(ready_database).is_free("pc-1")


def test_a_job_of_today_comes_before_all_that_was_left_in_bulk_and_none_of_it_is_lost(
    workers: Workers, ready_database: Database
) -> None:
    with queue.in_bulk():
        for number in range(20):
            leave(ready_database, "test.note", f"bulk-{number} ")
    leave(ready_database, "test.note", "today")
    workers.start("pc")
    workers.wait_until(lambda: workers.count("bulk-") == 20, "all that was left in bulk")
    done = [note.startswith("today") for note in workers.notes() if note.startswith(("today", "bulk-"))]
    assert done.index(True) < JOBS_AT_ONCE


def test_what_a_job_leaves_takes_its_turn_as_the_job_did(workers: Workers, ready_database: Database) -> None:
    with queue.in_bulk():
        leave(ready_database, "test.forward", "second")
    leave(ready_database, "test.forward", "first")
    workers.start("pc")
    workers.wait_for("first", "second")
    assert turns(ready_database, "test.note") == [0, queue.BULK]


@ON_SQLITE
def test_what_a_sweep_leaves_waits_behind_what_people_leave(workers: Workers, ready_database: Database) -> None:
    (workers.folder / "found").touch()
    workers.start("pc")
    workers.wait_for("found")
    assert turns(ready_database, "test.note") == [queue.BULK]


def test_a_killed_workers_job_is_taken_up_by_another_but_a_slow_ones_is_not(
    workers: Workers, ready_database: Database
) -> None:
    victim = workers.start("victim")
    leave(ready_database, "test.gate", "one")
    workers.wait_for(f"begin-one {victim.pid}")
    rescuer = workers.start("rescuer")
    ticks = workers.count("tick")
    workers.wait_until(lambda: workers.count("tick") > ticks + 2, "some rounds of the rescuer")
    assert workers.count("begin-one") == 1
    victim.kill()
    workers.wait_for(f"begin-one {rescuer.pid}")
    (workers.folder / "gate").touch()
    workers.wait_for(f"end-one {rescuer.pid}")
    assert workers.count("end-one") == 1


def test_a_restarted_worker_finishes_what_it_left(workers: Workers, ready_database: Database) -> None:
    victim = workers.start("pc")
    leave(ready_database, "test.gate", "one")
    workers.wait_for(f"begin-one {victim.pid}")
    victim.kill()
    victim.wait()
    (workers.folder / "gate").touch()
    again = workers.start("pc")
    workers.wait_for(f"end-one {again.pid}")
    assert workers.count("end-one") == 1


@ON_SQLITE
@pytest.mark.slow
def test_a_worker_that_was_down_for_days_replays_no_missed_tick(workers: Workers, ready_database: Database) -> None:
    first = workers.start("pc")
    workers.wait_for("tick")
    first.send_signal(signal.SIGTERM)
    first.wait(PATIENCE_SECONDS)
    table = "workflow_schedules" if ready_database.is_sqlite else "dbos.workflow_schedules"
    with ready_database.write() as connection:
        connection.execute(text(f"UPDATE {table} SET last_fired_at = '2026-01-01T00:00:00+08:00'"))  # noqa: S608
    begun, before = time.monotonic(), workers.count("tick")
    workers.start("pc")
    workers.wait_until(lambda: workers.count("tick") >= before + 3, "three ticks")
    assert workers.count("tick") - before <= time.monotonic() - begun + 2


@ON_SQLITE
def test_two_workers_share_one_schedule(workers: Workers) -> None:
    workers.start("one")
    workers.start("two")
    begun, before = time.monotonic(), workers.count("tick")
    workers.wait_until(lambda: workers.count("tick") >= before + 3, "three ticks")
    assert workers.count("tick") - before <= time.monotonic() - begun + 2


@ON_SQLITE
@pytest.mark.parametrize(("waited_seconds", "runs"), [(0, 1), (119, 1), (121, 0), (180, 0)])
def test_a_tick_that_waited_longer_than_two_minutes_is_dropped(
    ready_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waited_seconds: int, runs: int
) -> None:
    monkeypatch.setattr(queue, "_jobs", {})  # this process takes no jobs and registers none
    now, ran = datetime(2026, 3, 2, 1, 30, tzinfo=UTC), list[datetime]()
    context = JobContext(ready_database, FileStore(tmp_path), ManualTime(now), NoEngine())
    with monkeypatch.context() as patch:
        patch.setattr(DBOS, "workflow", lambda **_: lambda function: function)
        worker = Worker(context, [Sweep("tick", "* * * * * *", ran.append)], host="pc")
    worker._schedules[0]["workflow_fn"](now - timedelta(seconds=waited_seconds), None)
    worker._held.release()
    assert len(ran) == runs
