"""The case's file: notes, personal data, delivery of letters. For those who work on the case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from handlers.cases.case_file import CaseFile, case_file, letter_row, nameable_attachments
from processes.engine.errors import CommandRefused
from webapp.cases.area import blueprint
from webapp.cases.forms import DeliveryForm, NoteForm, PurposeForm, mistakes
from webapp.cases.uploads import UPLOAD_PREFIX, store_uploads
from webapp.extensions import current_actor, services

NOTE_FILES = "note_files"
UNPROCESSABLE = 422
CONFLICT = 409


@blueprint.route("/cases/<int:instance_id>/note", methods=["GET", "POST"])
def note(instance_id: int) -> ResponseReturnValue:
    """Keep a note 记事 with files."""
    file, form = working_file(instance_id), NoteForm()
    typed = {NOTE_FILES: [text for text in request.form.getlist(NOTE_FILES) if text.isdecimal()]}
    problems = [item.sentence for item in store_uploads(request.files, typed).refused]
    sent = form.validate_on_submit()
    if sent and not problems:
        try:
            services().engine.note(current_actor(), instance_id, form.text.data, [int(n) for n in typed[NOTE_FILES]])
        except CommandRefused as refused:
            problems = [str(refused)]
        else:
            return _back(instance_id, "已记入办理记录。")
    files = _uploaded(typed[NOTE_FILES])
    return _page("cases/note.html", file, form, problems, files=files, upload=f"{UPLOAD_PREFIX}{NOTE_FILES}")


def _uploaded(numbers: list[str]) -> Mapping[int, str]:
    """Files that wait on this person's note, by number."""
    if not numbers:
        return {}
    with services().database.read() as connection:
        rows = nameable_attachments(connection, current_actor(), None)
    return {row.id: row.filename for row in rows if str(row.id) in numbers}


@blueprint.route("/cases/<int:instance_id>/personal", methods=["GET", "POST"])
def personal(instance_id: int) -> ResponseReturnValue:
    """Personal data masked; after a purpose is given the real values, once."""
    file, form = working_file(instance_id), PurposeForm()
    if not file.personal:
        abort(404)
    shown, problems = {}, []
    if form.validate_on_submit():
        try:
            shown = services().engine.reveal(current_actor(), instance_id, form.words())
        except CommandRefused as refused:
            problems = [str(refused)]
    return _page("cases/personal.html", file, form, problems, shown=shown)


@blueprint.route("/letters/<int:letter_id>/delivery", methods=["GET", "POST"])
def delivery(letter_id: int) -> ResponseReturnValue:
    """Record how a letter reached somebody."""
    with services().database.read() as connection:
        row: Any = letter_row(connection, letter_id)
    if row is None or row.state != "ready" or not row.context.get("goes_out", True):
        abort(404)
    file, form = working_file(row.instance_id), DeliveryForm()
    problems = []
    if form.validate_on_submit():
        day: date = form.delivered_on.data
        try:
            services().engine.record_delivery(
                current_actor(),
                row.instance_id,
                letter_id,
                way=form.way.data,
                delivered_on=day,
                recipient=form.recipient.data,
                proof=form.proof.data,
            )
        except CommandRefused as refused:
            problems = [str(refused)]
        else:
            return _back(row.instance_id, "已登记送达。")
    return _page("cases/delivery.html", file, form, problems, letter=row)


def working_file(instance_id: int) -> CaseFile:
    """The case for somebody who works on it: 404 where they may not see it, 403 where they only see it."""
    with services().database.read() as connection:
        file = case_file(connection, current_actor(), instance_id)
    if file is None:
        abort(404)
    if not file.can_work:
        abort(403, "只有经办此事项的人和负责人可以进行这项操作。")
    return file


def _page(template: str, file: CaseFile, form: Any, problems: list[str], **more: Any) -> ResponseReturnValue:
    wrong = UNPROCESSABLE if form.errors else CONFLICT if problems else 200
    return make_response(
        render_template(
            template, file=file, case=file.case, form=form, mistakes=mistakes(form), problems=problems, **more
        ),
        wrong,
    )


def _back(instance_id: int, text: str) -> ResponseReturnValue:
    flash(text, "success")
    return redirect(url_for("cases.show", instance_id=instance_id))
