"""Quicker closures for what nearly all conditions are made of: a variable against a written value.

They mean what the general ones mean and save calls and conversions: a gateway is asked at every step of every case.
Each function gives None where its form does not fit.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from forms.feel.evaluating import Frame, Run, constant_of
from forms.feel.functions.conversion import negation
from forms.feel.functions.lists import count
from forms.feel.properties import entry
from forms.feel.tree import Comparison, Filter, FunctionCall, In, Literal, Node, Path, ValueTest, Variable
from forms.feel.values import SHORT, element, from_python

_ORDERED: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def comparison(node: Comparison, left: Run, right: Run) -> Run | None:
    """`left sign value` for a written text, number, truth value or null."""
    known = constant_of(right)
    if not known or type(known[0]) not in {str, Decimal, bool, type(None)}:
        return None
    name = node.left.name if isinstance(node.left, Variable) else ""
    if node.sign in {"=", "!="}:
        if_equal = node.sign == "="
        return _same_variable(name, known[0], if_equal) if name else _same(left, known[0], if_equal)
    if type(known[0]) not in {str, Decimal}:
        return None
    if name and _whole(known[0]) is not None:
        return _ordered_variable(name, known[0], _ORDERED[node.sign])
    return _ordered(left, known[0], _ORDERED[node.sign])


def _same_variable(name: str, value: Any, if_equal: bool) -> Run:
    kind = type(value)
    whole = _whole(value)
    other = None if value is not None else not if_equal

    def same(frame: Frame) -> bool | None:
        given = frame[0].get(name)
        given_kind = type(given)
        if given_kind is kind:
            return (given == value) is if_equal
        if given is None:
            return not if_equal
        if kind is Decimal and given_kind is int and whole is not None:
            return (given == whole) is if_equal
        if kind is Decimal and (given_kind is float or given_kind is int):
            return (from_python(given) == value) is if_equal
        return other

    return same


def _whole(value: Any) -> int | None:
    """A written whole number as Python's: whole numbers of both kinds are compared as they come."""
    if isinstance(value, Decimal) and abs(value) < SHORT and value == value.to_integral_value():
        return int(value)
    return None


def _same(left: Run, value: Any, if_equal: bool) -> Run:
    kind = type(value)

    def same(frame: Frame) -> bool | None:
        given = left(frame)
        if type(given) is kind:
            return (given == value) is if_equal
        return not if_equal if given is None or value is None else None

    return same


def _ordered_variable(name: str, value: Decimal, direct: Callable[[Any, Any], bool]) -> Run:
    whole = int(value)

    def ordered(frame: Frame) -> bool | None:
        given = frame[0].get(name)
        if type(given) is int:
            return direct(given, whole)
        given = from_python(given)
        return direct(given, value) if type(given) is Decimal else None

    return ordered


def _ordered(left: Run, value: Any, direct: Callable[[Any, Any], bool]) -> Run:
    kind = type(value)

    def ordered(frame: Frame) -> bool | None:
        given = left(frame)
        return direct(given, value) if type(given) is kind else None

    return ordered


def membership(node: In, part: Run) -> Run | None:
    """`part in ("a", "b")` for written texts."""
    tests = node.tests
    texts = [t.part.value for t in tests if isinstance(t, ValueTest) and isinstance(t.part, Literal)]
    if len(texts) < len(tests) or not all(isinstance(text, str) for text in texts):
        return None
    allowed = frozenset(text for text in texts if isinstance(text, str))

    def member(frame: Frame) -> bool | None:
        given = part(frame)
        if type(given) is str:
            return given in allowed
        return False if given is None else None

    return member


def call(node: FunctionCall, run: Callable[..., Any], argument: Run) -> Run | None:
    """`not(argument)` and `count(variable)` of the standard."""
    if run is count:
        return _counted(node)
    if run is not negation:
        return None
    part = node.arguments[0]
    return _negated_variable(part.name) if isinstance(part, Variable) else _negated(argument)


def _negated_variable(name: str) -> Run:
    def negated(frame: Frame) -> bool | None:
        value = frame[0].get(name)
        return not value if value is True or value is False else None

    return negated


def _negated(argument: Run) -> Run:

    def negated(frame: Frame) -> bool | None:
        value = argument(frame)
        return not value if value is True or value is False else None

    return negated


def _counted(node: FunctionCall) -> Run | None:
    argument = node.arguments[0]
    if not isinstance(argument, Variable):
        return None
    name = argument.name

    def run(frame: Frame) -> Any:
        value = frame[0].get(name)
        return Decimal(len(value)) if type(value) is list else count(from_python(value))

    return run


def inside(node: Path | Filter) -> Run | None:
    """An entry of a variable, or its item at a written position: only that part of it is made FEEL's."""
    if not isinstance(node.source, Variable):
        return None
    name = node.source.name
    if isinstance(node, Path):
        return _entry_of(name, node.name)
    position = _position(node.condition)
    return None if position is None else _item_of(name, position)


def _entry_of(name: str, key: str) -> Run:
    def run(frame: Frame) -> Any:
        source = frame[0].get(name)
        if type(source) is dict:
            return element(source.get(key))
        return entry(from_python(source), key)

    return run


def _position(node: Node) -> int | None:
    if isinstance(node, Literal) and isinstance(node.value, Decimal) and node.value == node.value.to_integral_value():
        return int(node.value)
    return None


def _item_of(name: str, position: int) -> Run:
    index, least = (position - 1 if position > 0 else position), abs(position) or SHORT

    def run(frame: Frame) -> Any:
        items = frame[0].get(name)
        if type(items) is not list:
            items = list(items) if isinstance(items, tuple) else [] if items is None else [items]
        return element(items[index]) if len(items) >= least else None

    return run
