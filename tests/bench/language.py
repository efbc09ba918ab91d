"""What one evaluation costs: FEEL against the notation of the diagrams that it is to replace, in one run and in turn.

The same conditions and tables in both, over the same variables; wall time of a tight loop, the least of many rounds of
each, so that another process on the machine counts for neither. A large table is decided by its index of equality
columns: its figure is against the table of 60 rows, both in FEEL.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from forms.feel import Names, read_expression, read_unary_tests
from forms.feel.dmn_table import Input, Output, Row, Table
from processes.engine.language.decision_tables import DecisionTable, read_dmn
from processes.engine.language.expressions import compile_expression
from tests.bench.figures import Figure

LARGE_TARGET, COST_TARGET = 3.0, 1.1
CASE: dict[str, Any] = {
    "kind": "a",
    "amount": 7,
    "urgent": False,
    "decision": "agree",
    "grade": "normal",
    "more_levels": True,
}
GATEWAYS = (
    ("decision == 'agree'", 'decision = "agree"'),
    ("more_levels", "more_levels"),
    ("amount > 5", "amount > 5"),
    ("grade in ['urgent', 'special']", 'grade in ("urgent", "special")'),
    ("decision != 'agree' or grade == 'normal'", 'decision != "agree" or grade = "normal"'),
    ("kind == 'a' and amount > 5 and not urgent", 'kind = "a" and amount > 5 and not(urgent)'),
)
COLUMNS = Names(["street", "kind", "amount"])


def run(rounds: int) -> list[Figure]:
    """Measure with so many rounds of each variant."""
    python = [compile_expression(old).evaluate for old, _ in GATEWAYS]
    feel = [read_expression(new, list(CASE)).evaluate for _, new in GATEWAYS]
    conditions = least_of([_each(python, CASE), _each(feel, CASE)], rounds, 200)
    before, small, large = _python_table(60), _feel_table(60), _feel_table(1_000)
    last = {"street": "街道59", "kind": "b", "amount": 9}
    tables = least_of([lambda: before.decide(last), lambda: small.decide(last), lambda: large.decide(last)], rounds, 50)
    return [
        _ratio("gateway condition, FEEL against today's", conditions[1] / conditions[0], COST_TARGET, "six conditions"),
        _ratio("table of 60 rows, FEEL against today's", tables[1] / tables[0], COST_TARGET, "the last row decides"),
        _ratio("table of 1,000 rows against 60", tables[2] / tables[1], LARGE_TARGET, "row 60 decides in both"),
        Figure("gateway condition in FEEL", conditions[1] / len(GATEWAYS) * 1e6, "µs", "", None, "mean of the six"),
        Figure("table of 60 rows in FEEL", tables[1] * 1e6, "µs", "", None, "three columns, the row's output included"),
    ]


def _ratio(name: str, value: float, target: float, how: str) -> Figure:
    return Figure(name, value, "times", f"<= {target:g}", value <= target, how)


def _each(evaluations: Sequence[Callable[[Any], object]], case: dict[str, Any]) -> Callable[[], object]:
    def run_all() -> None:
        for evaluate in evaluations:
            evaluate(case)

    return run_all


def least_of(variants: list[Callable[[], object]], rounds: int, loops: int) -> list[float]:
    """Seconds of one call of each variant: they take turns, the quickest round of each counts."""
    best = [float("inf")] * len(variants)
    for _ in range(rounds):
        for place, variant in enumerate(variants):
            begin = time.perf_counter()
            for _ in range(loops):
                variant()
            best[place] = min(best[place], (time.perf_counter() - begin) / loops)
    return best


def _cells(rows: int) -> list[tuple[str, str, str]]:
    return [(f'"街道{number}"', '"a", "b"', ">= 5") for number in range(rows)]


def _feel_table(rows: int) -> Table:
    return Table(
        [Input(read_expression(name, COLUMNS)) for name in COLUMNS.entries],
        [Output("unit")],
        [
            Row(
                tuple(read_unary_tests(cell, COLUMNS) for cell in cells),
                (read_expression(f'"unit {number}"', COLUMNS),),
            )
            for number, cells in enumerate(_cells(rows))
        ],
    )


def _python_table(rows: int) -> DecisionTable:
    inputs = "".join(
        f'<input label="{n}"><inputExpression><text>{n}</text></inputExpression></input>' for n in COLUMNS.entries
    )
    rules = "".join(
        "<rule>"
        + "".join(f"<inputEntry><text>{cell.replace('>', '&gt;')}</text></inputEntry>" for cell in cells)
        + f'<outputEntry><text>"unit {number}"</text></outputEntry></rule>'
        for number, cells in enumerate(_cells(rows))
    )
    text = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"><decision id="routing" name="r">'
        f'<decisionTable>{inputs}<output name="unit" label="unit"/>{rules}</decisionTable></decision></definitions>'
    )
    return read_dmn(text.encode(), "routing.dmn")
