"""Stored values as a letter says them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import docx
import pytest

from forms.form_file import Field
from forms.form_reader import read_form
from handlers.letters.letter_values import DisplayNames, account_ids, in_words, letter_values
from handlers.letters.template import TemplateFailed, render_docx


def answers_of(components: list[dict[str, Any]]) -> Mapping[str, Field]:
    """The answers of a form file of these components; a component that has no label is called by its key."""
    raw = {"type": "default", "id": "sample", "components": [labelled(component) for component in components]}
    return read_form(json.dumps(raw).encode(), "sample.form").answers()


def labelled(component: dict[str, Any]) -> dict[str, Any]:
    inside = [labelled(inner) for inner in component.get("components", ())]
    name = component.get("key") or component.get("path")
    called = {"label": name} if name else {}
    return called | component | ({"components": inside} if inside else {})


NAMES = DisplayNames({"centre": "12315投诉举报中心"}, {7: "陈静"})
FORM: list[dict[str, Any]] = [
    {
        "type": "group",
        "components": [
            {"type": "radio", "key": "kind", "values": [{"label": "培训", "value": "training"}]},
            {"type": "select", "key": "organiser", "properties": {"source": "departments"}},
            {"type": "select", "key": "person", "properties": {"source": "accounts"}},
        ],
    },
    {
        "type": "checklist",
        "key": "ways",
        "values": [{"label": "电话", "value": "phone"}, {"label": "信函", "value": "letter"}],
    },
    {"type": "datetime", "subtype": "date", "key": "held_on"},
    {"type": "datetime", "subtype": "datetime", "key": "start_at"},
    {"type": "datetime", "subtype": "time", "key": "opens"},
    {"type": "number", "key": "people", "properties": {"unit": "人"}},
    {"type": "number", "key": "budget", "properties": {"unit": "元"}},
    {"type": "checkbox", "key": "open"},
    {"type": "filepicker", "key": "proof"},
    {"type": "textarea", "key": "purpose"},
    {"type": "text", "text": "说明"},
    {
        "type": "dynamiclist",
        "path": "courses",
        "components": [{"type": "datetime", "subtype": "datetime", "key": "at"}, {"type": "textfield", "key": "topic"}],
    },
]
ANSWERS = answers_of(FORM)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("kind", "training", "培训"),
        ("kind", "gone", "gone"),
        ("organiser", "centre", "12315投诉举报中心"),
        ("person", 7, "陈静"),
        ("person", "7", "陈静"),
        ("ways", ["phone", "letter"], "电话、信函"),
        ("ways", [], ""),
        ("held_on", "2026-03-02", "2026年3月2日"),
        ("start_at", "2026-03-02T09:05:00+08:00", "2026年3月2日 9:05"),
        ("start_at", "2026-03-02T01:05:00+00:00", "2026年3月2日 9:05"),
        ("opens", "09:30", "09:30"),
        ("people", 60, "60"),
        ("people", 1000, "1000"),
        ("budget", "12000.00", "12,000.00"),
        ("budget", 12000, "12,000.00"),
        ("open", True, "是"),
        ("open", False, "否"),
        ("proof", [3, 4], "2份"),
        ("purpose", "一\n二", "一\n二"),
        ("purpose", None, ""),
        ("courses", [{"at": "2026-03-02T09:00:00+08:00"}], [{"at": "2026年3月2日 9:00", "topic": ""}]),
        ("courses", None, []),
    ],
)
def test_a_stored_value_is_said_in_words(key: str, value: object, words: object) -> None:
    assert in_words(ANSWERS[key], value, NAMES) == words


def test_every_field_of_the_forms_has_a_value_filled_in_or_not() -> None:
    facts, labels = letter_values(ANSWERS, {"kind": "training", "from_elsewhere": 3}, NAMES)
    assert (facts["kind"], facts["purpose"], facts["courses"]) == ("training", None, [])
    assert (labels["kind"], labels["purpose"], labels["courses"]) == ("培训", "", [])
    assert (facts["from_elsewhere"], labels["from_elsewhere"]) == (3, "3")


def test_a_department_that_no_form_of_the_case_asks_for_is_called_by_its_name() -> None:
    facts = {"unit": "centre", "other": "unit_9", "nothing": None}
    _, labels = letter_values(answers_of(FORM), facts, NAMES)
    assert (labels["unit"], labels["other"], labels["nothing"]) == ("12315投诉举报中心", "unit_9", "")


def test_the_people_that_a_case_names_are_found() -> None:
    assert account_ids(ANSWERS, {"person": "7", "people": 9}) == {7}


def word_file(*paragraphs: str) -> bytes:
    document, result = docx.Document(), BytesIO()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    document.save(result)
    return result.getvalue()


def text_of(content: bytes) -> str:
    return "\n".join(paragraph.text for paragraph in docx.Document(BytesIO(content)).paragraphs)


def test_values_are_escaped_and_lines_kept() -> None:
    content = render_docx(word_file("{{ name }}"), {"name": "A&B <b>公司</b>\n第二行 {{ secret }}"})
    assert text_of(content) == "A&B <b>公司</b>\n第二行 {{ secret }}"


def test_the_same_values_give_the_same_bytes() -> None:
    template = word_file("{{ name }}")
    assert render_docx(template, {"name": "甲"}) == render_docx(template, {"name": "甲"})
    with zipfile.ZipFile(BytesIO(render_docx(template, {"name": "甲"}))) as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("{{ missing }}", "没有值"),
        ("{{ name", "占位符写错了"),
        ("{{ ''.__class__.__mro__ }}", "不允许|没有值"),
        ("{{ name.__init__.__globals__ }}", "不允许|没有值"),
    ],
)
def test_a_template_that_asks_for_what_it_may_not_have_fails_with_a_sentence(line: str, sentence: str) -> None:
    with pytest.raises(TemplateFailed, match=sentence):
        render_docx(word_file(line), {"name": "甲"})


def test_what_is_no_word_file_fails_with_a_sentence() -> None:
    with pytest.raises(TemplateFailed, match="docx"):
        render_docx(b"not a zip", {})


def test_a_narrowed_source_is_said_by_the_same_names() -> None:
    answers = answers_of(
        [
            {"type": "select", "key": "unit", "properties": {"source": "departments:handling"}},
            {"type": "select", "key": "who", "properties": {"source": "accounts:mediator@unit"}},
            {"type": "select", "key": "to", "properties": {"source": "authorities"}},
            {"type": "select", "key": "street", "properties": {"source": "streets"}},
            {
                "type": "dynamiclist",
                "path": "rows",
                "components": [{"type": "select", "key": "by", "properties": {"source": "accounts:verifier"}}],
            },
        ]
    )
    facts = {"unit": "centre", "who": 7, "to": "telecom", "street": "新港街道", "rows": [{"by": 8}]}
    names = DisplayNames({"centre": "中心"}, {7: "陈静", 8: "赵磊"}, {"telecom": "通信管理部门"})
    assert account_ids(answers, facts) == {7, 8}
    _, labels = letter_values(answers, facts, names)
    assert labels == {
        "unit": "中心",
        "who": "陈静",
        "to": "通信管理部门",
        "street": "新港街道",
        "rows": [{"by": "赵磊"}],
    }
