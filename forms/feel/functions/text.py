"""Built-ins over texts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from forms.feel.bounds import HEAVY, Budget, check_length
from forms.feel.functions import patterns
from forms.feel.functions.registry import Theme, alike, as_list
from forms.feel.values import Value

TEXT = Theme(scalars=True)


@TEXT.function("substring", "string", "start position", "length?")
def substring(text: Any, start: Any, *lengths: Any) -> Value:
    """From a position counted from 1, or from the end if negative."""
    if not isinstance(text, str) or not isinstance(start, Decimal) or not all(alike(list(lengths), Decimal)):
        return None
    place = int(start)
    if place == 0 or abs(place) > len(text):
        return None
    begin = place - 1 if place > 0 else len(text) + place
    if not lengths:
        return text[begin:]
    return text[begin : begin + int(lengths[0])] if lengths[0] >= 1 else None


@TEXT.function("string length", "string")
def string_length(text: Any) -> Value:
    """Characters, by code point."""
    return Decimal(len(text)) if isinstance(text, str) else None


@TEXT.function("upper case", "string")
def upper_case(text: Any) -> Value:
    """In capitals."""
    return text.upper() if isinstance(text, str) else None


@TEXT.function("lower case", "string")
def lower_case(text: Any) -> Value:
    """In small letters."""
    return text.lower() if isinstance(text, str) else None


@TEXT.function("substring before", "string", "match")
def substring_before(text: Any, match: Any) -> Value:
    """What stands before the first match; empty without one."""
    if not isinstance(text, str) or not isinstance(match, str):
        return None
    return text[: max(text.find(match), 0)]


@TEXT.function("substring after", "string", "match")
def substring_after(text: Any, match: Any) -> Value:
    """What stands behind the first match; empty without one."""
    if not isinstance(text, str) or not isinstance(match, str):
        return None
    place = text.find(match)
    return "" if place < 0 else text[place + len(match) :]


@TEXT.function("contains", "string", "match")
def contains(text: Any, match: Any) -> Value:
    """Whether a text holds another."""
    return match in text if isinstance(text, str) and isinstance(match, str) else None


@TEXT.function("starts with", "string", "match")
def starts_with(text: Any, match: Any) -> Value:
    """Whether a text begins with another."""
    return text.startswith(match) if isinstance(text, str) and isinstance(match, str) else None


@TEXT.function("ends with", "string", "match")
def ends_with(text: Any, match: Any) -> Value:
    """Whether a text ends with another."""
    return text.endswith(match) if isinstance(text, str) and isinstance(match, str) else None


@TEXT.function("matches", "input", "pattern", "flags?", budgeted=True)
def matches(budget: Budget, text: Any, pattern: Any, flags: Any = None) -> Value:
    """Whether the pattern is found anywhere in the text."""
    if not isinstance(text, str):
        return None
    budget.take(HEAVY)
    compiled = patterns.compiled(pattern, flags)
    return None if compiled is None else patterns.found(compiled, text)


@TEXT.function("replace", "input", "pattern", "replacement", "flags?", budgeted=True)
def replace(budget: Budget, text: Any, pattern: Any, replacement: Any, flags: Any = None) -> Value:
    """Every match replaced; `$1` is the first group, `$0` the whole match."""
    if not isinstance(text, str) or not isinstance(replacement, str):
        return None
    budget.take(HEAVY)
    compiled = patterns.compiled(pattern, flags)
    return None if compiled is None else patterns.replaced(compiled, text, replacement)


@TEXT.function("split", "string", "delimiter", budgeted=True)
def split(budget: Budget, text: Any, delimiter: Any) -> Value:
    """The parts between the matches of a pattern."""
    budget.take(HEAVY)
    compiled = patterns.compiled(delimiter, None) if isinstance(text, str) else None
    return None if compiled is None else patterns.parts(compiled, text)


@TEXT.function("string join", "list", "delimiter?")
def string_join(texts: Any, delimiter: Any = None) -> Value:
    """The texts of a list put together; null is left out."""
    items = as_list(texts)
    if items is None or not (delimiter is None or isinstance(delimiter, str)):
        return None
    present = [item for item in items if item is not None]
    if not all(alike(present, str)):
        return None
    length = sum(map(len, present)) + len(delimiter or "") * max(len(present) - 1, 0)
    check_length(length)
    return (delimiter or "").join(present)
