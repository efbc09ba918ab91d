"""The commands that move a task between desks without doing it: claim, give back, reassign."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Row, or_, select, update

from handlers.people.actors import Actor, load_actor, may_do
from handlers.store.tables import task
from handlers.time_source import beijing_date
from processes.engine.cases.work import Result, Work, entry
from processes.engine.commands.transaction import Workshop
from processes.engine.errors import NotYours, Refused


class DeskCommands(Workshop):
    """Who has a task."""

    def claim(self, actor: Actor, task_id: int) -> Result:
        """Take a task from the department's pool. Raises: NotFound, NotYours, AlreadyDone, Refused."""
        with self._task(task_id) as (work, row):
            self._permit(work, actor, row)
            if row.assignee_id is None:
                self._move(work, actor, row, actor.account_id, "claimed")
            elif row.assignee_id != actor.account_id:
                raise Refused("此任务已由他人领取，请刷新页面")
        return work.result(task_id)

    def release_task(self, actor: Actor, task_id: int) -> Result:
        """Put a claimed task back into the pool. Raises: NotFound, NotYours, AlreadyDone, Refused."""
        with self._task(task_id) as (work, row):
            self._permit(work, actor, row)
            if row.assignee_id != actor.account_id:
                raise Refused("此任务不是由您领取的，不能放回")
            if row.claimed_at is None:
                raise Refused("此任务是指定由您办理的，不能放回科室；确需他人办理，请联系负责人改派")
            self._move(work, actor, row, None, "released")
        return work.result(task_id)

    def assign(self, actor: Actor, task_id: int, to: int, *, comment: str = "") -> Result:
        """Give a task to a person who may do it. For heads. Raises: NotFound, NotYours, AlreadyDone, Refused."""
        if not actor.has("cases.steer"):
            raise NotYours("只有负责人可以改派任务")
        with self._task(task_id) as (work, row):
            if row.state in ("done", "cancelled"):
                raise self._already_done(work.connection, row)
            self._must_be_active(work.case)
            target = load_actor(work.connection, to, beijing_date(work.now))
            unassigned = SimpleNamespace(
                role=row.role, department=row.department, assignee_id=None, excluded=row.excluded
            )
            if target is None or may_do(target, unassigned) is None:
                raise Refused("此人没有办理这一步所需的角色，或须回避")
            if _has_a_say_already(work, row, to):
                raise Refused("此人在这一步已有自己的一份意见，不能再替他人办理")
            self._move(work, actor, row, to, "assigned", comment=comment, detail={"to": target.name})
        return work.result(task_id)

    @contextmanager
    def _task(self, task_id: int) -> Iterator[tuple[Work, Row[Any]]]:
        with self._working(task_id=task_id) as work:
            yield work, work.case.tasks[task_id]

    def _move(
        self,
        work: Work,
        actor: Actor,
        row: Row[Any],
        to: int | None,
        kind: str,
        *,
        comment: str = "",
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        claimed_at = work.now if kind == "claimed" else None
        work.connection.execute(update(task).where(task.c.id == row.id).values(assignee_id=to, claimed_at=claimed_at))
        happened = entry(actor, kind, row=row, comment=comment, detail=detail)
        work.case.save(work.connection, self._seal_key, work.now, [happened])


def _has_a_say_already(work: Work, row: Row[Any], account_id: int) -> bool:
    """Whether the person has another task of the same round: where all must agree, nobody may agree twice."""
    beside = select(task.c.id).where(
        task.c.instance_id == row.instance_id,
        task.c.scope == row.scope,
        task.c.node == row.node,
        task.c.created_at == row.created_at,
        task.c.id != row.id,
        or_(task.c.assignee_id == account_id, task.c.completed_by == account_id),
    )
    return work.connection.execute(beside.limit(1)).first() is not None
