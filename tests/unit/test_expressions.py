"""Expressions: what is allowed works like Python, everything else is refused, nothing is slow."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processes.engine.language.expressions import FUNCTIONS, ExpressionError, compile_expression
from processes.engine.language.guards import MAX_INTEGER

CASE = {
    "kind": "a",
    "amount": 7,
    "price": 2.5,
    "people": [3, 1, 2],
    "answer": {"level": "high"},
    "empty": None,
    "yes": True,
}


@pytest.mark.parametrize(
    "text",
    [
        "kind == 'a' and amount > 5",
        "kind in ['a', 'b'] or not yes",
        "1 < amount <= 7 < 9",
        "kind not in ('x',)",
        "amount * 3 - 1 // 2 + price / 2 % 3",
        "-amount + +amount",
        "people[0] + people[-1]",
        "answer['level']",
        "len(people) + min(people) + max(1, amount) + sum(people)",
        "round(price) + round(price, 1)",
        "'甲' if yes else '乙'",
        "[kind, {'level': amount, 'who': [1, 2]}]",
        "(1, 2)[0]",
        "'a' + kind",
        "people + [4]",
        "empty == None",
        "'hig' in answer['level']",
        "\n kind ==\n 'a' ",
    ],
)
def test_an_allowed_expression_gives_what_python_gives(text: str) -> None:
    plain = {"__builtins__": {"len": len, "min": min, "max": max, "sum": sum, "round": round}}
    expected = eval(" ".join(text.split()), plain, CASE)  # noqa: S307
    assert compile_expression(text).evaluate(CASE) == expected


def test_names_calls_and_clock_codes_are_told() -> None:
    expression = compile_expression("clock('reply') if len(people) > amount else max")
    assert expression.names == {"people", "amount", "max"}
    assert expression.calls == {"clock", "len"}
    assert expression.clock_codes == {"reply"}
    assert not expression.constant
    assert compile_expression("[1, 'a', {'b': 2}]").constant


def test_the_clock_is_the_one_given_at_the_place_of_use() -> None:
    expression = compile_expression("clock('reply')")
    assert expression.evaluate({}, {"clock": lambda code: f"due {code}"}) == "due reply"
    with pytest.raises(ExpressionError, match="clock"):
        expression.evaluate({})


HOSTILE = [
    "().__class__",
    "().__class__.__bases__[0].__subclasses__()",
    "__import__('os')",
    "__builtins__",
    "_private",
    "open('/etc/passwd')",
    "eval('1')",
    "kind.upper()",
    "len.__self__",
    "[x for x in people]",
    "{x: 1 for x in people}",
    "(x for x in people)",
    "lambda: 1",
    "f'{kind}'",
    "(x := 1)",
    "[*people]",
    "{**answer}",
    "len(*people)",
    "max(people, key=len)",
    "9 ** 9",
    "people[0:1]",
    "people[len(people)]",
    "{kind: 1}",
    "{1, 2}",
    "1j",
    "b'a'",
    "...",
    "~1",
    "1 << 99",
    "1 & 2",
    "kind is None",
    "await kind",
    "yield",
    "kind; kind",
    "kind = 1",
    "'\\x41'",
    "'a' 'b'[0].x",
    "ｌｅｎ.x",
    "·add(1, 2)",
    "kind == “a”",
    "",
    "   ",
    "9" * 400,
    "1e999",
    "(" * 500,
    "-" * 1500 + "1",
    "[" * 90 + "]" * 90,
    "not " * 400 + "1",
    "1" + " + 1" * 450,
    "a" * 3000,
    "kind\x00",
    "\ud800",
    "len()",
    "len(kind, kind, **answer)",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:30]))
def test_everything_else_is_refused_when_compiled(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text)
    assert any("\u4e00" <= character <= "\u9fff" for character in caught.value.sentence)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("missing > 1", "missing"),
        ("kind > 1", "类型"),
        ("empty < 5", "类型"),
        ("kind * 100000", "相乘"),
        ("people * 100000", "相乘"),
        ("'%s' % kind", "求余"),
        ("kind + 1", "相加"),
        ("amount / 0", "零"),
        ("people[9]", "没有第"),
        ("answer['lost']", "没有"),
        ("answer[people]", "没有"),
        ("kind['x']", "没有第"),
        ("amount[0]", "取一项"),
        ("len(amount)", "长度"),
        ("min([])", "至少"),
        ("min([1, 'a'])", "类型"),
        ("sum(['a'])", "求和"),
        ("sum(1, 2)", "列表"),
        ("round(kind)", "取整"),
        ("round(amount, 99)", "小数"),
        ("round(1, 1, 1)", "小数"),
        ("999999999999999 * 999999999999999", "太大"),
        ("-kind", "取负"),
        ("1 in amount", "类型"),
    ],
)
def test_a_failure_while_evaluating_says_why(text: str, word: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text).evaluate(CASE)
    assert word in caught.value.sentence


def test_results_cannot_grow_without_bound() -> None:
    def repeat(text: str, value: object) -> None:
        for _ in range(40):
            value = compile_expression(text).evaluate({"x": value})

    with pytest.raises(ExpressionError, match="超过"):
        repeat("[x, x]", ["a"])
    with pytest.raises(ExpressionError, match="超过"):
        repeat("x + x", "a")
    with pytest.raises(ExpressionError, match="超过"):
        repeat("x + x", [1])
    with pytest.raises(ExpressionError, match="太大"):
        repeat("x * x", 3)


def test_a_huge_number_among_the_variables_is_refused() -> None:
    with pytest.raises(ExpressionError):
        compile_expression("n * n").evaluate({"n": MAX_INTEGER + 1})
    with pytest.raises(ExpressionError):
        compile_expression("n + 1").evaluate({"n": float("inf")})


def test_an_evaluation_does_not_change_the_variables() -> None:
    variables = {"people": [1]}
    compile_expression("people + [2]").evaluate(variables)
    assert variables == {"people": [1]}


def test_the_same_text_is_compiled_once() -> None:
    assert compile_expression("kind == 'a'") is compile_expression("kind == 'a'")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
PIECES = st.sampled_from(
    [
        *"()[]{}.,:+-*/%<>=!'\"\\#@;~&|^ \n\t_?",
        *sorted(FUNCTIONS),
        *(
            " and ",
            " or ",
            " not ",
            " in ",
            " if ",
            " else ",
            " for ",
            " is ",
            " lambda ",
            "**",
            "==",
            ":=",
            "f'",
            "b'",
        ),
        *(
            "a",
            "b",
            "kind",
            "__class__",
            "__import__",
            "None",
            "True",
            "1",
            "999999999999",
            "1.5",
            "1e308",
            "'x'",
            "值",
        ),
    ]
)


@settings(max_examples=400, deadline=None)
@given(text=st.text(max_size=80) | st.lists(PIECES, max_size=40).map("".join), a=VALUES, b=VALUES)
def test_random_text_gives_a_value_or_an_expression_error_and_is_never_slow(text: str, a: object, b: object) -> None:
    began = time.process_time()
    with suppress(ExpressionError):
        compile_expression(text).evaluate({"a": a, "b": b, "kind": "x"}, {"clock": str})
    assert time.process_time() - began < 1


LEAVES = st.sampled_from(["a", "b", "1", "0", "2.5", "'x'", "None", "True", "[]", "[a, b]", "{'k': a}", "missing"])


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["+", "-", "*", "/", "//", "%", "and", "or", "<", "<=", "==", "!=", "in"])
    return st.one_of(
        st.tuples(inner, operators, inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(st.sampled_from(["not ", "-", "+"]), inner).map(lambda t: f"({t[0]}{t[1]})"),
        st.tuples(inner, st.sampled_from(["[0]", "[-1]", "['k']", "[a]"])).map(lambda t: f"{t[0]}{t[1]}"),
        st.tuples(st.sampled_from(sorted(FUNCTIONS)), inner, inner).map(lambda t: f"{t[0]}({t[1]}, {t[2]})"),
        st.tuples(st.sampled_from(sorted(FUNCTIONS)), inner).map(lambda t: f"{t[0]}({t[1]})"),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})"),
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
    )


@settings(max_examples=400, deadline=None)
@given(text=st.recursive(LEAVES, _larger, max_leaves=12), a=VALUES, b=VALUES)
def test_well_formed_expressions_over_any_values_give_a_value_or_an_expression_error(
    text: str, a: object, b: object
) -> None:
    with suppress(ExpressionError):
        compile_expression(text).evaluate({"a": a, "b": b}, {"clock": str})
