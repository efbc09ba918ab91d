"""Decision tables over expressions and cells that were read before: every hit policy and aggregation of DMN."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from forms.feel.bounds import Budget
from forms.feel.cursor import FIRST_SLOT
from forms.feel.errors import FeelError
from forms.feel.evaluating import Frame, new_frame
from forms.feel.expression import Expression, Functions, UnaryTests
from forms.feel.hit_policies import AGGREGATIONS, ONE_HIT, POLICIES, Hit, chosen, ordered, summed_up
from forms.feel.row_index import RowIndex
from forms.feel.values import Value


@dataclass(frozen=True, slots=True)
class Input:
    """An input column; `allowed` are the values that it may have at all."""

    expression: Expression
    allowed: UnaryTests | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """An output column; `ranking` are its values from the first to the last in priority, `default` if no row fits."""

    name: str
    ranking: tuple[Value, ...] = ()
    default: Expression | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row: one cell per input, one expression per output."""

    cells: tuple[UnaryTests, ...]
    outputs: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """What a table decided: `rows` that count (from 1, as people count), their outputs, and DMN's one value.

    The value is that of the one output or a context of them; a list of these for the policies with many hits; the
    number or extreme for an aggregation; null or the defaults if no row fits.
    """

    rows: tuple[int, ...]
    outputs: tuple[Mapping[str, Value], ...]
    value: Value


class Table:
    """A decision table, ready to decide."""

    def __init__(
        self,
        inputs: Sequence[Input],
        outputs: Sequence[Output],
        rows: Sequence[Row],
        hit_policy: str = "UNIQUE",
        aggregation: str = "",
    ) -> None:
        """Raises: FeelError, for a policy or an aggregation that DMN does not have."""
        if hit_policy not in POLICIES:
            raise FeelError(f"命中策略 {hit_policy} 不存在，可以用的是 {'、'.join(POLICIES)}。", hit_policy)
        if aggregation and (aggregation not in AGGREGATIONS or hit_policy != "COLLECT" or len(outputs) != 1):
            raise FeelError("汇总（SUM、MIN、MAX、COUNT）只能用于命中策略 COLLECT 和一个输出列。", aggregation)
        self.inputs = tuple(inputs)
        self.outputs = tuple(outputs)
        self.rows = tuple(rows)
        self.hit_policy = hit_policy
        self.aggregation = aggregation
        self._checks = tuple(
            tuple((column, cell.check) for column, cell in enumerate(row.cells) if not cell.anything)
            for row in self.rows
        )
        self._slots = max((cell.slots for row in self.rows for cell in row.cells), default=FIRST_SLOT + 1)
        self._index = RowIndex([row.cells for row in self.rows])

    def decide(self, variables: Mapping[str, Any], functions: Functions | None = None) -> Decided:
        """Decide over `variables`.

        Raises: FeelError, if rows of UNIQUE overlap, rows of ANY differ, an input is not among its allowed values, or
        as `Expression.evaluate`.
        """
        values = [column.expression.evaluate(variables, functions) for column in self.inputs]
        frame = new_frame(variables, Budget(functions), self._slots)
        self._refuse_unknown(values, frame)
        hits = [
            Hit(row + 1, tuple(output.evaluate(variables, functions) for output in self.rows[row].outputs))
            for row in self._matching(values, frame)
        ]
        if not hits:
            return Decided((), (), self._without_hit(variables, functions))
        kept = chosen(self.hit_policy, hits)
        kept = ordered(self.hit_policy, kept, [output.ranking for output in self.outputs])
        outputs = tuple(self._named(hit) for hit in kept)
        return Decided(tuple(hit.row for hit in kept), outputs, self._value(kept))

    def _matching(self, values: list[Any], frame: Frame) -> list[int]:
        hits = []
        for row in self._index.candidates(values):
            for column, check in self._checks[row]:
                frame[FIRST_SLOT] = value = values[column]
                if check(value, frame) is not True:
                    break
            else:
                hits.append(row)
                if self.hit_policy == "FIRST":
                    break
        return hits

    def _refuse_unknown(self, values: list[Any], frame: Frame) -> None:
        for column, value in zip(self.inputs, values, strict=True):
            if column.allowed is None or value is None:
                continue
            room = new_frame(frame[0], frame[1], max(column.allowed.slots, self._slots))
            room[FIRST_SLOT] = value
            if column.allowed.check(value, room) is False:
                raise FeelError(f"“{column.expression.text}”的值不在允许的值之内，请检查。", column.expression.text)

    def _named(self, hit: Hit) -> Mapping[str, Value]:
        return {output.name: value for output, value in zip(self.outputs, hit.outputs, strict=True)}

    def _value(self, hits: list[Hit]) -> Value:
        each = [hit.outputs[0] if len(self.outputs) == 1 else dict(self._named(hit)) for hit in hits]
        if self.aggregation:
            return summed_up(self.aggregation, each)
        return each[0] if self.hit_policy in ONE_HIT else each

    def _without_hit(self, variables: Mapping[str, Any], functions: Functions | None) -> Value:
        if not any(output.default for output in self.outputs):
            return summed_up(self.aggregation, []) if self.aggregation else None
        values = [o.default.evaluate(variables, functions) if o.default else None for o in self.outputs]
        fallback = values[0] if len(values) == 1 else {o.name: v for o, v in zip(self.outputs, values, strict=True)}
        return fallback if self.hit_policy in ONE_HIT or self.aggregation else [fallback]
