"""Run-time choice lists: who and what a form offers, and the names of what it stored."""

from __future__ import annotations

import pytest

from handlers.choices import names_of, options_of, source_problem
from handlers.letters.delivery import WAYS
from handlers.people.roles import ROLES
from handlers.store.database import Database


def labels(database: Database, source: str, **facts: object) -> list[str]:
    with database.read() as connection:
        return [label for _, label in options_of(connection, source, facts)]


def test_departments_are_narrowed_by_kind(people_on_both: Database) -> None:
    units, sections = labels(people_on_both, "departments:unit"), labels(people_on_both, "departments:section")
    assert "塘沽市场监督管理所（演示）" in units
    assert "食品安全监督管理科" in sections
    assert "法规科" in sections  # S2:13 names it among the sections that are consulted
    assert sorted(labels(people_on_both, "departments:handling")) == sorted({*units, *sections} - {"法规科"})
    assert "办公室" not in units + sections
    assert "办公室" in labels(people_on_both, "departments")


def test_people_of_the_cases_unit_are_those_with_the_role_there(people_on_both: Database) -> None:
    assert labels(people_on_both, "accounts:unit_clerk@unit", unit="unit_1") == ["郭强", "马慧"]
    assert labels(people_on_both, "accounts:unit_clerk@unit", unit="centre") == []
    assert labels(people_on_both, "accounts:unit_clerk@unit") == []
    assert len(labels(people_on_both, "accounts:unit_clerk")) > 2


def test_streets_and_authorities_come_from_the_bureaus_profile(people_on_both: Database) -> None:
    assert "新港街道" in labels(people_on_both, "streets")
    assert "通信管理部门" in labels(people_on_both, "authorities")


def test_the_ways_of_delivery_are_one_list_for_forms_and_the_case_page(people_on_both: Database) -> None:
    assert labels(people_on_both, "delivery_ways") == list(WAYS.values())
    assert labels(people_on_both, "delivery_ways:or_unreachable") == [*WAYS.values(), "无法联系，记录在案"]
    with people_on_both.read() as connection:
        assert dict(names_of(connection, "delivery_ways"))["unreachable"] == "无法联系，记录在案"


def test_for_reading_every_person_and_department_has_a_name(people_on_both: Database) -> None:
    with people_on_both.read() as connection:
        people = dict(names_of(connection, "accounts:unit_clerk@unit"))
        assert {"马慧", "李国强"} <= set(people.values())
        assert dict(names_of(connection, "departments:unit"))["office"] == "办公室"
        assert dict(names_of(connection, "authorities"))["telecom"] == "通信管理部门"


@pytest.mark.parametrize(
    ("source", "part"),
    [
        ("departments", ""),
        ("departments:handling", ""),
        ("accounts", ""),
        ("accounts:mediator@unit", ""),
        ("streets", ""),
        ("authorities", ""),
        ("delivery_ways", ""),
        ("delivery_ways:or_unreachable", ""),
        ("delivery_ways:by_air", "不认识"),
        ("departments:moon", "不认识"),
        ("street", "不认识"),
        ("accounts:king", "角色不存在"),
        ("accounts:king@unit", "角色不存在"),
    ],
)
def test_a_source_that_nobody_can_answer_is_found_by_the_check(source: str, part: str) -> None:
    problem = source_problem(source, ROLES)
    assert part in problem
    assert bool(problem) == bool(part)
