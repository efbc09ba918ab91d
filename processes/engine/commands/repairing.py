"""The commands of a repairer on a case that stopped at a failed step: try again, or give the task back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Row, select, update

from handlers.people.actors import Actor, load_actor
from handlers.store.states import CaseStatus, EventKind
from handlers.store.tables import incident
from handlers.time_source import beijing_date
from processes.engine.cases import personal_answers, task_writes
from processes.engine.cases.row_shapes import TaskRow
from processes.engine.cases.work import Result, Work, entry
from processes.engine.commands.carrying_out import carry_out
from processes.engine.commands.command import Act, Command, Complete, read_command, task_of
from processes.engine.commands.concluding import conclude
from processes.engine.commands.sending import deliver_buffered
from processes.engine.commands.transaction import Transactions, log_failure
from processes.engine.errors import NotYours, Refused, StepFailed, refusing


def must_repair(actor: Actor, reason: str | None = None) -> None:
    """Raises: NotYours, for a person who does not mend cases; Refused, where a `reason` is wanted and empty."""
    if not actor.has("cases.repair"):
        raise NotYours("只有系统管理员或流程负责人可以处理故障")
    if reason is not None and not reason.strip():
        raise Refused("请写明理由")


def retry(transactions: Transactions, actor: Actor, instance_id: int) -> Result:
    """Carry out the command that failed once more, in the name of who gave it.

    Raises: NotFound, NotYours, Refused. If it fails again the incident stays open with one attempt more.
    """
    must_repair(actor)
    try:
        with transactions.on_case(instance_id=instance_id) as work:
            command = _carry_out_again(work, actor)
            conclude(work)
    except StepFailed as failure:
        log_failure(f"the retry of case {instance_id}", failure)
        return _count_attempt(transactions, instance_id, failure)
    return work.result(task_of(command))


def give_back(work: Work, actor: Actor, reason: str) -> int | None:
    """Close the incident without carrying its command out. The task that is open again; None for an action.

    Raises: Refused.
    """
    failed = _waiting_incident(work)
    command = read_command(failed.command)
    if not isinstance(command, Complete | Act):
        raise Refused("这一步不是由人提交的，没有可以退回的人，请排除原因后重试")
    with refusing("不能退回"):
        work.case.change(EventKind.GIVEN_BACK)
        _close(work, actor, failed)
        row = _reopened(work, command)
        work.entries.append(entry(actor, EventKind.GIVEN_BACK, row=row, comment=reason))
        deliver_buffered(work)
        conclude(work)
    return task_of(command)


def _carry_out_again(work: Work, actor: Actor) -> Command:
    failed = _waiting_incident(work)
    command = read_command(failed.command)
    work.case.change(EventKind.RETRIED)
    work.entries.append(entry(actor, EventKind.RETRIED, detail={"incident_id": failed.id}))
    _close(work, actor, failed)
    giver = _giver(work, command)
    with _about_the_giver(giver):
        carry_out(work, command, giver, again=True)
    deliver_buffered(work)  # what came meanwhile, also where the timer has been moved away
    return command


def _giver(work: Work, command: Command) -> Actor | None:
    """Who gave the command, as they are today; None for the system. Raises Refused."""
    if command.actor_id is None:
        return None
    giver = load_actor(work.connection, command.actor_id, beijing_date(work.now))
    if giver is None:
        raise Refused("原办理人的账号已停用，请先恢复账号再重试")
    return giver


def _count_attempt(transactions: Transactions, instance_id: int, failure: StepFailed) -> Result:
    with transactions.on_case(instance_id=instance_id) as work:
        failed = _open_incident(work.connection, instance_id)
        if failed is not None:
            values = {"attempts": failed.attempts + 1, "message": failure.reason, "node_name": failure.node_name}
            work.connection.execute(update(incident).where(incident.c.id == failed.id).values(values))
    return work.result(held=f"“{failure.node_name}”这一步仍然出错：{failure.reason}")


def _reopened(work: Work, command: Complete | Act) -> TaskRow | None:
    """The task of the command on its desk again; None for an action, or where the task is gone."""
    row = work.case.tasks.get(command.task_id) if isinstance(command, Complete) else None
    return None if row is None else task_writes.reopen_task(work.connection, work.case, row)


def _close(work: Work, actor: Actor, failed: Row[Any]) -> None:
    work.connection.execute(
        update(incident)
        .where(incident.c.id == failed.id)
        .values(
            resolved_at=work.now,
            resolved_by=actor.account_id,
            attempts=failed.attempts + 1,
            command=personal_answers.settled(failed.command),
        )
    )


@contextmanager
def _about_the_giver(giver: Actor | None) -> Iterator[None]:
    """A refusal concerns who gave the command, not who retries it."""
    try:
        yield
    except NotYours as error:
        who = giver.name if giver else ""
        reason = f"原办理人{who}已不能办理这一步（角色或指派已改变），请先恢复其角色再重试"
        raise Refused(reason) from error


def _waiting_incident(work: Work) -> Row[Any]:
    failed = _open_incident(work.connection, work.case.id)
    if failed is None or work.case.status != CaseStatus.INCIDENT:
        raise Refused("此事项没有待处理的故障")
    return failed


def _open_incident(connection: Connection, instance_id: int) -> Row[Any] | None:
    return connection.execute(
        select(incident).where(incident.c.instance_id == instance_id, incident.c.resolved_at.is_(None))
    ).first()
