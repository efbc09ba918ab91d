"""What is known of each import: the file, how far it is, what came of it. Written in steps of its own, so that the page
and a second look at the file see the progress while cases are still being opened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from handlers.jobs.queue import JobContext, enqueue, job
from handlers.store.tables import account, import_run, import_source

CHECKING, CHECKED, RUNNING, DONE, FAILED = "checking", "checked", "running", "done", "failed"
STATES = {CHECKING: "正在检查", CHECKED: "检查完毕，尚未导入", RUNNING: "正在导入", DONE: "已导入", FAILED: "没有导入"}
SHOWN = 20
_ZEROS = {"rows": 0, "added": 0, "known": 0, "bad": 0, "duplicates": 0}


def open_run(
    connection: Connection, *, source: str, filename: str, sha256: str, state: str, started_by: int, now: datetime
) -> int:
    """Write down that a file is about to be checked or imported; the run's id."""
    row = {
        "source": source,
        "filename": filename[:200],
        "sha256": sha256,
        "state": state,
        "started_by": started_by,
        "started_at": now,
        **_ZEROS,
    }
    number: int = connection.execute(insert(import_run).values(row).returning(import_run.c.id)).scalar_one()
    return number


@job("imports.run")
def run(context: JobContext, run_id: int) -> None:
    """Check or import the file of a run, as its state says. Done twice it changes nothing."""
    context.engine.run_import(run_id)


def leave_job(connection: Connection, run_id: int) -> None:
    """Have a worker carry the run out after the commit."""
    enqueue(connection, "imports.run", run_id)


def begin(connection: Connection, run_id: int, started_by: int, now: datetime) -> bool:
    """Turn a checked file into an import in the name of `started_by`. False, if it is not waiting for that any more."""
    waiting = (import_run.c.id == run_id) & (import_run.c.state == CHECKED)
    changes = {
        "state": RUNNING,
        "started_by": started_by,
        "started_at": now,
        "ended_at": None,
        "report": None,
        **_ZEROS,
    }
    return connection.execute(update(import_run).where(waiting).values(changes)).rowcount == 1


def note(connection: Connection, run_id: int, counts: Mapping[str, int]) -> None:
    """How far it is."""
    connection.execute(update(import_run).where(import_run.c.id == run_id).values(dict(counts)))


def close(
    connection: Connection,
    run_id: int,
    state: str,
    now: datetime,
    *,
    counts: Mapping[str, int] | None = None,
    problem: str | None = None,
    report: Mapping[str, Any] | None = None,
    rejects: str | None = None,
) -> None:
    """It has ended, well or not."""
    values = {**(counts or {}), "state": state, "ended_at": now, "problem": problem, "rejects": rejects}
    connection.execute(update(import_run).where(import_run.c.id == run_id).values(report=report, **values))


def find_run(connection: Connection, run_id: int) -> Row[Any] | None:
    """One run with the names of its source and of the person."""
    return connection.execute(_listing().where(import_run.c.id == run_id)).one_or_none()


def latest_runs(connection: Connection) -> Sequence[Row[Any]]:
    """The latest runs, newest first."""
    return connection.execute(_listing().order_by(import_run.c.id.desc()).limit(SHOWN)).all()


def _listing() -> Any:
    return select(import_run, import_source.c.name.label("source_name"), account.c.name.label("person")).select_from(
        import_run.join(import_source, import_source.c.code == import_run.c.source).join(
            account, account.c.id == import_run.c.started_by
        )
    )
