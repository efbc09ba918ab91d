"""The commands that move a running case: a task completed, a message, a timer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from forms.answers import attachment_ids, label_of
from forms.model import FormFile
from handlers.choices import names_of
from handlers.people.actors import Actor, Permit
from processes.engine.cases import case_row as uow
from processes.engine.cases import history, personal_answers
from processes.engine.cases.work import Result, Work, entry
from processes.engine.commands.transaction import Workshop
from processes.engine.diagrams.model import Node


class RunningCommands(Workshop):
    """Commands after which the kernel runs to the next wait."""

    def complete(self, actor: Actor, task_id: int, values: Mapping[str, Any]) -> Result:
        """Submit a task's form and run the case to its next wait.

        Raises: NotFound, NotYours, AlreadyDone, Refused. A failing step afterwards is not raised: see `Result.held`.
        """
        command = {"kind": "complete", "task_id": task_id, "actor_id": actor.account_id, "values": dict(values)}
        return self._guarded(actor, command, lambda work: self._complete(work, actor, command))

    def _complete(self, work: Work, actor: Actor, command: Mapping[str, Any]) -> None:
        row = work.case.tasks[command["task_id"]]
        self._finish_task(work, actor, row, self._permit(work, actor, row), personal_answers.replayed(command))

    def _finish_task(self, work: Work, actor: Actor, row: Row[Any], permit: Permit, values: Mapping[str, Any]) -> None:
        node = work.release.node(row.scope, row.node)
        form = self.library.form(work.case.release_id, row.form)
        values = personal_answers.set_apart(work, form, values)
        outcome_key = node.task.outcome if node.task else ""
        outcome = _label(work, form, outcome_key, values.get(outcome_key)) if outcome_key else None
        self._keep_facts(work, node, values)
        if node.task and node.task.entry and row.scope == work.release.process:
            work.case.title = work.release.case_title(work.case.facts)
        uow.finish_task(
            work.connection,
            row,
            by=actor.account_id,
            behalf=permit.on_behalf_of,
            outcome=outcome,
            values=values,
            files=attachment_ids(form, values),
            now=work.now,
        )
        del work.case.tasks[row.id]
        work.opened = tuple(item for item in work.opened if item.id != row.id)
        work.live.complete(row.token, {**values, f"{row.node}_by": actor.account_id}, work.host)
        comment = values.get("comment")
        detail = work.walked() | {"submission": history.digest(values)}
        work.entries.append(
            entry(actor, "completed", permit=permit, row=row, outcome=outcome, comment=comment, detail=detail)
        )
        self._deliver_buffered(work)

    def _keep_facts(self, work: Work, node: Node, values: Mapping[str, Any]) -> None:
        # Some answers are none of the case's facts: an approver's opinion, one of several answers to one question.
        if node.task and node.task.facts:
            work.case.facts = {**work.case.facts, **values}
            # Before the case moves on: a step that looks for duplicates reads the case's own row.
            self._keep_register(work.connection, work.case, work.release, work.now)

    def send_message(self, actor: Actor | None, instance_id: int, name: str, payload: Mapping[str, Any]) -> Result:
        """Give a case a message. One that nobody waits for yet is kept until somebody does.

        Raises: NotFound, Refused.
        """
        command = {
            "kind": "message",
            "instance_id": instance_id,
            "actor_id": actor.account_id if actor else None,
            "name": name,
            "payload": dict(payload),
        }
        return self._guarded(actor, command, lambda work: self._send(work, actor, command))

    def _send(self, work: Work, actor: Actor | None, command: Mapping[str, Any]) -> None:
        name, payload = command["name"], command["payload"]
        if work.case.status in ("completed", "cancelled"):
            self._must_be_active(work.case)
        # A case that rests takes its post when it goes on: who sent it may never send it again.
        taken = work.case.status == "active" and work.live.send(name, payload, work.host)
        uow.buffer_message(work.connection, work.case.id, name, payload, work.now, consumed=taken)
        detail = {"message": name, "buffered": not taken, **work.walked()}
        work.entries.append(entry(actor, "message", detail=detail))
        if work.case.status == "active":
            self._deliver_buffered(work)

    def fire_due(self, instance_id: int) -> Result | None:
        """Fire the timers of a case that are due now; None if there was nothing to do.

        Called by any number of workers for the same case: whoever gets the row's lock second finds the timer gone. Each
        timer fires once, however long the workers were down.
        """
        command = {"kind": "fire_due", "instance_id": instance_id, "actor_id": None}
        fired = False

        def run(work: Work) -> None:
            nonlocal fired
            fired = self._fire(work)
            if not fired:
                raise _NothingDue

        try:
            return self._guarded(None, command, run)
        except _NothingDue:
            return None

    def _fire(self, work: Work) -> bool:
        if work.case.status != "active" or work.case.next_due_at is None or work.case.next_due_at > work.now:
            return False
        if not work.live.fire_due(work.host):
            return False
        work.entries.append(entry(None, "timer", detail=work.walked()))
        self._deliver_buffered(work)
        return True


def _label(work: Work, form: FormFile, key: str, value: Any) -> str:
    """The words that were chosen in field `key`, also where its choices come from a list outside the form."""
    field = form.answers().get(key)
    listed = names_of(work.connection, field.source) if field and field.source else ()
    return label_of(form, key, value, listed)[: uow.OUTCOME_LENGTH]


class _NothingDue(Exception):
    pass
