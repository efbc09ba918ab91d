"""Built-ins between kinds: `string`, `number`, `not`, `range`."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final

from forms.feel.bounds import DIGITS, MAX_TEXT, check_length
from forms.feel.comparing import equal, order
from forms.feel.functions.registry import Theme
from forms.feel.temporal_text import read_date, read_duration, read_moment, read_temporal, read_time
from forms.feel.tokeniser import unquoted
from forms.feel.values import Range, Value

CONVERSION = Theme()
_NUMBER = re.compile(r"-?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,4})?", re.ASCII)
_RANGE = re.compile(r"\s*([\[\](])\s*(\S.*?)\s*\.\.\s*(\S.*?)\s*([\[\])])\s*", re.DOTALL)
_CALL = re.compile(r'(date and time|date|time|duration)\s*\(\s*("[^"\\]*")\s*\)')
_NAME = re.compile(r"[^\W\d]\w*(?: \w+)*")
_READERS: Final = {"date": read_date, "time": read_time, "date and time": read_moment, "duration": read_duration}


@CONVERSION.function("not", "negand")
def negation(value: Any) -> Value:
    """Three-valued."""
    return not value if isinstance(value, bool) else None


@CONVERSION.function("is", "value1?", "value2?")
def same(left: Any = None, right: Any = None) -> Value:
    """Whether two values are the very same: a zone is not an offset, 10:00Z is not 11:00+01:00."""
    if type(left) is not type(right):
        return False
    return equal(left, right) is True if isinstance(left, (list, dict)) else bool(left == right)


@CONVERSION.function("number", "from")
def number_of(text: Any) -> Value:
    """Of a text with a point, or of a number."""
    return text if isinstance(text, Decimal) else number(text)


@CONVERSION.function("number", "from", "grouping separator", "decimal separator")
def number(text: Any, grouping: Any = None, point: Any = None) -> Value:
    """Of a text with given separators: a space, a comma or a point between groups, a comma or a point as decimal."""
    if not isinstance(text, str) or grouping not in (None, " ", ",", ".") or point not in (None, ",", "."):
        return None
    if (grouping is not None and grouping == point) or len(text) > MAX_TEXT:
        return None
    plain = text.replace(grouping, "") if grouping else text
    return read_number(plain.replace(",", ".") if point == "," and "." not in plain else plain)


def read_number(text: str) -> Decimal | None:
    """A number as FEEL writes it, to 34 digits; None if it is not one."""
    if len(text) > MAX_TEXT or not _NUMBER.fullmatch(text):
        return None
    value = DIGITS.create_decimal(text)
    return value if value.is_finite() else None


@CONVERSION.function("string", "from")
def string(value: Any) -> Value:
    """How a value is written; texts within lists and contexts stand in quotes."""
    return None if value is None else value if isinstance(value, str) else "".join(_written(value))


def _written(value: Any) -> list[str]:
    """The pieces of a value's text, without recursion and never longer than a text may be."""
    pieces: list[str] = []
    pending: list[tuple[bool, Any]] = [(False, value)]
    length = 0
    while pending:
        ready, item = pending.pop()
        if ready or not isinstance(item, (list, dict, Range)):
            text = item if ready else scalar(item)
            pieces.append(text)
            length += len(text)
        else:
            pending.extend(reversed(_opened(item)))
        check_length(length)
    return pieces


def _opened(value: list[Any] | dict[str, Any] | Range) -> list[tuple[bool, Any]]:
    if isinstance(value, Range):
        if value.sign:
            return [(True, value.sign + " "), (False, value.high if value.sign[0] == "<" else value.low)]
        low, high = ("[" if value.low_closed else "("), ("]" if value.high_closed else ")")
        return [(True, low), (False, value.low), (True, ".."), (False, value.high), (True, high)]
    parts: list[tuple[bool, Any]] = []
    entries = value.items() if isinstance(value, dict) else ((None, item) for item in value)
    for key, item in entries:
        name = "" if key is None else f"{key if _NAME.fullmatch(key) else scalar(key)}: "
        parts += [(True, (", " if parts else "") + name), (False, item)]
    ends = "{}" if isinstance(value, dict) else "[]"
    return [(True, ends[0]), *parts, (True, ends[1])]


def scalar(value: Any) -> str:
    """One value without parts as FEEL writes it."""
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(DIGITS.add(DIGITS.normalize(value), Decimal(0)), "f")
    return "null" if value is None else str(value)


@CONVERSION.function("range", "from")
def range_of(text: Any) -> Value:
    """Of a text such as `[1..5)`; both ends are written values, and the first is not above the second."""
    match = _RANGE.fullmatch(text) if isinstance(text, str) and len(text) <= MAX_TEXT else None
    if match is None:
        return None
    low, high = _end(match[2]), _end(match[3])
    compared = order(low, high)
    return None if compared is None or compared > 0 else Range(low, match[1] == "[", high, match[4] == "]")


def _end(text: str) -> Value:
    call = _CALL.fullmatch(text)
    if call:
        return _READERS[call[1]](unquoted(call[2]))
    if re.fullmatch(r'@"[^"\\]*"', text):
        return read_temporal(unquoted(text))
    if re.fullmatch(r'"(?:[^"\\]|\\.)*"', text):
        return unquoted(text)
    return read_number(text)
