"""The values of FEEL and how those of Python become them and go back.

Numbers are Decimal, lists list, contexts dict; texts, truth values and null are Python's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, TypeAlias

from forms.feel.bounds import DIGITS, MAX_NESTING, MAX_TOTAL
from forms.feel.day_numbers import SECOND
from forms.feel.errors import FeelError
from forms.feel.temporal_values import Date, Moment, Months, Span, Time

_EPOCH: Final = date(1970, 1, 1).toordinal()
_MICROSECOND: Final = 1_000
SHORT: Final = 10**15
"""Whole numbers below need no rounding, and are quickly told from others."""


@dataclass(frozen=True, slots=True)
class Range:
    """`[low..high]`, `(low..high)`; with a `sign` everything that compares so with its one end."""

    low: Value
    low_closed: bool
    high: Value
    high_closed: bool
    sign: str = ""


# Any stands for what lists and contexts hold: a recursive alias would make every line of arithmetic a cast.
Temporal: TypeAlias = Date | Time | Moment | Months | Span
Value: TypeAlias = bool | str | Decimal | Temporal | Range | list[Any] | dict[str, Any] | None

PLAIN: Final = frozenset({str, bool, type(None), Decimal, Date, Time, Moment, Months, Span, Range})
"""Types that are FEEL's already and hold nothing else."""


def from_python(value: object) -> Value:
    """A value of Python as FEEL's.

    Raises: FeelError, for a kind that FEEL does not have, or more than `MAX_TOTAL` items or `MAX_NESTING` levels.
    """
    return _from_python(value, [MAX_TOTAL], MAX_NESTING)


def element(value: object) -> Value:
    """`from_python` for one part of a variable, quick for what is FEEL's already."""
    kind = type(value)
    if kind in PLAIN:
        return value  # type: ignore[return-value]
    return Decimal(value) if kind is int and -SHORT < value < SHORT else from_python(value)  # type: ignore


def _from_python(value: object, left: list[int], depth: int) -> Value:
    if type(value) in PLAIN:
        return value  # type: ignore[return-value]
    if type(value) is int and -SHORT < value < SHORT:
        return Decimal(value)
    if isinstance(value, (int, float)):
        number = DIGITS.plus(Decimal(value) if isinstance(value, int) else Decimal(repr(value)))
        return number if number.is_finite() else None
    left[0] -= len(value) if isinstance(value, (list, tuple, Mapping)) else 1
    if left[0] < 0 or depth < 0:
        raise FeelError(f"变量里的内容超过 {MAX_TOTAL} 项或 {MAX_NESTING} 层，不能在表达式里用。")
    if isinstance(value, (list, tuple)):
        return [_from_python(item, left, depth - 1) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _from_python(item, left, depth - 1) for key, item in value.items()}
    return _temporal(value)


def _temporal(value: object) -> Value:
    if isinstance(value, datetime):
        offset = value.utcoffset()
        seconds = None if offset is None else int(offset.total_seconds())
        return Moment(value.toordinal() - _EPOCH, _nanoseconds(value.time()), seconds)
    if isinstance(value, date):
        return Date(value.toordinal() - _EPOCH)
    if isinstance(value, time):
        offset = value.utcoffset()
        return Time(_nanoseconds(value), None if offset is None else int(offset.total_seconds()))
    if isinstance(value, timedelta):
        return Span((value.days * 86_400 + value.seconds) * SECOND + value.microseconds * _MICROSECOND)
    if isinstance(value, (str, Decimal)):
        return str(value) if isinstance(value, str) else DIGITS.plus(value)
    raise FeelError(f"{type(value).__name__} 类型的值不能在表达式里用。")


def _nanoseconds(value: time) -> int:
    return ((value.hour * 60 + value.minute) * 60 + value.second) * SECOND + value.microsecond * _MICROSECOND


def to_plain(value: Value) -> object:
    """The value as JSON can hold it: whole numbers int, others float, dates and durations as their ISO text."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, list):
        return [to_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: to_plain(item) for key, item in value.items()}
    if isinstance(value, Range):
        raise FeelError("范围不能作为结果，请写成判断，例如 x in [1..5]。", "..")
    return value if value is None or isinstance(value, (bool, str)) else str(value)


def midnight(day: Date) -> Moment:
    """The beginning of a day in UTC: how the standard takes a date where it wants a moment."""
    return Moment(day.days, 0, 0)
