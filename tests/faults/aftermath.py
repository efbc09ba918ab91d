"""What must hold when everything has stopped, whatever was killed on the way."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, TableClause, column, func, select, table, text

from handlers.jobs.queue import SCHEMA
from handlers.store.tables import account, event, instance, letter, submission, task
from processes.engine.cases import history
from processes.engine.kernel.live import LiveInstance
from tests.support.bureau import SEAL_KEY, Bureau

NUMBER = re.compile(r"(\d+)号$")


class Promise(NamedTuple):
    """The server said that this was done: by whom, and with which comment."""

    task_id: int
    username: str
    comment: str


@dataclass
class Verdict:
    """Sentences on what does not hold; all empty if everything does."""

    lost: list[str] = field(default_factory=list)
    """Acknowledged actions that are not in the database exactly once."""
    inconsistent: list[str] = field(default_factory=list)
    """Cases whose parts disagree."""
    effects: list[str] = field(default_factory=list)
    """Letters and timers that did not happen exactly once."""

    def everything(self) -> list[str]:
        """All that is wrong."""
        return [*self.lost, *self.inconsistent, *self.effects]


def unfinished_work(bureau: Bureau) -> bool:
    """Whether letters are still to be made, or timers to be fired."""
    with bureau.database.read() as connection:
        letters = connection.scalar(select(func.count()).where(letter.c.state == "pending"))
        job = _jobs(bureau)
        jobs = connection.scalar(select(func.count()).where(job.c.status.in_(("PENDING", "ENQUEUED"))))
        timers = connection.scalar(
            select(func.count()).where(instance.c.status == "active", instance.c.next_due_at < bureau.time.now())
        )
    return bool(letters or jobs or timers)


def inspect(
    bureau: Bureau, files: Path, promises: Sequence[Promise], lettered: Iterable[int], late: Iterable[int]
) -> Verdict:
    """Look at everything.

    `lettered`: cases that must have exactly one letter. `late`: cases of which exactly one timer must have fired.
    """
    with bureau.database.read() as connection:
        return Verdict(
            lost=[*_lost(connection, promises)],
            inconsistent=[*_broken(bureau, connection), *_chains(connection)],
            effects=[*_letters(bureau, connection, files, set(lettered)), *_timers(connection, set(late))],
        )


def _lost(connection: Connection, promises: Sequence[Promise]) -> Iterator[str]:
    names = {row.id: row.username for row in connection.execute(select(account.c.id, account.c.username))}
    tasks = {row.id: row for row in connection.execute(select(task))}
    kept: dict[int, list[Row[Any]]] = {}
    for row in connection.execute(select(submission)):
        kept.setdefault(row.task_id, []).append(row)
    completed = Counter(connection.scalars(select(event.c.task_id).where(event.c.kind == "completed")))
    if twice := [key for key, count in Counter(promise.task_id for promise in promises).items() if count > 1]:
        yield f"tasks promised twice: {twice}"
    for task_id, username, comment in promises:
        row, texts = tasks[task_id], [item.values for item in kept.get(task_id, ())]
        if row.state != "done" or names.get(row.completed_by) != username:
            yield f"task {task_id} is {row.state} by {names.get(row.completed_by)}, promised to {username}"
        elif len(texts) != 1 or comment not in map(str, texts[0].values()):
            yield f"task {task_id} has {len(texts)} submissions, or another text than {comment}"
        elif completed[task_id] != 1:
            yield f"task {task_id} was completed {completed[task_id]} times in the history"
    promised = {promise.task_id for promise in promises}
    for task_id, row in tasks.items():
        expected = 1 if row.state == "done" else 0
        if len(kept.get(task_id, ())) != expected or completed[task_id] != expected:
            yield f"task {task_id} ({'promised' if task_id in promised else 'not promised'}) and its traces disagree"


def _broken(bureau: Bureau, connection: Connection) -> Iterator[str]:
    open_tasks: dict[int, set[str]] = {}
    for row in connection.execute(select(task).where(task.c.state.in_(("open", "held")))):
        open_tasks.setdefault(row.instance_id, set()).add(row.token)
    for case in connection.execute(select(instance)):
        live = LiveInstance.load(bureau.engine.library.release(case.release_id), case.state)
        tokens = {item.token for item in live.open_tasks()}
        if case.status not in ("active", "completed"):
            yield f"case {case.id} is {case.status}"
        if tokens != open_tasks.get(case.id, set()):
            yield f"case {case.id}: desks {open_tasks.get(case.id)}, engine {tokens}"
        if live.next_due() != case.next_due_at:
            yield f"case {case.id}: next due {case.next_due_at}, engine {live.next_due()}"
        if live.completed != (case.status == "completed"):
            yield f"case {case.id} is {case.status}, engine says completed={live.completed}"


def _chains(connection: Connection) -> Iterator[str]:
    for problem in history.verify(connection, SEAL_KEY):
        yield f"{problem.number} {problem.position}: {problem.sentence}"
    if connection.dialect.name == "sqlite":
        found = connection.scalar(text("PRAGMA integrity_check"))
        if found != "ok":
            yield f"SQLite: {found}"


def _letters(bureau: Bureau, connection: Connection, files: Path, lettered: set[int]) -> Iterator[str]:
    rows = connection.execute(select(letter).order_by(letter.c.id)).all()
    if Counter(row.instance_id for row in rows) != Counter(lettered):
        yield f"{len(rows)} letters for {len(lettered)} cases"
    numbers = sorted(int(found[1]) for row in rows if (found := NUMBER.search(row.number)))
    if numbers != list(range(1, len(rows) + 1)):
        yield f"letter numbers: {numbers}"
    for row in rows:
        path = files / str(row.sha256)[:2] / str(row.sha256)
        if row.state != "ready":
            yield f"letter {row.id} is {row.state}: {row.error}"
        elif not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != row.sha256:
            yield f"the file of letter {row.id} is missing or damaged"
    job = _jobs(bureau)
    of_letters = select(job.c.status, func.count()).where(job.c.name == "letters.render").group_by(job.c.status)
    jobs = connection.execute(of_letters).all()
    if [tuple(row) for row in jobs] != ([("SUCCESS", len(rows))] if rows else []):
        yield f"jobs: {[tuple(row) for row in jobs]} for {len(rows)} letters"


def _timers(connection: Connection, late: set[int]) -> Iterator[str]:
    fired = Counter(connection.scalars(select(event.c.instance_id).where(event.c.kind == "timer")))
    if fired != Counter(late):
        yield f"timers fired by case: {dict(fired)}, expected one each of {sorted(late)}"


def _jobs(bureau: Bureau) -> TableClause:
    """The table of DBOS's jobs."""
    schema = None if bureau.database.is_sqlite else SCHEMA
    return table("workflow_status", column("name"), column("status"), schema=schema)
