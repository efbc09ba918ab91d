"""Tables: rows posted with gaps, row buttons without JavaScript, limits, hostile names."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from forms.filled_form import FilledForm

Make = Callable[..., Any]
Fill = Callable[..., FilledForm]


@pytest.fixture
def table(make: Make) -> Any:
    return make(
        {
            "type": "dynamiclist",
            "path": "courses",
            "label": "课程",
            "components": [
                {"type": "textfield", "key": "topic", "label": "内容", "validate": {"required": True}},
                {"type": "number", "key": "hours", "label": "学时"},
                {"type": "filepicker", "key": "slides", "label": "课件", "multiple": True},
            ],
            "properties": {"min_rows": "1", "table_total": "hours"},
        }
    )


def test_rows_are_taken_in_order_of_their_index_and_gaps_do_not_matter(table: Any, fill: Fill) -> None:
    form = fill(
        table, {"courses-10-topic": "丙", "courses-0-topic": "甲", "courses-3-topic": "乙", "courses-3-hours": "2"}
    )
    assert form.validate()
    assert [row["topic"] for row in form.values()["courses"]] == ["甲", "乙", "丙"]


def test_a_blank_row_is_left_out_but_too_few_rows_are_refused(table: Any, fill: Fill) -> None:
    form = fill(table, {"courses-0-topic": " ", "courses-0-hours": ""})
    assert not form.validate()
    assert [problem.message for problem in form.problems()] == ["请至少填写 1 行“课程”。"]
    assert form.problems()[0].field_id == "f-courses"
    assert form.values() == {"courses": []}


def test_an_error_in_a_row_says_which_row(table: Any, fill: Fill) -> None:
    form = fill(table, {"courses-0-topic": "甲", "courses-5-hours": "x"})
    assert not form.validate()
    assert [(problem.field_id, problem.message) for problem in form.problems()] == [
        ("f-courses-5-topic", "“课程”第 2 行：请填写“内容”。"),
        ("f-courses-5-hours", "“课程”第 2 行：“学时”应填数字，例如 20。"),
    ]


def test_a_thousand_rows_are_refused_quickly(table: Any, fill: Fill) -> None:
    began = time.perf_counter()
    form = fill(table, {f"courses-{index}-topic": "甲" for index in range(1000)})
    assert not form.validate()
    assert form.problems()[0].message == "“课程”最多 50 行，现在是 1000 行，请减少。"
    assert len(form["courses"].rows) == 50
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize(
    "name",
    [
        "courses--1-topic", "courses-x-topic", "courses-1e3-topic", "courses-9999999-topic", "courses-٣-topic",
        "courses-1", "courses-1-", "xcourses-1-topic", "courses-0-topic\x00", "courses-__index__-topic", "courses",
    ],
)  # fmt: skip
def test_a_hostile_row_name_makes_no_row(table: Any, fill: Fill, name: str) -> None:
    form = fill(table, {name: "硬塞"})
    form.validate()
    assert form.values() == {"courses": []}


def test_an_empty_table_offers_a_row_to_fill(table: Any, fill: Fill) -> None:
    assert len(fill(table)["courses"].rows) == 1


def test_row_buttons_work_without_javascript(table: Any, fill: Fill) -> None:
    form = fill(table, {"courses-0-topic": "甲", "courses-1-topic": "乙"})
    assert form.change("add:courses")
    assert [row.index() for row in form["courses"].rows] == ["0", "1", "2"]
    assert form.change("remove:courses:0")
    assert [row["topic"].typed for row in form["courses"].rows] == ["乙", ""]
    assert form.problems() == []


def test_a_full_table_takes_no_more_rows(table: Any, fill: Fill) -> None:
    form = fill(table, {f"courses-{index}-topic": "甲" for index in range(50)})
    assert not form.change("add:courses")
    assert len(form["courses"].rows) == 50


def test_a_file_is_dropped_wherever_it_stands(table: Any, fill: Fill) -> None:
    form = fill(table, {"courses-0-topic": "甲", "courses-0-slides": ["17", "18"]})
    assert form.change("drop:courses-0-slides:17")
    assert form.values()["courses"][0]["slides"] == [18]


@pytest.mark.parametrize(
    "command", ["", "add", "add:", "add:other", "remove:courses:9", "remove:courses:-1", "remove:courses:x",
                "remove:courses", "drop:courses:1", "drop:courses-0-slides:99", "eval:courses",
                "remove:courses:" + "9" * 99],
)  # fmt: skip
def test_a_command_that_means_nothing_changes_nothing(table: Any, fill: Fill, command: str) -> None:
    form = fill(table, {"courses-0-topic": "甲"})
    assert not form.change(command)
    assert form.values()["courses"] == [{"topic": "甲", "hours": None, "slides": []}]


def test_totals_add_up_the_filled_rows(table: Any, fill: Fill) -> None:
    form = fill(table, {"courses-0-hours": "1.5", "courses-1-hours": "２", "courses-2-hours": "x"})
    assert form["courses"].totals() == {"hours": 3.5}
