"""Completing a task: its form is submitted, and the case runs to its next wait."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forms.form_file import FormFile
from forms.stored_answers import attachment_ids, label_of
from handlers.choices import names_of
from handlers.people.actors import Actor, Permit
from handlers.store.states import EventKind, TaskState
from processes.engine.cases import case_row, history, personal_answers, task_writes
from processes.engine.cases.case_facts import keep_facts
from processes.engine.cases.row_shapes import TaskRow
from processes.engine.cases.work import Work, entry
from processes.engine.commands.admission import already_done, permit_for
from processes.engine.commands.command import Complete, answers_of, locked_away
from processes.engine.commands.sending import deliver_buffered


def complete(work: Work, actor: Actor, command: Complete, *, again: bool = False) -> None:
    """Submit a task's form. `again`: it failed before, and the task was held.

    Raises: NotYours, AlreadyDone, Refused, StepFailed.
    """
    row = work.case.tasks[command.task_id]
    if again:
        row = task_writes.reopen_task(work.connection, work.case, row)
    finish_task(work, actor, row, permit_for(work, actor, row), answers_of(command))


def finish_task(work: Work, actor: Actor, row: TaskRow, permit: Permit, values: Mapping[str, Any]) -> None:
    """Keep what was submitted for the task, and run on. Raises Refused, StepFailed."""
    node = work.release.node(row.scope, row.node)
    form = work.form(row.form)
    values = personal_answers.set_apart(work, form, values)
    outcome = _outcome(work, form, node.task.outcome if node.task else "", values)
    keep_facts(work, node, values)
    if node.task and node.task.entry and row.scope == work.release.process:
        work.case.title = work.release.case_title(work.case.facts)
    keep_submission(work, actor, row, permit, form, values, outcome)
    del work.case.tasks[row.id]
    work.opened = tuple(item for item in work.opened if item.id != row.id)
    work.live.complete(row.token, {**values, f"{row.node}_by": actor.account_id}, work.host)
    comment = values.get("comment")
    detail = work.walked() | {"submission": history.digest(values)}
    done = entry(actor, EventKind.COMPLETED, permit=permit, row=row, outcome=outcome, comment=comment, detail=detail)
    work.entries.append(done)
    deliver_buffered(work)


def keep_submission(
    work: Work,
    actor: Actor,
    row: TaskRow,
    permit: Permit,
    form: FormFile,
    values: Mapping[str, Any],
    outcome: str | None = None,
) -> None:
    """The task is done, by whom and with what."""
    task_writes.finish_task(
        work.connection,
        row,
        by=actor.account_id,
        behalf=permit.on_behalf_of,
        outcome=outcome,
        values=values,
        files=attachment_ids(form, values),
        now=work.now,
    )


def hold(work: Work, command: Complete) -> tuple[Complete, TaskRow]:
    """A step after the task failed: the task waits, and the command as its incident keeps it. Raises AlreadyDone."""
    row = work.case.tasks[command.task_id]
    if row.state != TaskState.OPEN:
        raise already_done(work.connection, row)
    task_writes.hold_task(work.connection, row)
    return locked_away(work.form(row.form), command), row


def _outcome(work: Work, form: FormFile, key: str, values: Mapping[str, Any]) -> str | None:
    """The words that were chosen in field `key`, also where its choices come from a list outside the form."""
    if not key:
        return None
    field = form.answers().get(key)
    listed = names_of(work.connection, field.source) if field and field.source else ()
    return label_of(form, key, values.get(key), listed)[: case_row.OUTCOME_LENGTH]
