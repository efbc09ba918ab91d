"""Stored answers written out for people."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from forms.answer_field import Attachment
from forms.display import EMPTY, Shown, display
from forms.form_file import Field
from forms.wording import amount

CHOICES = {"departments": [("centre", "12315投诉举报中心")], "accounts": [("7", "李国强")]}
FILES = {18: Attachment(18, "签到表.pdf")}


def shown(sections: Any) -> dict[str, Shown]:
    return {answer.key: answer for section in sections for answer in section.answers}


def test_every_kind_is_written_as_people_write_it(every_kind: Any, every_value: Any) -> None:
    answers = shown(display(every_kind, every_value, CHOICES, FILES))
    assert {key: answer.text for key, answer in answers.items() if answer.kind in {"text", "long"}} == {
        "title": "全国12315平台操作培训",
        "purpose": "第一行\n第二行 <script>",
        "people": "40 人",
        "money": "1,234.50 元",
        "rate": "98.6",
        "start_on": "2026年3月20日",
        "met_at": "2026年3月19日 14:30",
        "opens": "9:30",
        "unit": "12315投诉举报中心",
        "leader": "李国强",
        "kind": "乙类",
        "urgent": "是",
        "ways": "甲类、丙类",
        "tags": "乙类",
        "total": "3.5",
    }
    assert [file.name for file in answers["papers"].files] == ["签到表.pdf", "附件 17"]
    table = answers["courses"]
    assert [label for label, _ in table.columns] == ["日期", "内容", "学时", "级别", "公开"]
    assert [cell.text for cell in table.rows[0]] == ["2026年3月20日", "接收与分派", "1.5 时", "甲类", "是"]
    assert table.totals == ("合计", "", "3.5 时", "", "")


def test_sections_follow_the_groups(every_kind: Any, every_value: Any) -> None:
    assert [section.title for section in display(every_kind, every_value)] == ["", "基本情况", ""]


def test_nothing_stored_is_a_dash(every_kind: Any) -> None:
    answers = shown(display(every_kind, {}))
    assert {answer.text for answer in answers.values()} == {EMPTY, "否", "0"}


def test_a_choice_that_is_offered_no_longer_stands_for_itself(every_kind: Any) -> None:
    answers = shown(display(every_kind, {"unit": "gone", "leader": 99, "kind": "z"}))
    assert [answers[key].text for key in ("unit", "leader", "kind")] == ["gone", "99", "z"]


def test_hidden_answers_are_left_out(make: Any) -> None:
    form = make(
        {"type": "checkbox", "key": "paid", "label": "收费"},
        {"type": "number", "key": "fee", "label": "费用", "conditional": {"hide": "=not(paid)"}},
    )
    assert list(shown(display(form, {"paid": False, "fee": 5}))) == ["paid"]
    assert list(shown(display(form, {"paid": True, "fee": 5}))) == ["paid", "fee"]


def test_the_summary_page_is_sound_and_escaped(every_kind: Any, every_value: Any, macros: Callable[..., str]) -> None:
    html = macros("render_values(sections)", sections=display(every_kind, every_value, CHOICES, FILES))
    assert "第一行<br>第二行 &lt;script&gt;" in html
    assert "{&#39;attachment_id&#39;: 18}" in html
    assert html.count("<dt>") == html.count("<dd>") == 17


@pytest.mark.parametrize(
    ("number", "unit", "words"), [("2026", "年", "2026 年"), ("2026", "页", "2,026 页"), ("1234.50", "", "1,234.50")]
)
def test_thousands_are_separated_but_not_in_a_year(number: str, unit: str, words: str) -> None:
    assert amount(Decimal(number), Field("number", unit=unit)) == words
