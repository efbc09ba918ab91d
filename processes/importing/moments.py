"""Days and moments as Chinese exports write them, for the inputs of a form."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from forms.parse import narrow, parse_date, parse_datetime

_EXCEL_DAY_ZERO: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - a wall clock without a zone, as Excel has it
_DAYS_TO_1904: Final = 1462
_SERIAL: Final = re.compile(r"[0-9]{5}(?:\.[0-9]{1,15})?")
_FIRST_SERIAL, _LAST_SERIAL = 36526, 73050
"""2000-01-01 and 2099-12-31: what is outside is some other number."""
_COMPACT: Final = re.compile(r"([0-9]{8})\s*([0-9]{2}):?([0-9]{2})(?::?([0-9]{2}))?")
_HALF_DAY: Final = re.compile(
    r"(上午|下午|晚上|中午|AM|PM)\s*([0-9]{1,2})(?=[:时点])|(?<=[0-9 ])(AM|PM)$", re.IGNORECASE
)
_LATER: Final = frozenset({"下午", "晚上", "PM"})


def iso_day(text: str, *, from_1904: bool = False) -> str:
    """A day as `2026-03-02`; a time of day that follows is left out.

    Takes 2026-03-02, 2026/3/2, 2026.3.2, 2026年3月2日, 20260302, each with or without a time, and Excel's serial days.
    Raises: ValueError.
    """
    return iso_moment(text, from_1904=from_1904)[:10]


def iso_moment(text: str, *, from_1904: bool = False) -> str:
    """A moment on Beijing clocks as `2026-03-02T09:30:00`; a day alone is its beginning.

    A limit that counts from a day begins on the next one, so a missing time of day moves no due date. `from_1904`: a
    serial day is counted as workbooks of old Macs have it.
    Raises: ValueError.
    """
    plain = _date_only_unless_time(narrow(text))
    if _SERIAL.fullmatch(plain):
        return _from_serial(float(plain) + (_DAYS_TO_1904 if from_1904 else 0)).isoformat()
    try:
        return datetime.combine(parse_date(plain), datetime.min.time()).isoformat()
    except ValueError:
        pass
    if compact := _COMPACT.fullmatch(plain):
        clock = ":".join(part for part in compact.groups()[1:] if part)
        plain = f"{compact[1]} {clock}"
    later, plain = _half_day(plain)
    moment = parse_datetime(plain).replace(tzinfo=None)
    if later and moment.hour < 12:
        moment += timedelta(hours=12)
    return moment.isoformat()


def _date_only_unless_time(text: str) -> str:
    """Without the weekday that some exports put between day and time: 2026年3月2日 星期一 9:30."""
    return re.sub(r"\s*[(]?(?:星期|周)[一二三四五六日天][)]?\s*", " ", text).strip()


def _half_day(text: str) -> tuple[bool, str]:
    """Whether the hour is one of the second half of the day, and the text without the word that says so."""
    match = _HALF_DAY.search(text)
    if match is None:
        return False, text
    word = (match[1] or match[3]).upper()
    rest = _HALF_DAY.sub(lambda half_day: half_day[2] or "", text, count=1).strip()
    return word in _LATER or (word == "中午" and match[2] in {"1", "01"}), re.sub(r"(?<=日)(?=[0-9])", " ", rest)


def _from_serial(number: float) -> datetime:
    """Excel's day number; its fraction is the time of day, rounded to the second as Excel shows it."""
    if not _FIRST_SERIAL <= number < _LAST_SERIAL + 1:
        raise ValueError(number)
    return _EXCEL_DAY_ZERO + timedelta(seconds=round(number * 86400))
