"""Built-ins that ask how points and ranges lie to each other. A range is one with two ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from forms.feel.comparing import both, order, within
from forms.feel.functions.registry import Theme
from forms.feel.values import Range, Value

INTERVALS = Theme()
Relation = Callable[[Range, Range], bool | None]


def _declare(name: str, first: str, second: str, run: Callable[[Any, Any], Value]) -> None:
    INTERVALS.function(name, first, second)(run)


def _as_range(value: Any) -> Range | None:
    """A point is a closed range of one value; null and half-open ranges by sign have no place."""
    if isinstance(value, Range):
        return None if value.sign or value.low is None or value.high is None else value
    return None if value is None or isinstance(value, (list, dict)) else Range(value, True, value, True)


def _related(relation: Relation, *, points: bool = True) -> Callable[[Any, Any], Value]:
    def run(left: Any, right: Any) -> Value:
        first, second = _as_range(left), _as_range(right)
        if first is None or second is None or (not points and not (left is first and right is second)):
            return None
        return relation(first, second)

    return run


def _before(left: Range, right: Range) -> bool | None:
    sign = order(left.high, right.low)
    return None if sign is None else sign < 0 or (sign == 0 and not (left.high_closed and right.low_closed))


def _after(left: Range, right: Range) -> bool | None:
    return _before(right, left)


def _meets(left: Range, right: Range) -> bool | None:
    sign = order(left.high, right.low)
    return None if sign is None else sign == 0 and left.high_closed and right.low_closed


def _starts(left: Range, right: Range) -> bool | None:
    sign = order(left.low, right.low)
    return None if sign is None else both(sign == 0 and left.low_closed is right.low_closed, _not_beyond(left, right))


def _finishes(left: Range, right: Range) -> bool | None:
    sign = order(left.high, right.high)
    if sign is None:
        return None
    return both(sign == 0 and left.high_closed is right.high_closed, _not_before(left, right))


def _not_beyond(left: Range, right: Range) -> bool | None:
    """Whether the first ends no later."""
    sign = order(left.high, right.high)
    return None if sign is None else sign < 0 or (sign == 0 and (right.high_closed or not left.high_closed))


def _not_before(left: Range, right: Range) -> bool | None:
    """Whether the first begins no earlier."""
    sign = order(left.low, right.low)
    return None if sign is None else sign > 0 or (sign == 0 and (right.low_closed or not left.low_closed))


def _during(left: Range, right: Range) -> bool | None:
    return both(_not_before(left, right), _not_beyond(left, right))


def _coincides(left: Range, right: Range) -> bool | None:
    return both(_during(left, right), _during(right, left))


def _overlaps(left: Range, right: Range) -> bool | None:
    return both(_negated(_before(left, right)), _negated(_before(right, left)))


def _overlaps_before(left: Range, right: Range) -> bool | None:
    earlier = both(_not_before(right, left), _not_beyond(left, right))
    return both(earlier, both(_overlaps(left, right), _negated(_begins_with(left, right))))


def _overlaps_after(left: Range, right: Range) -> bool | None:
    later = both(_not_before(left, right), _not_beyond(right, left))
    return both(later, both(_overlaps(left, right), _negated(_begins_with(left, right))))


def _begins_with(left: Range, right: Range) -> bool | None:
    return both(_not_before(left, right), _not_before(right, left))


def _negated(value: bool | None) -> bool | None:
    return None if value is None else not value


def _swapped(relation: Relation) -> Relation:
    return lambda left, right: relation(right, left)


def _point_in(run: Callable[[Any, Any], Value]) -> Callable[[Any, Any], Value]:
    def asked(point: Any, span: Any) -> Value:
        if isinstance(span, Range) and not isinstance(point, Range):
            return within(point, span)
        return run(point, span)

    return asked


_declare("before", "point1", "point2", _related(_before))
_declare("after", "point1", "point2", _related(_after))
_declare("meets", "range1", "range2", _related(_meets, points=False))
_declare("met by", "range1", "range2", _related(_swapped(_meets), points=False))
_declare("overlaps", "range1", "range2", _related(_overlaps, points=False))
_declare("overlaps before", "range1", "range2", _related(_overlaps_before, points=False))
_declare("overlaps after", "range1", "range2", _related(_overlaps_after, points=False))
_declare("finishes", "point", "range", _related(_finishes))
_declare("finished by", "range", "point", _related(_swapped(_finishes)))
_declare("includes", "range", "point", _related(_swapped(_during)))
_declare("during", "point", "range", _point_in(_related(_during)))
_declare("starts", "point", "range", _related(_starts))
_declare("started by", "range", "point", _related(_swapped(_starts)))
_declare("coincides", "point1", "point2", _related(_coincides))
