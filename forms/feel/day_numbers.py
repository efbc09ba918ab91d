"""Days, months and offsets as plain numbers, for every year that the standard allows (±999,999,999)."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MAX_YEAR: Final = 999_999_999
SECOND: Final = 1_000_000_000
"""Nanoseconds."""
DAY: Final = 86_400 * SECOND
_CYCLE_DAYS = 146_097
_EPOCH = 719_468
_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def days_in_month(year: int, month: int) -> int:
    """28 to 31, in the Gregorian calendar without a beginning."""
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if leap else _LENGTHS[month - 1]


def ordinal(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01."""
    year -= month <= 2
    cycle, of_cycle = divmod(year, 400)
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return cycle * _CYCLE_DAYS + of_cycle * 365 + of_cycle // 4 - of_cycle // 100 + of_year - _EPOCH


def civil(days: int) -> tuple[int, int, int]:
    """(year, month, day) of a day since 1970-01-01."""
    cycle, of_cycle = divmod(days + _EPOCH, _CYCLE_DAYS)
    year = (of_cycle - of_cycle // 1460 + of_cycle // 36524 - of_cycle // 146096) // 365
    of_year = of_cycle - (365 * year + year // 4 - year // 100)
    place = (5 * of_year + 2) // 153
    month = place + 3 if place < 10 else place - 9
    return year + cycle * 400 + (month <= 2), month, of_year - (153 * place + 2) // 5 + 1


def is_day(year: int, month: int, day: int) -> bool:
    """Whether there is such a day."""
    return abs(year) <= MAX_YEAR and 1 <= month <= 12 and 1 <= day <= days_in_month(year, month)


def shift_months(days: int, months: int) -> int | None:
    """The same day of another month, or its last day; None beyond the years that there are."""
    year, month, day = civil(days)
    year, place = divmod(year * 12 + month - 1 + months, 12)
    return ordinal(year, place + 1, min(day, days_in_month(year, place + 1))) if abs(year) <= MAX_YEAR else None


@lru_cache(maxsize=256)
def zone(name: str) -> ZoneInfo | None:
    """A time zone such as `Asia/Shanghai`, or None."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def zone_offset(name: str, days: int, nanoseconds: int) -> int:
    """Seconds east of Greenwich in a zone at a local moment.

    A year that Python's calendar does not reach is looked up in the same year of the 400-year cycle around 2000.
    """
    info = zone(name)
    year, month, day = civil(days)
    if not 1 < year < 9999:
        year = 2000 + year % 400
    local = datetime(year, month, day, tzinfo=info) + timedelta(seconds=nanoseconds // SECOND)
    offset = local.utcoffset()
    return int(offset.total_seconds()) if offset else 0
