"""Names, streets, companies and headings are compared as people see them."""

from __future__ import annotations

import unicodedata

import pytest

from handlers.files.folding import comparable, folded, heading_key


@pytest.mark.parametrize(
    ("written", "meant"),
    [("⻓丰⻝品", "长丰食品"), ("⾷品⼤⻋⻔⾯", "食品大车门面"), ("⻢家⻥⻦⻰⻳店", "马家鱼鸟龙龟店")],
)
def test_radicals_of_both_ranges_are_the_characters_that_they_look_like(written: str, meant: str) -> None:
    assert folded(written) == meant
    assert comparable(f"{written}（天津）") == comparable(f"{meant} (天津)")


def test_no_radical_of_either_range_is_left() -> None:
    for code in (*range(0x2E81, 0x2EF4), *range(0x2F00, 0x2FD6)):
        if unicodedata.category(chr(code)) != "Cn":
            assert unicodedata.category(folded(chr(code))) == "Lo", hex(code)


@pytest.mark.parametrize(
    "written",
    [
        "提供方姓名*",
        "提供方\n姓名",
        "＊提供方姓名",
        "提供方姓名（必填）",
        "提供方姓名(必填项)",
        "提供方 姓名：",
        " 提供方姓名【选填】",
        "提供⽅姓名",
    ],
)
def test_a_heading_written_a_little_differently_is_the_same(written: str) -> None:
    assert heading_key(written) == heading_key("提供方姓名")


def test_a_different_heading_stays_different() -> None:
    assert heading_key("投诉人姓名") != heading_key("提供方姓名")
    assert heading_key("地址（省）") != heading_key("地址（市）")
