"""The types that `instance of` names: simple ones, lists, ranges, contexts, and those that the caller declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeAlias

from forms.feel.temporal_values import Date, Moment, Months, Span, Time
from forms.feel.values import Range, Value


@dataclass(frozen=True, slots=True)
class Simple:
    """number, string, boolean, date, time, date and time, the two durations, context, Any or Null."""

    name: str


@dataclass(frozen=True, slots=True)
class ListKind:
    """`list<item>`."""

    item: Kind


@dataclass(frozen=True, slots=True)
class RangeKind:
    """`range<end>`."""

    end: Kind


@dataclass(frozen=True, slots=True)
class ContextKind:
    """`context<name: kind>`: a context with at least these entries."""

    entries: tuple[tuple[str, Kind], ...]


Kind: TypeAlias = Simple | ListKind | RangeKind | ContextKind

SIMPLE: Final[Mapping[str, Callable[[Value], bool]]] = {
    "Any": lambda value: value is not None,
    "Null": lambda value: value is None,
    "number": lambda value: isinstance(value, Decimal),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "date": lambda value: isinstance(value, Date),
    "time": lambda value: isinstance(value, Time),
    "date and time": lambda value: isinstance(value, Moment),
    "years and months duration": lambda value: isinstance(value, Months),
    "days and time duration": lambda value: isinstance(value, Span),
    "context": lambda value: isinstance(value, dict),
    "list": lambda value: isinstance(value, list),
    "range": lambda value: isinstance(value, Range),
    # No value of ours is a function: built-ins are only called.
    "function": lambda value: False,
}


def conforms(value: Value, kind: Kind) -> bool:
    """Whether a value is of a kind; null is of none but Null."""
    if isinstance(kind, Simple):
        return SIMPLE[kind.name](value)
    if isinstance(kind, ListKind):
        return isinstance(value, list) and all(_fits(item, kind.item) for item in value)
    if isinstance(kind, RangeKind):
        ends = (value.low, value.high) if isinstance(value, Range) else (None,)
        return any(end is not None for end in ends) and all(_fits(end, kind.end) for end in ends)
    return isinstance(value, dict) and all(key in value and _fits(value[key], part) for key, part in kind.entries)


def _fits(value: Value, kind: Kind) -> bool:
    """Inside a list or a context null fits every kind."""
    return value is None or conforms(value, kind)
