"""What a letter must never say is refused when it is made, and what a person wrote is left to them."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import pytest

from forms.form_reader import read_form
from handlers.letters.letter_values import DisplayNames, unnamed
from handlers.letters.template import TemplateFailed, render_docx
from tests.integration.test_letters import word_file

NAMES = DisplayNames({"office": "办公室"}, {7: "陈静"})
FORM = b"""{"type": "default", "id": "f", "components": [
 {"type": "select", "key": "unit", "label": "x", "properties": {"source": "departments"}},
 {"type": "radio", "key": "kind", "label": "y", "values": [{"label": "z", "value": "education"}]},
 {"type": "textfield", "key": "shop", "label": "w"}]}"""


def lines(template: str, values: dict[str, Any]) -> list[str]:
    made = render_docx(word_file(template), values)
    return [paragraph.text for paragraph in docx.Document(BytesIO(made)).paragraphs]


@pytest.mark.parametrize(
    ("template", "value", "said"),
    [
        ("电话：{{ x }}", None, "None"),
        ("津滨市监〔{{ x }}〕1号", "", "〔〕"),
        ("本局（{{ x }}）办理", "", "（）"),
        ("请携带{{ x }}。", "发票。", "。。"),
        ("联系{{ x }}，电话", "陈静：", "：，"),
        ("请携带：{{ x }}", "请携带：发票", "请携带：请携带"),
        ("金额{{ x }}元", "12,000.00元", "元元"),
    ],
)
def test_a_misprint_is_refused_with_its_place(template: str, value: Any, said: str) -> None:
    with pytest.raises(TemplateFailed, match=f"文书填出来有错：.*{said}.*流程负责人"):
        render_docx(word_file("事由", template), {"x": value})


@pytest.mark.parametrize("value", ["太差了。。。", "老板说：“None”（）", "退款200元元", "营业时间：：9点"])
def test_what_a_person_wrote_stands_as_it_was_written(value: str) -> None:
    assert lines("来信称{{ x }}", {"x": value}) == [f"来信称{value}"]


def test_a_letter_says_its_own_mark_once_after_what_ends_with_one() -> None:
    template = (Path(__file__).parents[2] / "forms/letters/mediation_notice.docx").read_bytes()
    labels = dict.fromkeys(
        ["person_name", "respondent_name", "mediation_at", "mediation_place", "mediator", "mediator_phone"],
        "某某",
    ) | {"recuse_by": "2026年12月9日", "unit": "某所"}
    values = {
        "number": "津滨市监〔2026〕1号",
        "today": "2026年12月1日",
        "case": {"number": "12315〔2026〕1号"},
        "facts": {"anonymous": False},
        "labels": labels | {"mediation_bring": "请携带身份证件、聊天记录。"},
        "bureau": {"bureau": "某局", "letter_head": "某局", "phones": {"centre": ""}, "address": "", "supervision": ""},
    }
    text = [paragraph.text for paragraph in docx.Document(BytesIO(render_docx(template, values))).paragraphs]
    assert any(line.startswith("四、请携带：身份证件、聊天记录。委托代理人") for line in text)


@pytest.mark.parametrize(
    ("facts", "codes"),
    [
        ({"unit": "unit_1", "kind": "education"}, {"unit": "unit_1"}),
        ({"unit": "office", "kind": "exchange"}, {"kind": "exchange"}),
        ({"unit": "office", "kind": "education", "shop": "shop_1"}, {}),
    ],
)
def test_a_code_that_nothing_names_is_known_before_it_is_printed(facts: dict[str, str], codes: dict[str, str]) -> None:
    assert unnamed(read_form(FORM, "f.form").answers(), facts, NAMES) == codes
