"""How the cells of a decision table are read in each notation, for the one reader of DMN files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from forms.feel.hit_policies import AGGREGATIONS, POLICIES
from processes.engine.language.compiled_expression import CompiledExpression
from processes.engine.language.expressions import compile_python
from processes.engine.language.feel_cells import read_feel_cell, read_feel_values
from processes.engine.language.feel_expression import FeelExpression
from processes.engine.language.feel_table import feel_table
from processes.engine.language.table_model import DecisionTable
from processes.engine.language.unary_tests import Cell, Literal, read_cell, read_values

_OLDER_WORDS: Final[Mapping[str, str]] = {"true": "True", "false": "False", "null": "None", "": "None", "-": "None"}
_FEEL_WORDS: Final[Mapping[str, str]] = {"": "null", "-": "null"}


@dataclass(frozen=True, slots=True)
class Notation:
    """What differs: `null` is how it is written, `words` stand for other texts in an output cell."""

    expression: Callable[[str], CompiledExpression]
    cell: Callable[[str], Cell]
    values: Callable[[str], tuple[Literal, ...]]
    table: Callable[[DecisionTable], DecisionTable]
    policies: tuple[str, ...]
    aggregations: tuple[str, ...]
    null: str
    words: Mapping[str, str]

    def output(self, text: str) -> str:
        """The expression of an output cell; an empty one gives nothing."""
        return self.words.get(text, text)


OLDER: Final = Notation(
    compile_python,
    read_cell,
    read_values,
    lambda table: table,
    policies=("UNIQUE", "FIRST", "COLLECT"),
    aggregations=(),
    null="None",
    words=_OLDER_WORDS,
)
FEEL: Final = Notation(
    FeelExpression,
    read_feel_cell,
    read_feel_values,
    feel_table,
    policies=POLICIES,
    aggregations=AGGREGATIONS,
    null="null",
    words=_FEEL_WORDS,
)
