"""What becomes of the rows that fit: DMN's hit policies and aggregations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from forms.feel.comparing import equal
from forms.feel.errors import FeelError
from forms.feel.functions.figures import largest, smallest, total
from forms.feel.values import Value

ONE_HIT: Final = ("UNIQUE", "ANY", "PRIORITY", "FIRST")
POLICIES: Final = (*ONE_HIT, "RULE ORDER", "OUTPUT ORDER", "COLLECT")
AGGREGATIONS: Final = ("SUM", "MIN", "MAX", "COUNT")


@dataclass(frozen=True, slots=True)
class Hit:
    """A row that fits, counted from 1, with the values of its outputs."""

    row: int
    outputs: tuple[Value, ...]


def chosen(policy: str, hits: list[Hit]) -> list[Hit]:
    """The hits that the policy lets through.

    Raises: FeelError, naming the rows that contradict each other.
    """
    rows = "、".join(str(hit.row) for hit in hits)
    if policy == "UNIQUE" and len(hits) > 1:
        raise FeelError(f"第 {rows} 行同时命中，命中策略为「唯一」时只能有一行，请修改条件。", "UNIQUE")
    if policy == "ANY":
        if not all(_same(hit, hits[0]) for hit in hits):
            raise FeelError(f"第 {rows} 行同时命中而结果不同，命中策略为「任一」时结果必须相同，请修改。", "ANY")
        return hits[:1]
    return hits[:1] if policy == "FIRST" else hits


def _same(left: Hit, right: Hit) -> bool:
    return all(equal(a, b) is True for a, b in zip(left.outputs, right.outputs, strict=True))


def ordered(policy: str, hits: list[Hit], rankings: Sequence[tuple[Value, ...]]) -> list[Hit]:
    """By the priority of the outputs, where the policy asks for it; equal ones stay in the order of their rows."""
    if policy not in {"PRIORITY", "OUTPUT ORDER"}:
        return hits
    ranked = sorted(hits, key=lambda hit: [_rank(v, r) for v, r in zip(hit.outputs, rankings, strict=True)])
    return ranked[:1] if policy == "PRIORITY" else ranked


def _rank(value: Value, ranking: tuple[Value, ...]) -> int:
    return next((place for place, known in enumerate(ranking) if equal(value, known) is True), len(ranking))


def summed_up(aggregation: str, values: list[Value]) -> Value:
    """SUM, MIN, MAX or COUNT of the outputs; null of none, except the count."""
    if aggregation == "COUNT":
        return Decimal(len(values))
    if not values:
        return None
    return {"SUM": total, "MIN": smallest, "MAX": largest}[aggregation](values)
