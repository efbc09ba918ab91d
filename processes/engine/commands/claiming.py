"""The commands that move a task between desks without doing it: claim, give back, reassign."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import update

from handlers.people.actors import Actor, load_actor, may_do
from handlers.people.task import Task
from handlers.store.states import EventKind
from handlers.store.tables import task
from handlers.time_source import beijing_date
from processes.engine.cases.row_shapes import TaskRow
from processes.engine.cases.work import Work, entry
from processes.engine.commands.admission import has_a_say, must_be_active, must_be_open, permit_for
from processes.engine.errors import NotYours, Refused


def claim(work: Work, actor: Actor, task_id: int) -> None:
    """Take a task from the department's pool. Raises: NotYours, AlreadyDone, Refused."""
    row = work.case.tasks[task_id]
    permit_for(work, actor, row)
    if row.assignee_id is None:
        _move(work, actor, row, actor.account_id, EventKind.CLAIMED)
    elif row.assignee_id != actor.account_id:
        raise Refused("此任务已由他人领取，请刷新页面")


def release_task(work: Work, actor: Actor, task_id: int) -> None:
    """Put a claimed task back into the pool. Raises: NotYours, AlreadyDone, Refused."""
    row = work.case.tasks[task_id]
    permit_for(work, actor, row)
    if row.assignee_id != actor.account_id:
        raise Refused("此任务不是由您领取的，不能放回")
    if row.claimed_at is None:
        raise Refused("此任务是指定由您办理的，不能放回科室；确需他人办理，请联系负责人改派")
    _move(work, actor, row, None, EventKind.RELEASED)


def must_steer(actor: Actor) -> None:
    """Raises NotYours, for a person who does not distribute the work."""
    if not actor.has("cases.steer"):
        raise NotYours("只有负责人可以改派任务")


def assign(work: Work, actor: Actor, task_id: int, to: int, comment: str) -> None:
    """Give a task to the person with account `to`, who may do it. Raises: AlreadyDone, Refused."""
    row = work.case.tasks[task_id]
    must_be_open(work.connection, row)
    must_be_active(work.case)
    target = load_actor(work.connection, to, beijing_date(work.now))
    if target is None or may_do(target, Task.of(row).in_pool()) is None:
        raise Refused("此人没有办理这一步所需的角色，或须回避")
    if has_a_say(work, row, to):
        raise Refused("此人在这一步已有自己的一份意见，不能再替他人办理")
    _move(work, actor, row, to, EventKind.ASSIGNED, comment=comment, detail={"to": target.name})


def _move(
    work: Work,
    actor: Actor,
    row: TaskRow,
    to: int | None,
    kind: EventKind,
    *,
    comment: str = "",
    detail: Mapping[str, Any] | None = None,
) -> None:
    claimed_at = work.now if kind == EventKind.CLAIMED else None
    work.connection.execute(update(task).where(task.c.id == row.id).values(assignee_id=to, claimed_at=claimed_at))
    work.entries.append(entry(actor, kind, row=row, comment=comment, detail=detail))
    work.save()
