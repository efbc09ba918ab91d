"""What the pages of a task show."""

from __future__ import annotations

from typing import Any

from flask import abort, make_response, render_template
from flask.typing import ResponseReturnValue

from handlers.cases.case_file import case_file, desk_name, may_see
from handlers.cases.inbox import next_task
from handlers.cases.links import linked_with
from handlers.clocks.urgency import is_resting
from handlers.people.actors import may_do
from handlers.people.task import Task
from processes.engine.cases.open_form import OpenForm, TaskView
from processes.engine.errors import AlreadyDone
from webapp.cases.course import course_of
from webapp.cases.submitting import FormPage, Submission
from webapp.cases.summary import summary_of, typed_summary
from webapp.cases.words import why_words
from webapp.extensions import current_actor, services


def task_page(
    page: FormPage, view: TaskView, submission: Submission, *, notice: str = "", status: int = 200
) -> ResponseReturnValue:
    """The task with its form, the case around it and the way so far."""
    row, actor, engine = view.row, page.actor, page.services.engine
    with page.services.database.read() as connection:
        file = case_file(connection, actor, row.instance_id)
        if file is None:
            return _out_of_sight(page, view, submission, notice)
        release = engine.library.release(row.release_id)
        sections = summary_of(connection, actor, file, release)
        typed = typed_summary(connection, page.form, submission) if submission.typed and not view.can_fill else []
        parents = [case for case in linked_with(connection, row.instance_id) if case.is_parent]
    html = render_template(
        "inbox/task.html",
        page=page,
        view=view,
        task=row,
        submission=submission,
        file=file,
        course=course_of(file, release, row.scope),
        sections=sections,
        typed=typed,
        parents=parents,
        resting=is_resting(row.why),
        why=why_words(row.why, desk_name(page.services.profile.role_name(row.role), row.unit)),
        notice=notice,
    )
    return make_response(html, status)


def _out_of_sight(page: FormPage, view: TaskView, submission: Submission, notice: str) -> ResponseReturnValue:
    """The case is no longer this person's to see; what they typed while it was is still theirs.

    A colleague who could have taken the task is told who was faster: their list may be a minute old.
    """
    row = view.row
    if not submission.typed and not _was_in_pool(row):
        abort(404)
    if view.is_open:
        sentence = notice or f"“{row.name}”已由{row.assignee or '他人'}领取，现在由其办理。"
        return conflict_page(row, page.form, submission, sentence)
    lost = AlreadyDone(row.doer, row.completed_by, row.completed_at, row.outcome, state=row.state)
    return conflict_page(row, page.form, submission, lost=lost)


def _was_in_pool(row: Any) -> bool:
    """Whether this person could have taken the task before somebody else did."""
    if row.assignee_id is not None and row.claimed_at is None:
        return False
    return may_do(current_actor(), Task.of(row).in_pool()) is not None


def conflict_page(
    row: Any,
    form: OpenForm | None = None,
    submission: Submission | None = None,
    sentence: str = "",
    *,
    lost: AlreadyDone | None = None,
) -> ResponseReturnValue:
    """409: somebody was faster. Says who, when and what, and gives back what was typed into the form, if anything."""
    actor = current_actor()
    with services().database.read() as connection:
        html = render_template(
            "inbox/conflict.html",
            task=row,
            lost=lost,
            sentence=sentence,
            typed=typed_summary(connection, form, submission) if form and submission and submission.typed else [],
            visible=may_see(connection, actor, row.instance_id),
            following=next_task(connection, actor, services().today(), after=row.id),
        )
    return make_response(html, 409)


def next_step_page(row: Any) -> ResponseReturnValue:
    """What became of the case after the person's step, and the most urgent task left to them."""
    actor = current_actor()
    with services().database.read() as connection:
        file = case_file(connection, actor, row.instance_id)
        following = next_task(connection, actor, services().today(), after=row.id)
    if file is None:
        abort(404)
    return render_template("inbox/done.html", task=row, file=file, following=following)
