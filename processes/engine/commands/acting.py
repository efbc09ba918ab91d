"""Actions: things that a person may let happen to a case while a message event of its diagram waits for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any

from forms.answers import attachment_ids
from handlers.cases.drafts import action_draft, drop_draft
from handlers.people.actors import Actor, may_do
from processes.engine.cases import case_row as uow
from processes.engine.cases import history, personal_answers
from processes.engine.cases.task_rows import task_row
from processes.engine.cases.work import Result, Work, entry
from processes.engine.commands.completing import RunningCommands
from processes.engine.diagrams.model import Node
from processes.engine.errors import NotYours, Refused
from processes.engine.kernel.live import LiveInstance, OpenTask
from processes.engine.kernel.waiting import Wait


class ActionCommands(RunningCommands):
    """Message events with a form."""

    def act(self, actor: Actor, instance_id: int, scope: str, node: str, values: Mapping[str, Any]) -> Result:
        """Let the message event `node` of process `scope` happen; the form's values are what the message brings.

        Raises: NotFound, NotYours, Refused (nobody waits for it any more, the case rests). A failing step afterwards is
        not raised: see `Result.held`.
        """
        command = {
            "kind": "act",
            "instance_id": instance_id,
            "actor_id": actor.account_id,
            "scope": scope,
            "node": node,
            "values": dict(values),
        }
        return self._guarded(actor, command, lambda work: self._act(work, actor, command))

    def actions(self, actor: Actor, instance_id: int) -> list[tuple[str, Node]]:
        """(process, event) of what `actor` could let happen to the case now. Nothing is changed."""
        with self.database.read() as connection:
            work = self._looking(connection, instance_id)
            if work is None or work.case.status != "active":
                return []
            waiting = work.live.actions()
            return [(one.scope, one.node) for one in waiting if may_do(actor, SimpleNamespace(**self._row(work, one)))]

    def waits(self, instance_ids: Iterable[int]) -> dict[int, list[Wait]]:
        """What these cases wait for by the events of their diagrams, by case; only those under way. One statement."""
        with self.database.read() as connection:
            rows = uow.states(connection, instance_ids)
        return {row.id: LiveInstance.load(self.library.release(row.release_id), row.state).waits() for row in rows}

    def _act(self, work: Work, actor: Actor, command: Mapping[str, Any]) -> None:
        scope, node_id = command["scope"], command["node"]
        self._must_be_active(work.case)
        waiting = next((a for a in work.live.actions() if (a.scope, a.node.id) == (scope, node_id)), None)
        if waiting is None:
            raise Refused("这项操作现在不能办理：事项已经走过这一步，或已由他人办理，请返回事项页查看")
        row = self._row(work, waiting)
        permit = may_do(actor, SimpleNamespace(**row))
        if permit is None:
            raise NotYours("此项操作不在您的办理范围内，或您须回避")
        form = self.library.form(work.case.release_id, row["form"])
        values = personal_answers.set_apart(work, form, personal_answers.replayed(command))
        self._keep_facts(work, waiting.node, values)
        kept = uow.add_tasks(work.connection, [row])[0]
        uow.finish_task(
            work.connection,
            kept,
            by=actor.account_id,
            behalf=permit.on_behalf_of,
            outcome=None,
            values=values,
            files=attachment_ids(form, values),
            now=work.now,
        )
        drop_draft(work.connection, actor.account_id, action_draft(work.case.id, scope, node_id))
        payload = {**values, f"{node_id}_by": actor.account_id}
        work.live.send(waiting.node.message, payload, work.host)
        detail = work.walked() | {"submission": history.digest(values), "message": waiting.node.message}
        comment = values.get("comment")
        work.entries.append(entry(actor, "acted", permit=permit, row=kept, comment=comment, detail=detail))
        self._deliver_buffered(work)

    def _row(self, work: Work, waiting: OpenTask) -> dict[str, Any]:
        """The action as a row of table `task`: it is done in the moment it is there."""
        return task_row(
            work.case,
            work.release,
            waiting,
            now=work.now,
            limit_of=work.host.limit,
            days_limit=work.host.days,
            department_of=lambda role: self._department_of(work, role),
        )
