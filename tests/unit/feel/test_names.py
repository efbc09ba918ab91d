"""Names: several words, Chinese, entries of contexts; what nobody declares is refused, with a name that is near."""

from __future__ import annotations

import pytest

from forms.feel import FeelError, Names, read_expression, to_plain


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("投诉金额 + 1", {"投诉金额": 5}, 6),
        ("Extra days case 1 + Extra days", {"Extra days case 1": 5, "Extra days": 2}, 7),
        ("a-b - a", {"a-b": 10, "a": 3, "b": 1}, 7),
        ("a - b", {"a": 3, "b": 1}, 2),
        ("Teacher's note", {"Teacher's note": "x"}, "x"),
        ("days in month + 1", {"days in month": 30}, 31),
        ("for i in values in a list return i", {"values in a list": [1, 2]}, [1, 2]),
        ("for the item in values return the item + 1", {"values": [1]}, [2]),
        ("date + count", {"date": 1, "count": 2}, 3),
        ("count(count)", {"count": [1, 2]}, 2),
        ("{foo bar: 1, next: foo bar + 1}.next", {}, 2),
        ("{foo bar: 1}.foo bar", {}, 1),
        ("🐎 + 1", {"🐎": 1}, 2),
    ],
)
def test_names_are_found_as_they_are_declared(text: str, names: dict[str, object], expected: object) -> None:
    assert to_plain(read_expression(text, list(names)).evaluate(names)) == expected


@pytest.mark.parametrize(
    ("text", "names", "construct", "words"),
    [
        ("amont > 5", ["amount"], "amont", "是不是“amount”"),
        ("金额 > 5", ["数量"], "金额", "请检查是否写错"),
        ("foo bar > 5", ["foo"], "", "“bar”的位置不对"),
        ("new thing > 5", ["foo"], "new thing", "没有“new thing”"),
        ("{a: 1}.b", [], "b", "有的是 a"),
        ("[{a: 1}][b = 1]", [], "b", "没有“b”"),
        ("partial + 1", [], "partial", "没有“partial”"),
        ("item = 1", [], "item", "没有“item”"),
        ("? > 1", ["x"], "", "“[?]”的位置不对"),
        ("x instance of money", ["x"], "money", "没有“money”这种类型"),
    ],
)
def test_a_name_that_nobody_declares_is_refused(text: str, names: list[str], construct: str, words: str) -> None:
    with pytest.raises(FeelError, match=words) as refused:
        read_expression(text, names)
    assert refused.value.construct == construct
    assert refused.value.text == text


def test_a_refusal_tells_the_place_that_the_reader_had_come_to() -> None:
    text = "amount > 5 and amont < 7"
    with pytest.raises(FeelError) as refused:
        read_expression(text, ["amount"])
    assert refused.value.place == text.index("amont")


def test_the_columns_of_a_table_are_known_where_they_are_declared() -> None:
    names = {"courses": ["hours", "full name"], "limit": None}
    assert read_expression('courses[hours > limit and full name = "x"].full name', names).names == {"courses", "limit"}
    for text in ("courses[huors > limit]", "courses.huors", "for c in courses return c.huors"):
        with pytest.raises(FeelError, match="huors"):
            read_expression(text, names)


def test_declared_names_are_made_ready_once_for_many_expressions() -> None:
    names = Names({"courses": ["hours"], "limit": None})
    texts = ("courses[hours > limit]", "limit + 1", "count(courses)")
    assert [read_expression(text, names).names for text in texts] == [{"courses", "limit"}, {"limit"}, {"courses"}]


def test_without_declared_names_every_word_is_a_name() -> None:
    assert read_expression("a + b.c").names == {"a", "b"}
    with pytest.raises(FeelError, match="位置不对"):
        read_expression("? > 1")


def test_a_name_bound_inside_is_forgotten_outside() -> None:
    with pytest.raises(FeelError, match="没有“x”"):
        read_expression("count(for x in [1] return x) + x", [])
