"""Decision tables as data: their columns, rows and cells, and how those of the older notation decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from processes.engine.language.compiled_expression import CELL_VALUE, CompiledExpression
from processes.engine.language.unary_tests import Cell, Literal


@dataclass(frozen=True, slots=True)
class TableProblem:
    """Something wrong in a table: the XML id and a readable name of the place, and a Chinese sentence."""

    element_id: str
    element_name: str
    sentence: str


class TableError(Exception):
    """A table that cannot be used; `problems` holds everything found."""

    def __init__(self, filename: str, problems: list[TableProblem]) -> None:
        super().__init__(f"{filename}：" + "；".join(f"{p.element_name}{p.sentence}" for p in problems))
        self.filename = filename
        self.problems = tuple(problems)
        self.sentence = problems[0].sentence


class DecisionError(Exception):
    """A table that could not decide on these values; `sentence` is Chinese."""

    def __init__(self, table: str, sentence: str) -> None:
        super().__init__(f"决策表「{table}」：{sentence}")
        self.table = table
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class InputColumn:
    """An input column. `values` are the allowed values if the column lists them."""

    id: str
    label: str
    expression: CompiledExpression
    type: str = ""
    values: tuple[Literal, ...] = ()


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """An output column; `name` is the variable it sets, `values` those it may give, the most important first."""

    name: str
    label: str
    type: str = ""
    values: tuple[Literal, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A row, counted from 1 as people count."""

    row: int
    id: str
    cells: tuple[Cell, ...]
    outputs: tuple[CompiledExpression, ...]
    annotation: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What a table decided and by which row: the answer to "why is this on my desk".

    For COLLECT `rows` are all matching rows, `row` the first (0 if none) and each output is a list.
    """

    table: str
    row: int
    label: str
    inputs: Mapping[str, object]
    outputs: Mapping[str, object]
    rows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """A decision table, ready to decide."""

    key: str
    name: str
    hit_policy: str
    inputs: tuple[InputColumn, ...]
    outputs: tuple[OutputColumn, ...]
    rules: tuple[Rule, ...]
    aggregation: str = ""
    """SUM, MIN, MAX or COUNT, for COLLECT with one output."""

    @property
    def gathers(self) -> bool:
        """Whether each output is the list of what all matching rows say."""
        return self.hit_policy in {"COLLECT", "RULE ORDER", "OUTPUT ORDER"}

    @property
    def variables(self) -> frozenset[str]:
        """Every variable the table reads: in inputs, in cells with a formula, in outputs."""
        expressions = [column.expression for column in self.inputs]
        for rule in self.rules:
            expressions += [cell.formula for cell in rule.cells if cell.formula is not None]
            expressions += rule.outputs
        return frozenset().union(*(e.names for e in expressions)) - {CELL_VALUE}

    def decide(self, variables: Mapping[str, object]) -> Decision | None:
        """The decision over `variables`, or None if no row fits.

        Raises: DecisionError, if rows of a UNIQUE table overlap; ExpressionError, from an expression.
        """
        values = [column.expression.evaluate(variables) for column in self.inputs]
        matching = self._matching(values, variables)
        if self.hit_policy == "UNIQUE" and len(matching) > 1:
            rows = "、".join(str(rule.row) for rule in matching)
            raise DecisionError(self.key, f"第 {rows} 行同时命中，命中策略为「唯一」时只能有一行，请修改条件")
        inputs = {c.label or c.expression.text: v for c, v in zip(self.inputs, values, strict=True)}
        if self.hit_policy == "COLLECT":
            return self._collected(matching, inputs, variables)
        if not matching:
            return None
        rule = matching[0]
        outputs = {o.name: e.evaluate(variables) for o, e in zip(self.outputs, rule.outputs, strict=True)}
        return Decision(self.key, rule.row, rule.annotation, inputs, outputs, (rule.row,))

    def _matching(self, values: list[object], variables: Mapping[str, object]) -> list[Rule]:
        hits = []
        for rule in self.rules:
            if all(cell.accepts(value, variables) for cell, value in zip(rule.cells, values, strict=True)):
                hits.append(rule)
                if self.hit_policy == "FIRST":
                    break
        return hits

    def _collected(
        self, matching: list[Rule], inputs: Mapping[str, object], variables: Mapping[str, object]
    ) -> Decision:
        outputs = {
            output.name: [rule.outputs[column].evaluate(variables) for rule in matching]
            for column, output in enumerate(self.outputs)
        }
        label = "；".join(rule.annotation for rule in matching if rule.annotation)
        rows = tuple(rule.row for rule in matching)
        return Decision(self.key, rows[0] if rows else 0, label, inputs, outputs, rows)
