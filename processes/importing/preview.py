"""A row as the case that it becomes: every answer as a person reads it, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from forms.display import EMPTY, display
from forms.filled_form import FilledForm
from forms.form_file import Field, FormFile, flatten
from handlers.personal.masks import masked_values
from processes.importing.registration import Registration
from processes.importing.translation import FIXED, INFERRED, Answers, Translator

OPEN: Final = "待补"
"""Mark of an answer that the form demands and the row does not give."""
_UNTICKED: Final = "否"
_LONGEST: Final = 120
_NOTE_LENGTH: Final = 2000
_SAID: Final = {
    OPEN: "导入的文件没有写、请核对补充",
    INFERRED: "由系统推定",
    FIXED: "文件没有写、按来源设置填",
}


@dataclass(frozen=True, slots=True)
class PreviewedCase:
    """`answers` are (label, text, mark) in the order of the form; the mark is empty for what the row itself says.

    Personal data is masked.
    """

    number: str
    answers: tuple[tuple[str, str, str], ...]


def standing_of(
    registration: Registration, form: FilledForm, answers: Answers, left_open: Sequence[str]
) -> PreviewedCase:
    """The case that these answers become. `form`: filled with them and checked; `left_open`: keys of the form."""
    marks = _marks(answers, left_open)
    values = masked_values(registration.form.personal, form.values())
    sections = display(registration.form, values, registration.choices)
    texts = {
        shown.key: _UNTICKED if shown.kind == "unticked" else shown.text for part in sections for shown in part.answers
    }
    rows = []
    for key, item in registration.form.answers().items():
        text, mark = texts.get(key, "").strip(EMPTY), marks.get(key, "")
        if text == _UNTICKED and key not in answers.typed:
            continue
        if text or mark == OPEN:
            rows.append((item.label, text[:_LONGEST] or EMPTY, mark))
    return PreviewedCase(answers.number, tuple(rows))


def note_of(
    registration: Registration, translator: Translator, form: FilledForm, answers: Answers, left_open: Sequence[str]
) -> str:
    """What the reviewer is told of the import, or nothing where the file said it all."""
    said: dict[str, dict[str, list[str]]] = {OPEN: {}, INFERRED: {}, FIXED: {}}
    marks = _marks(answers, left_open)
    for group, item in _grouped(registration.form):
        if item.key not in marks or (field := form.find(item.key)) is None or field.hidden:
            continue
        mark, text = marks[item.key], translator.shown(answers, item.key)
        told = item.label if mark == OPEN or text == "true" else f"{item.label}（{text}）"
        said[mark].setdefault(group, []).append(told)
    return "\n".join(f"{_SAID[mark]}：{_in_groups(groups)}。" for mark, groups in said.items() if groups)[:_NOTE_LENGTH]


def _grouped(form: FormFile) -> Iterator[tuple[str, Field]]:
    """Every field with the label of its group: 名称 and 电话 say little without it."""
    for part in form.fields:
        for item in flatten((part,)):
            yield part.label if part.kind == "group" else "", item


def _in_groups(groups: Mapping[str, Sequence[str]]) -> str:
    return "；".join(f"{f'【{group}】' if group else ''}{'、'.join(told)}" for group, told in groups.items())


def _marks(answers: Answers, left_open: Sequence[str]) -> Mapping[str, str]:
    return {**answers.marks, **dict.fromkeys(left_open, OPEN)}
