"""What a person has typed and not yet submitted. Drafts are per person: nobody overwrites a colleague's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from handlers.store.prepared import Prepared
from handlers.store.states import TaskState
from handlers.store.tables import draft, task

_DROP = Prepared(delete(draft).where(draft.c.account_id == bindparam("by"), draft.c.subject == bindparam("about")))


@dataclass(frozen=True, slots=True)
class Draft:
    """Form values by field key, as typed."""

    values: Mapping[str, Any]
    saved_at: datetime


def action_draft(instance_id: int, scope: str, node: str) -> str:
    """The subject of a draft of an action's form: `node` of process `scope`, of which a case may call several."""
    return f"act:{instance_id}:{scope}:{node}"


def find_draft(connection: Connection, account_id: int, subject: str) -> Draft | None:
    """The person's draft on `subject` (a task, a case to start or an action, by name and ids)."""
    row = connection.execute(
        select(draft.c["values"], draft.c.saved_at).where(draft.c.account_id == account_id, draft.c.subject == subject)
    ).one_or_none()
    return Draft(row._mapping["values"], row.saved_at) if row else None


def save_draft(connection: Connection, account_id: int, subject: str, values: Mapping[str, Any], now: datetime) -> None:
    """Keep `values` in place of the person's earlier draft on `subject`."""
    insert = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
    row = {"account_id": account_id, "subject": subject, "values": dict(values), "saved_at": now}
    # One statement: two autosaves of one page may arrive at the same moment.
    connection.execute(
        insert(draft)
        .values(row)
        .on_conflict_do_update(
            index_elements=["account_id", "subject"], set_={"values": row["values"], "saved_at": now}
        )
    )


def move_drafts(connection: Connection, closed: Sequence[Any], opened: Sequence[Any]) -> None:
    """Let everybody's drafts on a `closed` task go on in the `opened` one of the same step (rows of `task`).

    A warning or a message may end a step and begin it again: the desk, the day and the reason are new, what somebody
    has written meanwhile is still theirs. Of several tasks of one step nobody knows which follows which: those stay.
    """
    steps = Counter((row.scope, row.node) for row in (*closed, *opened))
    following = {(row.scope, row.node): row.id for row in opened}
    for row in closed:
        step = row.scope, row.node
        if step in following and steps[step] == 2:
            moved = update(draft).where(draft.c.subject == f"task:{row.id}")
            connection.execute(moved.values(subject=f"task:{following[step]}"))


def left_behind(connection: Connection, account_id: int, opened: Any) -> str | None:
    """The subject of the person's draft that may go on in the `opened` task (row of `task`), where they have none.

    A step that was taken back may open again in a later command: 督办 asks the leader first, then the unit once more.
    What was typed for it is still wanted, but not where another step has been done anew since, whose result stood
    before the typist: an opinion is about one answer and not about the next. One statement where there is no draft.
    """
    mine = draft_subjects(connection, account_id)
    if f"task:{opened.id}" in mine or not any(subject.startswith("task:") for subject in mine):
        return None
    columns = task.c.id, task.c.scope, task.c.node, task.c.state, task.c.created_at, task.c.completed_at
    statement = select(*columns).where(task.c.instance_id == opened.instance_id).order_by(task.c.id.desc())
    newest_first = connection.execute(statement).all()
    for row in _taken_back(newest_first, opened):
        if f"task:{row.id}" in mine:
            return None if _redone(newest_first, row) else f"task:{row.id}"
    return None


def _taken_back(newest_first: Sequence[Any], opened: Any) -> Iterator[Any]:
    """The tasks of the step of `opened` before it, back to one that was done or was not the only one of its time."""
    limit = None
    for row in newest_first:
        if (row.scope, row.node) != (opened.scope, opened.node):
            continue
        if limit is not None and (row.completed_at is None or row.completed_at > limit):
            return  # of several at once nobody knows which follows which
        limit = row.created_at
        if row.id != opened.id:
            if row.state != TaskState.CANCELLED:
                return
            yield row


def _redone(rows: Sequence[Any], taken_back: Any) -> bool:
    """Whether a step that had been done when `taken_back` was opened has been done again since that was closed."""
    done = [row for row in rows if row.state == TaskState.DONE]
    before = {(row.scope, row.node) for row in done if row.completed_at <= taken_back.created_at}
    since = {(row.scope, row.node) for row in done if row.completed_at >= taken_back.completed_at}
    return not before.isdisjoint(since)


def follow(connection: Connection, account_id: int, subject: str, into: str) -> None:
    """Let the person's draft on `subject` be the one on `into`."""
    mine = draft.c.account_id == account_id
    connection.execute(update(draft).where(mine, draft.c.subject == subject).values(subject=into))


def drop_draft(connection: Connection, account_id: int, subject: str) -> None:
    """Forget the person's draft on `subject`."""
    _DROP.run(connection, {"by": account_id, "about": subject})


def draft_subjects(connection: Connection, account_id: int) -> frozenset[str]:
    """What the person has drafts on."""
    return frozenset(connection.execute(select(draft.c.subject).where(draft.c.account_id == account_id)).scalars())
