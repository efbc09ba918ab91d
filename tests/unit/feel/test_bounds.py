"""No text and no values make the reader or the evaluator slow, large, or raise anything but their own error."""

from __future__ import annotations

import time
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms.feel import NOW, STANDARD, FeelError, read_expression, read_unary_tests
from forms.feel.bounds import MAX_SOURCE, MAX_TOTAL
from forms.feel.tokeniser import KEYWORDS

VARIABLES: dict[str, Any] = {
    "kind": "other",
    "amount": Decimal("12.5"),
    "hours": 3,
    "empty": None,
    "rows": [{"n": 1}, {"n": None}],
    "金额 合计": 2.5,
    "huge": 10**60,
    "text": "长" * 9_000,
    "many": list(range(2_000)),
}
SECONDS = 3.0
"""Generous: the machine may be busy. What is unbounded takes minutes."""


def run(text: str) -> None:
    """Read and evaluate, as an expression and as a cell; only FeelError may come."""
    started = time.process_time()
    with suppress(FeelError):
        read_expression(text, list(VARIABLES), functions={**STANDARD, **NOW}).evaluate(VARIABLES, {"now": object})
    with suppress(FeelError):
        read_unary_tests(text, list(VARIABLES)).accepts(3, VARIABLES)
    assert time.process_time() - started < SECONDS


PIECES = st.one_of(
    st.sampled_from(sorted(KEYWORDS)),
    st.sampled_from(sorted(VARIABLES)),
    st.sampled_from(sorted(f"{name}(" for name in STANDARD)),
    st.sampled_from(
        "( ) [ ] { } , . .. : + - * / ** = != < <= > >= ? @ ' \" item partial list<Any> context<a: Any>".split()  # noqa: SIM905
    ),
    st.sampled_from(
        ["1", "0", "-1", "1e6144", "99999999999999999999", '"a"', '"(a+)+$"', '@"P1D"', '@"2026-03-02"', "{a: 1}"]
    ),
    st.text(max_size=3),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=25).map(" ".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    run(text)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_characters_are_read_or_refused(text: str) -> None:
    run(text)


ATOMS = st.sampled_from(
    [*sorted(VARIABLES), "1", "0", "2.5", "-3", "1e3000", '"ab"', "null", "true", "[1..5]", "[3, 1]"]
)


def _larger(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(parts, parts)
    return st.one_of(
        st.tuples(parts, st.sampled_from(["+", "-", "*", "/", "**", "=", "<", "and", "in"]), parts).map(
            "({0[0]}) {0[1]} ({0[2]})".format
        ),
        st.tuples(st.sampled_from(sorted(STANDARD)), st.lists(parts, max_size=3)).map(
            lambda call: f"{call[0]}({', '.join(call[1])})"
        ),
        pair.map("for x in {0[0]} return [x, {0[1]}, partial]".format),
        pair.map("some x in {0[0]}, y in {0[1]} satisfies x = y".format),
        pair.map("({0[0]})[{0[1]}]".format),
        pair.map("{{a: {0[0]}, b: [a, a, {0[1]}]}}".format),
        pair.map("if {0[0]} then {0[1]} else item".replace("item", "1").format),
    )


@settings(max_examples=150, deadline=None)
@given(st.recursive(ATOMS, _larger, max_leaves=8))
def test_any_expression_ends_soon_with_a_value_or_its_own_error(text: str) -> None:
    run(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1" * (MAX_SOURCE + 1), "太长"),
        ("(" * 40 + "1" + ")" * 40, "层数太多"),
        ("not(" * 40 + "true" + ")" * 40, "层数太多"),
        ("if true then " * 40 + "1", "层数太多"),
        ("1" + "+1" * 150, "嵌套太深"),
        ("-" * 150 + "1", "嵌套太深"),
        ("kind" + "[1]" * 150, "嵌套太深"),
        (" and ".join(["kind = kind"] * 150), "表达式太长"),
        ("1" * 35, "有效数字"),
        ("1e7000", "太大"),
        ("count(for x in 1..100000 return x)", "步"),
        ("count(for x in 1..1000, y in 1..1000 return x)", "步"),
        ("some x in 1..99999999 satisfies x < 0", "步"),
        ("for x in 1..20000 return x", "项"),
        ("for x in 1..2000 return [partial[-1]]", "层"),
        ("for x in 1..2000 return partial", "步"),
        ("for x in 1..300 return partial", "项"),
        ("{a: many, b: [a, a, a, a], c: [b, b, b, b]}", "项"),
        ("distinct values(for x in 1..9000 return x)", "步"),
        ("text + text", "个字符"),
        ("string join([text, text])", "个字符"),
        ('replace(text, "长", "很长")', "个字符"),
        ("string(many) + string(many)", "个字符"),
        ('matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "^(a|a|aa)+$")', "时间太长"),
    ],
)
def test_what_exceeds_a_bound_is_refused_with_a_sentence(text: str, words: str) -> None:
    with pytest.raises(FeelError, match=words):
        read_expression(text, list(VARIABLES)).evaluate(VARIABLES)


@pytest.mark.parametrize(
    "given", [list(range(MAX_TOTAL + 1)), {"a": [[0] * 200] * 200}, object(), b"bytes", {1, 2}, Decimal("NaN")]
)
def test_a_variable_that_is_too_large_or_of_no_kind_is_refused(given: object) -> None:
    with pytest.raises(FeelError):
        read_expression("x > 1 or x = y", ["x", "y"]).evaluate({"x": given, "y": 1})


def test_a_list_that_holds_itself_is_refused() -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(FeelError, match="层"):
        read_expression("x = y", ["x", "y"]).evaluate({"x": [endless], "y": 1})


def test_an_evaluation_has_a_limit_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter(range(1_000_000))
    monkeypatch.setattr("forms.feel.bounds.thread_time", lambda: float(next(seconds)))
    with pytest.raises(FeelError, match="时间太长"):
        read_expression("count(for x in 1..500 return x)").evaluate({})


def test_values_of_one_evaluation_do_not_reach_the_next() -> None:
    expression = read_expression("for x in values return {a: x, b: partial}", ["values"])
    first = expression.evaluate({"values": [1, 2]})
    assert expression.evaluate({"values": [1, 2]}) == first
    assert expression.evaluate({"values": []}) == []
