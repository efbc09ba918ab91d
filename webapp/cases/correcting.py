"""更正: choose a value of the case, write the right one, say why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from werkzeug.datastructures import MultiDict

from forms.display import EMPTY, Section, Shown, display
from forms.filled_form import FilledForm
from forms.form_class import bind, build_form_class
from handlers.cases.case_file import CaseFile
from handlers.cases.links import open_children_with
from handlers.choices import choices_of
from processes.engine.commands.correcting import Correctable, correctable
from processes.engine.errors import CommandRefused
from webapp.cases.area import blueprint
from webapp.cases.filing import CONFLICT, UNPROCESSABLE, working_file
from webapp.cases.forms import ReasonForm, mistakes
from webapp.cases.summary import labels_for
from webapp.extensions import current_actor, services


@dataclass(frozen=True, slots=True)
class CorrectableForm:
    """What may be corrected of one form: its sections as on the case's page, and apart from them what has no answer."""

    name: str
    sections: list[Section]
    blank: list[Shown]

    @property
    def count(self) -> int:
        """How many values there are to choose from."""
        return sum(len(section.answers) for section in self.sections) + len(self.blank)


@blueprint.get("/cases/<int:instance_id>/correct")
def correct_choose(instance_id: int) -> ResponseReturnValue:
    """What this person may correct, form by form in the order of the case's page, with the values of now."""
    file = working_file(instance_id)
    with services().database.read() as connection:
        by_form: dict[str, list[Correctable]] = {}
        for item in _items(connection, file):
            by_form.setdefault(item.form.key, []).append(item)
        forms = [_part(connection, file, items) for items in reversed(by_form.values())]
    parts = [part for part in forms if part.count]
    return render_template("cases/correct_choose.html", file=file, case=file.case, parts=parts)


def _part(connection: Connection, file: CaseFile, items: Sequence[Correctable]) -> CorrectableForm:
    form, keys = items[0].form, {item.field.key for item in items}
    shown = display(form, file.case.facts, labels_for(connection, form))
    open_ones = [(section.title, [item for item in section.answers if item.key in keys]) for section in shown]
    filled = [Section(title, tuple(item for item in answers if not _is_blank(item))) for title, answers in open_ones]
    blank = [item for _, answers in open_ones for item in answers if _is_blank(item)]
    return CorrectableForm(form.name, [section for section in filled if section.answers], blank)


def _is_blank(item: Shown) -> bool:
    return item.kind == "unticked" or item.text == EMPTY


@blueprint.route("/cases/<int:instance_id>/correct/<field>", methods=["GET", "POST"])
def correct(instance_id: int, field: str) -> ResponseReturnValue:
    """One value: shown, checked by the form it came from, and corrected."""
    file, reason = working_file(instance_id), ReasonForm()
    with services().database.read() as connection:
        item = next((item for item in _items(connection, file) if item.field.key == field), None)
        if item is None:
            abort(404)
        form = _bound(connection, file, item)
        keeping = open_children_with(connection, instance_id, field, file.case.facts.get(field))
    before, problems = form[field].text() or EMPTY, []
    if form[field].hidden:
        abort(404)
    if request.method == "POST" and _taken(form, field) & reason.validate():
        try:
            services().engine.correct(
                current_actor(), instance_id, field, form.settled_values(), reason.reason.data or ""
            )
        except CommandRefused as refused:
            problems = [str(refused)]
        else:
            flash(f"“{item.field.label}”已更正，更正前后的内容和理由记入办理记录。{_still_old(keeping)}", "success")
            return redirect(url_for("cases.show", instance_id=instance_id))
    wrong = [*form.problems(), *mistakes(reason)]
    html = render_template(
        "cases/correct.html",
        file=file,
        case=file.case,
        item=item,
        field=form[field],
        before=before,
        keeping=keeping,
        form=reason,
        mistakes=wrong,
        problems=problems,
    )
    return make_response(html, UNPROCESSABLE if wrong else CONFLICT if problems else 200)


def _still_old(keeping: Sequence[Any]) -> str:
    """What is left to do in the linked cases; the page that follows has the links to them."""
    numbers = "、".join(row.number for row in keeping)
    return f"关联事项 {numbers} 带出的仍是原内容，请打开看是否也要更正。" if keeping else ""


def _items(connection: Connection, file: CaseFile) -> list[Correctable]:
    engine = services().engine
    release = engine.library.release(file.case.release_id)
    return correctable(connection, engine.library, release, file.case, current_actor())


def _bound(connection: Connection, file: CaseFile, item: Correctable) -> FilledForm:
    """The whole form from the case's facts: conditions and computed values look at the other fields."""
    choices = choices_of(connection, item.form.sources(), file.case.facts)
    return bind(build_form_class(item.form, choices=choices), None, file.case.facts, now=services().now())


def _taken(form: FilledForm, key: str) -> bool:
    """Take the posted value of one field; whether it is sound. The others stay as the case has them."""
    field = form[key]
    field.process(MultiDict(request.form), field.object_data)
    form.settle()
    field.errors = []
    return bool(field.validate(form))
