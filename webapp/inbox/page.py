"""What the pages of a task show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import abort, make_response, render_template
from flask.typing import ResponseReturnValue

from handlers.cases.case_file import case_file, desk_name, may_see, task_row
from handlers.cases.inbox import next_task
from handlers.cases.links import linked_with
from handlers.clocks.urgency import is_resting
from handlers.people.actors import Permit, could_do, may_do
from handlers.people.task import Task
from handlers.store.states import WAITING_STATES, CaseStatus, TaskState
from processes.engine.engine import Engine
from processes.engine.errors import AlreadyDone
from webapp.cases.filling import Filled, Sheet, open_sheet
from webapp.cases.page import course_of
from webapp.cases.summary import summary_of, typed_summary
from webapp.cases.words import why_words
from webapp.extensions import current_actor, services

NEVER_PREFILLED = frozenset({"comment"})
"""An opinion is given anew each time; the one of the last round stays in the history."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A task as the person at the keyboard stands to it. `permit` is None where it is not theirs to do."""

    row: Any
    permit: Permit | None
    sheet: Sheet

    @property
    def is_open(self) -> bool:
        """Whether it still waits for somebody."""
        return self.row.state in WAITING_STATES

    @property
    def can_fill(self) -> bool:
        """Whether this person can complete it now."""
        return self.permit is not None and self.row.state == TaskState.OPEN and self.row.status == CaseStatus.ACTIVE


def find_task(task_id: int) -> Desk:
    """The task, or 404. Whether the person may know of its case is asked by the pages that show the case."""
    found = services()
    with found.database.read() as connection:
        row = task_row(connection, task_id)
    if row is None:
        abort(404)
    sheet = Sheet(f"task:{task_id}", row.release_id, row.form, _prefill(found.engine, row), row.instance_id)
    return Desk(row, may_do(current_actor(), Task.of(row)) if row.state in WAITING_STATES else None, sheet)


def known_task(task_id: int) -> Desk:
    """As `find_task`, or 404 where the person may not know of the task: before anything is kept about it."""
    desk, actor = find_task(task_id), current_actor()
    if not could_do(actor, Task.of(desk.row)):
        with services().database.read() as connection:
            if not may_see(connection, actor, desk.row.instance_id):
                abort(404)
    return desk


def _prefill(engine: Engine, row: Any) -> Mapping[str, Any]:
    release = engine.library.release(row.release_id)
    settings = release.node(row.scope, row.node).task
    dropped = NEVER_PREFILLED | {settings.outcome if settings else ""}
    return {key: value for key, value in row.facts.items() if key not in dropped}


def task_page(desk: Desk, filled: Filled | None = None, *, notice: str = "", status: int = 200) -> ResponseReturnValue:
    """The task with its form, the case around it and the way so far."""
    found, actor = services(), current_actor()
    if filled is None:
        filled = open_sheet(desk.sheet)
    with found.database.read() as connection:
        file = case_file(connection, actor, desk.row.instance_id)
        if file is None:
            return _out_of_sight(desk, filled, notice)
        release = found.engine.library.release(desk.row.release_id)
        sections = summary_of(connection, actor, file, release)
        typed = typed_summary(connection, actor, filled) if filled.typed and not desk.can_fill else []
        parents = [row for row in linked_with(connection, desk.row.instance_id) if row.is_parent]
    html = render_template(
        "inbox/task.html",
        desk=desk,
        task=desk.row,
        filled=filled,
        file=file,
        course=course_of(file, release, desk.row.scope),
        sections=sections,
        typed=typed,
        parents=parents,
        resting=is_resting(desk.row.why),
        why=why_words(desk.row.why, desk_name(found.profile.role_name(desk.row.role), desk.row.unit)),
        notice=notice,
    )
    return make_response(html, status)


def _out_of_sight(desk: Desk, filled: Filled, notice: str) -> ResponseReturnValue:
    """The case is no longer this person's to see; what they typed while it was is still theirs.

    A colleague who could have taken the task is told who was faster: their list may be a minute old.
    """
    row = desk.row
    if not filled.typed and not _was_in_pool(row):
        abort(404)
    if desk.is_open:
        return conflict_page(desk, filled, notice or f"“{row.name}”已由{row.assignee or '他人'}领取，现在由其办理。")
    return conflict_page(
        desk, filled, lost=AlreadyDone(row.doer, row.completed_by, row.completed_at, row.outcome, state=row.state)
    )


def _was_in_pool(row: Any) -> bool:
    """Whether this person could have taken the task before somebody else did."""
    if row.assignee_id is not None and row.claimed_at is None:
        return False
    return may_do(current_actor(), Task.of(row).in_pool()) is not None


def conflict_page(
    desk: Desk, filled: Filled | None, sentence: str = "", *, lost: AlreadyDone | None = None
) -> ResponseReturnValue:
    """409: somebody was faster. Says who, when and what, and gives back what was typed."""
    found, actor = services(), current_actor()
    with found.database.read() as connection:
        html = render_template(
            "inbox/conflict.html",
            task=desk.row,
            lost=lost,
            sentence=sentence,
            typed=typed_summary(connection, actor, filled) if filled and filled.typed else [],
            visible=may_see(connection, actor, desk.row.instance_id),
            following=next_task(connection, actor, found.today(), after=desk.row.id),
        )
    return make_response(html, 409)


def next_step_page(desk: Desk) -> ResponseReturnValue:
    """What became of the case after the person's step, and the most urgent task left on their desk."""
    found, actor = services(), current_actor()
    with found.database.read() as connection:
        file = case_file(connection, actor, desk.row.instance_id)
        following = next_task(connection, actor, found.today(), after=desk.row.id)
    if file is None:
        abort(404)
    return render_template("inbox/done.html", desk=desk, task=desk.row, file=file, following=following)
