"""Closures of tests: what stands behind `in`, and what stands in a cell of a decision table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from forms.feel import comparing, shortcuts
from forms.feel.evaluating import Frame, Run, constant_of
from forms.feel.node_compiler import NodeCompiler
from forms.feel.tree import AnyTest, CompareTest, In, Test, TruthTest

Checked = Callable[[Any, Frame], bool | None]


def compile_test(compiler: NodeCompiler, test: Test) -> Checked:
    """Whether a value fits one test."""
    if isinstance(test, AnyTest):
        return lambda value, frame: True
    if isinstance(test, TruthTest):
        truth = compiler.compile(test.part)
        return lambda value, frame: truth(frame)
    if isinstance(test, CompareTest):
        right, sign = compiler.compile(test.right), test.sign
        return lambda value, frame: comparing.compares(sign, value, right(frame))
    part = compiler.compile(test.part)
    known = constant_of(part)
    if known and type(known[0]) in {str, bool, type(None)}:
        return _exactly(known[0])
    return lambda value, frame: comparing.contained(value, part(frame))


def _exactly(constant: Any) -> Checked:
    kind = type(constant)

    def check(value: Any, frame: Frame) -> bool | None:
        if type(value) is kind:
            return bool(value == constant)
        return False if value is None or constant is None else None

    return check


def any_of(checks: tuple[Checked, ...]) -> Checked:
    """Whether a value fits any of several tests; null if none fits and one could not tell."""
    if len(checks) == 1:
        return checks[0]

    def check(value: Any, frame: Frame) -> bool | None:
        result: bool | None = False
        for test in checks:
            fits = test(value, frame)
            if fits is True:
                return True
            if fits is None:
                result = None
        return result

    return check


def none_of(check: Checked) -> Checked:
    """The other way round; what cannot be told stays null."""

    def negated(value: Any, frame: Frame) -> bool | None:
        fits = check(value, frame)
        return None if fits is None else not fits

    return negated


def compile_in(compiler: NodeCompiler, node: In) -> Run:
    """`part in tests`."""
    part = compiler.compile(node.part)
    quick = shortcuts.membership(node, part)
    if quick:
        return compiler.folded(quick, part)
    check = any_of(tuple(compile_test(compiler, test) for test in node.tests))
    return lambda frame: check(part(frame), frame)
