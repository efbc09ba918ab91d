"""Decision tables in FEEL: every hit policy of DMN, decided by `forms.feel`, told as the engine keeps decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from forms.feel import FeelError, from_python, to_plain
from forms.feel.dmn_table import Decided, Input, Output, Row, Table
from forms.feel.hit_policies import ONE_HIT
from processes.engine.language.compiled_expression import CompiledExpression
from processes.engine.language.feel_cells import FeelCell
from processes.engine.language.feel_expression import FeelExpression, given_only
from processes.engine.language.table_model import Decision, DecisionError, DecisionTable


@dataclass(frozen=True, slots=True)
class FeelTable(DecisionTable):
    """A table whose columns, cells and outputs are FEEL."""

    feel: Table = field(compare=False, repr=False, kw_only=True)
    needed: frozenset[str] = field(compare=False, repr=False, kw_only=True)
    """`variables`, worked out once."""

    def decide(self, variables: Mapping[str, object]) -> Decision | None:
        """As `DecisionTable.decide`; the lists of a policy with many hits are in the order of the rows."""
        values = [column.expression.evaluate(variables) for column in self.inputs]
        inputs = {c.label or c.expression.text: v for c, v in zip(self.inputs, values, strict=True)}
        try:
            decided = self.feel.decide(given_only(variables, self.needed))
            outputs = self._outputs(decided)
        except FeelError as error:
            raise DecisionError(self.key, error.sentence.rstrip("。")) from error
        if outputs is None:
            return None
        label = "；".join(a for row in decided.rows if (a := self.rules[row - 1].annotation))
        return Decision(self.key, decided.rows[0] if decided.rows else 0, label, inputs, outputs, decided.rows)

    def _outputs(self, decided: Decided) -> dict[str, object] | None:
        if self.hit_policy in ONE_HIT:
            return {name: to_plain(value) for name, value in decided.outputs[0].items()} if decided.rows else None
        if self.aggregation:
            return {self.outputs[0].name: to_plain(decided.value)}
        return {output.name: [to_plain(row[output.name]) for row in decided.outputs] for output in self.outputs}


@dataclass(frozen=True, slots=True)
class _Valued:
    """An expression as the table asks it: for FEEL's own value."""

    expression: FeelExpression

    @property
    def text(self) -> str:
        return self.expression.text

    def evaluate(self, variables: Mapping[str, Any], functions: object = None) -> Any:
        return self.expression.value(variables)


def feel_table(table: DecisionTable) -> FeelTable:
    """The same table, ready to decide in FEEL; all its expressions and cells were read as FEEL."""
    inputs = [Input(_valued(column.expression)) for column in table.inputs]
    outputs = [Output(output.name, tuple(from_python(value) for value in output.values)) for output in table.outputs]
    rows = [
        Row(tuple(cast(FeelCell, cell).tests for cell in rule.cells), tuple(map(_valued, rule.outputs)))
        for rule in table.rules
    ]
    return FeelTable(
        table.key,
        table.name,
        table.hit_policy,
        table.inputs,
        table.outputs,
        table.rules,
        table.aggregation,
        feel=Table(inputs, outputs, rows, table.hit_policy, table.aggregation),
        needed=table.variables,
    )


def _valued(expression: CompiledExpression) -> Any:
    return _Valued(cast(FeelExpression, expression))
