"""What people type, made plain: trimmed text, numbers and dates in the usual Chinese forms.

Full-width digits, letters and signs are taken as their narrow twins (Unicode NFKC) where a value is a number, a date
or a code; names and free text keep their punctuation.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time
from decimal import Decimal
from typing import Final

from forms.beijing import BEIJING

_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2060\ufeff\ufffe\uffff\ud800-\udfff]")
_LONGEST_SHORT: Final = 60
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,10})?")
_DATE: Final = re.compile(
    r"([0-9]{4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})\s*日?|([0-9]{4})([0-9]{2})([0-9]{2})"
)
_TIME: Final = re.compile(r"([0-9]{1,2})\s*[:时点]\s*(?:([0-9]{1,2})\s*(?:[:分]\s*(?:([0-9]{1,2})(?:\.0+)?\s*秒?)?)?)?")


def clean_text(text: str) -> str:
    """Free text: line ends as \\n, invisible control characters removed, blanks at both ends trimmed."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def clean_line(text: str) -> str:
    """One line of text: as `clean_text`, with line ends and tabs turned into blanks."""
    return re.sub(r"[\n\t\u2028\u2029]+", " ", clean_text(text)).strip()


def narrow(text: str) -> str:
    """Full-width forms as narrow ones, for codes, numbers and dates."""
    return unicodedata.normalize("NFKC", clean_line(text)).strip()


def parse_number(text: str) -> Decimal:
    """A number such as `3`, `-2.5`, `1,234.50` or `１２`.

    Raises: ValueError if it is not one (also for `1e5`, `nan` and more than 15 digits before the point).
    """
    plain = narrow(text[:_LONGEST_SHORT]).replace(",", "").replace(" ", "")
    if len(text) > _LONGEST_SHORT or not _NUMBER.fullmatch(plain):
        raise ValueError(text[:_LONGEST_SHORT])
    return Decimal(plain)


def parse_date(text: str) -> date:
    """A day: 2026-03-02, 2026-3-2, 2026/3/2, 2026.3.2, 2026年3月2日, 20260302.

    Raises: ValueError.
    """
    match = None if len(text) > _LONGEST_SHORT else _DATE.fullmatch(narrow(text))
    if match is None:
        raise ValueError(text[:_LONGEST_SHORT])
    year, month, day = (int(part) for part in match.groups() if part is not None)
    if not 1900 <= year <= 2200:
        raise ValueError(text)
    return date(year, month, day)


def parse_time(text: str) -> time:
    """A time of day: 9:30, 09:30:15, 9点, 9时30分.

    Raises: ValueError.
    """
    match = None if len(text) > _LONGEST_SHORT else _TIME.fullmatch(narrow(text))
    if match is None or (match[2] is None and ":" in narrow(text)):
        raise ValueError(text[:_LONGEST_SHORT])
    return time(int(match[1]), int(match[2] or 0), int(match[3] or 0))


def parse_datetime(text: str) -> datetime:
    """A moment on Beijing clocks, aware: a day and a time with a blank or `T` between; `Z` or `+08:00` may follow.

    Raises: ValueError, also for a day without a time.
    """
    plain = "" if len(text) > _LONGEST_SHORT else narrow(text)
    if re.fullmatch(r"[0-9-]{10}[T ][0-9:.]+(?:Z|[+-][0-9]{2}:?[0-9]{2})", plain):
        return datetime.fromisoformat(plain).astimezone(BEIJING)
    match = re.fullmatch(r"(.*?[日0-9])\s*(?:T|\s|(?<=日))\s*([0-9]{1,2}\s*[:时点].*)", plain)
    if match is None:
        raise ValueError(text[:_LONGEST_SHORT])
    return datetime.combine(parse_date(match[1]), parse_time(match[2]), tzinfo=BEIJING)
