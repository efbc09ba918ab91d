"""Built-ins that make dates, times and durations or ask about them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from forms.feel.bounds import DIGITS
from forms.feel.day_numbers import SECOND, civil, is_day, ordinal
from forms.feel.functions.registry import Builtin, Theme, late
from forms.feel.temporal_text import read_date, read_duration, read_moment, read_time
from forms.feel.temporal_values import Date, Moment, Months, Span, Time
from forms.feel.values import Value

TEMPORAL = Theme(scalars=True)
NOW: Final[dict[str, Builtin]] = {"now": late("now"), "today": late("today")}
"""Not among the standard's table here: the place of use gives the time, and where it has none they are refused."""
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# fmt: off
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)
# fmt: on
_MAX_OFFSET: Final = 18 * 3600


@TEMPORAL.function("date", "from")
def date_from(value: Any) -> Value:
    """Of a text, a moment or a date."""
    if isinstance(value, str):
        return read_date(value)
    if isinstance(value, Moment):
        return value.date
    return value if isinstance(value, Date) else None


@TEMPORAL.function("date", "year", "month", "day")
def date_of(*parts: Any) -> Value:
    """Of three numbers."""
    numbers = [_whole(part) for part in parts]
    if None in numbers:
        return None
    year, month, day = (int(number or 0) for number in numbers)
    return Date(ordinal(year, month, day)) if is_day(year, month, day) else None


@TEMPORAL.function("time", "from")
def time_from(value: Any) -> Value:
    """Of a text, a moment, a date (its beginning in UTC) or a time."""
    if isinstance(value, str):
        return read_time(value)
    if isinstance(value, Moment):
        return Time(value.nanoseconds, value.offset, value.zone)
    if isinstance(value, Date):
        return Time(0, 0)
    return value if isinstance(value, Time) else None


@TEMPORAL.function("time", "hour", "minute", "second", "offset?")
def time_of(hour: Any, minute: Any, second: Any, offset: Any = None) -> Value:
    """Of numbers; the seconds may have a fraction."""
    hours, minutes = _whole(hour), _whole(minute)
    if hours is None or minutes is None or not isinstance(second, Decimal) or not 0 <= second < 60:
        return None
    east = offset.nanoseconds // SECOND if isinstance(offset, Span) else None
    if not (0 <= hours < 24 and 0 <= minutes < 60) or (offset is not None and east is None):
        return None
    if east is not None and abs(east) > _MAX_OFFSET:
        return None
    return Time((hours * 60 + minutes) * 60 * SECOND + int(DIGITS.multiply(second, Decimal(SECOND))), east)


@TEMPORAL.function("date and time", "from")
def moment_from(value: Any) -> Value:
    """Of a text, or of a date (its beginning in UTC)."""
    if isinstance(value, str):
        return read_moment(value)
    if isinstance(value, Date):
        return Moment(value.days, 0, 0)
    return value if isinstance(value, Moment) else None


@TEMPORAL.function("date and time", "date", "time")
def moment_of(day: Any, time: Any) -> Value:
    """Of a date (or the day of a moment) and a time."""
    if not isinstance(day, (Date, Moment)) or not isinstance(time, Time):
        return None
    return Moment(day.days, time.nanoseconds, time.offset, time.zone)


@TEMPORAL.function("duration", "from")
def duration(value: Any) -> Value:
    """Of a text such as `P3D` or `P1Y2M`."""
    if isinstance(value, str):
        return read_duration(value)
    return value if isinstance(value, (Months, Span)) else None


@TEMPORAL.function("years and months duration", "from", "to")
def months_between(start: Any, end: Any) -> Value:
    """Whole months between two days."""
    if not isinstance(start, (Date, Moment)) or not isinstance(end, (Date, Moment)):
        return None
    (year, month, day), (last_year, last_month, last_day) = civil(start.days), civil(end.days)
    months = (last_year - year) * 12 + last_month - month
    if months > 0 and last_day < day:
        months -= 1
    elif months < 0 and last_day > day:
        months += 1
    return Months(months)


@TEMPORAL.function("day of year", "date")
def day_of_year(day: Any) -> Value:
    """1 to 366."""
    return Decimal(_of_year(day.days)) if isinstance(day, (Date, Moment)) else None


@TEMPORAL.function("day of week", "date")
def day_of_week(day: Any) -> Value:
    """`Monday` to `Sunday`, as the standard names them."""
    return _DAYS[(day.days + 3) % 7] if isinstance(day, (Date, Moment)) else None


@TEMPORAL.function("month of year", "date")
def month_of_year(day: Any) -> Value:
    """`January` to `December`."""
    return _MONTHS[civil(day.days)[1] - 1] if isinstance(day, (Date, Moment)) else None


@TEMPORAL.function("week of year", "date")
def week_of_year(day: Any) -> Value:
    """The week of ISO 8601, 1 to 53."""
    if not isinstance(day, (Date, Moment)):
        return None
    thursday = day.days - (day.days + 3) % 7 + 3
    return Decimal((_of_year(thursday) - 1) // 7 + 1)


def _of_year(days: int) -> int:
    return days - ordinal(civil(days)[0], 1, 1) + 1


def _whole(value: Any) -> int | None:
    small = isinstance(value, Decimal) and abs(value) < 10**10 and value == value.to_integral_value()
    return int(value) if small else None
