"""The commands of a repairer on a case that stopped at a failed step: try again, or give the task back."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Row, select, update

from handlers.people.actors import Actor, load_actor
from handlers.store.tables import incident, task
from handlers.time_source import beijing_date
from processes.engine.cases import personal_answers
from processes.engine.cases.work import Result, Work, entry
from processes.engine.commands.acting import ActionCommands
from processes.engine.commands.delivering import PostCommands
from processes.engine.commands.transaction import unexpected
from processes.engine.errors import NotYours, Refused, StepFailed

log = logging.getLogger(__name__)


class RepairCommands(ActionCommands, PostCommands):
    """What becomes of the command that an incident keeps."""

    def retry(self, actor: Actor, instance_id: int) -> Result:
        """Carry out the command that failed once more, in the name of who gave it.

        Raises: NotFound, NotYours, Refused. If it fails again the incident stays open with one attempt more.
        """
        _must_be_repairer(actor)
        try:
            with self._working(instance_id=instance_id) as work:
                found = _waiting_incident(work)
                self._redo(work, actor, found)
                self._conclude(work)
        except StepFailed as failure:
            log.warning("retry of case %s failed: %s", instance_id, failure, exc_info=unexpected(failure))
            return self._count_attempt(instance_id, failure)
        return work.result(found.command.get("task_id"))

    def _redo(self, work: Work, actor: Actor, found: Row[Any]) -> None:
        command = found.command
        work.case.status = "active"
        work.entries.append(entry(actor, "retried", detail={"incident_id": found.id}))
        self._close(work, actor, found)
        giver = None
        if command["actor_id"] is not None:
            giver = load_actor(work.connection, command["actor_id"], beijing_date(work.now))
            if giver is None:
                raise Refused("原办理人的账号已停用，请先恢复账号再重试")
        if command["kind"] == "complete" and giver is not None:
            work.connection.execute(update(task).where(task.c.id == command["task_id"]).values(state="open"))
            with _about_the_giver(giver):
                self._complete(work, giver, command)
        elif command["kind"] == "act" and giver is not None:
            with _about_the_giver(giver):
                self._act(work, giver, command)
        elif command["kind"] == "message":
            self._send(work, giver, command)
        elif command["kind"] == "post":
            self._receive(work, command)
        else:
            self._fire(work)
        self._deliver_buffered(work)  # what came meanwhile, also where the timer has been moved away

    def _count_attempt(self, instance_id: int, failure: StepFailed) -> Result:
        with self._working(instance_id=instance_id) as work:
            found = _open_incident(work.connection, instance_id)
            if found is not None:
                work.connection.execute(
                    update(incident)
                    .where(incident.c.id == found.id)
                    .values(attempts=found.attempts + 1, message=failure.reason, node_name=failure.node_name)
                )
        held = f"“{failure.node_name}”这一步仍然出错：{failure.reason}"
        return Result(work.case.id, work.case.number, work.case.title, held=held)

    def give_back(self, actor: Actor, instance_id: int, reason: str) -> Result:
        """Close the incident without carrying its command out: who gave it may change what they filled in.

        For where not the system was wrong but what was submitted. The form is still there, as that person's draft.
        Raises: NotFound, NotYours, Refused.
        """
        _must_be_repairer(actor)
        if not reason.strip():
            raise Refused("请写明理由")
        try:
            with self._working(instance_id=instance_id) as work:
                task_id = self._give_back(work, actor, reason.strip())
        except StepFailed as failure:
            raise Refused(f"不能退回：“{failure.node_name}”这一步出错：{failure.reason}") from failure
        return work.result(task_id)

    def _give_back(self, work: Work, actor: Actor, reason: str) -> int | None:
        """The task that is open again; None for an action."""
        found = _waiting_incident(work)
        task_id: int | None = found.command.get("task_id")
        if task_id is None and found.command["kind"] != "act":
            raise Refused("这一步不是由人提交的，没有可以退回的人，请排除原因后重试")
        work.case.status = "active"
        self._close(work, actor, found)
        row = None
        if task_id is not None:
            work.connection.execute(update(task).where(task.c.id == task_id).values(state="open"))
            row = work.case.tasks.get(task_id)
        work.entries.append(entry(actor, "given_back", row=row, comment=reason))
        self._deliver_buffered(work)
        self._conclude(work)
        return task_id

    @staticmethod
    def _close(work: Work, actor: Actor, found: Row[Any]) -> None:
        work.connection.execute(
            update(incident)
            .where(incident.c.id == found.id)
            .values(
                resolved_at=work.now,
                resolved_by=actor.account_id,
                attempts=found.attempts + 1,
                command=personal_answers.settled(found.command),
            )
        )


@contextmanager
def _about_the_giver(giver: Actor) -> Iterator[None]:
    """A refusal concerns who gave the command, not who retries it."""
    try:
        yield
    except NotYours as error:
        reason = f"原办理人{giver.name}已不能办理这一步（角色或指派已改变），请先恢复其角色再重试"
        raise Refused(reason) from error


def _must_be_repairer(actor: Actor) -> None:
    if not actor.has("cases.repair"):
        raise NotYours("只有系统管理员或流程负责人可以处理故障")


def _waiting_incident(work: Work) -> Row[Any]:
    found = _open_incident(work.connection, work.case.id)
    if found is None or work.case.status != "incident":
        raise Refused("此事项没有待处理的故障")
    return found


def _open_incident(connection: Connection, instance_id: int) -> Row[Any] | None:
    return connection.execute(
        select(incident).where(incident.c.instance_id == instance_id, incident.c.resolved_at.is_(None))
    ).first()
