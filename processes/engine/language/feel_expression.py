"""An expression in FEEL, for the engine: values come from a case and go back into it as JSON can hold them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any, Final

from forms.feel import FeelError, read_expression, to_plain
from forms.feel.node_facts import walk
from forms.feel.tree import FunctionCall, Literal, Node
from processes.engine.language.compiled_expression import CLOCK, NO_CLOCK, CompiledExpression, Functions
from processes.engine.language.feel_as_ast import as_ast
from processes.engine.language.guards import ExpressionError
from processes.engine.language.own_functions import FUNCTIONS

_PLAIN: Final = frozenset({bool, str, type(None)})


class FeelExpression(CompiledExpression):
    """Null is a value of the language; a variable that nobody gave a value is refused, as in every notation."""

    __slots__ = ("_feel",)

    def __init__(self, text: str) -> None:
        """Raises: ExpressionError."""
        try:
            self._feel = read_expression(text, functions=FUNCTIONS)
        except FeelError as error:
            raise ExpressionError(error.sentence, text) from error
        self.text = text
        self.names = self._feel.names
        self.calls = self._feel.calls
        self.clock_codes = frozenset(_clock_codes(self._feel.tree))

    @property
    def root(self) -> Node:
        """FEEL's own tree."""
        return self._feel.tree

    @property
    def tree(self) -> ast.Expression:
        """The tree in the form that all notations share."""
        return ast.Expression(as_ast(self._feel.tree))

    def evaluate(self, variables: Mapping[str, object], functions: Functions | None = None) -> object:
        """As `CompiledExpression.evaluate`."""
        given = self._late(functions) if CLOCK in self.calls else None
        try:
            value = self._feel.evaluate(given_only(variables, self.names), given)
            return value if type(value) in _PLAIN else to_plain(value)
        except FeelError as error:
            raise ExpressionError(error.sentence, self.text) from error

    def holds(self, variables: Mapping[str, object]) -> bool:
        """Only true holds: null and what is no truth value do not."""
        return self.evaluate(variables) is True

    def value(self, variables: Mapping[str, Any]) -> Any:
        """The value as FEEL has it, for a decision table. Raises: FeelError; ExpressionError for a missing variable."""
        return self._feel.evaluate(given_only(variables, self.names))

    def _late(self, functions: Functions | None) -> Functions:
        clock = (functions or {}).get(CLOCK)
        if clock is None:
            raise ExpressionError(NO_CLOCK, self.text)
        return {CLOCK: lambda *given: clock(*map(to_plain, given))}


class _Given(dict[str, Any]):
    """Variables of which a missing one is refused when it is asked for."""

    def get(self, name: str, default: Any = None) -> Any:
        if name not in self:
            raise ExpressionError(f"没有变量「{name}」", name)
        return self[name]


def given_only(variables: Mapping[str, Any], names: frozenset[str]) -> Mapping[str, Any]:
    """The variables, so that one of `names` that is missing is refused and not null: typing errors are not silent."""
    for name in names:
        if name not in variables:
            break
    else:
        return variables
    return _Given({name: variables[name] for name in names if name in variables})


def _clock_codes(tree: object) -> Iterator[str]:
    for node in walk(tree):
        if isinstance(node, FunctionCall) and node.name == CLOCK:
            code = node.arguments[0]
            if isinstance(code, Literal) and isinstance(code.value, str):
                yield code.value
