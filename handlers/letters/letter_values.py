"""What stands in a letter: stored values as a reader wants to see them.

A case keeps `2026-03-02` and `exchange`; a letter says 2026年3月2日 and 交流. The words come from the form files of the
case's own release, so a letter of an old case keeps the words its people saw. They differ from those of a page where a
letter's sentence adds what the page shows itself: the unit behind a number, the names of files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from forms.beijing import BEIJING
from forms.form_file import CHOICE_KINDS, Field
from forms.wording import chinese_date, moment
from handlers.time_source import read_moment

MONEY_UNIT = "元"
_CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class DisplayNames:
    """Names of what is stored as a code or an id."""

    departments: Mapping[str, str]
    accounts: Mapping[int, str]
    authorities: Mapping[str, str] = field(default_factory=dict)

    def label(self, answered: Field, value: Any) -> str:
        """The label of a chosen value; the value itself where nothing is known of it."""
        text, listed = str(value), _listed(answered)
        if listed == "accounts":
            return self.accounts.get(int(text), text) if text.isdigit() else text
        known = {"departments": self.departments, "authorities": self.authorities}
        return known.get(listed, answered.labels()).get(text, text)

    def called(self, value: Any) -> str:
        """A value of which no form says what it is: a department by its name, all else as it stands."""
        return "" if value is None else self.departments.get(str(value), str(value))


def in_words(answered: Field, value: Any, names: DisplayNames) -> Any:
    """`value` for a reader: text, or for a table a list of rows of texts. Nothing stored gives an empty text."""
    kind = answered.kind
    if kind == "dynamiclist":
        return [_all_in_words(answered.by_key(), row, names) for row in value or ()]
    if value is None or value == "":
        return ""
    if kind in CHOICE_KINDS:
        chosen = value if isinstance(value, list) else [value]
        return "、".join(names.label(answered, item) for item in chosen)
    if kind == "filepicker":
        return f"{len(value)}份" if value else ""
    if kind == "checkbox":
        return "是" if value else "否"
    if kind == "datetime":
        return _moment(str(value))
    return _number(value, answered.unit) if kind == "number" else str(value)


def letter_values(
    answers: Mapping[str, Field], facts: Mapping[str, Any], names: DisplayNames
) -> tuple[dict[str, Any], dict[str, Any]]:
    """`facts` and `labels` of a letter: every field of the case's forms, filled in or not, and every other fact."""
    empty: dict[str, Any] = {key: [] if answer.kind == "dynamiclist" else None for key, answer in answers.items()}
    # What a case was handed from another has no field here that says what it lists: a code has its name all the same.
    other = {key: names.called(value) for key, value in facts.items() if key not in answers}
    return {**empty, **facts}, {**other, **_all_in_words(answers, facts, names)}


def unnamed(answers: Mapping[str, Field], facts: Mapping[str, Any], names: DisplayNames) -> Mapping[str, str]:
    """The codes that a letter could only print as they are stored (`unit_1`), by field: nothing names them."""
    codes: dict[str, str] = {}
    for key, answer in answers.items():
        value = facts.get(key) if answer.kind in CHOICE_KINDS else None
        chosen = value if isinstance(value, list) else [value]
        if code := next((str(item) for item in chosen if item is not None and _is_bare(answer, str(item), names)), ""):
            codes[key] = code
    return codes


def _is_bare(answer: Field, code: str, names: DisplayNames) -> bool:
    if not (_CODE.fullmatch(code) or (_listed(answer) == "accounts" and code.isdigit())):
        return False
    return code not in answer.labels() and names.label(answer, code) == code


def account_ids(answers: Mapping[str, Field], facts: Mapping[str, Any]) -> set[int]:
    """Ids of the people that `facts` name."""
    ids: set[int] = set()
    for key, answer in answers.items():
        value = facts.get(key)
        if answer.kind == "dynamiclist":
            ids = ids.union(*(account_ids(answer.by_key(), row) for row in value or ()))
        elif _listed(answer) == "accounts":
            chosen: list[Any] = value if isinstance(value, list) else [value]
            ids |= {int(item) for item in chosen if str(item).isdigit()}
    return ids


def _listed(answered: Field) -> str:
    """What the source lists, whatever narrows it: `accounts:mediator@unit` lists accounts."""
    return answered.source.partition(":")[0]


def _all_in_words(answers: Mapping[str, Field], values: Mapping[str, Any], names: DisplayNames) -> dict[str, Any]:
    return {key: in_words(answer, values.get(key), names) for key, answer in answers.items()}


def _moment(text: str) -> str:
    try:
        if len(text) == len("2026-03-02"):
            return chinese_date(date.fromisoformat(text))
        return moment(read_moment(text).astimezone(BEIJING))
    except ValueError:
        return text  # a time of day, or something the form let through: better seen as it is than not at all


def _number(value: Any, unit: str) -> str:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    return f"{number:,.2f}" if unit == MONEY_UNIT else format(number.normalize(), "f")
