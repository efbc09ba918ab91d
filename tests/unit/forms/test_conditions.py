"""Hidden, required and computed fields hang together as the form file says, whatever the browser sends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from forms.filled_form import FilledForm

Make = Callable[..., Any]
Fill = Callable[..., FilledForm]
KINDS = [{"label": "投诉", "value": "complaint"}, {"label": "举报", "value": "report"}]


def chain(make: Make) -> Any:
    """kind decides about amount, amount about source, and a group about both of its fields."""
    return make(
        {"type": "radio", "key": "kind", "label": "类型", "values": KINDS, "validate": {"required": True}},
        {
            "type": "group",
            "label": "投诉内容",
            "conditional": {"hide": '=kind != "complaint"'},
            "components": [
                {"type": "number", "key": "amount", "label": "金额", "validate": {"required": True}},
                {
                    "type": "textfield",
                    "key": "source",
                    "label": "依据",
                    "conditional": {"hide": "=amount = null or amount <= 100"},
                    "properties": {"required_if": "=amount > 1000"},
                },
            ],
        },
    )


def test_a_field_in_a_hidden_group_is_neither_required_nor_kept(make: Make, fill: Fill) -> None:
    form = fill(chain(make), {"kind": "report", "amount": "5000", "source": "硬塞"})
    assert form.validate()
    assert form.values() == {"kind": "report", "amount": None, "source": ""}


def test_a_hidden_field_with_nonsense_in_it_is_no_error(make: Make, fill: Fill) -> None:
    form = fill(chain(make), {"kind": "report", "amount": "abc"})
    assert form.validate()
    assert form.problems() == []


def test_hiding_follows_through_a_chain(make: Make, fill: Fill) -> None:
    hidden = {
        key: field.hidden for key, field in fill(chain(make), {"kind": "report", "amount": "5000"})._fields.items()
    }
    assert hidden == {"kind": False, "amount": True, "source": True}
    shown = fill(chain(make), {"kind": "complaint", "amount": "500"})
    assert not shown["source"].hidden
    assert shown.validate()


def test_required_if_asks_only_when_it_holds(make: Make, fill: Fill) -> None:
    form = fill(chain(make), {"kind": "complaint", "amount": "5000"})
    assert not form.validate()
    assert [problem.message for problem in form.problems()] == ["请填写“依据”。"]
    assert form["source"].is_required
    assert not fill(chain(make), {"kind": "complaint", "amount": "500"})["source"].is_required


def test_a_stored_value_of_a_field_that_became_hidden_is_cleared(make: Make, fill: Fill) -> None:
    facts = {"kind": "complaint", "amount": 500, "source": "发票"}
    form = fill(chain(make), {"kind": "report"}, facts)
    assert {**facts, **form.values()} == {"kind": "report", "amount": None, "source": ""}


def test_hidden_values_are_the_empty_value_of_their_kind(make: Make, fill: Fill) -> None:
    hide = {"conditional": {"hide": "=true"}}
    form = make(
        {"type": "checkbox", "key": "a", "label": "甲", **hide},
        {"type": "checklist", "key": "b", "label": "乙", "values": KINDS, **hide},
        {"type": "filepicker", "key": "c", "label": "丙", **hide},
        {"type": "dynamiclist", "path": "d", "label": "丁", "components": [], "properties": {"min_rows": "1"}, **hide},
        {"type": "select", "key": "e", "label": "戊", "values": KINDS, **hide},
        {"type": "textarea", "key": "f", "label": "己", "validate": {"required": True}, **hide},
    )
    bound = fill(form, {"a": "true", "b": "report", "c": "17", "e": "report", "f": "字"})
    assert bound.validate()
    assert bound.values() == {"a": False, "b": [], "c": [], "d": [], "e": None, "f": ""}


def test_a_computed_field_takes_nothing_from_the_browser(make: Make, fill: Fill) -> None:
    form = make(
        {"type": "number", "key": "people", "label": "人数"},
        {"type": "number", "key": "fee", "label": "人均", "decimalDigits": 2},
        {
            "type": "number",
            "key": "total",
            "label": "合计",
            "decimalDigits": 2,
            "validate": {"max": 1000},
            "properties": {"computed": "=people * fee", "unit": "元"},
        },
    )
    assert fill(form, {"people": "3", "fee": "10.15", "total": "1"}).values()["total"] == "30.45"
    assert fill(form, {"people": "", "fee": "10", "total": "1"}).values()["total"] is None
    dear = fill(form, {"people": "300", "fee": "10"})
    assert not dear.validate()
    assert dear.problems()[0].message == "“合计”不能大于 1,000 元。"


def test_a_row_sees_its_own_fields_and_those_around_the_table(make: Make, fill: Fill) -> None:
    form = make(
        {"type": "checkbox", "key": "paid", "label": "收费"},
        {
            "type": "dynamiclist",
            "path": "items",
            "label": "项目",
            "components": [
                {"type": "textfield", "key": "name", "label": "名称"},
                {"type": "number", "key": "count", "label": "数量"},
                {
                    "type": "number",
                    "key": "price",
                    "label": "单价",
                    "conditional": {"hide": "=not(paid)"},
                    "validate": {"required": True},
                },
                {"type": "number", "key": "cost", "label": "小计", "properties": {"computed": "=count * price"}},
            ],
        },
        {"type": "number", "key": "sum_cost", "label": "总价", "properties": {"computed": "=sum(items.cost)"}},
    )
    posted = {"items-0-name": "甲", "items-0-count": "2", "items-0-price": "3", "items-4-name": "乙"}
    free = fill(form, posted)
    assert free.validate()
    assert free.values()["items"][0] == {"name": "甲", "count": 2, "price": None, "cost": None}
    paid = fill(form, {**posted, "paid": "true"})
    assert not paid.validate()
    assert [problem.message for problem in paid.problems()] == ["“项目”第 2 行：请填写“单价”。"]
    assert paid.values()["sum_cost"] == 6
