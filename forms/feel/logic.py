"""Closures of `and` and `or`, three-valued; two and three parts are written out: nearly all conditions have no more."""

from __future__ import annotations

from typing import Any

from forms.feel.evaluating import Frame, Run
from forms.feel.node_compiler import NodeCompiler
from forms.feel.tree import Logic


def compile_logic(compiler: NodeCompiler, node: Logic) -> Run:
    """The first part that decides; null if a part is neither true nor false and none decides."""
    parts = tuple(compiler.compile(part) for part in node.parts)
    deciding = node.word == "or"
    if len(parts) == 2:
        return compiler.folded(_two(*parts, deciding), *parts)
    if len(parts) == 3:
        return compiler.folded(_three(*parts, deciding), *parts)

    def run(frame: Frame) -> Any:
        result: bool | None = not deciding
        for part in parts:
            value = part(frame)
            if value is deciding:
                return deciding
            if value is None or type(value) is not bool:
                result = None
        return result

    return compiler.folded(run, *parts)


def _two(left: Run, right: Run, deciding: bool) -> Run:
    def run(frame: Frame) -> Any:
        first = left(frame)
        if first is deciding:
            return deciding
        second = right(frame)
        if second is deciding:
            return deciding
        return not deciding if type(first) is bool and type(second) is bool else None

    return run


def _three(left: Run, middle: Run, right: Run, deciding: bool) -> Run:
    def run(frame: Frame) -> Any:
        first = left(frame)
        if first is deciding:
            return deciding
        second = middle(frame)
        if second is deciding:
            return deciding
        third = right(frame)
        if third is deciding:
            return deciding
        return not deciding if type(first) is type(second) is type(third) is bool else None

    return run
