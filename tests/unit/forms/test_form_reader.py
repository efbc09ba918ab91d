"""What a form file may say, and that everything else is refused with a sentence naming the component."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from forms.form_class import build_form_class
from forms.form_file import FormError
from forms.form_reader import read_form

Make = Callable[..., Any]
TEXT = {"type": "textfield", "key": "a", "label": "甲"}
YES_NO = [{"label": "是", "value": "yes"}, {"label": "否", "value": "no"}]


def test_a_form_as_the_editor_saves_it_is_read(make: Make) -> None:
    form = make(
        {**TEXT, "id": "Field_1", "layout": {"row": "Row_1", "columns": 8}, "appearance": {"suffixAdorner": "份"}},
        {"type": "spacer", "id": "Field_2", "height": 60, "layout": {"row": "Row_2", "columns": None}},
    )
    assert (form.key, form.name, len(form.fields)) == ("sample", "样表", 1)
    assert (form.fields[0].row, form.fields[0].columns, form.fields[0].unit) == ("Row_1", 8, "份")
    assert form.keys() == {"a"}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "不是完整的 JSON"),
        (b"{", "不是完整的 JSON"),
        (b"[]", "内容不是表单"),
        (b"\xff\xfe{", "不是 UTF-8"),
        (b"PK\x03\x04" + b"\xff" * 50, "不是 UTF-8"),
        (b"[" * 100_000, "不是完整的 JSON"),
        (b" " * 600_000, "超过 512 KB"),
        (b'{"id": "sample", "id": "sample"}', "写了两次“id”"),
        (b'{"id": "sample", "components": []}', "没有任何组件"),
        (b'{"id": "Sample", "components": [{}]}', "小写英文"),
        (b'{"id": "other", "components": [{}]}', "与文件名“sample”不一致"),
        (b'{"type": "wizard", "id": "sample", "components": [{}]}', "type 必须是 default"),
        (b'{"id": "sample", "components": [{}], "script": 1}', "不支持的设置“script”"),
        (b'{"id": "sample", "components": [3]}', "不是组件"),
    ],
)
def test_what_is_no_form_file_gets_one_sentence(data: bytes, words: str) -> None:
    with pytest.raises(FormError, match=words) as caught:
        read_form(data, "forms/sample.form")
    assert str(caught.value).startswith("表单 forms/sample.form：")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("component", "words"),
    [
        ({"type": "html", "content": "<b>"}, "类型“html”不支持"),
        ({"type": "button", "label": "提交"}, "“提交”的类型“button”不支持"),
        ({**TEXT, "colour": "red"}, "组件“甲”的设置“colour”不支持"),
        ({**TEXT, "validate": {"min": 1}}, "“甲”的校验设置“min”不支持"),
        ({**TEXT, "properties": {"colour": "red"}}, "“甲”的自定义属性“colour”不支持"),
        ({**TEXT, "conditional": {"show": "=x"}}, "“甲”的条件“show”不支持"),
        ({**TEXT, "appearance": {"prefixAdorner": "¥"}}, "外观设置“prefixAdorner”不支持"),
        ({**TEXT, "layout": {"colour": 1}}, "布局设置“colour”不支持"),
        ({**TEXT, "key": "Name"}, "键“Name”必须是小写"),
        ({**TEXT, "key": "a-b"}, "必须是小写"),
        ({**TEXT, "label": " "}, "组件“a”没有标题"),
        ({**TEXT, "validate": {"maxLength": -1}}, "不小于 0 的整数"),
        ({**TEXT, "validate": {"minLength": 9, "maxLength": 3}}, "最少字数大于最多字数"),
        ({**TEXT, "validate": {"pattern": "["}}, "正则表达式写错"),
        ({**TEXT, "validate": {"pattern": "(a+)+$"}}, "太复杂"),
        ({**TEXT, "properties": {"format": "passport"}}, "格式“passport”不认识"),
        ({**TEXT, "conditional": {"hide": "=b = 1"}}, "隐藏条件提到的字段“b”不在表单里"),
        ({**TEXT, "conditional": {"hide": "=a = 1"}}, "不能引用它自己"),
        ({**TEXT, "conditional": {"hide": "=today()"}}, "函数“today”不能用"),
        ({**TEXT, "properties": {"required_if": "=b"}}, "必填条件提到的字段“b”"),
        ({**TEXT, "validate": {"requires": "b"}}, "提到的字段“b”不在表单里"),
        ({**TEXT, "validate": {"required": "maybe"}}, "只能是 true 或 false"),
        ({"type": "number", "key": "n", "label": "数", "decimalDigits": 9}, "最多 6 位"),
        ({"type": "number", "key": "n", "label": "数", "validate": {"min": 3, "max": 1}}, "最小值大于最大值"),
        ({"type": "number", "key": "n", "label": "数", "validate": {"min": "x"}}, "必须是数字"),
        ({"type": "datetime", "key": "d", "dateLabel": "日", "subtype": "week"}, "“week”不认识"),
        ({"type": "datetime", "key": "d", "dateLabel": "日", "properties": {"date_rule": "soon"}},
         "日期规则“soon”"),
        ({"type": "datetime", "key": "d", "dateLabel": "日", "properties": {"default": "today"}}, "只能是 now"),
        ({"type": "datetime", "key": "d", "dateLabel": "日", "defaultValue": "2026-03-02",
          "properties": {"default": "now"}}, "请删除一个"),
        ({"type": "textfield", "key": "d", "label": "名", "properties": {"default": "now"}}, "“default”不支持"),
        ({"type": "datetime", "key": "d", "dateLabel": "日", "properties": {"date_rule": "after:e"}},
         "“e”不在表单里"),
        ({"type": "datetime", "key": "d", "timeLabel": "时", "subtype": "time",
          "properties": {"date_rule": "not_past"}}, "只有时间没有日期"),
        ({"type": "select", "key": "s", "label": "选"}, "要么写出选项"),
        ({"type": "select", "key": "s", "label": "选", "values": YES_NO, "properties": {"source": "units"}},
         "有且只有一个"),
        ({"type": "select", "key": "s", "label": "选", "values": [*YES_NO, YES_NO[0]]}, "两个选项的值相同"),
        ({"type": "select", "key": "s", "label": "选", "values": [{"label": "", "value": "x"}]}, "没有标签或值"),
        ({"type": "select", "key": "s", "label": "选", "valuesKey": "x"}, "“valuesKey”不支持"),
        ({"type": "select", "key": "s", "label": "选", "properties": {"source": "../x"}}, "写法不对"),
        ({"type": "filepicker", "key": "f", "label": "件", "accept": "pdf"}, "文件类型“pdf”写法不对"),
        ({"type": "text", "text": "=name"}, "不支持公式"),
        ({"type": "group", "label": "组", "path": "p", "components": []}, "不能设置路径"),
        ({"type": "group", "label": "组"}, "必须是组件的列表"),
        ({"type": "dynamiclist", "path": "t", "label": "表", "components": [
            {"type": "group", "label": "组", "components": []}]}, "不能再放表格、分组"),
        ({"type": "dynamiclist", "path": "t", "label": "表", "components": [{**TEXT, "readonly": True}]}, "列不能只读"),
        ({"type": "dynamiclist", "path": "t", "label": "表", "components": [], "properties": {"max_rows": "999"}},
         "200 行"),
        ({"type": "dynamiclist", "path": "t", "label": "表", "components": [TEXT], "properties": {"table_total": "a"}},
         "合计列“a”不是它的数字列"),
        ({"type": "dynamiclist", "path": "t", "label": "表", "components": [{**TEXT, "key": "t"}]}, "同一个键“t”"),
    ],
)  # fmt: skip
def test_what_the_server_would_not_honour_is_refused(make: Make, component: Any, words: str) -> None:
    with pytest.raises(FormError, match=words):
        make(component)


def test_two_fields_with_one_key_are_refused_with_both_names(make: Make) -> None:
    with pytest.raises(FormError, match="组件“乙”与“甲”用了同一个键“a”"):
        make(TEXT, {**TEXT, "label": "乙"})


def test_a_circle_of_conditions_is_refused(make: Make) -> None:
    with pytest.raises(FormError, match="形成循环"):
        make({**TEXT, "conditional": {"hide": "=b = null"}}, {**TEXT, "key": "b", "conditional": {"hide": "=a = null"}})


def test_a_circle_through_a_group_or_a_table_is_refused(make: Make) -> None:
    inside = {"type": "number", "key": "n", "label": "数", "conditional": {"hide": "=total > 3"}}
    table = {"type": "dynamiclist", "path": "rows", "label": "表", "components": [inside]}
    total = {"type": "number", "key": "total", "label": "合计", "properties": {"computed": "=sum(rows.n)"}}
    with pytest.raises(FormError, match="形成循环"):
        make(table, total)
    with pytest.raises(FormError, match="形成循环"):
        make({"type": "group", "label": "组", "components": [TEXT], "conditional": {"hide": '=a = "x"'}})


def test_groups_may_not_nest_without_end(make: Make) -> None:
    component: dict[str, Any] = TEXT
    for _ in range(6):
        component = {"type": "group", "label": "组", "components": [component]}
    with pytest.raises(FormError, match="分组套得太深"):
        make(component)


def test_a_date_rule_between_a_date_and_a_text_is_refused(make: Make) -> None:
    with pytest.raises(FormError, match="要求两边都是日期"):
        make(TEXT, {"type": "datetime", "key": "d", "dateLabel": "日", "properties": {"date_rule": "after:a"}})


def test_a_missing_choice_list_is_told_when_the_form_is_built(make: Make) -> None:
    form = make({"type": "select", "key": "s", "label": "选", "properties": {"source": "streets"}})
    assert form.sources() == {"streets"}
    with pytest.raises(FormError, match="选项“streets”没有提供"):
        build_form_class(form, choices={})


def test_the_byte_order_mark_of_a_windows_editor_is_no_obstacle() -> None:
    raw = {"id": "sample", "components": [TEXT]}
    assert read_form(b"\xef\xbb\xbf" + json.dumps(raw).encode(), "C:\\forms\\sample.form").name == "sample"
