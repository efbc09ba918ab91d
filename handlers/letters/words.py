"""What stands in a letter: stored values as a reader wants to see them.

A case keeps `2026-03-02` and `exchange`; a letter says 2026年3月2日 and 交流. The words come from the form files of the
case's own release, so a letter of an old case keeps the words its people saw.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from handlers.time_source import BEIJING

MONEY_UNIT = "元"
_CHOICES = frozenset({"select", "radio", "checklist", "taglist"})


@dataclass(frozen=True, slots=True)
class Names:
    """Names of what is stored as a code or an id."""

    departments: Mapping[str, str]
    accounts: Mapping[int, str]
    authorities: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """One field of a form, as far as its value's wording depends on it."""

    kind: str
    subtype: str = ""
    unit: str = ""
    source: str = ""
    personal: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, Answer] = field(default_factory=dict)

    def words(self, value: Any, names: Names) -> Any:
        """`value` for a reader: text, or for a table a list of rows of texts. Nothing stored gives an empty text."""
        if self.kind == "dynamiclist":
            return [_all_words(self.columns, row, names) for row in value or ()]
        if value is None or value == "":
            return ""
        if self.kind in _CHOICES:
            chosen = value if isinstance(value, list) else [value]
            return "、".join(self._choice(item, names) for item in chosen)
        if self.kind == "filepicker":
            return f"{len(value)}份" if value else ""
        if self.kind == "checkbox":
            return "是" if value else "否"
        if self.kind == "datetime":
            return _moment(str(value))
        if self.kind == "number":
            return _number(value, self.unit)
        return str(value)

    def _choice(self, value: Any, names: Names) -> str:
        if self.of == "departments":
            return names.departments.get(str(value), str(value))
        if self.of == "accounts":
            return names.accounts.get(int(value), str(value)) if str(value).isdigit() else str(value)
        if self.of == "authorities":
            return names.authorities.get(str(value), str(value))
        return self.choices.get(str(value), str(value))

    @property
    def of(self) -> str:
        """What the source lists, whatever narrows it: `accounts:mediator@unit` lists accounts."""
        return self.source.partition(":")[0]


def read_answers(components: Sequence[Mapping[str, Any]]) -> dict[str, Answer]:
    """The fields of a form-js file by key; groups do not count, a table is one field under its path."""
    found: dict[str, Answer] = {}
    for component in components:
        kind, inside = str(component.get("type", "")), component.get("components", ())
        key = component.get("path") or component.get("key")
        if kind == "dynamiclist" and key:
            found[str(key)] = Answer(kind, columns=read_answers(inside))
        elif inside:
            found |= read_answers(inside)
        elif component.get("key"):
            found[str(component["key"])] = _read_answer(kind, component)
    return found


def _read_answer(kind: str, component: Mapping[str, Any]) -> Answer:
    properties = component.get("properties", {})
    return Answer(
        kind,
        subtype=str(component.get("subtype", "")),
        unit=str(properties.get("unit", "")),
        source=str(properties.get("source", "")),
        personal=bool(properties.get("personal")),
        choices={str(item["value"]): str(item["label"]) for item in component.get("values", ())},
    )


def letter_values(
    answers: Mapping[str, Answer], facts: Mapping[str, Any], names: Names
) -> tuple[dict[str, Any], dict[str, Any]]:
    """`facts` and `labels` of a letter: every field of the case's forms, filled in or not, and every other fact."""
    empty: dict[str, Any] = {key: [] if answer.kind == "dynamiclist" else None for key, answer in answers.items()}
    other = {key: "" if value is None else str(value) for key, value in facts.items() if key not in answers}
    return {**empty, **facts}, {**other, **_all_words(answers, facts, names)}


def account_ids(answers: Mapping[str, Answer], facts: Mapping[str, Any]) -> set[int]:
    """Ids of the people that `facts` name."""
    found: set[int] = set()
    for key, answer in answers.items():
        value = facts.get(key)
        if answer.kind == "dynamiclist":
            found = found.union(*(account_ids(answer.columns, row) for row in value or ()))
        elif answer.of == "accounts":
            chosen: list[Any] = value if isinstance(value, list) else [value]
            found |= {int(item) for item in chosen if str(item).isdigit()}
    return found


def chinese_date(day: date) -> str:
    """2026年3月2日."""
    return f"{day.year}年{day.month}月{day.day}日"


def _all_words(answers: Mapping[str, Answer], values: Mapping[str, Any], names: Names) -> dict[str, Any]:
    return {key: answer.words(values.get(key), names) for key, answer in answers.items()}


def _moment(text: str) -> str:
    try:
        if len(text) == len("2026-03-02"):
            return chinese_date(date.fromisoformat(text))
        at = datetime.fromisoformat(text)
    except ValueError:
        return text  # a time of day, or something the form let through: better seen as it is than not at all
    at = at if at.tzinfo is None else at.astimezone(BEIJING)
    return f"{chinese_date(at.date())} {at.hour}:{at.minute:02}"


def _number(value: Any, unit: str) -> str:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    return f"{number:,.2f}" if unit == MONEY_UNIT else format(number.normalize(), "f")
