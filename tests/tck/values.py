"""The kit's written values, and whether a result is the one that it wants."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from lxml import etree

from forms.feel.temporal_text import read_date, read_duration, read_moment, read_time
from forms.feel.temporal_values import Date, Moment, Months, Span, Time
from tests.tck import xml

_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
READERS: dict[str, Any] = {
    "boolean": lambda text: text == "true",
    "date": read_date,
    "time": read_time,
    "dateTime": read_moment,
    "duration": read_duration,
    **dict.fromkeys(("decimal", "double", "integer", "int", "float", "long"), Decimal),
}


class Untyped(str):
    """A value whose type the file does not tell."""


def read(element: etree._Element) -> Any:
    """The value that an element with `value`, `component` or `list` below it holds."""
    items = xml.first(element, "list")
    if items is not None:
        nil = items.get(_NIL) == "true"
        return None if nil else [read(item) for item in xml.below(items, "item")]
    components = list(xml.below(element, "component"))
    if components:
        return {part.get("name"): read(part) for part in components}
    value = xml.first(element, "value")
    if value is None or value.get(_NIL) == "true":
        return None
    kind, text = (value.get(_TYPE) or "").rpartition(":")[2], value.text or ""
    if kind in READERS:
        return READERS[kind](text.strip())
    return text if kind == "string" else Untyped(text)


def same(wanted: Any, result: Any) -> bool:
    """Numbers to eight digits, as the kit's own runner; all else exactly."""
    if isinstance(wanted, Untyped):
        return str(wanted).strip() == _written(result)
    if isinstance(wanted, Decimal) and isinstance(result, Decimal):
        return abs(wanted - result) <= Decimal("1e-8") * max(Decimal(1), abs(wanted))
    if isinstance(wanted, list) and isinstance(result, list):
        return len(wanted) == len(result) and all(same(a, b) for a, b in zip(wanted, result, strict=True))
    if isinstance(wanted, dict) and isinstance(result, dict):
        return wanted.keys() == result.keys() and all(same(part, result[key]) for key, part in wanted.items())
    if isinstance(wanted, (Date, Time, Moment, Months, Span)):
        return type(wanted) is type(result) and str(wanted) == str(result)
    return type(wanted) is type(result) and bool(wanted == result)


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value.normalize(), "f") if isinstance(value, Decimal) else str(value)
