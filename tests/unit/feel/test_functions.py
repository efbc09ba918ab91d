"""The built-ins of the standard: what they give, what they make null, and how they may be called."""

from __future__ import annotations

import pytest

from forms.feel import NOW, STANDARD, FeelError, late, read_expression, to_plain


def value(text: str) -> object:
    return to_plain(read_expression(text, []).evaluate({}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('substring("投诉举报", 3)', "举报"),
        ('substring("投诉举报", -2, 1)', "举"),
        ('substring("投诉", 0)', None),
        ('substring(start position: 2, string: "abc")', "bc"),
        ('substring before("a-b-c", "-")', "a"),
        ('substring after("a-b-c", "-")', "b-c"),
        ('substring after("abc", "x")', ""),
        ('string length("\\U01F40E字")', 2),
        ('upper case("aß")', "ASS"),
        ('contains("abc", "b") and starts with("abc", "a") and ends with("abc", "c")', True),
        ('contains("abc", null)', None),
        ('upper case(["ab"][item != "x"])', "AB"),
        ('matches("2026-03", "^\\d{4}-\\d{2}$")', True),
        ('matches("a\\nb", "a.b")', False),
        ('matches("a\\nb", "a.b", "s")', True),
        ('matches("ABC", "b", "i")', True),
        ('matches("ab\\n", "b$")', False),
        ('matches("x", "[a-z-[xyz]]")', False),
        ('matches("字", "\\p{IsBasicLatin}")', False),
        ('matches("a", "(?=a)")', None),
        ('matches("a", "(")', None),
        ('matches("a", "a", "q")', None),
        ('replace("2026-03-02", "(\\d+)-(\\d+)-(\\d+)", "$3.$2.$1")', "02.03.2026"),
        ('replace("abc", "b", "[$0$4]")', "a[b]c"),
        ('split("a; b;;c", ";\\s*")', ["a", "b", "", "c"]),
        ('string join(["a", null, "b"], "、")', "a、b"),
        ('string join(["a", 1])', None),
        ("decimal(2.5, 0)", 2),
        ("round half up(-2.5, 0)", -3),
        ("round half down(2.5, 0)", 2),
        ("round up(1.121, 2)", 1.13),
        ("round down(-1.129, 2)", -1.12),
        ("floor(-1.5)", -2),
        ("ceiling(1.51, 1)", 1.6),
        ("modulo(-12, 5)", 3),
        ("modulo(12, -5)", -3),
        ("modulo(1, 0)", None),
        ("abs(-3)", 3),
        ("sqrt(-1)", None),
        ("even(4) and odd(-3)", True),
        ("even(1.5)", None),
        ("min(3, 1, 2) + max([3, 1])", 4),
        ('min(1, "a")', None),
        ("sum([])", None),
        ("sum(1, 2)", 3),
        ("mean([1, 2, 6])", 3),
        ("median(8, 2, 5, 7)", 6),
        ("mode([1, 2, 2, 1, 3])", [1, 2]),
        ("stddev([3])", None),
        ("product([2, 3, 4])", 24),
        ('count("a")', 1),
        ("count(null)", None),
        ("list contains([1, null], null)", True),
        ("append([1], 2, 3)", [1, 2, 3]),
        ("concatenate([1], [2], 3)", [1, 2, 3]),
        ("insert before([1, 3], 2, 2)", [1, 2, 3]),
        ("remove([1, 2, 3], -1)", [1, 2]),
        ("remove([1], 2)", None),
        ("list replace([1, 2], 2, 5)", [1, 5]),
        ("sublist([1, 2, 3], -2, 1)", [2]),
        ("reverse([1, 2])", [2, 1]),
        ("index of([1, 2, 1], 1)", [1, 3]),
        ("union([1, 2], [2, 3])", [1, 2, 3]),
        ("distinct values([1, 1, null, null])", [1, None]),
        ("duplicate values([1, 2, 1])", [1]),
        ("flatten([1, [2, [3]]])", [1, 2, 3]),
        ("all([true, null])", None),
        ("all([])", True),
        ("any([false, null, true])", True),
        ('number("1 234,5", " ", ",")', 1234.5),
        ('number("1.5")', 1.5),
        ('number("1.5", ".", ".")', None),
        ('number("一")', None),
        ("string(1.50)", "1.5"),
        ('string([1, "a", {b: null}])', '[1, "a", {b: null}]'),
        ("string(null)", None),
        ("string(2 / 3)", "0.6666666666666666666666666666666667"),
        ("string(10 ** 20)", "1" + "0" * 20),
        ("is([1], [true])", False),
        ("string([1..5))", "[1..5)"),
        ("string((< 3))", "< 3"),
        ('get value({a: {b: 2}}, ["a", "b"])', 2),
        ("get entries({a: 1})", [{"key": "a", "value": 1}]),
        ('context([{key: "a", value: 1}])', {"a": 1}),
        ('context([{key: "a", value: 1}, {key: "a", value: 2}])', None),
        ('context put({a: {b: 1}}, ["a", "c"], 2)', {"a": {"b": 1, "c": 2}}),
        ("context merge([{a: 1}, {a: 2, b: 3}])", {"a": 2, "b": 3}),
        ("before([1..5), 5)", True),
        ("after(5, [1..5])", False),
        ("meets([1..5], [5..8])", True),
        ("met by([5..8], (1..5))", False),
        ("overlaps([1..5], (5..8])", False),
        ("overlaps before([1..5], [4..8])", True),
        ("overlaps after([4..8], [1..5])", True),
        ("includes([1..10], [2..3]) and during(2, [1..10])", True),
        ("starts(1, [1..5]) and started by([1..5], 1)", True),
        ("finishes([3..5], [1..5]) and finished by([1..5], 5)", True),
        ("coincides([1..2], [1..2])", True),
        ('range("[1..3)") = [1..3)', True),
        ('range("[3..1]")', None),
        ('is(@"P1D", @"PT24H") and not(is(0, false))', True),
    ],
)
def test_a_builtin_gives_what_the_standard_says(text: str, expected: object) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "construct", "words"),
    [
        ("abs()", "abs()", r"abs\(n\)"),
        ("abs(1, 2)", "abs()", "参数不对"),
        ("abs(number: 1)", "abs()", "参数不对"),
        ('substring("a", length: 1)', "substring()", "start position"),
        ("median()", "median()", "参数不对"),
        ("absolute(1)", "absolute()", "函数“absolute”不能用"),
        ("today()", "today()", "这里没有“今天”"),
        ("sort([1], function(x, y) x < y)", "sort()", "次序请在来源处"),
        ("abs", "abs", "后面要写括号"),
        ('"abs"(1)', '"abs"()', "不是函数"),
        ("null()", "null()", "“null”不是函数"),
    ],
)
def test_a_call_that_cannot_be_is_refused_with_how_it_is_written(text: str, construct: str, words: str) -> None:
    with pytest.raises(FeelError, match=words) as refused:
        read_expression(text, [])
    assert refused.value.construct == construct


def test_the_caller_brings_functions_of_its_own() -> None:
    functions = {**STANDARD, **NOW, "clock": late("clock", "code", "from?")}
    expression = read_expression('clock("reply", accepted) > limit', ["accepted", "limit"], functions=functions)
    assert expression.calls == {"clock"}
    given = {"clock": lambda code, start: f"{code}@{start}"}
    assert expression.evaluate({"accepted": "x", "limit": "reply@a"}, given) is True
    with pytest.raises(FeelError, match=r"这里不能用 clock\(\)"):
        expression.evaluate({"accepted": "x", "limit": "a"})


def test_a_late_builtin_is_asked_at_every_evaluation() -> None:
    days = iter([1, 2])
    expression = read_expression("today()", [], functions={**STANDARD, **NOW})
    assert [to_plain(expression.evaluate({}, {"today": lambda: next(days)})) for _ in range(2)] == [1, 2]
