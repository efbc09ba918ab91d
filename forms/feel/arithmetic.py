"""+ - * / ** and minus, over numbers, texts, dates and durations; null for everything else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from forms.feel.bounds import DIGITS, bounded_text
from forms.feel.day_numbers import DAY, MAX_YEAR, SECOND, ordinal, shift_months
from forms.feel.temporal_values import Date, Moment, Months, Span, Time
from forms.feel.values import Value, midnight

_LAST_DAY: Final = ordinal(MAX_YEAR, 12, 31)
_MAX_MONTHS: Final = 12 * MAX_YEAR
_MAX_SPAN: Final = 2 * _LAST_DAY * DAY


def finite(number: Decimal) -> Decimal | None:
    """The number, or null for what is none (a division by zero, an overflow)."""
    return number if number.is_finite() else None


def add(left: Any, right: Any) -> Value:
    """Numbers, two texts, two durations of one kind, a date or time and a duration."""
    kind = type(left)
    if kind is type(right):
        if kind is Decimal:
            return finite(DIGITS.add(left, right))
        if kind is str:
            return bounded_text(left + right)
        if kind is Months:
            return _months(left.months + right.months)
        return _span(left.nanoseconds + right.nanoseconds) if kind is Span else None
    if isinstance(left, (Months, Span)):
        left, right = right, left
    return _moved(left, right, 1)


def subtract(left: Any, right: Any) -> Value:
    """Numbers, two durations of one kind, a date or time and a duration, two dates or times."""
    kind = type(left)
    if kind is type(right):
        if kind is Decimal:
            return finite(DIGITS.subtract(left, right))
        if kind is Months:
            return _months(left.months - right.months)
        if kind is Span:
            return _span(left.nanoseconds - right.nanoseconds)
    between = _between(left, right)
    return between if between is not None else _moved(left, right, -1)


def _moved(point: Any, duration: Any, direction: int) -> Value:
    if isinstance(duration, Months) and isinstance(point, (Date, Moment)):
        days = shift_months(point.days, direction * duration.months)
        if days is None:
            return None
        return Date(days) if isinstance(point, Date) else Moment(days, point.nanoseconds, point.offset, point.zone)
    if not isinstance(duration, Span):
        return None
    nanoseconds = direction * duration.nanoseconds
    if isinstance(point, Time):
        return Time((point.nanoseconds + nanoseconds) % DAY, point.offset, point.zone)
    if isinstance(point, Date):
        days = point.days + nanoseconds // DAY
        return Date(days) if abs(days) <= _LAST_DAY else None
    if isinstance(point, Moment):
        moment = point.shifted(nanoseconds)
        return moment if abs(moment.days) <= _LAST_DAY else None
    return None


def _between(left: Any, right: Any) -> Span | None:
    if isinstance(left, Time) and isinstance(right, Time):
        if left.zone != right.zone or (left.offset is None) is not (right.offset is None):
            return None
        east = (left.offset or 0) - (right.offset or 0)
        return Span(left.nanoseconds - right.nanoseconds - east * SECOND)
    if not (isinstance(left, (Date, Moment)) and isinstance(right, (Date, Moment))):
        return None
    left, right = (midnight(point) if isinstance(point, Date) else point for point in (left, right))
    if (left.seconds_east is None) is not (right.seconds_east is None):
        return None
    return Span(left.instant - right.instant)


def multiply(left: Any, right: Any) -> Value:
    """Numbers, or a duration and a number."""
    if isinstance(left, Decimal):
        if isinstance(right, Decimal):
            return finite(DIGITS.multiply(left, right))
        left, right = right, left
    return _scaled(left, right, DIGITS.multiply) if isinstance(right, Decimal) else None


def divide(left: Any, right: Any) -> Value:
    """Numbers, a duration by a number, or two durations of one kind; null by zero."""
    if isinstance(right, Decimal):
        if isinstance(left, Decimal):
            return finite(DIGITS.divide(left, right))
        return _scaled(left, right, DIGITS.divide)
    if isinstance(left, Months) and isinstance(right, Months):
        return finite(DIGITS.divide(Decimal(left.months), Decimal(right.months)))
    if isinstance(left, Span) and isinstance(right, Span):
        return finite(DIGITS.divide(Decimal(left.nanoseconds), Decimal(right.nanoseconds)))
    return None


def _scaled(duration: Any, factor: Decimal, operation: Callable[[Decimal, Decimal], Decimal]) -> Value:
    if not isinstance(duration, (Months, Span)):
        return None
    amount = duration.months if isinstance(duration, Months) else duration.nanoseconds
    scaled = finite(operation(Decimal(amount), factor))
    if scaled is None or abs(scaled) > _MAX_SPAN:
        return None
    return _months(int(scaled)) if isinstance(duration, Months) else _span(int(scaled))


def power(left: Any, right: Any) -> Value:
    """Numbers only."""
    if not (isinstance(left, Decimal) and isinstance(right, Decimal)):
        return None
    return finite(DIGITS.power(left, right))


def negate(value: Any) -> Value:
    """A number or a duration."""
    if isinstance(value, Decimal):
        return DIGITS.minus(value)
    if isinstance(value, Months):
        return Months(-value.months)
    return Span(-value.nanoseconds) if isinstance(value, Span) else None


def _months(months: int) -> Months | None:
    return Months(months) if abs(months) <= _MAX_MONTHS else None


def _span(nanoseconds: int) -> Span | None:
    return Span(nanoseconds) if abs(nanoseconds) <= _MAX_SPAN else None


OPERATIONS: Final[Mapping[str, Callable[[Any, Any], Value]]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "**": power,
}
OF_NUMBERS: Final[Mapping[str, Callable[[Decimal, Decimal], Decimal]]] = {
    "+": DIGITS.add,
    "-": DIGITS.subtract,
    "*": DIGITS.multiply,
    "/": DIGITS.divide,
    "**": DIGITS.power,
}
"""The same for two numbers; what is not finite is null."""
