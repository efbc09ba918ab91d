"""Input cells in FEEL, as the older ones are asked: whether they accept a value, and which values they tell apart."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from forms.feel import FeelError, UnaryTests, read_unary_tests
from forms.feel.tree import CompareTest, Interval, Test, ValueTest
from forms.feel.tree import Literal as Written
from processes.engine.language.compiled_expression import CompiledExpression, Functions
from processes.engine.language.feel_as_ast import plain, tests_as_ast
from processes.engine.language.feel_expression import given_only
from processes.engine.language.guards import ExpressionError
from processes.engine.language.own_functions import FUNCTIONS
from processes.engine.language.unary_tests import Cell, CellError, Exactly, Literal, Within

_ANYTHING: Final = read_unary_tests("-")


class FeelFormula(CompiledExpression):
    """Tests that are more than written values, as one condition over the cell's value."""

    __slots__ = ("_tests",)

    def __init__(self, tests: UnaryTests) -> None:
        self._tests = tests
        self.text = tests.text
        self.names = tests.names
        self.calls = tests.calls
        self.clock_codes = frozenset()

    @property
    def tree(self) -> ast.Expression:
        """The tests over `CELL_VALUE`."""
        return ast.Expression(tests_as_ast(self._tests.tests, negated=self._tests.negated))

    def evaluate(self, variables: Mapping[str, object], functions: Functions | None = None) -> object:
        """Without the value of a cell there is nothing to say. Raises: ExpressionError."""
        raise ExpressionError("这是决策表的格子，要对着一个值看", self.text)

    def holds(self, variables: Mapping[str, object]) -> bool:
        """As `evaluate`."""
        return bool(self.evaluate(variables))


@dataclass(frozen=True, slots=True)
class FeelCell(Cell):
    """A cell in FEEL; what cannot be told (a value of another kind) does not fit."""

    tests: UnaryTests = field(default=_ANYTHING, compare=False)

    def accepts(self, value: object, variables: Mapping[str, object]) -> bool:
        """Whether the value fits. Raises: ExpressionError."""
        try:
            return self.tests.accepts(value, given_only(variables, self.tests.names)) is True
        except FeelError as error:
            raise ExpressionError(error.sentence, self.text) from error


def read_feel_cell(text: str) -> FeelCell:
    """The input cell written as `text`. Raises: CellError."""
    try:
        tests = read_unary_tests(text, functions=FUNCTIONS)
    except FeelError as error:
        raise CellError(f"「{text}」{error.sentence}") from error
    if tests.anything:
        return FeelCell(text, tests=tests)
    choices = [_choice(test) for test in tests.tests]
    known = tuple(choice for choice in choices if choice is not None)
    if len(known) < len(choices):
        return FeelCell(text, formula=FeelFormula(tests), tests=tests)
    return FeelCell(text, known, negated=tests.negated, tests=tests)


def read_feel_values(text: str) -> tuple[Literal, ...]:
    """The allowed values of a column, where all are written out. Raises: CellError."""
    choices = read_feel_cell(text).choices
    if not all(isinstance(choice, Exactly) for choice in choices):
        raise CellError(f"「{text}」要逐个写出可选的值，用逗号隔开")
    return tuple(choice.value for choice in choices if isinstance(choice, Exactly))


def _choice(test: Test) -> Exactly | Within | None:
    """A test of written values; None for one that asks more."""
    if isinstance(test, CompareTest) and test.sign in {"<", "<=", ">", ">="} and isinstance(test.right, Written):
        bound = plain(test.right.value)
        low, high = (None, bound) if test.sign[0] == "<" else (bound, None)
        closed = test.sign.endswith("=")
        return Within(low, low is not None and closed, high, high is not None and closed) if _is_bound(bound) else None
    if isinstance(test, ValueTest) and isinstance(test.part, Written):
        value = plain(test.part.value)
        return Exactly(value) if isinstance(value, (str, int, float, bool, type(None))) else None
    return _interval(test.part) if isinstance(test, ValueTest) and isinstance(test.part, Interval) else None


def _interval(part: Interval) -> Within | None:
    if part.sign or not (isinstance(part.low, Written) and isinstance(part.high, Written)):
        return None
    low, high = plain(part.low.value), plain(part.high.value)
    both = _is_bound(low) and _is_bound(high) and isinstance(low, str) is isinstance(high, str)
    return Within(low, part.low_closed, high, part.high_closed) if both else None


def _is_bound(value: object) -> bool:
    return isinstance(value, (str, int, float)) and not isinstance(value, bool)
