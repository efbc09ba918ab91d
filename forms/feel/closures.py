"""Closures of the plain nodes, and the table that says who compiles which node."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from forms.feel import comparing, shortcuts
from forms.feel.arithmetic import OF_NUMBERS, OPERATIONS, negate
from forms.feel.bounds import HEAVY, measure
from forms.feel.calling import compile_call
from forms.feel.evaluating import Frame, Run, constant, item_name, local, variable
from forms.feel.functions import Builtin
from forms.feel.kinds import conforms
from forms.feel.logic import compile_logic
from forms.feel.loops import compile_filter, compile_for, compile_quantified
from forms.feel.node_compiler import CompilerOf, NodeCompiler
from forms.feel.properties import entry
from forms.feel.tree import (
    Arithmetic,
    Between,
    Comparison,
    ContextOf,
    Filter,
    For,
    FunctionCall,
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
    Path,
    Quantified,
    Variable,
)
from forms.feel.unary import compile_in
from forms.feel.values import Range


def _variable(compiler: NodeCompiler, node: Variable) -> Run:
    return variable(node.name)


def _literal(compiler: NodeCompiler, node: Literal) -> Run:
    return constant(node.value)


def _local(compiler: NodeCompiler, node: Local) -> Run:
    return local(node.slot)


def _item_name(compiler: NodeCompiler, node: ItemName) -> Run:
    return item_name(node.slot, node.name, compiler.compile(node.outer) if node.outer else None)


def _negation(compiler: NodeCompiler, node: Negation) -> Run:
    part = compiler.compile(node.part)
    return compiler.folded(lambda frame: negate(part(frame)), part)


def _arithmetic(compiler: NodeCompiler, node: Arithmetic) -> Run:
    left, right, operation = compiler.compile(node.left), compiler.compile(node.right), OPERATIONS[node.sign]
    of_numbers = OF_NUMBERS[node.sign]

    def run(frame: Frame) -> Any:
        first, second = left(frame), right(frame)
        if type(first) is Decimal and type(second) is Decimal:
            result = of_numbers(first, second)
            return result if result.is_finite() else None
        return operation(first, second)

    return compiler.folded(run, left, right)


def _comparison(compiler: NodeCompiler, node: Comparison) -> Run:
    left, right = compiler.compile(node.left), compiler.compile(node.right)
    sign = node.sign
    quick = shortcuts.comparison(node, left, right)

    def run(frame: Frame) -> bool | None:
        first = left(frame)
        if frame[1] is not None and (type(first) is list or type(first) is dict):
            frame[1].take(HEAVY)
        return comparing.compares(sign, first, right(frame))

    return compiler.folded(quick or run, left, right)


def _between(compiler: NodeCompiler, node: Between) -> Run:
    part, low, high = (compiler.compile(child) for child in (node.part, node.low, node.high))

    def run(frame: Frame) -> bool | None:
        value = part(frame)
        above = comparing.compares("<=", low(frame), value)
        return comparing.both(above, comparing.compares("<=", value, high(frame)))

    return compiler.folded(run, part, low, high)


def _interval(compiler: NodeCompiler, node: Interval) -> Run:
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


def _if(compiler: NodeCompiler, node: If) -> Run:
    condition, first, second = (compiler.compile(part) for part in (node.condition, node.first, node.second))
    return lambda frame: first(frame) if condition(frame) is True else second(frame)


def _path(compiler: NodeCompiler, node: Path) -> Run:
    quick = shortcuts.inside(node)
    if quick:
        return quick
    source, name = compiler.compile(node.source), node.name
    return compiler.folded(lambda frame: entry(source(frame), name), source)


def _instance_of(compiler: NodeCompiler, node: InstanceOf) -> Run:
    part = compiler.compile(node.part)
    return compiler.folded(lambda frame: conforms(part(frame), node.kind), part)


def _list(compiler: NodeCompiler, node: ListOf) -> Run:
    items = tuple(compiler.compile(item) for item in node.items)

    def run(frame: Frame) -> list[Any]:
        made = [item(frame) for item in items]
        measure(made)
        return made

    return compiler.folded(run, *items)


def _context(compiler: NodeCompiler, node: ContextOf) -> Run:
    compiler.framed = True
    entries = tuple((part.key, part.slot, compiler.compile(part.part)) for part in node.entries)

    def run(frame: Frame) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, slot, part in entries:
            made[key] = frame[slot] = part(frame)
        measure(made)
        return made

    return run


_COMPILERS: Final[CompilerOf] = {
    Variable: _variable,
    Literal: _literal,
    Local: _local,
    ItemName: _item_name,
    Negation: _negation,
    Arithmetic: _arithmetic,
    Logic: compile_logic,
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
    FunctionCall: compile_call,
    ListOf: _list,
    ContextOf: _context,
}


def new_compiler(functions: Mapping[str, Builtin]) -> NodeCompiler:
    """A compiler of every node of the language; `functions` are the built-ins that the reader allowed."""
    return NodeCompiler(_COMPILERS, functions)
