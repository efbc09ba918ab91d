"""Makes closures of a tree, once: an evaluation then costs a call per node and no look at the tree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from forms.feel import comparing
from forms.feel.arithmetic import OPERATIONS, negate
from forms.feel.bounds import Budget, measure
from forms.feel.calling import compile_call
from forms.feel.errors import FeelError
from forms.feel.evaluating import Frame, Run, constant, constant_of, item_name, local, new_frame, variable
from forms.feel.functions import Builtin
from forms.feel.kinds import conforms
from forms.feel.loops import compile_filter, compile_for, compile_quantified
from forms.feel.properties import entry
from forms.feel.tree import (
    Arithmetic,
    Between,
    Call,
    Comparison,
    ContextOf,
    Filter,
    For,
    If,
    In,
    InstanceOf,
    Interval,
    ItemName,
    ListOf,
    Literal,
    Local,
    Logic,
    Negation,
    Node,
    Path,
    Quantified,
    Variable,
)
from forms.feel.unary import compile_in
from forms.feel.values import Range


class Compiler:
    """Compiles nodes; `functions` are the built-ins that the reader allowed."""

    def __init__(self, functions: Mapping[str, Builtin]) -> None:
        self.functions = functions
        self.budgeted = False
        """Whether anything compiled so far takes from the budget."""

    def compile(self, node: Node) -> Run:
        """The closure of one node, folded to its value if it is the same for every frame."""
        return _COMPILERS[type(node)](self, node)

    def folded(self, run: Run, *parts: Run) -> Run:
        """The value of `run` now, if all its parts are constant; else `run`."""
        if not all(constant_of(part) for part in parts):
            return run
        try:
            return constant(run(new_frame({}, Budget(), 2)))
        except FeelError:
            return run


def _variable(compiler: Compiler, node: Variable) -> Run:
    return variable(node.name)


def _literal(compiler: Compiler, node: Literal) -> Run:
    return constant(node.value)


def _local(compiler: Compiler, node: Local) -> Run:
    return local(node.slot)


def _item_name(compiler: Compiler, node: ItemName) -> Run:
    return item_name(node.slot, node.name, compiler.compile(node.outer) if node.outer else None)


def _negation(compiler: Compiler, node: Negation) -> Run:
    part = compiler.compile(node.part)
    return compiler.folded(lambda frame: negate(part(frame)), part)


def _arithmetic(compiler: Compiler, node: Arithmetic) -> Run:
    left, right, operation = compiler.compile(node.left), compiler.compile(node.right), OPERATIONS[node.sign]
    return compiler.folded(lambda frame: operation(left(frame), right(frame)), left, right)


def _logic(compiler: Compiler, node: Logic) -> Run:
    parts = tuple(compiler.compile(part) for part in node.parts)
    deciding = node.word == "or"
    settled = not deciding

    def run(frame: Frame) -> bool | None:
        result: bool | None = settled
        for part in parts:
            value = part(frame)
            if value is deciding:
                return value is True
            if value is not settled:
                result = None
        return result

    return compiler.folded(run, *parts)


def _comparison(compiler: Compiler, node: Comparison) -> Run:
    left, right = compiler.compile(node.left), compiler.compile(node.right)
    fast = _against_constant(node.sign, left, *constant_of(right)) if constant_of(right) else None
    if fast is None:
        sign = node.sign
        fast = lambda frame: comparing.compares(sign, left(frame), right(frame))  # noqa: E731
    return compiler.folded(fast, left, right)


_DIRECT: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def _against_constant(sign: str, left: Run, value: Any) -> Run | None:
    """A comparison with a written text, number, truth value or null: what most conditions are."""
    kind = type(value)
    if kind not in {str, Decimal, bool, type(None)}:
        return None
    if sign in {"=", "!="}:
        return _same_as_constant(sign == "=", left, value)
    if kind not in {str, Decimal}:
        return None
    direct = _DIRECT[sign]

    def ordered(frame: Frame) -> bool | None:
        given = left(frame)
        return direct(given, value) if type(given) is kind else None

    return ordered


def _same_as_constant(wanted: bool, left: Run, value: Any) -> Run:
    kind = type(value)

    def same(frame: Frame) -> bool | None:
        given = left(frame)
        if type(given) is kind:
            return (given == value) is wanted
        return not wanted if given is None or value is None else None

    return same


def _between(compiler: Compiler, node: Between) -> Run:
    part, low, high = (compiler.compile(child) for child in (node.part, node.low, node.high))

    def run(frame: Frame) -> bool | None:
        value = part(frame)
        above = comparing.compares("<=", low(frame), value)
        return comparing.both(above, comparing.compares("<=", value, high(frame)))

    return compiler.folded(run, part, low, high)


def _interval(compiler: Compiler, node: Interval) -> Run:
    low = compiler.compile(node.low) if node.low else constant(None)
    high = compiler.compile(node.high) if node.high else constant(None)

    def run(frame: Frame) -> Range | None:
        start, end = low(frame), high(frame)
        if start is not None and end is not None:
            compared = comparing.order(start, end)
            if compared is None and not node.sign:
                return None
        return Range(start, node.low_closed, end, node.high_closed, node.sign)

    return compiler.folded(run, low, high)


def _if(compiler: Compiler, node: If) -> Run:
    condition, first, second = (compiler.compile(part) for part in (node.condition, node.first, node.second))
    return lambda frame: first(frame) if condition(frame) is True else second(frame)


def _path(compiler: Compiler, node: Path) -> Run:
    source, name = compiler.compile(node.source), node.name
    return compiler.folded(lambda frame: entry(source(frame), name), source)


def _instance_of(compiler: Compiler, node: InstanceOf) -> Run:
    part = compiler.compile(node.part)
    return compiler.folded(lambda frame: conforms(part(frame), node.kind), part)


def _list(compiler: Compiler, node: ListOf) -> Run:
    items = tuple(compiler.compile(item) for item in node.items)

    def run(frame: Frame) -> list[Any]:
        made = [item(frame) for item in items]
        measure(made)
        return made

    return compiler.folded(run, *items)


def _context(compiler: Compiler, node: ContextOf) -> Run:
    entries = tuple((part.key, part.slot, compiler.compile(part.part)) for part in node.entries)

    def run(frame: Frame) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, slot, part in entries:
            made[key] = frame[slot] = part(frame)
        measure(made)
        return made

    return run


_COMPILERS: Mapping[type, Callable[[Compiler, Any], Run]] = {
    Variable: _variable,
    Literal: _literal,
    Local: _local,
    ItemName: _item_name,
    Negation: _negation,
    Arithmetic: _arithmetic,
    Logic: _logic,
    Comparison: _comparison,
    Between: _between,
    In: compile_in,
    Interval: _interval,
    If: _if,
    For: compile_for,
    Quantified: compile_quantified,
    Filter: compile_filter,
    Path: _path,
    InstanceOf: _instance_of,
    Call: compile_call,
    ListOf: _list,
    ContextOf: _context,
}
