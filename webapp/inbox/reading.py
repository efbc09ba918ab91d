"""The inbox and the page of one task."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from handlers.cases.case_file import places
from handlers.cases.drafts import draft_subjects, follow, left_behind
from handlers.cases.inbox import SORTS, TABS, URGENCIES, Wanted, inbox
from handlers.people.actors import Actor
from handlers.store.states import CaseStatus
from processes.engine.engine import Engine
from processes.engine.errors import AlreadyDone, CommandRefused
from webapp.cases.address import Address, read_address
from webapp.cases.catalogue import procedure_names
from webapp.cases.waiting import awaited
from webapp.extensions import current_actor, services
from webapp.inbox.area import blueprint
from webapp.inbox.page import Desk, conflict_page, find_task, known_task, next_step_page, task_page


@blueprint.get("/inbox")
def index() -> ResponseReturnValue:
    """待办: one tab, filtered and ordered as the address says."""
    found, actor, names = services(), current_actor(), procedure_names()
    wanted = read_address(Wanted, {"tab": TABS, "process": names, "urgency": URGENCIES, "sort": SORTS})
    with found.database.read() as connection:
        listed = inbox(connection, actor, wanted, found.today())
        drafts = draft_subjects(connection, actor.account_id)
        started = {item.instance_id: item.status for item in listed.items} if wanted.tab == "started" else {}
        standing = places(connection, started)
    waiting = awaited(
        number for number, status in started.items() if number not in standing and status == CaseStatus.ACTIVE
    )
    address = Address("inbox.index", wanted)
    return render_template(
        "inbox/index.html",
        inbox=listed,
        standing={**waiting, **standing},
        wanted=wanted,
        address=address,
        procedures=names,
        drafts=drafts,
        tabs=TABS,
        urgencies=URGENCIES,
        sorts=SORTS,
    )


@blueprint.get("/tasks/<int:task_id>")
def task(task_id: int) -> ResponseReturnValue:
    """The task with its form, or what became of it."""
    desk = find_task(task_id)
    if desk.can_fill:
        _bring_draft_along(desk)
    return task_page(desk)


def _bring_draft_along(desk: Desk) -> None:
    database, person = services().database, current_actor().account_id
    with database.read() as connection:
        earlier = left_behind(connection, person, desk.row)
    if earlier is not None:
        with database.write() as connection:
            follow(connection, person, earlier, desk.sheet.subject)


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
    return next_step_page(find_task(task_id))


def _move(task_id: int, command: Callable[[Engine, Actor, int], object], success: str) -> ResponseReturnValue:
    desk = known_task(task_id)
    try:
        command(services().engine, current_actor(), task_id)
    except AlreadyDone as lost:
        return conflict_page(desk, None, lost=lost)
    except CommandRefused as refused:
        # Back to the list: a task that somebody else has taken may be out of this person's sight by now.
        flash(str(refused), "warning")
        return redirect(url_for("inbox.index", tab="pool"))
    flash(success, "success")
    return redirect(url_for("inbox.task", task_id=task_id))
