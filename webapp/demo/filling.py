"""Filling in a form as a person would: what the story wants said, and something fitting wherever the form asks more."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from forms.answer_field import AnswerField, Attachment
from forms.filled_form import FilledForm
from forms.form_class import bind, build_form_class
from forms.form_file import Field, FormFile
from handlers.choices import Options, choices_of
from handlers.people.actors import Actor
from webapp.demo.bureau import DemoBureau
from webapp.demo.phrases import phrase

ROUNDS = 4
"""An answer may uncover another question; no form goes deeper."""


class DemoFormError(Exception):
    """A form could not be filled in: the demo does not know it well enough."""


@dataclass(frozen=True, slots=True)
class FormToFill:
    """A form to be filled in by `actor` at `now` (aware, Beijing), over the facts of the case."""

    form: FormFile
    facts: Mapping[str, Any]
    actor: Actor
    now: datetime
    chance: random.Random


def fill_in(bureau: DemoBureau, to_fill: FormToFill, wishes: Mapping[str, Any]) -> dict[str, Any]:
    """The values as the form gives them after validation. Raises DemoFormError with the form's own sentences."""
    answers = to_fill.form.answers()
    # A date of an earlier round would be too old for this one.
    data = {
        key: value
        for key, value in to_fill.form.begun(to_fill.facts).items()
        if key in answers and (answers[key].readonly or answers[key].kind != "datetime")
    }
    data |= {key: value for key, value in wishes.items() if key in answers and not answers[key].readonly}
    with bureau.database.read() as connection:
        choices = choices_of(connection, to_fill.form.sources(), to_fill.facts)
    files: dict[int, Attachment] = {}
    build = _form_class(to_fill.form, choices)
    filled = bind(build, None, data, now=to_fill.now, files=files)
    for _ in range(ROUNDS):
        filled.settle()
        missing = [field for field in _fields(filled) if field.is_required and field.is_blank()]
        if not missing:
            break
        for field in missing:
            data[field.spec.key] = _answer(bureau, to_fill, field.spec, choices, files, data)
        filled = bind(build, None, data, now=to_fill.now, files=files)
    if not filled.validate():
        raise DemoFormError(
            f"{to_fill.form.key}: " + "；".join(f"{problem.label}：{problem.message}" for problem in filled.problems())
        )
    return filled.settled_values()


_classes: dict[Any, tuple[FormFile, type[FilledForm]]] = {}
"""By the form's identity, which is kept alive beside its class, and by what its choices are: making one takes longer
than filling it in."""


def _form_class(form: FormFile, choices: Mapping[str, Options]) -> type[FilledForm]:
    key = id(form), tuple((source, tuple(options)) for source, options in choices.items())
    if key not in _classes:
        _classes[key] = form, build_form_class(form, choices=choices)
    return _classes[key][1]


def _fields(filled: FilledForm) -> list[AnswerField]:
    return [field for key in filled.answers() if (field := filled.find(key)) is not None]


def _answer(
    bureau: DemoBureau,
    to_fill: FormToFill,
    field: Field,
    choices: Mapping[str, Any],
    files: dict[int, Attachment],
    data: Mapping[str, Any],
) -> Any:
    """Something fitting for a field that must not stay empty."""
    if field.kind == "filepicker":
        name = f"{field.label}.txt"
        (new_id,) = bureau.text_file(to_fill.actor, field.key, name, f"{field.label}（示范材料）\n")
        files[new_id] = Attachment(new_id, name, 40)
        return [new_id]
    simple: Mapping[str, Callable[[], Any]] = {
        "checkbox": lambda: True,
        "datetime": lambda: _moment(field, to_fill, data),
        "number": lambda: int(field.minimum or 1),
    }
    if field.kind in simple:
        return simple[field.kind]()
    offered = (
        [value for value, _ in choices[field.source]] if field.source else [choice.value for choice in field.choices]
    )
    if field.kind in ("checklist", "taglist"):
        return to_fill.chance.sample(offered, k=min(len(offered), max(field.min_choices, 1)))
    if offered:
        return offered[0]
    return phrase(field, to_fill.chance, bureau.profile)


def _moment(field: Field, to_fill: FormToFill, data: Mapping[str, Any]) -> str:
    moment = to_fill.now
    for rule in field.date_rules:
        name, _, other = rule.partition(":")
        if name == "after" and data.get(other):
            moment = datetime.fromisoformat(str(data[other])) + timedelta(
                minutes=30 if "T" in str(data[other]) else 1440
            )
        elif name == "not_past":
            moment = to_fill.now + timedelta(days=to_fill.chance.randint(1, 4))
    return moment.isoformat() if field.subtype == "datetime" else moment.date().isoformat()
