"""Starting a case: choose a procedure, fill in its first form."""

from __future__ import annotations

from functools import partial

from flask import abort, render_template, url_for
from flask.typing import ResponseReturnValue

from handlers.cases.drafts import draft_subjects
from processes.engine.cases.work import Result
from processes.engine.commands.starting import start_draft
from webapp.cases.area import blueprint
from webapp.cases.catalogue import Procedure, procedures
from webapp.cases.errands import Errand, forget_draft, keep_draft, show, submit, submit_mark
from webapp.cases.filling import Filled, Sheet
from webapp.cases.page import card_rows
from webapp.extensions import current_actor, services


@blueprint.get("/cases/new")
def new_choose() -> ResponseReturnValue:
    """The procedures, those this person can start first; above all, the registration of letters."""
    found, actor = services(), current_actor()
    everything = dict(sorted(procedures().items(), key=lambda item: not item[1].process.register))
    texts = found.profile.texts()
    cards = {key: dict(card_rows(item.process, texts)) for key, item in everything.items()}
    with found.database.read() as connection:
        drafts = draft_subjects(connection, actor.account_id)
    return render_template("cases/new_choose.html", procedures=everything, cards=cards, drafts=drafts)


@blueprint.get("/cases/new/<process>")
def new(process: str) -> ResponseReturnValue:
    """The first form, with the draft if there is one."""
    return show(_errand(process))


@blueprint.post("/cases/new/<process>")
def start(process: str) -> ResponseReturnValue:
    """Open the case."""
    return submit(_errand(process))


@blueprint.post("/cases/new/<process>/draft")
def save_draft(process: str) -> ResponseReturnValue:
    """Keep what was typed."""
    return keep_draft(_errand(process))


@blueprint.post("/cases/new/<process>/draft/drop")
def drop_draft(process: str) -> ResponseReturnValue:
    """Start again from an empty form."""
    return forget_draft(_errand(process))


def _errand(process: str) -> Errand:
    procedure = procedures().get(process)
    if procedure is None:
        abort(404)
    if not procedure.may_start(current_actor()):
        abort(403)
    subject = start_draft(process)
    mark = submit_mark(subject)
    return Errand(
        sheet=Sheet(subject, procedure.release_id, procedure.form_key, {}),
        here=url_for("cases.new", process=process),
        render=partial(_page, procedure),
        run=partial(services().engine.start, current_actor(), process, mark=mark),
        follow=after_start,
        mark=mark,
    )


def after_start(result: Result) -> str:
    """Where the case that was started went."""
    if result.task_id is None:
        return url_for("cases.show", instance_id=result.instance_id)
    return url_for("inbox.done", task_id=result.task_id)


def _page(procedure: Procedure, errand: Errand, filled: Filled, notice: str) -> str:
    card = card_rows(procedure.process, services().profile.texts())
    return render_template(
        "cases/new.html", procedure=procedure, errand=errand, filled=filled, card=card, notice=notice, parent=None
    )
