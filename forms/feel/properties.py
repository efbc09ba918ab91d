"""`value.name`: entries of contexts and the properties of dates, times, durations and ranges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from forms.feel.day_numbers import SECOND, civil
from forms.feel.temporal_values import Date, Moment, Months, Span, Time
from forms.feel.values import Range, Value

Property = Callable[[Any], Value]

_DATE: Final[Mapping[str, Property]] = {
    "year": lambda value: Decimal(civil(value.days)[0]),
    "month": lambda value: Decimal(civil(value.days)[1]),
    "day": lambda value: Decimal(civil(value.days)[2]),
    "weekday": lambda value: Decimal((value.days + 3) % 7 + 1),
}
_CLOCK: Final[Mapping[str, Property]] = {
    "hour": lambda value: Decimal(value.nanoseconds // SECOND // 3600),
    "minute": lambda value: Decimal(value.nanoseconds // SECOND // 60 % 60),
    "second": lambda value: Decimal(value.nanoseconds // SECOND % 60),
    "timezone": lambda value: value.zone or None,
}


def _offset(value: Time | Moment) -> Span | None:
    seconds = value.seconds_east if isinstance(value, Moment) else value.offset
    return None if seconds is None else Span(seconds * SECOND)


def _years(value: Months) -> Decimal:
    return Decimal(int(value.months / 12))


def _signed(part: int) -> Property:
    return lambda value: Decimal(value.parts()[part] * (-1 if value.nanoseconds < 0 else 1))


PROPERTIES: Final[Mapping[type, Mapping[str, Property]]] = {
    Date: _DATE,
    Moment: {**_DATE, **_CLOCK, "time offset": _offset},
    Time: {**_CLOCK, "time offset": _offset},
    Months: {"years": _years, "months": lambda value: value.months - _years(value) * 12},
    Span: {"days": _signed(0), "hours": _signed(1), "minutes": _signed(2), "seconds": _signed(3)},
    Range: {
        "start": lambda value: value.low,
        "end": lambda value: value.high,
        "start included": lambda value: value.low_closed,
        "end included": lambda value: value.high_closed,
    },
}
NAMES: Final = frozenset(name for known in PROPERTIES.values() for name in known)


def entry(value: Value, name: str) -> Value:
    """`value.name`; of a list, that of each item; null where there is none."""
    if isinstance(value, dict):
        return value.get(name)
    if isinstance(value, list):
        return [entry(item, name) if not isinstance(item, list) else None for item in value]
    getter = PROPERTIES.get(type(value), {}).get(name)
    return None if getter is None else getter(value)
