"""The Word templates, their index and the forms that feed them belong together."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import unescape

import pytest
import yaml

from forms.form_file import flatten
from forms.form_reader import read_form
from handlers.letters.index import read_index
from handlers.letters.template import render_docx
from handlers.letters.word_file import language, read_parts
from processes.engine.publishing.publish import read_process

FORMS = Path(__file__).parents[2] / "forms"
LETTERS = FORMS / "letters"
INDEX: dict[str, dict[str, Any]] = yaml.safe_load((LETTERS / "letters.yaml").read_text(encoding="utf-8"))
COMMON = {"number", "today", "contact", "case", "bureau", "facts", "labels", "approvals", "steps", "parameters"}
BUREAU = {
    "bureau": "天津市滨海新区市场监督管理局",
    "letter_head": "天津市滨海新区市场监督管理局",
    "centre": "12315投诉举报中心",
    "phones": {"centre": ""},
    "address": "",
    "supervision": "",
}
OPINIONS = [
    {"step": "办公室审核", "name": "王建国", "decision_label": "同意", "comment": "", "on": "2026年3月3日"},
    {"step": "领导审批", "name": "李国强", "decision_label": "否决", "comment": "场所证明不足", "on": "2026年3月4日"},
]


def fields() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path in FORMS.glob("*/*.form"):
        found |= read_form(path.read_bytes(), path.name).answers()
    return found


def template_text(key: str) -> str:
    """What stands between the placeholder braces of a template."""
    return " ".join(re.findall(r"\{[{%].*?[}%]\}", read((LETTERS / f"{key}.docx").read_bytes())))


def words(key: str, **changes: Any) -> dict[str, Any]:
    """Everything a letter may use, each field answered by its own name."""
    entry = INDEX[key]
    labels: dict[str, Any] = {name: f"<{name}>" for name in entry["facts"]}
    labels |= tables(entry["columns"])
    return {
        "number": "津滨市监〔2026〕1号",
        "today": "2026年3月5日",
        "contact": "陈静",
        "case": {"number": "训〔2026〕1号", "title": "培训"},
        "bureau": BUREAU,
        "facts": labels | {"opinion": "refuse"},
        "labels": labels,
        "approvals": OPINIONS,
        "steps": [{"node": "review", "department": "办公室", **opinion} for opinion in OPINIONS],
        "parameters": dict.fromkeys(entry["parameters"], "refuse") | tables(entry.get("rows", {})),
    } | changes


def tables(columns: dict[str, list[str]]) -> dict[str, list[dict[str, str]]]:
    """One row for each table, each cell answered by its column's name."""
    return {table: [{name: f"<{name}>" for name in names}] for table, names in columns.items()}


def read(document: bytes) -> str:
    with zipfile.ZipFile(BytesIO(document)) as parts:
        return unescape(re.sub(r"<[^>]+>", "", parts.read("word/document.xml").decode()))


def test_every_template_is_in_the_index_and_every_entry_has_a_template() -> None:
    assert {path.stem for path in LETTERS.glob("*.docx")} == set(INDEX)


def test_what_stays_in_the_office_is_never_said_to_be_delivered_by_a_diagram() -> None:
    kinds, delivered = read_index((LETTERS / "letters.yaml").read_bytes()), ""
    for path in (FORMS.parent / "processes").glob("*/*.bpmn"):
        nodes = read_process(path.read_bytes(), path.stem).nodes.values()
        steps = [node for node in nodes if node.handler == "letters.delivered"]
        delivered += "".join(item.value for node in steps for item in node.inputs if item.name == "template")
    inside = {key for key, kind in kinds.items() if kind.goes_out is False}
    assert "reply" in delivered
    assert {"extension_approval", "supervision_notice", "archive_file"} <= inside
    assert [key for key in inside if f"'{key}'" in delivered] == []


def test_an_assignment_goes_out_only_to_another_authority() -> None:
    kind = read_index((LETTERS / "letters.yaml").read_bytes())["assignment_notice"]
    assert kind.is_delivered({"authority_name": "河西区市场监督管理局"})
    assert not kind.is_delivered({"authority_name": ""})


@pytest.mark.parametrize("key", INDEX)
def test_every_fact_in_the_index_is_a_field_of_some_form(key: str) -> None:
    known = fields()
    assert [name for name in INDEX[key]["facts"] if name not in known] == []
    for table, columns in INDEX[key]["columns"].items():
        assert set(columns) <= {column.key for column in flatten(known[table].fields)}


@pytest.mark.parametrize("key", INDEX)
def test_a_template_uses_only_what_its_index_entry_names(key: str) -> None:
    text = template_text(key)
    assert set(re.findall(r"(?:facts|labels)\.(\w+)", text)) <= set(INDEX[key]["facts"])
    assert set(re.findall(r"parameters\.(\w+)", text)) <= set(INDEX[key]["parameters"])
    loops = set(re.findall(r"for (\w+) in", text))
    roots = set(re.findall(r"(?<![.\w])([a-z]+)(?=[.\[])", text)) | set(re.findall(r"\{\{ (\w+) \}\}", text))
    assert roots <= COMMON | loops


@pytest.mark.parametrize("key", INDEX)
def test_a_letter_keeps_hostile_text_as_text(key: str) -> None:
    values = words(key)
    values["labels"] = {name: "<w:p>&{{ 7*7 }}" if isinstance(v, str) else v for name, v in values["labels"].items()}
    assert "{{ 7*7 }}" in read(render_docx((LETTERS / f"{key}.docx").read_bytes(), values))


def test_the_plan_carries_every_opinion_with_name_and_date() -> None:
    text = read(render_docx((LETTERS / "training_plan.docx").read_bytes(), words("training_plan")))
    for opinion in OPINIONS:
        assert opinion["step"] in text
        assert f"{opinion['name']}　　{opinion['on']}" in text
    assert "<course_content>" in text


def test_an_admission_names_account_and_dates_and_no_reasons() -> None:
    values = words("odr_result", parameters={"outcome": "admit"})
    text = read(render_docx((LETTERS / "odr_result.docx").read_bytes(), values))
    assert "准予开通" in text
    assert "<platform_account>" in text
    assert "不予开通" not in text


def test_a_refusal_gives_the_centres_reason() -> None:
    text = read(render_docx((LETTERS / "odr_result.docx").read_bytes(), words("odr_result")))
    assert "不予开通" in text
    assert "<opinion_reason>" in text


def test_a_refusal_against_the_centres_opinion_gives_the_leaders_reason() -> None:
    values = words("odr_result")
    values["facts"] = values["facts"] | {"opinion": "admit"}
    text = read(render_docx((LETTERS / "odr_result.docx").read_bytes(), values))
    assert "场所证明不足" in text
    assert "<opinion_reason>" not in text


@pytest.mark.parametrize("path", sorted(LETTERS.glob("*.docx")), ids=lambda path: path.stem)
def test_a_template_says_that_its_chinese_is_chinese_and_carries_nothing_of_the_tool_that_made_it(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        whole = "".join(archive.read(name).decode("utf-8") for name in names)
    assert language(read_parts(path.read_bytes())) == "zh-CN"
    assert set(re.findall(r'<w:lang [^>]*w:(?:val|eastAsia)="([^"]+)"', whole)) == {"zh-CN"}
    assert set(re.findall(r'w:themeFontLang [^>]*w:eastAsia="([^"]+)"', whole)) == {"zh-CN"}
    assert not {name for name in names if name.startswith(("docProps/", "customXml/")) or "thumbnail" in name}
    assert "python-docx" not in whole
    assert path.stat().st_size < 12_000


def test_a_letter_made_of_a_template_is_chinese_too() -> None:
    made = render_docx((LETTERS / "training_plan.docx").read_bytes(), words("training_plan"))
    assert language(read_parts(made)) == "zh-CN"
