"""What an expression is for whoever uses one, whatever notation it is written in."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Final

CLOCK: Final = "clock"
CELL_VALUE: Final = "cell_value"
"""What the `?` of a table's cell is called in a tree."""
NO_CLOCK: Final = "这里不能用 clock()，它只能用在定时事件里"
Functions = Mapping[str, Callable[..., object]]


class CompiledExpression(ABC):
    """A checked and compiled expression; made by `compile_expression`."""

    __slots__ = ("calls", "clock_codes", "names", "text")

    text: str
    """As its owner wrote it."""
    names: frozenset[str]
    """The variables it reads."""
    calls: frozenset[str]
    """The functions it calls."""
    clock_codes: frozenset[str]
    """Codes written as text in calls of `clock`."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.text!r})"

    @property
    def constant(self) -> bool:
        """Whether it reads no variable and calls nothing that depends on the day."""
        return not self.names and CLOCK not in self.calls

    @property
    @abstractmethod
    def tree(self) -> ast.Expression:
        """What it says, in one form for every notation: for readers such as the checker, never to be changed."""

    @abstractmethod
    def evaluate(self, variables: Mapping[str, object], functions: Functions | None = None) -> object:
        """The value over `variables`. `functions` gives `clock`, where the place of use has one.

        Raises: ExpressionError, for a variable that is missing or a result out of bounds.
        """

    @abstractmethod
    def holds(self, variables: Mapping[str, object]) -> bool:
        """Whether it is true, as the condition of a flow. Raises: as `evaluate`."""
