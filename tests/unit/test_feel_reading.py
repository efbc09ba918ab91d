"""Expressions, cells and tables of files that declare FEEL, as the engine asks them."""

from __future__ import annotations

from typing import Any

import pytest

from processes.engine.diagrams.expression_places import FEEL, MARK, mark, places
from processes.engine.diagrams.reader import read_bpmn
from processes.engine.diagrams.safe_xml import parse_xml
from processes.engine.language.decision_tables import DecisionError, DecisionTable, TableError, read_dmn
from processes.engine.language.expressions import ExpressionError, compile_expression
from processes.engine.language.feel_cells import read_feel_cell
from processes.engine.language.unary_tests import CellError
from tests.unit.check.drawing import between, table, timer, user

CASE: dict[str, Any] = {"kind": "a", "amount": 7, "people": ["甲", "乙"], "none": None, "on": "2026-03-01"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('if amount > 5 then "多" else "少"', "多"),
        ("amount / 2", 3.5),
        ("amount + 1", 8),
        ("people[1]", "甲"),
        ("count(people)", 2),
        ("[amount, {a: none}]", [7, {"a": None}]),
        ("date(on)", "2026-03-01"),
        ("none > 5", None),
        ('kind = "a" and none = null', True),
    ],
)
def test_a_value_of_feel_is_what_a_case_can_keep(text: str, expected: object) -> None:
    value = compile_expression(MARK + text).evaluate(CASE)
    assert value == expected
    assert type(value) is type(expected)


def test_only_true_holds() -> None:
    held = [t for t in ("true", "kind", "amount", "none > 5", "people", "amount = 7") if _holds(t)]
    assert held == ["true", "amount = 7"]
    assert compile_expression("kind").holds(CASE)  # the older notation: whatever is not empty


def _holds(text: str) -> bool:
    return compile_expression(MARK + text).holds(CASE)


def test_a_missing_variable_is_refused_only_where_it_is_asked_for() -> None:
    with pytest.raises(ExpressionError, match="missing"):
        compile_expression(MARK + 'missing = "x"').evaluate(CASE)
    assert compile_expression(MARK + 'kind = "b" and missing > 1').evaluate(CASE) is False
    assert compile_expression(MARK + 'if kind = "a" then 1 else missing').evaluate(CASE) == 1


def test_what_an_expression_names_is_known() -> None:
    expression = compile_expression(MARK + 'clock("reply", accepted_at)')
    told = (set(expression.names), set(expression.calls), set(expression.clock_codes))
    assert told == ({"accepted_at"}, {"clock"}, {"reply"})
    assert not expression.constant
    assert compile_expression(MARK + '"reply"').constant
    assert expression.text == 'clock("reply", accepted_at)'


def test_a_clock_is_asked_with_plain_values_and_only_where_there_is_one() -> None:
    asked: list[tuple[object, ...]] = []
    expression = compile_expression(MARK + 'clock("reply", date(on))')

    def clock(*given: object) -> str:
        asked.append(given)
        return "2026-03-09T00:00:00+08:00"

    assert expression.evaluate(CASE, {"clock": clock}) == "2026-03-09T00:00:00+08:00"
    assert asked == [("reply", "2026-03-01")]
    with pytest.raises(ExpressionError, match="clock"):
        expression.evaluate(CASE)


@pytest.mark.parametrize(
    "text", ["kind ==", "frobnicate(1)", "function(x) x", "x" * 5000, "for i in 1..99999999 return i"]
)
def test_what_cannot_be_read_or_bounded_is_refused_in_chinese(text: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        compile_expression(MARK + text).evaluate(CASE)
    assert any("\u4e00" <= character <= "\u9fff" for character in refused.value.sentence)


@pytest.mark.parametrize(
    ("cell", "accepted", "rejected"),
    [
        ("-", ["a", 1, None], []),
        ('"a", "b"', ["a", "b"], ["c", None, 1]),
        ('not("a")', ["b", None], ["a"]),
        (">= 5", [5, 6.5], [4, "5", None]),
        ("[1..5)", [1, 4], [5, 0]),
        ('? = "a" or amount > 100', ["a"], ["b"]),
        ("null", [None], ["", 0]),
        ('starts with(?, "甲")', ["甲乙"], ["乙", 1]),
    ],
)
def test_a_cell_in_feel_accepts(cell: str, accepted: list[object], rejected: list[object]) -> None:
    read = read_feel_cell(cell)
    assert [value for value in accepted if not read.accepts(value, CASE)] == []
    assert [value for value in rejected if read.accepts(value, CASE)] == []


def test_a_cell_that_is_no_feel_is_refused_with_its_text() -> None:
    with pytest.raises(CellError, match="甲乙"):
        read_feel_cell("甲乙 ==")


def _table(rows: list[list[str]], policy: str, aggregation: str = "", values: str = "") -> DecisionTable:
    data = table(rows, policy=policy).replace(
        b"<definitions ", f'<definitions expressionLanguage="{FEEL}" '.encode(), 1
    )
    if aggregation:
        data = data.replace(b'hitPolicy="COLLECT"', f'hitPolicy="COLLECT" aggregation="{aggregation}"'.encode())
    if values:
        said = f'<outputValues id="ov"><text>{values}</text></outputValues></output>'
        data = data.replace(b'label="level"/>', f'label="level">{said}'.encode())
    return read_dmn(data, "levels.dmn")


TWO = [['"a"', "2"], ["-", "1"]]


@pytest.mark.parametrize(
    ("policy", "aggregation", "row", "outputs"),
    [
        ("FIRST", "", 1, {"level": 2}),
        ("PRIORITY", "", 2, {"level": 1}),
        ("COLLECT", "", 1, {"level": [2, 1]}),
        ("RULE ORDER", "", 1, {"level": [2, 1]}),
        ("OUTPUT ORDER", "", 2, {"level": [1, 2]}),
        ("COLLECT", "SUM", 1, {"level": 3}),
        ("COLLECT", "MAX", 1, {"level": 2}),
        ("COLLECT", "COUNT", 1, {"level": 2}),
    ],
)
def test_every_hit_policy_decides(policy: str, aggregation: str, row: int, outputs: dict[str, object]) -> None:
    decided = _table(TWO, policy, aggregation, "1, 2").decide({"kind": "a"})
    assert decided is not None
    assert (decided.row, decided.outputs, decided.inputs) == (row, outputs, {"kind": "a"})


@pytest.mark.parametrize("policy", ["UNIQUE", "ANY"])
def test_rows_that_contradict_each_other_are_named(policy: str) -> None:
    with pytest.raises(DecisionError, match="第 1、2 行"):
        _table(TWO, policy).decide({"kind": "a"})


def test_no_row_and_no_variable() -> None:
    one = _table([['"a"', "2"]], "UNIQUE")
    assert one.decide({"kind": "b"}) is None
    assert _table([['"a"', "2"]], "COLLECT").decide({"kind": "b"}).outputs == {"level": []}  # type: ignore[union-attr]
    with pytest.raises(ExpressionError, match="kind"):
        one.decide({})
    assert _table([['"a"', "-"]], "UNIQUE").decide({"kind": "a"}).outputs == {"level": None}  # type: ignore[union-attr]


@pytest.mark.parametrize(("policy", "aggregation"), [("LAST", ""), ("COLLECT", "MEAN")])
def test_what_dmn_does_not_have_is_refused(policy: str, aggregation: str) -> None:
    with pytest.raises(TableError):
        _table(TWO, policy, aggregation)


def test_every_cell_that_cannot_be_read_is_named_at_once() -> None:
    with pytest.raises(TableError) as refused:
        _table([["'a'", "2 +"], *([["-", "1"]] * 30)], "FIRST")
    assert [problem.element_name for problem in refused.value.problems] == [
        "第 1 行第 1 个输入格",
        "第 1 行第 1 个输出格",
    ]


def test_every_place_of_a_diagram_that_declares_feel_is_marked_in_memory() -> None:
    data = between(user("middle", '<banli:task form="decide" title="subject" limit="=amount"/>', timer('clock("x")')))
    data = data.replace(b"<bpmn:definitions ", f'<bpmn:definitions expressionLanguage="{FEEL}" '.encode(), 1)
    root = parse_xml(data, "x.bpmn")
    found = [place.text for place in places(root)]
    assert found == ["subject", "subject", "amount", 'clock("x")']
    mark(root)
    assert [place.text for place in places(root)] == [MARK + text for text in found]
    (process,) = read_bpmn(data, "x.bpmn").processes
    task = process.nodes["middle"].task
    assert task is not None
    assert (process.title, task.title, task.limit) == (f"{MARK}subject", f"{MARK}subject", f"={MARK}amount")
    assert MARK.encode() not in data
