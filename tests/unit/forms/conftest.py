"""What the form tests share: small form files written in Python, a fixed moment, and a page that renders macros."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from forms.answer_field import Attachment
from forms.beijing import BEIJING
from forms.filled_form import FilledForm
from forms.form_class import bind, build_form_class
from forms.form_file import FormFile
from forms.form_reader import read_form

NOW = datetime(2026, 3, 12, 10, 30, tzinfo=BEIJING)
ROOT = Path(__file__).parents[3]
FILES = {
    17: Attachment(17, "方案.docx", 1000),
    18: Attachment(18, "签到表.pdf", 2000),
    19: Attachment(19, "照片.jpg", 3000),
}
CHOICES = {
    "departments": [("office", "办公室"), ("centre", "12315投诉举报中心")],
    "accounts": [("3", "刘芳"), ("7", "李国强")],
    "accounts:centre_head": [("3", "刘芳")],
}


def form_of(*components: Mapping[str, object], key: str = "sample") -> FormFile:
    """A form file of these components, read from its JSON."""
    raw = {"type": "default", "id": key, "name": "样表", "schemaVersion": 18, "components": components}
    return read_form(json.dumps(raw, ensure_ascii=False).encode(), f"folder/{key}.form")


def filled(
    form: FormFile, posted: Mapping[str, Any] | None = None, prefill: Mapping[str, Any] | None = None
) -> FilledForm:
    """The form holding what was posted over what was stored."""
    form_class = build_form_class(form, choices=CHOICES)
    return bind(form_class, None if posted is None else MultiDict(posted), prefill, now=NOW, files=FILES)


@pytest.fixture
def make() -> Callable[..., FormFile]:
    return form_of


@pytest.fixture
def fill() -> Callable[..., FilledForm]:
    return filled


@pytest.fixture
def one() -> Callable[..., FilledForm]:
    """A form of one component `x` labelled 甲, posted with `value`."""

    def build(component: Mapping[str, object], value: Any = None, **stored: Any) -> FilledForm:
        name = "path" if component["type"] == "dynamiclist" else "key"
        form = form_of({name: "x", "label": "甲", **component})
        return filled(form, None if value is None else {"x": value}, stored or None)

    return build


@pytest.fixture(scope="session")
def macros() -> Callable[..., str]:
    """Renders `{{ expression }}` with the form macros, as the application sets Jinja up."""
    environment = Environment(
        loader=FileSystemLoader(ROOT / "webapp" / "templates"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        icon=lambda name, size="": Markup('<svg class="icon" aria-hidden="true"></svg>'),
        url_for=lambda endpoint, **values: f"/{endpoint}/{values}",
    )
    imports = '{% from "forms/form.html" import render_form %}{% from "forms/values.html" import render_values %}'

    def render(expression: str, **context: Any) -> str:
        return environment.from_string(f"{imports}{{{{ {expression} }}}}").render(**context)

    return render


@pytest.fixture
def every_kind() -> FormFile:
    """One component of every kind."""
    choices = [{"label": "甲类", "value": "a"}, {"label": "乙类", "value": "b"}, {"label": "丙类", "value": "c"}]
    return form_of(
        {"type": "text", "text": "# 填写说明\n\n请如实填写 <b>全部</b> 项目。"},
        {"type": "textfield", "key": "title", "label": "名称", "validate": {"required": True}},
        {
            "type": "group",
            "label": "基本情况",
            "components": [
                {"type": "textarea", "key": "purpose", "label": "目的", "description": "写明为什么办。"},
                {"type": "number", "key": "people", "label": "人数", "decimalDigits": 0, "properties": {"unit": "人"}},
                {"type": "number", "key": "money", "label": "经费", "decimalDigits": 2, "properties": {"unit": "元"}},
                {"type": "number", "key": "rate", "label": "满意度"},
                {"type": "separator"},
                {"type": "datetime", "key": "start_on", "dateLabel": "开始日期", "subtype": "date"},
                {"type": "datetime", "key": "met_at", "dateLabel": "会议时间", "subtype": "datetime"},
                {"type": "datetime", "key": "opens", "timeLabel": "开门时间", "subtype": "time"},
            ],
        },
        {"type": "spacer", "height": 20},
        {"type": "select", "key": "unit", "label": "单位", "properties": {"source": "departments"}},
        {"type": "select", "key": "leader", "label": "负责人", "properties": {"source": "accounts"}},
        {"type": "radio", "key": "kind", "label": "类型", "values": choices},
        {"type": "checkbox", "key": "urgent", "label": "加急"},
        {"type": "checklist", "key": "ways", "label": "方式", "values": choices},
        {"type": "taglist", "key": "tags", "label": "标签", "values": choices},
        {"type": "filepicker", "key": "papers", "label": "附件", "multiple": True, "accept": ".pdf,.docx"},
        {
            "type": "dynamiclist",
            "path": "courses",
            "label": "课程",
            "components": [
                {"type": "datetime", "key": "held_on", "dateLabel": "日期", "subtype": "date"},
                {"type": "textfield", "key": "topic", "label": "内容", "validate": {"required": True}},
                {"type": "number", "key": "hours", "label": "学时", "decimalDigits": 1, "properties": {"unit": "时"}},
                {"type": "select", "key": "level", "label": "级别", "values": choices},
                {"type": "checkbox", "key": "open", "label": "公开"},
            ],
            "properties": {"table_total": "hours"},
        },
        {"type": "number", "key": "total", "label": "总学时", "properties": {"computed": "=sum(courses.hours)"}},
    )


@pytest.fixture
def every_value() -> dict[str, Any]:
    """A full set of answers to `every_kind`, as stored."""
    return {
        "title": "全国12315平台操作培训",
        "purpose": "第一行\n第二行 <script>",
        "people": 40,
        "money": "1234.50",
        "rate": 98.6,
        "start_on": "2026-03-20",
        "met_at": "2026-03-19T14:30:00+08:00",
        "opens": "09:30",
        "unit": "centre",
        "leader": 7,
        "kind": "b",
        "urgent": True,
        "ways": ["a", "c"],
        "tags": ["b"],
        "papers": [18, 17],
        "courses": [
            {"held_on": "2026-03-20", "topic": "接收与分派", "hours": 1.5, "level": "a", "open": True},
            {"held_on": None, "topic": "期限", "hours": 2, "level": None, "open": False},
        ],
        "total": 3.5,
    }
