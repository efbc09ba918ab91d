"""Masked texts: what stays readable, and that masking twice changes nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.personal.masks import mask, masked_values

KINDS = ("name", "phone", "id_card", "address", "text")


@pytest.mark.parametrize(
    ("kind", "text", "masked"),
    [
        ("name", "王明", "王*"),
        ("name", "王小明", "王*明"),
        ("name", "欧阳小明", "欧**明"),
        ("name", "王", "*"),
        ("name", "", ""),
        ("phone", "13812345678", "138****5678"),
        ("phone", "13812345678-8012", "138****5678-***"),
        ("phone", "022-65432100", "022-****2100"),
        ("phone", "022-65432100-801", "022-****2100-***"),
        ("phone", "400-123-4567", "400-****4567"),
        ("phone", "12315", "***15"),
        ("phone", "99912345678", "999****5678"),
        ("phone", "9991234567", "********67"),
        ("phone", "0086 138 1234 5678", "008***********5678"),
        ("id_card", "370102199001011234", "3701**********1234"),
        ("id_card", "G12345678", "G******78"),
        ("id_card", "123", "***"),
        ("address", "天津市滨海新区新港街道示范里3号", "天津市滨海新区新港街道****"),
        ("address", "随县万店镇某村一组", "随县万店镇****"),
        ("address", "滨海新区某某路3号", "滨海新区****"),
        ("address", "随州市某某路3号", "随州市****"),
        ("address", "某某路3号楼", "某某****"),
        ("address", "新港街道", "新港街道"),
        ("text", "我在某小区门口", "我***"),
    ],
)
def test_a_mask_keeps_what_one_recognises_somebody_by(kind: str, text: str, masked: str) -> None:
    assert mask(kind, text) == masked


@given(st.sampled_from(KINDS), st.text(alphabet="王小明街道镇区市-*0123456789X转 \n", max_size=30))
def test_masking_twice_is_masking_once(kind: str, text: str) -> None:
    once = mask(kind, text)
    assert mask(kind, once) == once


@given(st.text(alphabet="0123456789", min_size=5, max_size=20))
def test_a_number_never_shows_more_than_half_and_four_digits(text: str) -> None:
    for kind in ("phone", "id_card"):
        assert sum(character.isdigit() for character in mask(kind, text)) <= 8
        assert mask(kind, text) != text


def test_only_personal_answers_of_a_form_are_masked() -> None:
    values = {"person_name": "王明", "goods": "王明牌饮水机", "person_phone": None}
    masked = masked_values((("person_name", "name"), ("person_phone", "phone"), ("elsewhere", "text")), values)
    assert masked == values | {"person_name": "王*"}
