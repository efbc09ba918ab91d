"""One command on one case: lock its row, change it, write everything back. The transaction is the caller's.

Statements are built once, at import: on the hot path their construction costs as much as running them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, or_, select, update

from handlers.clocks.calendar_store import version_column
from handlers.store.prepared import Prepared
from handlers.store.states import WAITING_STATES, CaseStatus, EventKind, status_after
from handlers.store.tables import incident, instance, room_of, task
from processes.engine.cases import history
from processes.engine.cases.history import Head, HistoryEntry
from processes.engine.cases.row_shapes import TaskRow

NAME_LENGTH, OUTCOME_LENGTH = room_of(task.c.name), room_of(task.c.outcome)
"""What step names and outcomes are cut to."""

# It rides along: most commands put a task with a limit on a desk, and would ask for it by themselves. Of what a command
# before this one may have changed, nothing may ride along: PostgreSQL, after waiting for the row, reads only it anew.
_ROW = select(instance, version_column().label("calendar_version"))
_READ = Prepared(_ROW.where(instance.c.id == bindparam("instance_id")))
_LOCKED = _ROW.with_for_update(of=instance)
_LOCK = Prepared(_LOCKED.where(instance.c.id == bindparam("instance_id")))
_LOCK_BY_TASK = Prepared(
    _LOCKED.where(
        instance.c.id == select(task.c.instance_id).where(task.c.id == bindparam("task_id")).scalar_subquery()
    )
)
_LIVE_TASKS = Prepared(
    select(task).where(
        task.c.instance_id == bindparam("instance_id"),
        or_(*(task.c.state == state for state in WAITING_STATES), task.c.id == bindparam("task_id")),
    )
)
_HEAD_COLUMNS = ("event_count", "event_head", "event_seal")


@cache
def _save_statement(columns: tuple[str, ...]) -> Prepared:
    """Writes these columns of a case; naming an indexed one makes SQLite rewrite the index, changed or not."""
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in (*columns, *_HEAD_COLUMNS)}
    return Prepared(update(instance).where(instance.c.id == bindparam("instance_id")).values(values))


@dataclass
class Case:
    """A locked instance row while a command works on it. Set the fields anew; `Case.save` writes those that were set.

    A change inside `facts` or `decisions` would not be seen: give them a new dict.
    """

    id: int
    release_id: int
    number: str
    title: str
    status: CaseStatus
    version: int
    state: bytes
    facts: dict[str, Any]
    decisions: dict[str, Any]
    next_due_at: datetime | None
    department: str
    started_by: int
    ended_at: datetime | None
    outcome: str | None
    head: Head
    tasks: dict[int, TaskRow] = field(default_factory=dict)
    """Open and held tasks by id, and the one that the command is about, whatever its state."""
    calendar_version: int | None = None
    """Of the calendar in force; None where nobody has asked yet."""
    rule_set: str = ""
    """Of its limits; decided when it was started."""
    limits_touched: bool = False
    """Whether any of its limits ever rested or was extended."""
    stored: Mapping[str, Any] = field(default_factory=dict)
    """The columns as they are in the database, as far as that is known."""

    @classmethod
    def lock(cls, connection: Connection, *, instance_id: int | None = None, task_id: int | None = None) -> Case | None:
        """Lock the case by its id, or by one of its tasks, and read its live tasks. None if there is no such case.

        The instance row is always the first lock of a command, so two commands cannot wait for each other in a circle;
        the tasks are read after the lock, so the loser of a race sees what the winner did.
        """
        if task_id is not None:
            row = _LOCK_BY_TASK.one(connection, {"task_id": task_id})
        else:
            row = _LOCK.one(connection, {"instance_id": instance_id})
        if row is None:
            return None
        tasks = _LIVE_TASKS.rows(connection, {"instance_id": row.id, "task_id": task_id})
        return cls._of(row, {task_row.id: task_row for task_row in tasks})

    @classmethod
    def read(cls, connection: Connection, instance_id: int) -> Case | None:
        """The case as it is, without locking it and without its tasks: to be looked at."""
        row = _READ.one(connection, {"instance_id": instance_id})
        return None if row is None else cls._of(row, {})

    @classmethod
    def _of(cls, row: Row[Any], tasks: dict[int, TaskRow]) -> Case:
        return cls(
            **{name: getattr(row, name) for name in _CASE_COLUMNS if name != "status"},
            status=CaseStatus(row.status),
            head=Head(row.event_count, row.event_head),
            tasks=tasks,
            calendar_version=row.calendar_version or 0,
            stored={name: getattr(row, name) for name in _SAVED_COLUMNS},
        )

    def live_tokens(self) -> dict[str, TaskRow]:
        """The tasks that are still on somebody's desk, by the engine's token."""
        return {row.token: row for row in self.tasks.values() if row.state in WAITING_STATES}

    def change(self, kind: EventKind) -> None:
        """Let the event `kind` change how the case stands. Raises ChangeForbidden."""
        self.status = status_after(self.status, kind)

    def _was_set(self, name: str, value: object) -> bool:
        if name not in self.stored:
            return True
        before = self.stored[name]
        # For what is JSON by identity: 1 and True are equal, and not the same fact.
        return before is not value if name in ("facts", "decisions") else bool(before != value)

    def save(self, connection: Connection, key: bytes, now: datetime, entries: Sequence[HistoryEntry]) -> None:
        """Append `entries` to the history and write the row, one version up."""
        self.head = history.append(connection, key, self.id, self.head, now, entries)
        self.version += 1
        now_is = {name: getattr(self, name) for name in _SAVED_COLUMNS}
        changed = tuple(name for name in _SAVED_COLUMNS if self._was_set(name, now_is[name]))
        self.stored = now_is
        _save_statement(changed).run(
            connection,
            {f"new_{name}": now_is[name] for name in changed}
            | {
                "instance_id": self.id,
                "new_event_count": self.head.count,
                "new_event_head": self.head.hash,
                "new_event_seal": history.seal(key, self.id, self.head),
            },
        )


_SAVED_COLUMNS = (
    "title",
    "status",
    "version",
    "state",
    "facts",
    "decisions",
    "next_due_at",
    "ended_at",
    "outcome",
    "limits_touched",
)
_CASE_COLUMNS = ("id", "release_id", "number", "department", "started_by", "rule_set", *_SAVED_COLUMNS)


def states(connection: Connection, instance_ids: Iterable[int]) -> list[Row[Any]]:
    """`id`, `release_id` and `state` of those of these cases that are under way, to be looked at. One statement."""
    columns = (instance.c[name] for name in ("id", "release_id", "state"))
    conditions = instance.c.id.in_(list(instance_ids)), instance.c.status == CaseStatus.ACTIVE
    return list(connection.execute(select(*columns).where(*conditions).order_by(instance.c.id)))


def insert_case(connection: Connection, key: bytes, values: Mapping[str, Any]) -> Case:
    """Write a new instance row; the command fills in its state when the first run is over."""
    head = Head()
    row: dict[str, Any] = {
        "rule_set": "",
        "limits_touched": False,
        **values,
        "version": 0,
        "state": b"",
        "status": CaseStatus.ACTIVE,
        "next_due_at": None,
        "ended_at": None,
        "outcome": None,
        "event_count": 0,
        "event_head": head.hash,
    }
    instance_id = connection.execute(
        insert(instance).returning(instance.c.id), row | {"event_seal": history.seal(key, 0, head)}
    ).scalar_one()
    row["id"] = instance_id
    return Case(**{name: row[name] for name in _CASE_COLUMNS}, head=head)


def close_incidents(connection: Connection, instance_id: int, by: int, now: datetime) -> None:
    """The case was given up: nobody is to try its failed command again, nor to read the real values in it."""
    still_open = incident.c.instance_id == instance_id, incident.c.resolved_at.is_(None)
    for row in connection.execute(select(incident.c.id, incident.c.command).where(*still_open)).all():
        kept = {key: value for key, value in row.command.items() if key != "personal"}
        closed = update(incident).where(incident.c.id == row.id)
        connection.execute(closed.values(resolved_at=now, resolved_by=by, command=kept))
