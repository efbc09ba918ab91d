"""Starting a case: choose a procedure, fill in its first form."""

from __future__ import annotations

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from handlers.drafts import draft_subjects
from handlers.drafts import drop_draft as forget
from processes.engine.errors import CommandRefused
from webapp.cases.area import blueprint
from webapp.cases.catalogue import Procedure, procedures
from webapp.cases.filling import Filled, Sheet, keep, open_sheet, receive_sheet
from webapp.cases.page import card_rows
from webapp.extensions import current_actor, services

UNPROCESSABLE = 422
CONFLICT = 409


@blueprint.get("/cases/new")
def new_choose() -> ResponseReturnValue:
    """The procedures, those this person can start first."""
    found, actor = services(), current_actor()
    everything = procedures()
    texts = found.profile.texts()
    cards = {key: dict(card_rows(item.process, texts)) for key, item in everything.items()}
    with found.database.read() as connection:
        drafts = draft_subjects(connection, actor.account_id)
    return render_template("cases/new_choose.html", procedures=everything, cards=cards, drafts=drafts)


@blueprint.get("/cases/new/<process>")
def new(process: str) -> ResponseReturnValue:
    """The first form, with the draft if there is one."""
    procedure = _startable(process)
    return _page(procedure, open_sheet(_sheet(process, procedure)))


@blueprint.post("/cases/new/<process>")
def start(process: str) -> ResponseReturnValue:
    """Open the case; on any trouble the same page again with everything typed."""
    procedure = _startable(process)
    filled = receive_sheet(_sheet(process, procedure))
    if request.form.get("_row"):
        return _page(procedure, keep(filled))
    if not filled.is_valid():
        return _page(procedure, keep(filled), status=UNPROCESSABLE)
    try:
        result = services().engine.start(current_actor(), process, filled.form.values())
    except CommandRefused as refused:
        return _page(procedure, keep(filled), notice=str(refused), status=CONFLICT)
    except Exception:
        keep(filled)  # a fault of ours must not cost what somebody typed
        raise
    if result.task_id is None:
        return redirect(url_for("cases.show", instance_id=result.instance_id))
    return redirect(url_for("inbox.done", task_id=result.task_id))


@blueprint.post("/cases/new/<process>/draft")
def save_draft(process: str) -> ResponseReturnValue:
    """Keep what was typed, valid or not."""
    procedure = _startable(process)
    filled = keep(receive_sheet(_sheet(process, procedure)))
    if request.headers.get("HX-Request"):
        return render_template("inbox/_draft_state.html", saved_at=filled.saved_at)
    if filled.refused:
        return _page(procedure, filled, notice=" ".join(upload.sentence for upload in filled.refused))
    flash("草稿已保存，只有您自己看得到。", "success")
    return redirect(url_for("cases.new", process=process))


@blueprint.post("/cases/new/<process>/draft/drop")
def drop_draft(process: str) -> ResponseReturnValue:
    """Start again from an empty form."""
    _startable(process)
    with services().database.write() as connection:
        forget(connection, current_actor().account_id, f"start:{process}")
    flash("草稿已清除。", "success")
    return redirect(url_for("cases.new", process=process))


def _startable(process: str) -> Procedure:
    procedure = procedures().get(process)
    if procedure is None:
        abort(404)
    if not procedure.may_start(current_actor()):
        abort(403)
    return procedure


def _sheet(process: str, procedure: Procedure) -> Sheet:
    settings = procedure.entry.task
    if settings is None:
        abort(404)
    return Sheet(f"start:{process}", procedure.release_id, settings.form, {})


def _page(procedure: Procedure, filled: Filled, *, notice: str = "", status: int = 200) -> ResponseReturnValue:
    card = card_rows(procedure.process, services().profile.texts())
    html = render_template("cases/new.html", procedure=procedure, filled=filled, card=card, notice=notice)
    return make_response(html, status)
