"""Reads dates, times, moments and durations from their text; what is not one is None."""

from __future__ import annotations

import re
from typing import Final

from forms.feel.day_numbers import DAY, SECOND, is_day, ordinal, zone
from forms.feel.temporal_values import Date, Moment, Months, Span, Time
from forms.feel.values import Temporal

_MAX_OFFSET: Final = 18 * 3600
_DATE = re.compile(r"(-?(?:[1-9]\d{4,8}|\d{4}))-(\d\d)-(\d\d)", re.ASCII)
_TIME = re.compile(
    r"(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?(?:([zZ])|([+-])(\d\d):(\d\d)(?::(\d\d))?|@([A-Za-z][\w+\-/]*))?", re.ASCII
)
_NUMBER = r"(?:(\d{1,12})"
_MONTHS = re.compile(rf"(-?)P{_NUMBER}Y)?{_NUMBER}M)?", re.ASCII)
_SPAN = re.compile(rf"(-?)P{_NUMBER}D)?(?:T{_NUMBER}H)?{_NUMBER}M)?(?:(\d{{1,12}})(?:\.(\d{{0,9}})\d*)?S)?)?", re.ASCII)
_LONGEST: Final = 80


def read_date(text: str) -> Date | None:
    """`2026-03-02`; a year has four digits, or more without a leading zero."""
    match = _DATE.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        return None
    year, month, day = (int(part) for part in match.groups())
    return Date(ordinal(year, month, day)) if is_day(year, month, day) else None


def read_time(text: str) -> Time | None:
    """`09:30:00`, with `Z`, an offset or `@zone` behind it; `24:00:00` is midnight."""
    parts = _clock(text)
    return None if parts is None else Time(parts[0] % DAY, parts[1], parts[2])


def read_moment(text: str) -> Moment | None:
    """A date, or a date and a time with a `T` between."""
    day, separator, clock = text.partition("T")
    date = read_date(day)
    if date is None:
        return None
    if not separator:
        return Moment(date.days, 0)
    parts = _clock(clock)
    return None if parts is None else Moment(date.days, 0, parts[1], parts[2]).shifted(parts[0])


def _clock(text: str) -> tuple[int, int | None, str] | None:
    match = _TIME.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        return None
    hour, minute, second = (int(part) for part in match.groups()[:3])
    nanoseconds = (hour * 3600 + minute * 60 + second) * SECOND + int((match[4] or "0").ljust(9, "0"))
    if minute > 59 or second > 59 or nanoseconds > DAY:
        return None
    if match[10]:
        return (nanoseconds, None, match[10]) if zone(match[10]) else None
    if not match[6]:
        return nanoseconds, (0 if match[5] else None), ""
    offset = int(match[7]) * 3600 + int(match[8]) * 60 + int(match[9] or 0)
    if offset > _MAX_OFFSET or int(match[8]) > 59 or int(match[9] or 0) > 59:
        return None
    return nanoseconds, -offset if match[6] == "-" else offset, ""


def read_duration(text: str) -> Months | Span | None:
    """`P1Y2M` or `P1DT2H3M4.5S`, with a minus before the P."""
    if len(text) > _LONGEST or not text or text[-1] in "PT":
        return None
    match = _MONTHS.fullmatch(text)
    if match:
        months = int(match[2] or 0) * 12 + int(match[3] or 0)
        return Months(-months if match[1] else months)
    match = _SPAN.fullmatch(text)
    if match is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:5])
    total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    nanoseconds = total * SECOND + int((match[6] or "").ljust(9, "0"))
    return Span(-nanoseconds if match[1] else nanoseconds)


def read_temporal(text: str) -> Temporal | None:
    """What `@"…"` means."""
    return read_date(text) or read_time(text) or (read_moment(text) if "T" in text else None) or read_duration(text)
