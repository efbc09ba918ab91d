"""What operators, paths, filters and loops mean; null for everything that does not fit together."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from forms.feel import read_expression, to_plain

CASE: dict[str, Any] = {
    "kind": "other",
    "amount": Decimal("12.50"),
    "hours": 3,
    "ratio": 0.1,
    "urgent": True,
    "empty": None,
    "ways": ["phone", "letter"],
    "courses": [{"name": "甲", "hours": 2}, {"name": "乙", "hours": 5}, {"name": "丙", "hours": None}],
    "answer": {"level": "high", "days": [1, 2]},
}


def value(text: str) -> object:
    return to_plain(read_expression(text, list(CASE)).evaluate(CASE))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3 - 4 / 2", 5),
        ("2 ** 3 ** 2", 64),
        ("-2 ** 2", 4),
        ("- - 3", 3),
        (".5 + 1.5e1", 15.5),
        ("1 / 3 * 3 = 1", False),
        ("0.1 + 0.2 = 0.3", True),
        ("ratio = 0.1", True),
        ("ratio < 0.1", False),
        ("hours = 3 and hours < 3.5 and amount >= 12.5", True),
        ("1 / 0", None),
        ("10 ** 7000", None),
        ('"甲" + "乙"', "甲乙"),
        ('"甲" + 1', None),
        ("true = 1", None),
        ("empty = null", True),
        ("empty != null", False),
        ('empty = "x"', False),
        ("empty > 3", None),
        ("urgent > false", None),
        ("urgent and empty", None),
        ("false and empty", False),
        ("empty or true", True),
        ("empty or false or urgent", True),
        ("not(empty)", None),
        ("hours between 1 and 3", True),
        ("hours between null and 3", None),
        ("hours between 5 and null", False),
        ("hours in (1, 3)", True),
        ("hours in [1..3)", False),
        ("hours in ]2..3]", True),
        ("hours in (> 5, <= 3)", True),
        ("hours in > 2", True),
        ("hours in !=3", False),
        ('kind in ("a", "other")', True),
        ('kind in ["a", "other"]', True),
        ('hours in ("a", "b")', None),
        ("empty in [1..3]", None),
        ("[1, 2] in ([[1, 2]], [[3]])", True),
        ("[1..3] = [1..3]", True),
        ("(< 10) = (null..10)", False),
        ('[1..2] = ["a".."b"]', False),
        ("if urgent then 1 else 2", 1),
        ("if empty then 1 else 2", 2),
        ("1 + if urgent then 1 else 2", 2),
        ("ways[1]", "phone"),
        ("ways[-1]", "letter"),
        ("ways[3]", None),
        ("ways[0]", None),
        ("[][1]", None),
        ("hours[1]", 3),
        ("hours[2]", None),
        ('ways[item != "phone"]', ["letter"]),
        ("courses[hours > 2].name", ["乙"]),
        ("courses[2].name", "乙"),
        ('courses[name = "甲"][1].hours', 2),
        ("courses[item.hours = null].name", ["丙"]),
        ("courses[hours < amount].hours", [2, 5]),
        ("courses.hours", [2, 5, None]),
        ("answer.level", "high"),
        ("answer.days[2]", 2),
        ("answer.none", None),
        ("empty.level", None),
        ("for c in courses return c.hours", [2, 5, None]),
        ("for x in 1..3, y in 1..x return x * y", [1, 2, 4, 3, 6, 9]),
        ("for x in 3..1 return x", [3, 2, 1]),
        ("for x in [1..3) return x", [1, 2]),
        ("for x in 1..4 return if x = 1 then 1 else partial[-1] * x", [1, 2, 6, 24]),
        ("for x in 1..3 return count(partial)", [0, 1, 2]),
        ("for x in empty return x", None),
        ('for x in "a".."c" return x', None),
        ("some c in courses satisfies c.hours > 4", True),
        ("some c in courses satisfies c.hours > 9", None),
        ("every c in courses satisfies c.hours > 1", None),
        ("every c in courses satisfies c.hours > 3", False),
        ("every x in [] satisfies x > 3", True),
        ("{a: 1, b: a + 1}.b", 2),
        ('{"带 空格": 1}', {"带 空格": 1}),
        ("{} = {}", True),
        ("{a: [1, {b: 2}]} = {a: [1, {b: 2}]}", True),
        ("[1, 2] = [2, 1]", False),
        ("1 /* one */ + // and two\n 2", 3),
        ("hours instance of number", True),
        ("ways instance of list<string>", True),
        ("ways instance of list<number>", False),
        ("answer instance of context<level: string>", True),
        ("empty instance of Any", False),
        ("[1..3] instance of range<number>", True),
    ],
)
def test_an_expression_means_what_the_standard_says(text: str, expected: object) -> None:
    assert value(text) == expected


def test_what_is_declared_and_missing_is_null() -> None:
    assert read_expression("note = null", ["note"]).evaluate({}) is True


def test_numbers_keep_34_digits() -> None:
    assert read_expression("1 / 3").evaluate({}) == Decimal("0." + "3" * 34)


def test_names_and_calls_are_told() -> None:
    expression = read_expression("count(courses[hours > amount]) > 1 and not(urgent)", list(CASE))
    assert expression.calls == {"count", "not"}
    assert expression.names == {"courses", "hours", "amount", "urgent"}


def test_a_filter_asks_the_item_first_and_the_variable_then() -> None:
    text = "courses[hours = hours].name"
    assert to_plain(read_expression(text, list(CASE)).evaluate(CASE)) == ["甲", "乙", "丙"]


@pytest.mark.parametrize("quick", ['{} = "other"', "{} != 3", "{} > 3", "{} <= 3", '{} < "p"', "{} = null", "not({})"])
@pytest.mark.parametrize("given", ["other", "", 3, 4, 2.5, Decimal(3), True, False, None, [1], {"a": 1}, 10**40])
def test_the_shortcuts_for_a_variable_mean_the_same_as_the_long_way(quick: str, given: object) -> None:
    long = "(if true then {} else null)"
    shorter = read_expression(quick.format("x"), ["x"]).evaluate({"x": given})
    assert shorter is read_expression(quick.format(long.format("x")), ["x"]).evaluate({"x": given})


@pytest.mark.parametrize("quick", ["{}[1]", "{}[-2]", "{}[0]", "{}.a", "count({})", '{} in ("other", "b")'])
@pytest.mark.parametrize("given", ["other", 3, None, [], [1, 2.5], (7, 8), [{"a": 1}], {"a": [1]}, {"b": 2}])
def test_the_shortcuts_into_a_variable_mean_the_same_as_the_long_way(quick: str, given: object) -> None:
    long = "(if true then {} else null)"
    shorter = read_expression(quick.format("x"), ["x"]).evaluate({"x": given})
    assert shorter == read_expression(quick.format(long.format("x")), ["x"]).evaluate({"x": given})
