"""Answers written out for people: 2026年3月2日, the label of a choice, 是/否, money with its unit.

The read-only summary of a case page and the letters take their texts from here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from forms.answer_field import AnswerField, Attachment
from forms.filled_form import FilledForm
from forms.form_class import bind, build_form_class
from forms.form_file import Field, FormFile
from forms.picked_fields import FilesField
from forms.table_field import TableField
from forms.wording import amount

EMPTY = "—"


@dataclass(frozen=True, slots=True)
class Shown:
    """One answer for reading. `kind` is text, long, unticked, files or table; the unused parts are empty.

    `columns` are (label, whether numbers) of a table, `rows` its cells, `totals` its last line if it has one.
    """

    key: str
    label: str
    kind: str
    text: str = ""
    files: tuple[Attachment, ...] = ()
    columns: tuple[tuple[str, bool], ...] = ()
    rows: tuple[tuple[Shown, ...], ...] = ()
    totals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A group of the form, or the answers outside any group (no title)."""

    title: str
    answers: tuple[Shown, ...]


def display(
    form: FormFile,
    values: Mapping[str, object],
    choices: Mapping[str, Sequence[tuple[str, str]]] | None = None,
    files: Mapping[int, Attachment] | None = None,
) -> list[Section]:
    """Stored `values` of a form as sections of readable answers, in the order of the form, hidden ones left out.

    `choices` and `files` give names to run-time choices and attachments; what is not in them is shown as its value or
    as `附件 17`.
    """
    known = {source: (choices or {}).get(source, ()) for source in form.sources()}
    form_class = build_form_class(form, choices=known)
    filled = bind(form_class, None, values, now=datetime.now(UTC), files=files)
    return [section for section in _sections(form.fields, filled, "") if section.answers]


def _sections(fields: tuple[Field, ...], filled: FilledForm, title: str) -> Iterator[Section]:
    loose: list[Shown] = []
    for field in fields:
        if field.kind == "group":
            yield Section(title, tuple(loose))
            loose = []
            yield from _sections(field.fields, filled, field.label or title)
        elif field.has_value and not filled[field.key].hidden:
            loose.append(show(filled[field.key], filled.files))
    yield Section(title, tuple(loose))


def show(field: AnswerField, files: Mapping[int, Attachment]) -> Shown:
    """One field of a bound form for reading."""
    spec = field.spec
    if isinstance(field, TableField):
        return _table(field, files)
    if isinstance(field, FilesField):
        named = tuple(files.get(file) or Attachment(file, f"附件 {file}") for file in field.data)
        return Shown(spec.key, spec.label, "files", text="" if named else EMPTY, files=named)
    kind = {"textarea": "long", "checkbox": "text" if field.data else "unticked"}.get(spec.kind, "text")
    return Shown(spec.key, spec.label, kind, text=field.text() or EMPTY)


def _table(table: TableField, files: Mapping[int, Attachment]) -> Shown:
    columns = [column for column in table.spec.fields if column.has_value]
    rows = tuple(tuple(show_cell(row[column.key], files) for column in columns) for row in table.filled_rows())
    sums = table.totals()
    totals = [amount(sums[column.key], column) if column.key in sums else "" for column in columns]
    if totals and not totals[0]:
        totals[0] = "合计"
    return Shown(
        table.spec.key,
        table.spec.label,
        "table",
        text="" if rows else EMPTY,
        columns=tuple((column.label, column.kind == "number") for column in columns),
        rows=rows,
        totals=tuple(totals) if sums and rows else (),
    )


def show_cell(field: AnswerField, files: Mapping[int, Attachment]) -> Shown:
    """A cell of a table; one that is hidden in its row is a dash."""
    return Shown(field.spec.key, field.spec.label, "text", EMPTY) if field.hidden else show(field, files)
