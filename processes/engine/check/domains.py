"""Deciding whether conditions cover everything, by trying a representative of every case they tell apart.

A condition such as `amount > 500 and kind in ['a', 'b']` only ever distinguishes values at and between the constants
it mentions. Trying one value of each kind is therefore a proof, as long as every comparison is of a variable with
constants.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise, product

from processes.engine.language.compiled_expression import CELL_VALUE
from processes.engine.language.expressions import CompiledExpression, ExpressionError
from processes.engine.language.unary_tests import Cell, Exactly, Literal

MAX_COMBINATIONS = 20_000
OTHER = "（其他）"
"""Stands for every text that nobody mentions."""


class Undecidable(Exception):
    """The conditions compare things that representatives cannot stand for."""


def constants(expression: CompiledExpression) -> dict[str, list[Literal]]:
    """For each variable the constants it is compared with.

    Raises: Undecidable, if anything but comparisons of a variable with constants is in it.
    """
    by_name: dict[str, list[Literal]] = defaultdict(list)
    pending: list[ast.expr] = [expression.tree.body]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.BoolOp):
            pending.extend(node.values)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            pending.append(node.operand)
        elif isinstance(node, ast.Name):
            by_name[node.id] += [True, False]
        elif isinstance(node, ast.Compare):
            _comparison(node, by_name)
        elif not isinstance(node, ast.Constant):
            raise Undecidable
    return dict(by_name)


def _comparison(node: ast.Compare, by_name: dict[str, list[Literal]]) -> None:
    names = [o.id for o in (node.left, *node.comparators) if isinstance(o, ast.Name)]
    if len(names) != 1:
        raise Undecidable
    for operand in (node.left, *node.comparators):
        if isinstance(operand, ast.Name):
            if operand is not node.left and any(isinstance(op, (ast.In, ast.NotIn)) for op in node.ops):
                raise Undecidable
            continue
        try:
            value = ast.literal_eval(operand)
        except ValueError as error:
            raise Undecidable from error
        by_name[names[0]] += list(value) if isinstance(value, (list, tuple)) else [value]


def representatives(mentioned: Iterable[Literal], kind: str = "") -> list[Literal]:
    """One value of each case that `mentioned` constants tell apart. `kind` is a DMN type, if known."""
    values = list(mentioned)
    flags = [v for v in values if isinstance(v, bool)]
    numbers = sorted({v for v in values if isinstance(v, (int, float)) and not isinstance(v, bool)})
    texts = sorted({v for v in values if isinstance(v, str)})
    samples: list[Literal] = [None] if None in values else []
    if flags or kind == "boolean":
        samples += [True, False]
    if numbers or kind in {"number", "integer", "double", "long"}:
        samples += _around_numbers(numbers)
    if texts or kind == "string":
        samples += _around_texts(texts)
    return samples or [OTHER]


def _around_numbers(numbers: Sequence[float]) -> list[Literal]:
    if not numbers:
        return [0]
    between = [(low + high) / 2 for low, high in pairwise(numbers)]
    return [numbers[0] - 1, *numbers, *between, numbers[-1] + 1]


def _around_texts(texts: Sequence[str]) -> list[Literal]:
    """Texts are ordered too (dates are texts): something before, between and after is tried as well as another one."""
    between = [low + " " for low, high in pairwise(texts) if low + " " < high]
    return [*texts, *between, OTHER, *(["", texts[0] + " "] if texts else [])]


def combinations(
    expressions: Sequence[CompiledExpression], known: Mapping[str, Sequence[Literal]]
) -> Iterator[tuple[dict[str, Literal], tuple[bool, ...]]]:
    """Every case with the truth of each expression in it. `known` gives all values of a variable, where these are few.

    Raises: Undecidable.
    """
    mentioned: dict[str, list[Literal]] = defaultdict(list)
    for expression in expressions:
        for name, values in constants(expression).items():
            mentioned[name] += values
    points = {name: list(known.get(name) or representatives(values)) for name, values in mentioned.items()}
    size = 1
    for values in points.values():
        size *= len(values)
    if size > MAX_COMBINATIONS:
        raise Undecidable
    for case in product(*points.values()):
        variables = dict(zip(points, case, strict=True))
        try:
            yield variables, tuple(e.holds(variables) for e in expressions)
        except ExpressionError:
            # A text against a number: such a case fails at the gateway whatever the default is.
            continue


def cell_constants(cell: Cell) -> list[Literal]:
    """The constants at which an input cell changes its mind. Raises Undecidable, for a formula beyond comparisons."""
    if cell.formula is not None:
        by_name = constants(cell.formula)
        if set(by_name) - {CELL_VALUE}:
            raise Undecidable
        return by_name.get(CELL_VALUE, [])
    values: list[Literal] = []
    for choice in cell.choices:
        values += [choice.value] if isinstance(choice, Exactly) else [choice.low, choice.high]
    bounds_only = not any(isinstance(c, Exactly) and c.value is None for c in cell.choices)
    return [v for v in values if v is not None] if bounds_only else values
