"""Decision tables: hit policies, aggregations, defaults, and the index of large ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.feel import FeelError, read_expression, read_unary_tests, to_plain
from forms.feel.dmn_table import Input, Output, Row, Table

NAMES = ("street", "amount", "kind")


def table(
    rows: Sequence[tuple[Sequence[str], Sequence[str]]], policy: str = "UNIQUE", aggregation: str = "", **output: Any
) -> Table:
    inputs = [Input(read_expression(name, NAMES)) for name, _ in zip(NAMES, rows[0][0], strict=False)]
    names = ["unit", "days"][: len(rows[0][1])]
    read = [
        Row(
            tuple(read_unary_tests(cell, NAMES) for cell in cells),
            tuple(read_expression(text, NAMES) for text in outputs),
        )
        for cells, outputs in rows
    ]
    return Table(inputs, [Output(name, **output) for name in names], read, policy, aggregation)


OVERLAPPING = [
    (['"甲"', "> 1"], ['"low"', "1"]),
    (['"甲"', "> 2"], ['"high"', "amount"]),
    (["-", "> 9"], ['"high"', "3"]),
]


def one(policy: str, amount: int, **output: Any) -> Any:
    rows = [(cells, outputs[:1]) for cells, outputs in OVERLAPPING]
    return table(rows, policy, **output).decide({"street": "甲", "amount": amount})


def test_one_row_decides_and_is_named() -> None:
    decided = table(OVERLAPPING).decide({"street": "甲", "amount": 2})
    assert (decided.rows, to_plain(decided.value)) == ((1,), {"unit": "low", "days": 1})
    assert [to_plain(dict(outputs)) for outputs in decided.outputs] == [{"unit": "low", "days": 1}]


def test_no_row_is_null_or_the_default() -> None:
    assert one("UNIQUE", 0).value is None
    assert one("UNIQUE", 0, default=read_expression('"none"')).value == "none"
    assert one("COLLECT", 0, default=read_expression('"none"')).value == ["none"]


def test_two_rows_of_unique_are_refused_by_number() -> None:
    with pytest.raises(FeelError, match="第 1、2 行同时命中"):
        one("UNIQUE", 3)


def test_rows_of_any_must_agree() -> None:
    assert table([(["-"], ["1"]), (["-"], ["1"])], "ANY").decide({}).rows == (1,)
    with pytest.raises(FeelError, match="结果不同"):
        one("ANY", 3)


@pytest.mark.parametrize(
    ("policy", "rows", "value"),
    [
        ("FIRST", (1,), "low"),
        ("PRIORITY", (2,), "high"),
        ("RULE ORDER", (1, 2, 3), ["low", "high", "high"]),
        ("COLLECT", (1, 2, 3), ["low", "high", "high"]),
        ("OUTPUT ORDER", (2, 3, 1), ["high", "high", "low"]),
    ],
)
def test_the_hit_policy_chooses_and_orders(policy: str, rows: tuple[int, ...], value: object) -> None:
    decided = one(policy, 10, ranking=("high", "low"))
    assert (decided.rows, decided.value) == (rows, value)


@pytest.mark.parametrize(("aggregation", "value"), [("SUM", 14), ("MIN", 1), ("MAX", 10), ("COUNT", 3)])
def test_an_aggregation_makes_one_value(aggregation: str, value: int) -> None:
    rows = [(cells, outputs[1:]) for cells, outputs in OVERLAPPING]
    decided = table(rows, "COLLECT", aggregation).decide({"street": "甲", "amount": 10})
    assert to_plain(decided.value) == value


def test_nothing_to_aggregate_is_null_and_counts_zero() -> None:
    rows = [(["-", "> 99"], ["1"])]
    assert table(rows, "COLLECT", "SUM").decide({"amount": 1}).value is None
    assert table(rows, "COLLECT", "COUNT").decide({"amount": 1}).value == 0


@pytest.mark.parametrize(("policy", "aggregation"), [("BEST", ""), ("UNIQUE", "SUM"), ("COLLECT", "MEAN")])
def test_what_the_standard_does_not_have_is_refused(policy: str, aggregation: str) -> None:
    with pytest.raises(FeelError, match="命中策略"):
        table([(["-"], ["1"])], policy, aggregation)


def test_a_value_that_is_not_allowed_is_refused_and_null_is_not() -> None:
    column = Input(read_expression("kind", NAMES), read_unary_tests('"a", "b"', NAMES))
    narrow = Table([column], [Output("unit")], [Row((read_unary_tests("-"),), (read_expression("1"),))])
    assert narrow.decide({"kind": "a"}).rows == (1,)
    assert narrow.decide({"kind": None}).rows == (1,)
    with pytest.raises(FeelError, match="“kind”的值不在允许的值之内"):
        narrow.decide({"kind": "c"})


CELLS = st.sampled_from(["-", '"a"', '"b", "c"', 'not("a")', "1", "1, 2", "[1..2]", "true", "null", '"a", > 1'])
VALUES = st.sampled_from(["a", "b", "c", "z", 1, 2, 2.5, True, False, None, ["a"]])


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(CELLS, CELLS), min_size=30, max_size=60),
    st.fixed_dictionaries({"street": VALUES, "amount": VALUES}),
)
def test_the_index_of_a_large_table_leaves_out_no_row(cells: list[tuple[str, str]], variables: dict[str, Any]) -> None:
    rows = [(list(pair), [str(number)]) for number, pair in enumerate(cells)]
    pieces = [table(rows[start : start + 10], "RULE ORDER") for start in range(0, len(rows), 10)]
    decided: list[Any] = [piece.decide(variables).value or [] for piece in pieces]
    one_by_one = [value for values in decided for value in values]
    assert (table(rows, "RULE ORDER").decide(variables).value or []) == one_by_one
