"""The case's facts, read through the forms they were given on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from forms.display import EMPTY, Section, Shown, display
from forms.form_file import FormFile
from handlers.cases.case_file import CaseFile, done_forms
from handlers.choices import names_of
from handlers.people.actors import Actor
from processes.engine.cases.open_form import OpenForm, named_files
from processes.engine.diagrams.model import Node
from webapp.cases.submitting import Submission
from webapp.extensions import services


@dataclass(frozen=True, slots=True)
class FormSummary:
    """One form of the case with its answers."""

    name: str
    sections: list[Section]


def summary_of(connection: Connection, actor: Actor, file: CaseFile, release: Any) -> list[FormSummary]:
    """Every form that gave the case facts, first filled first, with the facts as they stand now.

    In called processes too: whoever decides on a report must read what was verified. Opinions (`facts="false"`) are not
    facts; the history shows them with who gave them.
    """
    done = done_forms(connection, file.case.id)
    keys = dict.fromkeys(form for scope, node, form in done if _gives_facts(release.node(scope, node)))
    library = services().engine.library
    forms: list[FormFile] = [library.form(file.case.release_id, key) for key in keys]
    files = named_files(connection, actor, file.case.id)
    result = []
    for form in forms:
        sections = display(form, file.case.facts, labels_for(connection, form), files)
        if kept := _answered(sections):
            result.append(FormSummary(form.name, kept))
    return result


def _gives_facts(node: Node) -> bool:
    return node.task is not None and node.task.facts


def typed_summary(connection: Connection, opened: OpenForm, submission: Submission) -> list[Section]:
    """What the person typed into a form that can no longer be submitted."""
    form = submission.form
    shown = display(opened.file, form.values(), labels_for(connection, opened.file), form.files)
    # A value that could not be read is not among the values; it is given back as it was typed.
    unread = (field for field in form if field.process_errors and field.typed)
    raw = Section("没有填对的内容", tuple(Shown(field.name, field.spec.label, "text", field.typed) for field in unread))
    return _answered([*shown, raw])


def labels_for(connection: Connection, form: FormFile) -> dict[str, Sequence[tuple[str, str]]]:
    """Names of whatever the run-time choices of `form` may have stored."""
    return {source: names_of(connection, source) for source in form.sources()}


def _answered(sections: list[Section]) -> list[Section]:
    kept = [
        Section(section.title, tuple(item for item in section.answers if _has_answer(item))) for section in sections
    ]
    return [section for section in kept if section.answers]


def _has_answer(item: Shown) -> bool:
    return bool(item.files or item.rows or (item.text and item.text != EMPTY))
