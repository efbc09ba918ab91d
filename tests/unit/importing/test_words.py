"""What exporters write where they have nothing, and numbers that a spreadsheet program has rounded."""

from __future__ import annotations

import pytest

from processes.importing.empty_words import is_masked, rounded_numbers, says_anonymous, says_nothing


@pytest.mark.parametrize("text", ["", " ", "无", "/", "-", "——", "null", "N/A", "未知", "不详", "（无）", "\\", "暂无"])
def test_words_for_nothing(text: str) -> None:
    assert says_nothing(text)


@pytest.mark.parametrize("text", ["无锡商行", "吴", "0", "否", "空港大道", "-12"])
def test_words_that_say_something(text: str) -> None:
    assert not says_nothing(text)


@pytest.mark.parametrize("text", ["匿名", "不愿透露", "（匿名）", "不愿意透露姓名", "匿名举报人"])
def test_words_for_anonymous(text: str) -> None:
    assert says_anonymous(text)
    assert not says_nothing(text)


@pytest.mark.parametrize("text", ["***", "李**", "李＊明", "张xx", "138****0001"])
def test_a_name_that_the_exporter_has_hidden_is_seen(text: str) -> None:
    assert is_masked(text)


@pytest.mark.parametrize("text", ["张三", "Max", "12011619900101001X", "AXA"])
def test_a_whole_name_is_not_taken_for_a_hidden_one(text: str) -> None:
    assert not is_masked(text)


def test_a_number_with_nothing_but_zeros_after_the_fifteenth_digit_was_rounded() -> None:
    assert rounded_numbers([("112000002026031000", 1)]) == {"112000002026031000"}
    assert rounded_numbers([("1120000020260301000001", 1), ("A1202611300005500", 2)]) == frozenset()


def test_of_sixteen_digits_one_zero_at_the_end_is_chance_unless_the_file_says_otherwise() -> None:
    assert rounded_numbers([("1202611300005500", 1)]) == frozenset()
    assert rounded_numbers([("1202611300005500", 1), ("1202611300005511", 2), ("1202611300005530", 3)]) == frozenset()
    assert rounded_numbers([("1202611300005500", 1), ("1202611300005500", 2)]) == {"1202611300005500"}
    assert rounded_numbers([("1202611300005500", 1), ("1202611300005510", 2)]) == {
        "1202611300005500",
        "1202611300005510",
    }
    assert rounded_numbers([("1202611300005500", 1), ("1202611300005500", 1)]) == frozenset()
