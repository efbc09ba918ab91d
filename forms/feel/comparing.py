"""Equality and order: null for what cannot be compared, never a guess."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from forms.feel.day_numbers import DAY, SECOND
from forms.feel.temporal_values import Date, Moment, Months, Span, Time
from forms.feel.values import Range, Value

_DIRECT = frozenset({str, bool, Decimal, type(None), Date, Months, Span})


def equal(left: Value, right: Value) -> bool | None:
    """Whether both are the same; false if just one is null, null if they are of different kinds."""
    kind = type(left)
    if kind is type(right):
        if kind in _DIRECT:
            return left == right
        if isinstance(left, list):
            return _same_lists(left, right)  # type: ignore[arg-type]
        if isinstance(left, dict):
            return _same_contexts(left, right)  # type: ignore[arg-type]
        if isinstance(left, Range):
            return left == right
        sign = order(left, right)
        return None if sign is None else sign == 0
    return False if left is None or right is None else None


def _same_lists(left: list[Any], right: list[Any]) -> bool:
    return len(left) == len(right) and all(equal(a, b) is True for a, b in zip(left, right, strict=True))


def _same_contexts(left: dict[str, Any], right: dict[str, Any]) -> bool:
    return left.keys() == right.keys() and all(equal(part, right[key]) is True for key, part in left.items())


def order(left: Any, right: Any) -> int | None:
    """-1, 0 or 1; null for what has no order: null, truth values, lists, contexts, different kinds."""
    kind = type(left)
    if kind is not type(right):
        return None
    if kind is Decimal or kind is str:
        pass
    elif kind is Date:
        left, right = left.days, right.days
    elif kind is Moment:
        if (left.seconds_east is None) is not (right.seconds_east is None):
            return None
        # The standard compares to the second.
        left, right = left.instant // SECOND, right.instant // SECOND
    elif kind is Time:
        pair = _times(left, right)
        if pair is None:
            return None
        left, right = pair
    elif kind is Months:
        left, right = left.months, right.months
    elif kind is Span:
        left, right = left.nanoseconds, right.nanoseconds
    else:
        return None
    return int(left > right) - int(left < right)


def _times(left: Time, right: Time) -> tuple[int, int] | None:
    """Seconds of the day to compare; null between a local time and one with an offset, and between two zones."""
    if left.zone != right.zone or (left.offset is None) is not (right.offset is None):
        return None
    return tuple(  # type: ignore[return-value]
        (time.nanoseconds - (time.offset or 0) * SECOND) % DAY // SECOND
        if left.offset != right.offset
        else time.nanoseconds // SECOND
        for time in (left, right)
    )


def compares(sign: str, left: Value, right: Value) -> bool | None:
    """`left sign right` for the six signs."""
    if sign == "=":
        return equal(left, right)
    if sign == "!=":
        same = equal(left, right)
        return None if same is None else not same
    ordering = order(left, right)
    if ordering is None:
        return None
    if sign == "<":
        return ordering < 0
    if sign == "<=":
        return ordering <= 0
    return ordering > 0 if sign == ">" else ordering >= 0


def within(value: Value, span: Range) -> bool | None:
    """Whether a value lies in a range; null if it or an end is null or of another kind."""
    if span.sign:
        return compares(span.sign, value, span.high if span.sign[0] == "<" else span.low)
    low = compares("<=" if span.low_closed else "<", span.low, value)
    high = compares("<=" if span.high_closed else "<", value, span.high)
    return both(low, high)


def both(left: bool | None, right: bool | None) -> bool | None:
    """Three-valued `and`."""
    if left is False or right is False:
        return False
    return True if left is True and right is True else None


def contained(value: Value, tested: Value) -> bool | None:
    """How `in` and a cell read one value: equal to it, in the range, or in the list."""
    if isinstance(tested, Range):
        return equal(value, tested) if isinstance(value, Range) else within(value, tested)
    if isinstance(tested, list):
        if isinstance(value, list) and equal(value, tested):
            return True
        results = [
            within(value, item) if isinstance(item, Range) and not isinstance(value, Range) else equal(value, item)
            for item in tested
        ]
        return any(result is True for result in results)
    return equal(value, tested)
