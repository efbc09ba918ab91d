"""Decision tables: which cell accepts what, and which row decides."""

from __future__ import annotations

import pytest

from processes.engine.language.decision_tables import DecisionError, TableError, read_dmn
from processes.engine.language.expressions import ExpressionError
from processes.engine.language.unary_tests import CellError, read_cell
from tests.unit.check.drawing import table


@pytest.mark.parametrize(
    ("cell", "accepted", "rejected"),
    [
        ("-", ["a", 1, None, True], []),
        ("", ["a", 1, None], []),
        ('"a"', ["a"], ["b", None, 1, "A"]),
        ('"a","b, c"', ["a", "b, c"], ["b", "c"]),
        ("'a'", ["a"], ["b"]),
        ('not("a","b")', ["c", None, 1], ["a", "b"]),
        ("not(> 5)", [5, "x", None], [6]),
        ("5", [5, 5.0], [6, "5", None]),
        ("-2.5", [-2.5], [2.5]),
        ("1", [1], [True]),
        ("true", [True], [1, "true", False]),
        ("true,false", [True, False], [None, 0]),
        ("null", [None], ["", 0, False]),
        (">= 5", [5, 6.5], [4, "5", None, True]),
        ("<5", [4, -1], [5, None]),
        ("< 1, > 9", [0, 10], [1, 5, 9]),
        ("[1..5]", [1, 3, 5], [0.9, 5.1, "3", None, False]),
        ("(1..5)", [1.1, 4.9], [1, 5]),
        ("[1..5)", [1], [5]),
        ("]1..5]", [5], [1]),
        ('>= "2026-03-01"', ["2026-03-01", "2027-01-01"], ["2026-02-28", 5, None]),
        ('["2026-01-01".."2026-12-31"]', ["2026-06-01"], ["2025-06-01"]),
        ("? in ['a', 'b']", ["a"], ["c"]),
        ("100 <= ? < 200", [100, 150], [200, 99]),
        ('? == 5 or ? == "?"', [5, "?"], [6]),
        ("len(?) > 1", ["ab", [1, 2]], ["a", []]),
        ("? > floor", [11], [10]),
    ],
)
def test_a_cell_accepts_what_it_says(cell: str, accepted: list[object], rejected: list[object]) -> None:
    read = read_cell(cell)
    for value in accepted:
        assert read.accepts(value, {"floor": 10}), value
    for value in rejected:
        assert not read.accepts(value, {"floor": 10}), value


@pytest.mark.parametrize(
    "cell",
    [
        "a",
        "“a”",
        '"a',
        ",",
        '"a",,"b"',
        "[1..",
        "[5..1]",
        '[1.."b"]',
        "> a",
        "> true",
        "not(a)",
        "? +",
        "1..5",
        "\\",
        '"a"b"',
    ],
)
def test_a_cell_that_cannot_be_read_says_what_may_be_written(cell: str) -> None:
    with pytest.raises(CellError, match=r"[\u4e00-\u9fff]"):
        read_cell(cell)


def decide(rows: list[list[str]], policy: str, **variables: object) -> object:
    return read_dmn(table(rows, tuple(variables), policy=policy), "levels.dmn").decide(variables)


def test_a_decision_tells_its_row_label_inputs_and_outputs() -> None:
    rows = [['"x"', "[{'role': 'head', 'days': 3}]"], ["-", "None"]]
    decision = read_dmn(table(rows, policy="FIRST"), "levels.dmn").decide({"kind": "x"})
    assert decision is not None
    assert (decision.table, decision.row, decision.label, decision.rows) == ("levels", 1, "第1种", (1,))
    assert decision.inputs == {"kind": "x"}
    assert decision.outputs == {"level": [{"role": "head", "days": 3}]}


def test_first_takes_the_first_row_that_fits() -> None:
    rows = [["> 9", "'many'"], ["> 5", "'some'"], ["-", "'few'"]]
    found = [read_dmn(table(rows, ("n",), policy="FIRST"), "levels.dmn").decide({"n": n}) for n in (10, 6, 1)]
    assert [decision.row for decision in found if decision] == [1, 2, 3]


def test_unique_refuses_two_rows_at_once_and_names_them() -> None:
    with pytest.raises(DecisionError, match="第 1、2 行"):
        decide([["> 5", "1"], ["> 9", "2"]], "UNIQUE", n=10)


def test_no_row_that_fits_gives_none() -> None:
    assert decide([["> 5", "1"]], "UNIQUE", n=1) is None
    assert decide([["> 5", "1"]], "FIRST", n=1) is None


def test_collect_gives_lists_of_all_rows_that_fit() -> None:
    data = table([["> 5", "'a'"], ["> 9", "'b'"], ["< 0", "'c'"]], ("n",), policy="COLLECT")
    decision = read_dmn(data, "levels.dmn").decide({"n": 10})
    assert decision is not None
    assert decision.outputs == {"level": ["a", "b"]}
    assert (decision.rows, decision.row, decision.label) == ((1, 2), 1, "第1种；第2种")
    nothing = read_dmn(data, "levels.dmn").decide({"n": 5})
    assert nothing is not None
    assert (nothing.row, nothing.outputs) == (0, {"level": []})


def test_feel_words_are_understood_in_outputs() -> None:
    rows = [["1", "true"], ["2", "false"], ["3", "null"], ["4", ""], ["-", "n * 2"]]
    levels = read_dmn(table(rows, ("n",), policy="FIRST"), "levels.dmn")
    assert [d.outputs["level"] for n in range(1, 6) if (d := levels.decide({"n": n}))] == [True, False, None, None, 10]


def test_the_variables_of_a_table_are_those_of_inputs_formulas_and_outputs() -> None:
    levels = read_dmn(table([["? > floor", "rate * 2"], ["-", "1"]], ("n",), policy="FIRST"), "levels.dmn")
    assert levels.variables == {"n", "floor", "rate"}


def test_a_missing_input_is_an_expression_error_that_names_it() -> None:
    with pytest.raises(ExpressionError, match="kind"):
        read_dmn(table([["-", "1"]]), "levels.dmn").decide({})


def test_every_problem_of_a_table_is_told_at_once() -> None:
    with pytest.raises(TableError) as caught:
        read_dmn(table([["a", "x.y"], ["-", "1"]], policy="ANY"), "levels.dmn")
    assert [problem.element_id for problem in caught.value.problems] == ["levels", "c1_0", "c1_1"]
    assert str(caught.value).startswith("levels.dmn：")


def test_an_aggregation_is_refused() -> None:
    data = table([["-", "1"]], policy="COLLECT").replace(
        b'hitPolicy="COLLECT"', b'hitPolicy="COLLECT" aggregation="SUM"'
    )
    with pytest.raises(TableError, match="SUM"):
        read_dmn(data, "levels.dmn")


def test_a_literal_expression_instead_of_a_table_is_refused() -> None:
    data = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
      <decision id="levels" name="x"><literalExpression id="l"><text>1</text></literalExpression></decision>
      </definitions>"""
    with pytest.raises(TableError, match="决策表"):
        read_dmn(data, "levels.dmn")
