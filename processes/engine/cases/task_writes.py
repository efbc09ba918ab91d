"""Writing a case's tasks: onto a desk, held, open again, done with what was submitted, taken off.

Every change of state goes through the table of `handlers.store.states`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, update

from handlers.cases.drafts import drop_draft
from handlers.store.prepared import Prepared
from handlers.store.states import TaskState, state_after
from handlers.store.tables import attachment, submission, task
from processes.engine.cases.case_row import Case
from processes.engine.cases.row_shapes import TaskRow

_FINISH_TASK = Prepared(
    update(task)
    .where(task.c.id == bindparam("task_id"))
    .values(
        state=TaskState.DONE,
        completed_at=bindparam("at"),
        completed_by=bindparam("by"),
        on_behalf_of=bindparam("behalf"),
        outcome=bindparam("new_outcome"),
    )
)
_CLOSE_TASKS = (
    update(task)
    .where(task.c.id.in_(bindparam("ids", expanding=True)))
    .values(state=TaskState.CANCELLED, completed_at=bindparam("at"))
)
_TASK_COLUMNS = tuple(column.name for column in task.c if column.name != "id")
_ADD_TASK = Prepared(insert(task).values({name: bindparam(name) for name in _TASK_COLUMNS}).returning(task))
_ADD_TASKS = insert(task).returning(task)
_EMPTY_TASK = dict.fromkeys(_TASK_COLUMNS)
_ADD_SUBMISSION = Prepared(
    insert(submission).values({c.name: bindparam(c.name) for c in submission.c if c.name != "id"})
)
_ADOPT_FILES = (
    update(attachment)
    .where(
        attachment.c.id.in_(bindparam("ids", expanding=True)),
        attachment.c.instance_id.is_(None),
        attachment.c.uploaded_by == bindparam("by"),
    )
    .values(instance_id=bindparam("owner"), task_id=bindparam("for_task"))
)


def add_tasks(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> list[TaskRow]:
    """Put tasks on desks in one statement; gives the rows as they are now."""
    if len(rows) == 1:
        return [_ADD_TASK.one(connection, {**_EMPTY_TASK, **rows[0]})]
    return list(connection.execute(_ADD_TASKS, list(rows))) if rows else []


def close_tasks(connection: Connection, rows: Sequence[TaskRow], now: datetime) -> None:
    """Take tasks that are no longer needed off their desks. Raises ChangeForbidden."""
    for row in rows:
        state_after(row.state, TaskState.CANCELLED)
    if rows:
        connection.execute(_CLOSE_TASKS, {"ids": [row.id for row in rows], "at": now})


def hold_task(connection: Connection, row: TaskRow) -> None:
    """Keep a task where it is until the step that failed after it is mended. Raises ChangeForbidden."""
    _set_state(connection, row, TaskState.HELD)


def reopen_task(connection: Connection, case: Case, row: TaskRow) -> TaskRow:
    """Let a held task be done again; the row as it is now. Raises ChangeForbidden."""
    case.tasks[row.id] = reopened = _set_state(connection, row, TaskState.OPEN)
    return reopened


def _set_state(connection: Connection, row: TaskRow, state: TaskState) -> TaskRow:
    change = update(task).where(task.c.id == row.id).values(state=state_after(row.state, state)).returning(task)
    return connection.execute(change).one()


def finish_task(
    connection: Connection,
    row: TaskRow,
    *,
    by: int,
    behalf: int | None,
    outcome: str | None,
    values: Mapping[str, Any],
    files: Sequence[int],
    now: datetime,
) -> None:
    """Mark a task done, keep what was submitted for good, adopt its uploads, and drop the person's draft.

    Raises: ChangeForbidden.
    """
    state_after(row.state, TaskState.DONE)
    _FINISH_TASK.run(connection, {"task_id": row.id, "at": now, "by": by, "behalf": behalf, "new_outcome": outcome})
    _ADD_SUBMISSION.run(
        connection,
        {
            "instance_id": row.instance_id,
            "task_id": row.id,
            "values": dict(values),
            "submitted_by": by,
            "submitted_at": now,
        },
    )
    adopt_files(connection, files, owner=row.instance_id, for_task=row.id, by=by)
    drop_draft(connection, by, f"task:{row.id}")


def adopt_files(connection: Connection, files: Sequence[int], *, owner: int, for_task: int | None, by: int) -> None:
    """Uploads of the person `by` that belong to no case yet become the case's."""
    if files:
        connection.execute(_ADOPT_FILES, {"ids": list(files), "by": by, "owner": owner, "for_task": for_task})
