"""A form file as plain data: what the checker, the form builder and the read-only summary all read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Final

from forms.feel.page import PageExpression

DEFAULT_MAX_ROWS: Final = 50
DEFAULT_MAX_FILES: Final = 10
DEFAULT_MAX_SIZE_MB: Final = 20
DEFAULT_MAX_LENGTH: Final = {"textfield": 200, "textarea": 4000}

VALUE_KINDS: Final = frozenset(
    [
        "textfield",
        "textarea",
        "number",
        "datetime",
        "select",
        "radio",
        "checkbox",
        "checklist",
        "taglist",
        "filepicker",
        "dynamiclist",
    ]
)
"""Component types that carry a value, each under its own key."""

CHOICE_KINDS: Final = frozenset({"select", "radio", "checklist", "taglist"})
MULTIPLE_KINDS: Final = frozenset({"checklist", "taglist"})

PERSONAL: Final = ("name", "phone", "id_card", "address", "text")
"""Kinds of personal data; each is masked in its own way."""

OPINION: Final = ("true", "kept", "false")
"""What a form says of a field that looks like an opinion or a decision. `true`: it is one, opens empty for everybody
who is asked, and never becomes a fact of the case. `kept`: the same, but a letter or a later step reads what was given
last, so it becomes a fact. `false`: somebody has looked, and it is none."""

_UNMARKED_OPINIONS: Final = frozenset({"comment"})
"""What forms of before they marked their opinions call one."""

FORMATS: Final = ("phone", "id_card", "credit_code", "email", "platform_number")


class FormError(ValueError):
    """A form file that cannot be used; the text is a Chinese sentence naming the file and the component."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a select, radio, checklist or taglist."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Field:
    """One component of a form file.

    `kind` is form-js's component type. A static text and a group have an empty `key`; `fields` are the members of a
    group or the columns of a dynamiclist. Components with the same `row` stand side by side, each `columns` of 16 wide.
    `hidden_if`, `required_if` and `computed` are FEEL over the form's keys. `personal` is one of PERSONAL: the facts of
    a case hold only a masked text of such an answer. `opinion` is one of OPINION, or empty where nothing suggests one.
    """

    kind: str
    key: str = ""
    label: str = ""
    help: str = ""
    subtype: str = ""
    default: object = None
    default_now: bool = False
    """datetime: what was never answered starts with the present moment, to the minute."""
    row: str = ""
    columns: int | None = None
    unit: str = ""
    format: str = ""
    personal: str = ""
    opinion: str = ""
    choices: tuple[Choice, ...] = ()
    source: str = ""
    required: bool = False
    required_if: PageExpression | None = None
    hidden_if: PageExpression | None = None
    readonly: bool = False
    computed: PageExpression | None = None
    min_length: int | None = None
    max_length: int | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    decimal_digits: int | None = None
    as_text: bool = False
    pattern: str = ""
    pattern_message: str = ""
    requires: str = ""
    date_rules: tuple[str, ...] = ()
    multiple: bool = False
    min_choices: int = 0
    """checklist and taglist: how many must be chosen where any is (two officers, several sections)."""
    accept: tuple[str, ...] = ()
    max_size_mb: int = DEFAULT_MAX_SIZE_MB
    max_files: int = DEFAULT_MAX_FILES
    min_rows: int = 0
    max_rows: int = DEFAULT_MAX_ROWS
    table_total: tuple[str, ...] = ()
    text: str = ""
    fields: tuple[Field, ...] = ()

    @property
    def has_value(self) -> bool:
        """Whether this component carries an answer of its own."""
        return self.kind in VALUE_KINDS

    @property
    def is_opinion(self) -> bool:
        """Whether it is what one person says for themselves, kept as a fact or not."""
        return self.opinion in ("true", "kept")

    def labels(self) -> Mapping[str, str]:
        """Value -> label of the choices that the form file itself lists."""
        return {choice.value: choice.label for choice in self.choices}

    def by_key(self) -> Mapping[str, Field]:
        """Key -> component for every answer inside this one: the columns of a dynamiclist."""
        return by_key(self.fields)

    def expressions(self) -> Iterator[tuple[str, PageExpression]]:
        """(Chinese name of the setting, expression) of this component alone."""
        for name, expression in (
            ("隐藏条件", self.hidden_if),
            ("必填条件", self.required_if),
            ("计算式", self.computed),
        ):
            if expression is not None:
                yield name, expression


@dataclass(frozen=True)
class FormFile:
    """One `*.form` file: `key` (its id and file name), `name` for people, components in reading order.

    Not with slots: what every submission asks is worked out once.
    """

    key: str
    name: str
    fields: tuple[Field, ...]
    personal: tuple[tuple[str, str], ...] = ()
    """(key, kind) of each personal answer."""

    @cached_property
    def _answers(self) -> Mapping[str, Field]:
        return by_key(self.fields)

    @cached_property
    def _opens_empty(self) -> frozenset[str]:
        marked = {key for key, field in self._answers.items() if field.is_opinion}
        shown = {key for key, field in self._answers.items() if field.readonly}
        return frozenset(marked | _UNMARKED_OPINIONS) - shown

    @cached_property
    def _facts(self) -> frozenset[str]:
        return frozenset(key for key, field in self._answers.items() if field.opinion != "true")

    @cached_property
    def _sources(self) -> frozenset[str]:
        every = [*self._answers.values()]
        every += [column for table in every for column in flatten(table.fields)]
        return frozenset(field.source for field in every if field.source)

    def answers(self) -> Mapping[str, Field]:
        """Key -> component for every component that carries a value; columns of tables are not among them."""
        return self._answers

    def keys(self) -> frozenset[str]:
        """The keys that `values()` of this form can hold: the facts that this form can set."""
        return frozenset(self._answers)

    def begun(self, facts: Mapping[str, object], outcome: str = "") -> dict[str, object]:
        """What stands in the form before anybody types: the `facts`, without what people say for themselves.

        `outcome`: the key of the task's decision. An opinion of an earlier round stays in the history.
        """
        empty = self._opens_empty
        return {key: value for key, value in facts.items() if key not in empty and key != outcome}

    def facts(self) -> frozenset[str]:
        """Keys of the answers that may become facts of a case: all but opinions that nobody reads again."""
        return self._facts

    def sources(self) -> frozenset[str]:
        """Names of the run-time choice lists that the form needs, e.g. `departments`, `accounts:centre_head`."""
        return self._sources


def by_key(fields: tuple[Field, ...]) -> Mapping[str, Field]:
    """Key -> component for every component that carries a value, groups opened."""
    return {field.key: field for field in flatten(fields) if field.has_value}


def flatten(fields: tuple[Field, ...]) -> Iterator[Field]:
    """Every component with groups opened, in reading order; the columns of a dynamiclist stay inside it."""
    for field in fields:
        yield field
        if field.kind == "group":
            yield from flatten(field.fields)
