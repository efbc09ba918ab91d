"""The number formats: known good and bad values, and that a single slip never passes."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.validators import (
    CHECKS,
    check_credit_code,
    check_email,
    check_id_card,
    check_phone,
    check_platform_number,
)

TODAY = date(2026, 3, 12)
# Made-up numbers that satisfy the standards; 11010519491231002X is the example printed in GB 11643-1999.
ID_CARDS = ("11010519491231002X", "440524188001010014", "120116200002290015")
# 91350100M000100Y43 is the example printed in GB 32100-2015.
CREDIT_CODES = ("91350100M000100Y43", "91120116MA00000019")
_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def _credit_code(body: str) -> str:
    weights = [3**place % 31 for place in range(17)]
    total = sum(weight * _CREDIT.index(letter) for weight, letter in zip(weights, body, strict=True))
    return body + _CREDIT[(31 - total % 31) % 31]


def _id_card(body: str) -> str:
    total = sum(2 ** (17 - place) * int(digit) for place, digit in enumerate(body))
    return body + "0123456789X"[(12 - total % 11) % 11]


def test_the_examples_of_the_standards_pass() -> None:
    assert check_id_card("11010519491231002X", TODAY) == "11010519491231002X"
    assert check_credit_code("91350100M000100Y43", TODAY) == "91350100M000100Y43"


@pytest.mark.parametrize("number", [_id_card(number[:17]) for number in ID_CARDS])
def test_every_single_wrong_character_of_an_id_card_is_refused(number: str) -> None:
    assert check_id_card(number, TODAY) == number
    for place in range(18):
        for other in "0123456789" + ("X" if place == 17 else ""):
            if other != number[place]:
                with pytest.raises(ValueError, match="身份证号码"):
                    check_id_card(number[:place] + other + number[place + 1 :], TODAY)


@pytest.mark.parametrize("code", [_credit_code(code[:17]) for code in CREDIT_CODES])
def test_every_single_wrong_character_of_a_credit_code_is_refused(code: str) -> None:
    assert check_credit_code(code, TODAY) == code
    for place in range(18):
        for other in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ":
            if other != code[place]:
                with pytest.raises(ValueError, match="统一社会信用代码"):
                    check_credit_code(code[:place] + other + code[place + 1 :], TODAY)


@given(st.text("0123456789", min_size=9, max_size=9), st.text(_CREDIT, min_size=9, max_size=9), st.integers(0, 16))
def test_two_swapped_neighbours_of_a_credit_code_are_refused(head: str, tail: str, place: int) -> None:
    code = _credit_code(head[:8] + tail)
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if swapped != code:
        with pytest.raises(ValueError, match="统一社会信用代码"):
            check_credit_code(swapped, TODAY)


def test_codes_are_taken_with_blanks_small_letters_and_full_width_characters() -> None:
    assert check_id_card(" 110105 19491231 002x ", TODAY) == "11010519491231002X"
    assert check_credit_code("９１３５０１００m000100y43", TODAY) == "91350100M000100Y43"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("110105491231002", "15 位的旧身份证号码"),
        ("1101051949123100", "应为 18 位"),
        ("11010519491231002Y", "应为 18 位"),
        (_id_card("01010519491231002"), "行政区"),
        (_id_card("11010519490231002"), "出生日期"),
        (_id_card("11010520270101002"), "出生日期"),
        (_id_card("11010518000101002"), "出生日期"),
        ("", "应为 18 位"),
    ],
)
def test_an_id_card_is_refused_with_the_reason(number: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check_id_card(number, TODAY)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("9135010", "现在是 7 位"),
        ("91350100I000100Y43", "不用 I、O、S、V、Z"),
        (_credit_code("91A50100M000100Y4"), "行政区划"),
    ],
)
def test_a_credit_code_is_refused_with_the_reason(code: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check_credit_code(code, TODAY)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("13812345678", "13812345678"),
        ("+86 138-1234-5678", "13812345678"),
        ("１３８１２３４５６７８", "13812345678"),
        ("13812345678转1234", "13812345678-1234"),
        ("022-65432100", "022-65432100"),
        ("(022)65432100", "022-65432100"),
        ("02265432100-801", "022-65432100-801"),
        ("0722—3312315", "0722-3312315"),
        ("2265432100", "022-65432100"),
        ("400-123-4567", "400-123-4567"),
        ("4001234567", "400-123-4567"),
        ("8008101234", "800-810-1234"),
        ("12315", "12315"),
        ("95588", "95588"),
    ],
)
def test_a_phone_number_is_written_in_one_way(typed: str, number: str) -> None:
    assert check_phone(typed, TODAY) == number
    assert check_phone(number, TODAY) == number


@pytest.mark.parametrize(
    "typed", ["12812345678", "1381234567", "138123456789", "电话", "0000-1234567", "110", "1" * 500]
)
def test_what_is_no_phone_number_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="电话"):
        check_phone(typed, TODAY)


def test_a_landline_without_area_code_is_told_so() -> None:
    with pytest.raises(ValueError, match="加上区号"):
        check_phone("65432100", TODAY)


@pytest.mark.parametrize("typed", ["a.b@example.com", "ａ@example.com", "x+y@mail.gov.cn"])
def test_an_email_address_passes(typed: str) -> None:
    assert "@" in check_email(typed, TODAY)


@pytest.mark.parametrize(
    "typed", ["a", "a@b", "a@@b.cn", "a b@c.cn", ".a@b.cn", "a@-b.cn", "a@b.cn\n", "a" * 300 + "@b.cn", "张@b.cn"]
)
def test_what_is_no_email_address_is_refused(typed: str) -> None:
    if typed.strip() != typed:
        assert check_email(typed, TODAY) == typed.strip()
        return
    with pytest.raises(ValueError, match="电子邮箱"):
        check_email(typed, TODAY)


def test_a_platform_number_keeps_its_characters_only() -> None:
    assert check_platform_number(" 1120 0000 2026 0302 a1 ", TODAY) == "1120000020260302A1"
    for typed in ("12", "无", "ABCDEFGHIJ", "1" * 41, "1234567;"):
        with pytest.raises(ValueError, match="平台编号"):
            check_platform_number(typed, TODAY)


@given(st.text(max_size=60))
def test_no_text_breaks_a_check(typed: str) -> None:
    for check in CHECKS.values():
        sentence = ""
        try:
            check(typed, TODAY)
        except ValueError as error:
            sentence = str(error)
        assert not sentence or sentence.endswith("。")
