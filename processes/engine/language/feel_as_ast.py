"""A tree of FEEL in the form that the check reasons about, which all notations share.

Comparisons, membership, `and`, `or`, `not` and written values are told; whatever else there is becomes a call that
says nothing, so that a rule which cannot follow it gives up instead of guessing.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from forms.feel.tree import (
    AnyTest,
    Between,
    CompareTest,
    Comparison,
    FunctionCall,
    In,
    Interval,
    ListOf,
    Literal,
    Local,
    Logic,
    Negation,
    Node,
    Test,
    TruthTest,
    Variable,
)
from processes.engine.language.compiled_expression import CELL_VALUE

_SIGNS: Final[Mapping[str, type[ast.cmpop]]] = {
    "=": ast.Eq,
    "!=": ast.NotEq,
    "<": ast.Lt,
    "<=": ast.LtE,
    ">": ast.Gt,
    ">=": ast.GtE,
}


def as_ast(node: Node) -> ast.expr:
    """The node as the check reads it."""
    write = _NODES.get(type(node))
    return write(node) if write else _call(type(node).__name__, [])


def tests_as_ast(tests: Sequence[Test], *, negated: bool) -> ast.expr:
    """The tests of a cell over its value."""
    subject = ast.Name(CELL_VALUE)
    joined = _any_of([_test(subject, test) for test in tests])
    return ast.UnaryOp(ast.Not(), joined) if negated else joined


def plain(value: Any) -> Any:
    """A written value of FEEL as Python's; numbers become int or float."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _any_of(parts: list[ast.expr]) -> ast.expr:
    return parts[0] if len(parts) == 1 else ast.BoolOp(ast.Or(), parts)


def _compare(left: ast.expr, sign: str, right: ast.expr) -> ast.expr:
    return ast.Compare(left, [_SIGNS[sign]()], [right])


def _test(subject: ast.expr, test: Test) -> ast.expr:
    if isinstance(test, AnyTest):
        return ast.Constant(True)
    if isinstance(test, TruthTest):
        return as_ast(test.part)
    if isinstance(test, CompareTest):
        return _compare(subject, test.sign, as_ast(test.right))
    return _contained(subject, test.part)


def _contained(subject: ast.expr, part: Node) -> ast.expr:
    if isinstance(part, Interval) and part.low is not None and part.high is not None:
        above = _compare(subject, ">=" if part.low_closed else ">", as_ast(part.low))
        below = _compare(subject, "<=" if part.high_closed else "<", as_ast(part.high))
        return ast.BoolOp(ast.And(), [above, below])
    if isinstance(part, ListOf):
        return _any_of([_contained(subject, item) for item in part.items]) if part.items else ast.Constant(False)
    return _compare(subject, "=", as_ast(part)) if not isinstance(part, Interval) else _call("range", [])


def _literal(node: Literal) -> ast.expr:
    value = plain(node.value)
    return ast.Constant(value) if isinstance(value, (str, int, float, bool, type(None))) else _call("value", [])


def _logic(node: Logic) -> ast.expr:
    return ast.BoolOp(ast.And() if node.word == "and" else ast.Or(), [as_ast(part) for part in node.parts])


def _between(node: Between) -> ast.expr:
    return ast.Compare(as_ast(node.low), [ast.LtE(), ast.LtE()], [as_ast(node.part), as_ast(node.high)])


def _function(node: FunctionCall) -> ast.expr:
    given = [as_ast(part) for part in node.arguments if part is not None]
    if node.name == "not":
        return ast.UnaryOp(ast.Not(), given[0])
    if node.name == "list contains" and isinstance(given[0], ast.List):
        return ast.Compare(given[1], [ast.In()], [given[0]])
    return _call(node.name, given)


def _call(name: str, given: list[ast.expr]) -> ast.Call:
    return ast.Call(ast.Name(name), given, [])


def _negation(node: Negation) -> ast.expr:
    return ast.UnaryOp(ast.USub(), as_ast(node.part))


_NODES: Final[Mapping[type, Callable[[Any], ast.expr]]] = {
    Variable: lambda node: ast.Name(node.name),
    Local: lambda node: ast.Name(CELL_VALUE) if node.name == "?" else _call(node.name, []),
    Literal: _literal,
    Logic: _logic,
    Comparison: lambda node: _compare(as_ast(node.left), node.sign, as_ast(node.right)),
    Between: _between,
    In: lambda node: _any_of([_test(as_ast(node.part), test) for test in node.tests]),
    ListOf: lambda node: ast.List([as_ast(item) for item in node.items]),
    FunctionCall: _function,
    Negation: _negation,
}
