"""Closures of what repeats: `for`, `some`, `every` and filters. Each round takes steps from the budget."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from forms.feel import shortcuts
from forms.feel.bounds import HEAVY, Budget, measure
from forms.feel.evaluating import Frame, Run
from forms.feel.node_compiler import NodeCompiler
from forms.feel.node_facts import walk
from forms.feel.temporal_values import Date
from forms.feel.tree import Filter, For, Iteration, Local, Quantified
from forms.feel.values import Range

Domain = Callable[[Frame], Iterator[Any] | None]


def _domain(compiler: NodeCompiler, node: Iteration) -> Domain:
    source = compiler.compile(node.domain)
    upto = compiler.compile(node.upto) if node.upto else None

    def run(frame: Frame) -> Iterator[Any] | None:
        value = source(frame)
        if upto is not None:
            return _counted(value, upto(frame))
        if isinstance(value, list):
            return iter(value)
        if isinstance(value, Range):
            return _through(value)
        return None if value is None else iter((value,))

    return run


def _counted(low: Any, high: Any) -> Iterator[Any] | None:
    """From one number or date to another, also downwards."""
    if isinstance(low, Date) and isinstance(high, Date):
        step = 1 if high.days >= low.days else -1
        return (Date(days) for days in range(low.days, high.days + step, step))
    if not isinstance(low, Decimal) or not isinstance(high, Decimal):
        return None
    if low != low.to_integral_value() or high != high.to_integral_value():
        return None
    start, end = int(low), int(high)
    step = 1 if end >= start else -1
    return (Decimal(number) for number in range(start, end + step, step))


def _through(span: Range) -> Iterator[Any] | None:
    """The whole numbers or days of a range; null for one that is empty or of another kind."""
    every = None if span.sign else _counted(span.low, span.high)
    if every is None or not _rises(span):
        return None
    return (value for value in every if _inside(value, span))


def _rises(span: Range) -> bool:
    low, high = span.low, span.high
    if isinstance(low, Date) and isinstance(high, Date):
        return low.days <= high.days
    return isinstance(low, Decimal) and isinstance(high, Decimal) and low <= high


def _inside(value: Any, span: Range) -> bool:
    return (span.low_closed or value != span.low) and (span.high_closed or value != span.high)


def _rounds(frame: Frame, iterations: tuple[tuple[int, Domain], ...]) -> Iterator[bool]:
    """Sets the slots of each combination in turn; False once if a domain is null."""
    (slot, domain), rest = iterations[0], iterations[1:]
    values = domain(frame)
    if values is None:
        yield False
        return
    budget: Budget = frame[1]
    for value in values:
        budget.take()
        frame[slot] = value
        if rest:
            yield from _rounds(frame, rest)
        else:
            yield True


def _iterations(compiler: NodeCompiler, nodes: tuple[Iteration, ...]) -> tuple[tuple[int, Domain], ...]:
    return tuple((node.slot, _domain(compiler, node)) for node in nodes)


def compile_for(compiler: NodeCompiler, node: For) -> Run:
    """The list of the body's values; null if what is gone through is null."""
    compiler.framed = True
    iterations, body = _iterations(compiler, node.iterations), compiler.compile(node.body)
    partial = node.partial
    asks = any(isinstance(part, Local) and part.slot == partial for part in walk(node.body))

    def run(frame: Frame) -> list[Any] | None:
        made: list[Any] = []
        for there in _rounds(frame, iterations):
            if not there:
                return None
            if asks:
                frame[1].take(len(made) // HEAVY)
                frame[partial] = list(made)
            made.append(body(frame))
        measure(made)
        return made

    return run


def compile_quantified(compiler: NodeCompiler, node: Quantified) -> Run:
    """`some` is true with the first true round, `every` false with the first false one; null in between counts."""
    compiler.framed = True
    iterations, body = _iterations(compiler, node.iterations), compiler.compile(node.body)
    deciding = node.word == "some"

    def run(frame: Frame) -> bool | None:
        result: bool | None = not deciding
        for there in _rounds(frame, iterations):
            value = body(frame) if there else None
            if value is deciding:
                return value is True
            if not isinstance(value, bool):
                result = None
        return result

    return run


def compile_filter(compiler: NodeCompiler, node: Filter) -> Run:
    """The items for which the condition is true; the one at a position if it is a number."""
    quick = shortcuts.inside(node)
    if quick:
        return quick
    compiler.framed = True
    source, condition, slot = compiler.compile(node.source), compiler.compile(node.condition), node.slot

    def run(frame: Frame) -> Any:
        value = source(frame)
        if value is None:
            return None
        items = value if isinstance(value, list) else [value]
        kept: list[Any] = []
        if not items:
            frame[slot] = None
            return None if isinstance(condition(frame), Decimal) else kept
        budget: Budget = frame[1]
        for item in items:
            budget.take()
            frame[slot] = item
            chosen = condition(frame)
            if isinstance(chosen, Decimal):
                return _at(items, chosen)
            if chosen is True:
                kept.append(item)
        return kept

    return run


def _at(items: list[Any], position: Decimal) -> Any:
    if position != position.to_integral_value() or not 0 < abs(position) <= len(items):
        return None
    return items[int(position) - 1 if position > 0 else int(position)]
