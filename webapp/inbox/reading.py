"""The inbox and the page of one task."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from handlers.cases.case_file import places
from handlers.cases.drafts import draft_subjects
from handlers.cases.inbox import SORTS, TABS, URGENCIES, InboxQuery, inbox
from handlers.people.actors import Actor
from handlers.store.states import CaseStatus
from processes.engine.cases.open_form import TaskView
from processes.engine.engine import Engine
from processes.engine.errors import AlreadyDone, CommandRefused
from webapp.cases.address import Address, read_address
from webapp.cases.catalogue import procedure_names
from webapp.cases.waiting import awaited
from webapp.extensions import current_actor, services
from webapp.inbox.area import blueprint
from webapp.inbox.task_pages import conflict_page, next_step_page


@blueprint.get("/inbox")
def index() -> ResponseReturnValue:
    """待办: one tab, filtered and ordered as the address says."""
    actor, names = current_actor(), procedure_names()
    query = read_address(InboxQuery, {"tab": TABS, "process": names, "urgency": URGENCIES, "sort": SORTS})
    with services().database.read() as connection:
        listed = inbox(connection, actor, query, services().today())
        drafts = draft_subjects(connection, actor.account_id)
        started = {item.instance_id: item.status for item in listed.rows} if query.tab == "started" else {}
        standing = places(connection, started)
    waiting = awaited(
        number for number, status in started.items() if number not in standing and status == CaseStatus.ACTIVE
    )
    address = Address("inbox.index", query)
    return render_template(
        "inbox/index.html",
        listed=listed,
        standing={**waiting, **standing},
        address=address,
        procedures=names,
        drafts=drafts,
        tabs=TABS,
        urgencies=URGENCIES,
        sorts=SORTS,
    )


@blueprint.post("/tasks/<int:task_id>/claim")
def claim(task_id: int) -> ResponseReturnValue:
    """Take a task from the department's pool."""
    return _move(task_id, Engine.claim, "已领取，现在由您办理。")


@blueprint.post("/tasks/<int:task_id>/release")
def release(task_id: int) -> ResponseReturnValue:
    """Put a claimed task back."""
    return _move(task_id, Engine.release_task, "已放回科室，同事可以领取。您保存的草稿仍然保留。")


@blueprint.get("/tasks/<int:task_id>/done")
def done(task_id: int) -> ResponseReturnValue:
    """What happens next, and the next task."""
    return next_step_page(_task(task_id).row)


def _task(task_id: int) -> TaskView:
    return services().forms.task(current_actor(), task_id) or abort(404)


def _move(task_id: int, command: Callable[[Engine, Actor, int], object], success: str) -> ResponseReturnValue:
    view = _task(task_id)
    if not view.may_know:
        abort(404)
    try:
        command(services().engine, current_actor(), task_id)
    except AlreadyDone as lost:
        return conflict_page(view.row, lost=lost)
    except CommandRefused as refusal:
        # Back to the list: a task that somebody else has taken may be out of this person's sight by now.
        flash(str(refusal), "warning")
        return redirect(url_for("inbox.index", tab="pool"))
    flash(success, "success")
    return redirect(url_for("inbox.task", task_id=task_id))
