"""Completing a task and keeping its draft. Whatever goes wrong, what the person typed is kept and shown again."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from handlers.cases.drafts import drop_draft as forget
from processes.engine.errors import AlreadyDone, CommandRefused
from webapp.cases.filling import keep, receive_sheet
from webapp.extensions import current_actor, services
from webapp.inbox.area import blueprint
from webapp.inbox.page import conflict_page, find_task, known_task, task_page

UNPROCESSABLE = 422
CONFLICT = 409


@blueprint.post("/tasks/<int:task_id>/complete")
def complete(task_id: int) -> ResponseReturnValue:
    """Submit the form; on any trouble the same page again with everything typed."""
    desk = known_task(task_id)
    filled = receive_sheet(desk.sheet)
    if filled.changed:
        return task_page(desk, keep(filled))
    if desk.can_fill and not filled.is_valid():
        return task_page(desk, keep(filled), status=UNPROCESSABLE)
    try:
        result = services().engine.complete(current_actor(), task_id, filled.form.values())
    except AlreadyDone as lost:
        return conflict_page(desk, keep(filled), lost=lost)
    except CommandRefused as refused:
        return task_page(find_task(task_id), keep(filled), notice=str(refused), status=CONFLICT)
    except Exception:
        keep(filled)  # a fault of ours must not cost what somebody typed
        raise
    if result.held:
        keep(filled)  # for the case that the administrator gives the task back instead of retrying
        flash(f"{result.held}。您填写的内容已经保存，系统管理员处理后会自动继续，您不必重填。", "warning")
    return redirect(url_for("inbox.done", task_id=task_id))


@blueprint.post("/tasks/<int:task_id>/draft")
def save_draft(task_id: int) -> ResponseReturnValue:
    """Keep what was typed, valid or not. htmx asks for it while typing, the button without JavaScript."""
    # Kept whoever has the task by now: a draft is the typist's own, and the page may have become stale meanwhile.
    desk = known_task(task_id)
    filled = keep(receive_sheet(desk.sheet))
    if request.headers.get("HX-Request"):
        return render_template("inbox/_draft_state.html", saved_at=filled.saved_at)
    if filled.refused:
        return task_page(desk, filled, notice=" ".join(upload.sentence for upload in filled.refused))
    flash("草稿已保存，只有您自己看得到。", "success")
    return redirect(url_for("inbox.task", task_id=task_id))


@blueprint.post("/tasks/<int:task_id>/draft/drop")
def drop_draft(task_id: int) -> ResponseReturnValue:
    """Start again from the case's facts."""
    with services().database.write() as connection:
        forget(connection, current_actor().account_id, f"task:{task_id}")
    flash("草稿已清除。", "success")
    return redirect(url_for("inbox.task", task_id=task_id))
