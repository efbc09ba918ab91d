"""What is asked before a command on a task or a case: may this person, and does the case go on."""

from __future__ import annotations

from sqlalchemy import Connection, or_, select

from handlers.people.actors import Actor, Permit, may_do
from handlers.people.task import Task
from handlers.store.states import WAITING_STATES, CaseStatus
from handlers.store.tables import account, task
from processes.engine.cases.case_row import Case
from processes.engine.cases.row_shapes import TaskRow
from processes.engine.cases.work import Work
from processes.engine.errors import AlreadyDone, NotYours, Refused

_NOT_ACTIVE = {
    CaseStatus.SUSPENDED: "此事项已中止，恢复后才能办理。您填写的内容可以先保存为草稿",
    CaseStatus.INCIDENT: "此事项有一步自动处理出错，正等待管理员修复。您填写的内容可以先保存为草稿",
    CaseStatus.COMPLETED: "此事项已办结",
    CaseStatus.CANCELLED: "此事项已撤销",
}


def permit_for(work: Work, actor: Actor, row: TaskRow) -> Permit:
    """Leave for `actor` to work on `row`. Raises AlreadyDone, NotYours, Refused."""
    must_be_open(work.connection, row)
    permit = may_do(actor, Task.of(row))
    if permit is None:
        raise NotYours("此任务不在您的办理范围内，或您须回避")
    must_be_active(work.case)
    if permit.on_behalf_of is not None and has_a_say(work, row, actor.account_id):
        raise Refused(
            f"您在这一步已有自己的一份意见，不能再代{permit.on_behalf_of_name}发表意见。"
            f"请{permit.on_behalf_of_name}本人办理，或者请负责人改派给没有发表意见的人"
        )
    return permit


def has_a_say(work: Work, row: TaskRow, account_id: int) -> bool:
    """Whether the person has another task of the same round: where all must agree, nobody may agree twice.

    One rule for both ways to a second one: being given it, and standing in for the one who has it.
    """
    beside = select(task.c.id).where(
        task.c.instance_id == row.instance_id,
        task.c.scope == row.scope,
        task.c.node == row.node,
        task.c.created_at == row.created_at,
        task.c.id != row.id,
        or_(task.c.assignee_id == account_id, task.c.completed_by == account_id),
    )
    return work.connection.execute(beside.limit(1)).first() is not None


def must_be_open(connection: Connection, row: TaskRow) -> None:
    """Raises AlreadyDone, for a task that is on nobody's desk any more."""
    if row.state not in WAITING_STATES:
        raise already_done(connection, row)


def must_be_active(case: Case) -> None:
    """Raises Refused, for a case that rests or has ended."""
    if case.status != CaseStatus.ACTIVE:
        raise Refused(_NOT_ACTIVE[case.status])


def already_done(connection: Connection, row: TaskRow) -> AlreadyDone:
    """Who was faster with the task."""
    name = connection.execute(select(account.c.name).where(account.c.id == row.completed_by)).scalar()
    return AlreadyDone(name or "系统", row.completed_by, row.completed_at, row.outcome, state=row.state)
