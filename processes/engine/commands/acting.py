"""Actions: things that a person may let happen to a case while a message event of its diagram waits for them."""

from __future__ import annotations

from handlers.cases.drafts import action_draft, drop_draft
from handlers.people.actors import Actor, may_do
from handlers.people.task import Task
from handlers.store.states import CaseStatus, EventKind
from processes.engine.cases import history, personal_answers, task_writes
from processes.engine.cases.case_facts import keep_facts
from processes.engine.cases.desk_sync import desk_row
from processes.engine.cases.work import Work, entry
from processes.engine.commands.admission import must_be_active
from processes.engine.commands.command import Act, answers_of, locked_away
from processes.engine.commands.completing import keep_submission
from processes.engine.commands.sending import deliver_buffered
from processes.engine.diagrams.model import Node
from processes.engine.errors import NotYours, Refused
from processes.engine.kernel.live import OpenTask


def act(work: Work, actor: Actor, command: Act) -> None:
    """Let a message event happen; the form's values are what the message brings.

    Raises: NotYours, Refused (nobody waits for it any more, the case rests), StepFailed.
    """
    must_be_active(work.case)
    waiting = _waiting(work, command)
    row = desk_row(work, waiting)
    permit = may_do(actor, Task.to_be(row))
    if permit is None:
        raise NotYours("此项操作不在您的办理范围内，或您须回避")
    form = work.form(row["form"])
    values = personal_answers.set_apart(work, form, answers_of(command))
    keep_facts(work, waiting.node, values)
    kept = task_writes.add_tasks(work.connection, [row])[0]
    keep_submission(work, actor, kept, permit, form, values)
    drop_draft(work.connection, actor.account_id, action_draft(work.case.id, command.scope, command.node))
    work.live.send(waiting.node.message, {**values, f"{command.node}_by": actor.account_id}, work.host)
    detail = work.walked() | {"submission": history.digest(values), "message": waiting.node.message}
    comment = values.get("comment")
    work.entries.append(entry(actor, EventKind.ACTED, permit=permit, row=kept, comment=comment, detail=detail))
    deliver_buffered(work)


def actions(work: Work, actor: Actor) -> list[tuple[str, Node]]:
    """(process, event) of what `actor` could let happen to the case now. Nothing is changed."""
    if work.case.status != CaseStatus.ACTIVE:
        return []
    waiting = work.live.actions()
    return [(ahead.scope, ahead.node) for ahead in waiting if may_do(actor, Task.to_be(desk_row(work, ahead)))]


def hold(work: Work, command: Act) -> Act:
    """A step after the action failed: the command as its incident keeps it."""
    settings = work.release.node(command.scope, command.node).task
    return locked_away(work.form(settings.form), command) if settings and settings.form else command


def _waiting(work: Work, command: Act) -> OpenTask:
    for action in work.live.actions():
        if (action.scope, action.node.id) == (command.scope, command.node):
            return action
    raise Refused("这项操作现在不能办理：事项已经走过这一步，或已由他人办理，请返回事项页查看")
