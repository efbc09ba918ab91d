"""Filling in the form of a task and completing it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import abort, url_for
from flask.typing import ResponseReturnValue

from handlers.cases.drafts import follow, left_behind
from processes.engine.cases.open_form import TaskView
from processes.engine.cases.work import Result
from processes.engine.errors import AlreadyDone, CommandRefused
from webapp.cases.submitting import FormPage, Submission, add_form_routes, show
from webapp.extensions import current_actor, services
from webapp.form_endpoints import TASK
from webapp.inbox.area import blueprint
from webapp.inbox.task_pages import conflict_page, task_page


@dataclass(frozen=True)
class TaskPage(FormPage):
    """The form of a task."""

    view: TaskView

    @property
    def submit_url(self) -> str:
        """Where the form is sent to."""
        return f"{self.address}/complete"

    @property
    def can_fill(self) -> bool:
        """Whether this person can complete it now."""
        return self.view.can_fill

    def command(self, values: Mapping[str, Any]) -> Result:
        """Complete the task."""
        return self.services.engine.complete(self.actor, self.view.row.id, values)

    def next_page(self, result: Result) -> str:
        """What became of the case."""
        return url_for("inbox.done", task_id=self.view.row.id)

    def answer(self, submission: Submission, *, notice: str = "", status: int = 200) -> ResponseReturnValue:
        """The task with the case around it."""
        return task_page(self, self.view, submission, notice=notice, status=status)

    def refused(self, submission: Submission, refusal: CommandRefused) -> ResponseReturnValue:
        """Somebody was faster, or the task as it stands now."""
        if isinstance(refusal, AlreadyDone):
            return conflict_page(self.view.row, self.form, submission, lost=refusal)
        return FormPage.refused(open_task(self.view.row.id), submission, refusal)


def open_task(task_id: int) -> TaskPage:
    """The task, or 404. Whether the person may know of its case is asked by the page that shows the case."""
    actor = current_actor()
    opened = services().forms.task_form(actor, task_id) or abort(404)
    view, form = opened
    return TaskPage(services(), actor, form, f"task:{task_id}", TASK, view)


def open_known_task(task_id: int) -> TaskPage:
    """As `open_task`, or 404 where the person may not know of the task: before anything is kept about it."""
    page = open_task(task_id)
    if not page.view.may_know:
        abort(404)
    return page


def _show_task(task_id: int) -> ResponseReturnValue:
    """The task with its form, or what became of it."""
    page = open_task(task_id)
    if page.can_fill:
        _bring_draft_along(page)
    return show(page)


def _bring_draft_along(page: TaskPage) -> None:
    database, person = page.services.database, page.actor.account_id
    with database.read() as connection:
        earlier = left_behind(connection, person, page.view.row)
    if earlier is not None:
        with database.write() as connection:
            follow(connection, person, earlier, page.subject)


add_form_routes(
    blueprint,
    "/tasks/<int:task_id>",
    TASK,
    open_known_task,
    shown=_show_task,
    submit_rule="/tasks/<int:task_id>/complete",
)
