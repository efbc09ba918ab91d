"""Each kind of field: what it takes, how it is stored, and the sentence when it is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from forms.filled_form import FilledForm
from forms.form_class import bind
from tests.unit.forms.conftest import NOW

One = Callable[..., FilledForm]
YES_NO = [{"label": "是", "value": "yes"}, {"label": "否", "value": "no"}]


def value_and_errors(form: FilledForm) -> tuple[Any, list[str]]:
    form.validate()
    return form.values()["x"], [problem.message for problem in form.problems()]


@pytest.mark.parametrize(
    ("component", "typed", "stored"),
    [
        ({"type": "textfield"}, "  培训　 ", "培训"),
        ({"type": "textfield"}, "第一行\r\n第二行", "第一行 第二行"),
        ({"type": "textfield"}, "甲\x00乙\u200b\ufeff", "甲乙"),
        ({"type": "textarea"}, " 第一行\r\n第二行 \n", "第一行\n第二行"),
        ({"type": "textfield", "properties": {"format": "phone"}}, "１３８ １２３４ ５６７８", "13812345678"),
        ({"type": "textfield", "validate": {"maxLength": 18}, "properties": {"format": "credit_code"}},
         "91350100-m000-100y-43", "91350100M000100Y43"),
        ({"type": "textfield", "validate": {"validationType": "email"}}, "a@B.CN", "a@b.cn"),
        ({"type": "number"}, "１２", 12),
        ({"type": "number"}, "1,234.5", 1234.5),
        ({"type": "number"}, "-0.25", -0.25),
        ({"type": "number", "decimalDigits": 0}, "20.0", 20),
        ({"type": "number", "decimalDigits": 2, "properties": {"unit": "元"}}, "1,200", "1200.00"),
        ({"type": "number", "decimalDigits": 1, "properties": {"unit": "%"}}, "98.5", 98.5),
        ({"type": "number", "serializeToString": True}, "007", "7"),
        ({"type": "datetime", "subtype": "date"}, "2026-3-2", "2026-03-02"),
        ({"type": "datetime", "subtype": "date"}, "2026/03/02", "2026-03-02"),
        ({"type": "datetime", "subtype": "date"}, "２０２６年３月２日", "2026-03-02"),
        ({"type": "datetime", "subtype": "date"}, "20260302", "2026-03-02"),
        ({"type": "datetime", "subtype": "datetime"}, "2026-03-02T09:30", "2026-03-02T09:30:00+08:00"),
        ({"type": "datetime", "subtype": "datetime"}, "2026年3月2日9时30分", "2026-03-02T09:30:00+08:00"),
        ({"type": "datetime", "subtype": "datetime"}, "2026/3/2 9：30：15", "2026-03-02T09:30:15+08:00"),
        ({"type": "datetime", "subtype": "datetime"}, "2026-03-02T01:30:00Z", "2026-03-02T09:30:00+08:00"),
        ({"type": "datetime", "subtype": "time"}, "9点", "09:00"),
        ({"type": "select", "values": YES_NO}, "yes", "yes"),
        ({"type": "select", "properties": {"source": "departments"}}, "office", "office"),
        ({"type": "select", "properties": {"source": "accounts"}}, "7", 7),
        ({"type": "radio", "values": YES_NO}, "no", "no"),
        ({"type": "checkbox"}, "true", True),
        ({"type": "checklist", "values": YES_NO}, ["no", "yes", "no"], ["yes", "no"]),
        ({"type": "taglist", "properties": {"source": "accounts:centre_head"}}, ["3"], [3]),
        ({"type": "filepicker", "multiple": True}, ["18", "17", "18"], [18, 17]),
    ],
)  # fmt: skip
def test_an_answer_is_stored_in_its_plain_form(one: One, component: Any, typed: Any, stored: Any) -> None:
    assert value_and_errors(one(component, typed)) == (stored, [])


@pytest.mark.parametrize(
    ("component", "empty", "sentence"),
    [
        ({"type": "textfield"}, "", "请填写“甲”。"),
        ({"type": "textarea"}, "", "请填写“甲”。"),
        ({"type": "number"}, None, "请填写“甲”。"),
        ({"type": "datetime", "subtype": "date"}, None, "请填写“甲”。"),
        ({"type": "select", "values": YES_NO}, None, "请选择“甲”。"),
        ({"type": "radio", "values": YES_NO}, None, "请选择“甲”。"),
        ({"type": "checkbox"}, False, "请勾选“甲”。"),
        ({"type": "checklist", "values": YES_NO}, [], "请选择“甲”。"),
        ({"type": "filepicker"}, [], "请上传“甲”。"),
    ],
)
@pytest.mark.parametrize("typed", ["", "  \t\n"])
def test_a_required_field_asks_by_its_label_and_an_optional_one_may_stay_empty(
    one: One, component: Any, empty: Any, sentence: str, typed: str
) -> None:
    typed = typed if component["type"] in {"textfield", "textarea", "number", "datetime"} else ""
    assert value_and_errors(one({**component, "validate": {"required": True}}, typed)) == (empty, [sentence])
    assert value_and_errors(one(component, typed)) == (empty, [])


@pytest.mark.parametrize(
    ("component", "typed", "sentence"),
    [
        ({"type": "textfield", "validate": {"maxLength": 5}}, "一二三四五六",
         "“甲”最多 5 个字，现在是 6 个字，请缩短。"),
        ({"type": "textfield", "validate": {"minLength": 5}}, "一二", "“甲”至少写 5 个字，现在是 2 个字。"),
        ({"type": "textfield"}, "字" * 1_000_000,
         "“甲”最多 200 个字，现在是 1000000 个字，请缩短。"),
        ({"type": "textarea"}, "字" * 4001, "“甲”最多 4000 个字，现在是 4001 个字，请缩短。"),
        ({"type": "textfield", "validate": {"pattern": "^[A-Z]{2}$"}}, "ab", "“甲”的格式不对，请检查。"),
        ({"type": "textfield", "validate": {"pattern": "^A", "patternErrorMessage": "要以 A 开头。"}}, "b",
         "要以 A 开头。"),
        ({"type": "number"}, "二十", "“甲”应填数字，例如 20。"),
        ({"type": "number"}, "1e5", "“甲”应填数字，例如 20。"),
        ({"type": "number"}, "nan", "“甲”应填数字，例如 20。"),
        ({"type": "number"}, "9" * 1_000_000, "“甲”应填数字，例如 20。"),
        ({"type": "number", "decimalDigits": 0}, "2.5", "“甲”应填整数，不要小数。"),
        ({"type": "number", "decimalDigits": 2}, "2.555", "“甲”最多 2 位小数。"),
        ({"type": "number", "validate": {"min": 1}, "properties": {"unit": "人"}}, "0", "“甲”不能小于 1 人。"),
        ({"type": "number", "validate": {"max": 10000}}, "10001", "“甲”不能大于 10,000。"),
        ({"type": "datetime", "subtype": "date"}, "2026-2-30", "“甲”应填日期，例如 2026-3-2，请检查。"),
        ({"type": "datetime", "subtype": "date"}, "明天", "“甲”应填日期，例如 2026-3-2，请检查。"),
        ({"type": "datetime", "subtype": "date"}, "0001-01-01", "“甲”应填日期，例如 2026-3-2，请检查。"),
        ({"type": "datetime", "subtype": "datetime"}, "2026-03-02",
         "“甲”应填日期和时间，例如 2026-3-2 9:30，请检查。"),
        ({"type": "datetime", "subtype": "datetime"}, "2026-03-02 25:00",
         "“甲”应填日期和时间，例如 2026-3-2 9:30，请检查。"),
        ({"type": "datetime", "subtype": "time"}, "9:", "“甲”应填时间，例如 9:30，请检查。"),
        ({"type": "select", "values": YES_NO}, "maybe", "“甲”的选项已变化，请重新选择。"),
        ({"type": "radio", "values": YES_NO}, "yes\x00", "“甲”的选项已变化，请重新选择。"),
        ({"type": "checklist", "values": YES_NO}, ["yes", "x"], "“甲”的选项已变化，请重新选择。"),
        ({"type": "checklist", "values": YES_NO, "properties": {"min_choices": "2"}}, ["yes", "yes"],
         "“甲”至少选2项。"),
        ({"type": "filepicker"}, "-1", "“甲”的附件编号不对，请重新上传。"),
        ({"type": "filepicker"}, "1;drop", "“甲”的附件编号不对，请重新上传。"),
        ({"type": "filepicker"}, "99", "“甲”有附件已不存在，请重新上传。"),
        ({"type": "filepicker"}, ["17", "18"], "“甲”最多上传 1 个文件，请移除多余的。"),
        ({"type": "filepicker", "multiple": True, "properties": {"max_files": "2"}}, ["17", "18", "19"],
         "“甲”最多上传 2 个文件，请移除多余的。"),
    ],
)  # fmt: skip
def test_a_wrong_answer_gets_one_sentence(one: One, component: Any, typed: Any, sentence: str) -> None:
    assert value_and_errors(one(component, typed))[1] == [sentence]


def test_what_was_typed_stays_in_the_input(one: One) -> None:
    form = one({"type": "number"}, " 二十 ")
    assert (form["x"].typed, form.values()["x"]) == ("二十", None)


@pytest.mark.parametrize(
    ("rule", "typed", "sentence"),
    [
        ("not_future", "2026-03-12", ""),
        ("not_future", "2026-03-13", "“甲”不能晚于今天（2026年3月12日）。"),
        ("not_past", "2026-03-12", ""),
        ("not_past", "2026-03-11", "“甲”不能早于今天（2026年3月12日）。"),
    ],
)
def test_a_day_is_compared_with_today(one: One, rule: str, typed: str, sentence: str) -> None:
    form = one({"type": "datetime", "subtype": "date", "properties": {"date_rule": rule}}, typed)
    assert "".join(value_and_errors(form)[1]) == sentence


def test_a_moment_later_today_is_in_the_future(one: One) -> None:
    component = {"type": "datetime", "subtype": "datetime", "properties": {"date_rule": "not_future"}}
    assert value_and_errors(one(component, "2026-03-12 10:30"))[1] == []
    assert value_and_errors(one(component, "2026-03-12 10:31"))[1] == ["“甲”不能晚于现在。"]


@pytest.mark.parametrize(
    ("rule", "kinds", "start", "end", "sentence"),
    [
        ("after", "date date", "2026-03-02", "2026-03-03", ""),
        ("after", "date date", "2026-03-02", "2026-03-02", "“止”要晚于“起”。"),
        ("not_before", "date date", "2026-03-02", "2026-03-02", ""),
        ("not_before", "date date", "2026-03-02", "2026-03-01", "“止”不能早于“起”。"),
        ("after", "datetime datetime", "2026-03-02 09:00", "2026-03-02 09:00", "“止”要晚于“起”。"),
        ("after", "datetime datetime", "2026-03-02 09:00", "2026-03-02 09:01", ""),
        ("not_before", "date datetime", "2026-03-02", "2026-03-02 00:00", ""),
        ("after", "date date", "", "2026-03-02", ""),
        ("after", "date date", "2026-03-02", "", ""),
    ],
)
def test_an_end_is_compared_with_its_start(
    make: Any, fill: Any, rule: str, kinds: str, start: str, end: str, sentence: str
) -> None:
    first, second = kinds.split()
    form = make(
        {"type": "datetime", "key": "a", "dateLabel": "起", "subtype": first},
        {
            "type": "datetime",
            "key": "b",
            "dateLabel": "止",
            "subtype": second,
            "properties": {"date_rule": f"{rule}:a"},
        },
    )
    bound = fill(form, {"a": start, "b": end})
    bound.validate()
    assert "".join(problem.message for problem in bound.problems()) == sentence


def test_an_answer_may_ask_for_another_one(make: Any, fill: Any) -> None:
    form = make(
        {"type": "textfield", "key": "number", "label": "文号", "validate": {"requires": "sent_on"}},
        {"type": "datetime", "key": "sent_on", "dateLabel": "发文日期", "subtype": "date"},
    )
    bound = fill(form, {"number": "1号", "sent_on": ""})
    assert not bound.validate()
    assert bound.problems()[0].message == "填了“文号”，还要填写“发文日期”。"
    assert fill(form, {"number": "", "sent_on": ""}).validate()
    assert fill(form, {"number": "1号", "sent_on": "2026-3-2"}).validate()


def test_a_readonly_field_keeps_the_stored_value_whatever_is_posted(one: One) -> None:
    form = one({"type": "textfield", "properties": {"readonly": "true"}, "validate": {"required": True}}, "改", x="原")
    assert value_and_errors(form) == ("原", [])


@pytest.mark.parametrize(
    ("subtype", "now"), [("datetime", "2026-03-12T10:30:00+08:00"), ("date", "2026-03-12"), ("time", "10:30")]
)
def test_a_default_of_now_is_the_present_minute_until_something_was_stored_or_posted(
    one: One, subtype: str, now: str
) -> None:
    component = {"type": "datetime", "subtype": subtype, "properties": {"default": "now"}}
    assert one(component).values() == {"x": now}
    later = bind(type(one(component)), None, None, now=NOW.replace(second=41, microsecond=5))
    assert later.values() == {"x": now}
    assert one(component, "").values() == {"x": None}
    assert one(component, x=None).values() == {"x": None}
    assert one(component, x="2026-03-01T08:00:00+08:00").values() != {"x": now}


def test_stored_values_fill_the_form_and_a_default_only_what_was_never_stored(one: One) -> None:
    component = {"type": "number", "defaultValue": 5}
    assert one(component).values() == {"x": 5}
    assert one(component, x=None).values() == {"x": None}
    assert one(component, x=8).values() == {"x": 8}


@pytest.mark.parametrize(
    "kind", ["textfield", "number", "datetime", "checkbox", "checklist", "select", "filepicker", "dynamiclist"]
)
@pytest.mark.parametrize("stored", [{"a": 1}, ["x", None], "nonsense", 3.5, True, None, float("nan")])
def test_a_stored_value_of_the_wrong_kind_is_no_error(one: One, kind: str, stored: Any) -> None:
    extra: dict[str, dict[str, Any]] = {
        "checklist": {"values": YES_NO},
        "select": {"values": YES_NO},
        "dynamiclist": {"components": []},
    }
    form = one({"type": kind, **extra.get(kind, {})}, x=stored)
    form.validate()
    assert set(form.values()) == {"x"}


def test_a_form_may_use_any_word_as_a_key(make: Any, fill: Any) -> None:
    keys = ["data", "errors", "validate", "process", "meta", "values", "name", "form_errors", "csrf_token"]
    form = make(*({"type": "textfield", "key": key, "label": key} for key in keys))
    bound = fill(form, dict.fromkeys(keys, "好"))
    assert bound.validate()
    assert bound.values() == dict.fromkeys(keys, "好")


def test_every_kind_comes_back_as_it_was_stored(every_kind: Any, every_value: Any, fill: Any) -> None:
    form = fill(every_kind, None, every_value)
    assert form.validate(), form.problems()
    assert form.values() == every_value
    assert list(form.values()) == list(every_value)
