"""The check on forms by themselves: what must be filled in can be seen at some time, and each key is one answer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.check.drawing import FORMS, check, form

KIND = {
    "type": "radio",
    "key": "kind",
    "label": "类型",
    "values": [{"value": "a", "label": "甲"}, {"value": "b", "label": "乙"}],
}
URGENT = {"type": "checkbox", "key": "urgent", "label": "紧急"}
SUBJECT = {"type": "textfield", "key": "subject", "label": "标题"}


def reason(hide: str = "", **more: Any) -> dict[str, Any]:
    hiding = {"conditional": {"hide": hide}} if hide else {}
    return {"type": "textfield", "key": "reason", "label": "理由", "validate": {"required": True}, **hiding, **more}


def group(hide: str, *members: dict[str, Any]) -> dict[str, Any]:
    return {"type": "group", "label": "组", "components": list(members), "conditional": {"hide": hide}}


def never_shown(*components: dict[str, Any]) -> list[str]:
    findings = check(forms=FORMS | {"other": form("other", SUBJECT, KIND, URGENT, *components)})
    return [finding.element_id for finding in findings if finding.code == "form_never_shown"]


@pytest.mark.parametrize(
    "component",
    [
        reason("=true"),
        group("=true", reason()),
        group('=kind = "a"', reason('=kind != "a"')),
        group("=urgent = true", group("=urgent = false or urgent = null", reason())),
        reason('=kind = "a" or kind = "b" or kind = null'),
        {"type": "textfield", "key": "reason", "label": "理由", "properties": {"required_if": '=kind = "a"'}}
        | {"conditional": {"hide": "=1 = 1"}},
        {"type": "dynamiclist", "path": "reason", "label": "表", "components": [SUBJECT | {"key": "cell"}]}
        | {"properties": {"min_rows": 1}, "conditional": {"hide": "=true"}},
    ],
)
def test_what_must_be_filled_in_and_is_never_shown_is_an_error(component: dict[str, Any]) -> None:
    assert never_shown(component) == ["reason"]


@pytest.mark.parametrize(
    "component",
    [
        reason('=kind = "a"'),
        group('=kind = "a"', reason("=urgent = true")),
        group('=kind = "a"', reason('=kind = "b"')),
        reason('=subject = "x" or subject != "x"'),
        reason("=true", validate={}),
        reason("=false"),
    ],
)
def test_what_is_shown_to_somebody_or_need_not_be_filled_in_passes(component: dict[str, Any]) -> None:
    assert never_shown(component) == []


def test_a_key_used_in_two_groups_is_refused_and_the_same_column_in_two_tables_is_not() -> None:
    def findings(*components: dict[str, Any]) -> list[str]:
        every = check(forms=FORMS | {"other": form("other", KIND, *components)})
        return [finding.sentence for finding in every if finding.code == "form"]

    (sentence,) = findings(group('=kind = "a"', SUBJECT), group('=kind = "b"', SUBJECT | {"label": "题目"}))
    assert "组件“题目”与“标题”用了同一个键“subject”" in sentence
    tables = [
        {"type": "dynamiclist", "path": path, "label": path, "components": [SUBJECT]} for path in ("first", "second")
    ]
    assert findings(*tables) == []
    (sentence,) = findings(*tables, SUBJECT)
    assert "同一个键“subject”" in sentence


def unmarked(component: dict[str, Any]) -> list[str]:
    findings = check(forms=FORMS | {"other": form("other", SUBJECT, component)})
    return [finding.element_id for finding in findings if finding.code == "opinion_unmarked"]


@pytest.mark.parametrize(
    "component",
    [
        {"type": "textarea", "key": "check_comment", "label": "说明"},
        {"type": "textarea", "key": "words", "label": "审核意见"},
        {"type": "radio", "key": "filing_decision", "label": "立案", "values": KIND["values"]},
        {"type": "textfield", "key": "words", "label": "批示"},
        {"type": "select", "key": "unit", "label": "裁定的承办单位", "values": KIND["values"]},
    ],
)
def test_what_looks_like_an_opinion_must_say_whether_it_is_one(component: dict[str, Any]) -> None:
    assert unmarked(component) == [component["key"]]
    for mark in ("true", "kept", "false"):
        assert unmarked(component | {"properties": {"opinion": mark}}) == []


def test_files_days_and_what_is_only_shown_are_no_opinions() -> None:
    for component in (
        {"type": "filepicker", "key": "decision_files", "label": "处罚决定书"},
        {"type": "datetime", "subtype": "date", "key": "decision_on", "dateLabel": "决定日期"},
        {"type": "textarea", "key": "deputy_comment", "label": "分管局长批示", "readonly": True},
        {"type": "textfield", "key": "recommended", "label": "推荐"},
    ):
        assert unmarked(component) == []


def test_a_misspelt_mark_is_refused() -> None:
    findings = check(forms=FORMS | {"other": form("other", reason(properties={"opinion": "yes"}))})
    assert any("opinion 只能是 true、kept、false" in finding.sentence for finding in findings)
