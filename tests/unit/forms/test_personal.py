"""Personal answers: what a form file may mark, and what a masked text means when it comes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from forms.filled_form import FilledForm
from forms.form_file import FormError, FormFile

One = Callable[..., FilledForm]
CARD = {"type": "textfield", "properties": {"format": "id_card", "personal": "id_card"}}
MASKED = "1101**********002X"


def test_a_form_knows_its_personal_answers(make: Callable[..., FormFile]) -> None:
    form = make(
        {"type": "textfield", "key": "who", "label": "姓名", "properties": {"personal": "name"}},
        {
            "type": "group",
            "label": "住处",
            "components": [{"type": "textarea", "key": "at", "label": "住址", "properties": {"personal": "address"}}],
        },
        {"type": "textfield", "key": "goods", "label": "商品"},
    )
    assert form.personal == (("who", "name"), ("at", "address"))


@pytest.mark.parametrize(
    ("component", "sentence"),
    [
        ({"type": "textfield", "properties": {"personal": "face"}}, "个人信息类别“face”不认识"),
        ({"type": "number", "properties": {"personal": "phone"}}, "自定义属性“personal”不支持"),
        (
            {
                "type": "dynamiclist",
                "path": "x",
                "components": [{"type": "textfield", "key": "y", "label": "乙", "properties": {"personal": "name"}}],
            },
            "不能标为个人信息",
        ),
    ],
)
def test_what_cannot_be_kept_apart_is_refused(make: Callable[..., FormFile], component: Any, sentence: str) -> None:
    with pytest.raises(FormError, match=sentence):
        make(
            {"key": "x", "label": "甲", **component}
            if component["type"] != "dynamiclist"
            else component | {"label": "甲"}
        )


def test_the_masked_text_unchanged_is_accepted_whatever_the_format(one: One) -> None:
    form = one(CARD, MASKED, x=MASKED)
    assert form.validate()
    assert form.values()["x"] == MASKED


def test_a_changed_value_is_checked_as_usual(one: One) -> None:
    assert one(CARD, "11010519491231002x", x=MASKED).values()["x"] == "11010519491231002x"
    good, bad = one(CARD, "11010519491231002x", x=MASKED), one(CARD, "110105194912310021", x=MASKED)
    assert good.validate()
    assert good.values()["x"] == "11010519491231002X"
    assert not bad.validate()


@pytest.mark.parametrize("typed", ["1101**********0021", "*"])
def test_a_changed_masked_text_is_refused(one: One, typed: str) -> None:
    form = one(CARD, typed, x=MASKED)
    assert not form.validate()
    assert "不修改请保持原样" in form.problems()[0].message


def test_stars_in_a_first_answer_meet_the_usual_rules(one: One) -> None:
    name = {"type": "textfield", "properties": {"personal": "name"}}
    assert one(name, "张*").validate()
    assert not one(CARD, MASKED).validate()
