"""The inbox: what a person must do, may claim, has done and has started."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, text

from handlers.cases.case_file import case_file, may_see
from handlers.cases.case_list import CaseQuery, list_cases
from handlers.cases.inbox import InboxQuery, _listing, inbox, next_task
from handlers.people.actors import Absence, Actor
from handlers.store.database import Database
from handlers.store.tables import account, department, instance, metadata, release, task

TODAY = date(2026, 6, 10)
NOW = datetime(2026, 6, 10, 1, tzinfo=UTC)
CHEN, WANG, SUN, LIU = 1, 2, 3, 4
NAMES = {CHEN: "陈静", WANG: "王建国", SUN: "孙悦", LIU: "刘芳"}
clerk = Actor(CHEN, "陈静", "chen", frozenset({("centre_clerk", "centre")}))
office = Actor(WANG, "王建国", "wang", frozenset({("office_reviewer", "office")}))
other_office = Actor(SUN, "孙悦", "sun", frozenset({("office_reviewer", "office")}))
head = Actor(LIU, "刘芳", "liu", frozenset({("centre_head", "centre")}))


@pytest.fixture
def connection(tmp_path: Any) -> Iterator[Connection]:
    database = Database(f"sqlite:///{tmp_path / 'banli.sqlite'}")
    with database.write() as connection:
        metadata.create_all(connection)
    with database.write() as connection:
        people = [_person(number, name) for number, name in NAMES.items()]
        connection.execute(insert(account), people)
        units = [("centre", "12315投诉举报中心"), ("office", "办公室")]
        connection.execute(
            insert(department), [{"code": c, "name": n, "kind": c, "position": i} for i, (c, n) in enumerate(units)]
        )
        connection.execute(
            insert(release).values(
                id=1, process="training", number=1, closure_sha256="", effective_on=TODAY, published_at=NOW
            )
        )
        yield connection
    database.close()


def _person(number: int, name: str) -> dict[str, Any]:
    return {
        "id": number,
        "username": f"user{number}",
        "name": name,
        "password_hash": "",
        "active": True,
        "session_epoch": 0,
        "failed_logins": 0,
        "created_at": NOW,
    }


def add_case(connection: Connection, number: int, **changes: Any) -> int:
    row = {
        "id": number,
        "release_id": 1,
        "process": "training",
        "number": f"培训〔2026〕{number}号",
        "title": f"第{number}期业务培训",
        "status": "active",
        "version": 1,
        "state": b"",
        "facts": {},
        "department": "centre",
        "started_by": CHEN,
        "started_at": NOW - timedelta(days=number % 50),
        "event_count": 0,
        "event_head": "",
        "event_seal": "",
    }
    if "decisions" in instance.c:
        row["decisions"] = {}
    connection.execute(insert(instance), [row | changes])
    return number


def task_values(number: int, case: int, **changes: Any) -> dict[str, Any]:
    row = {
        "id": number,
        "instance_id": case,
        "token": f"t{number}",
        "scope": "training",
        "node": "office_review",
        "name": "办公室审核",
        "role": "office_reviewer",
        "department": "office",
        "assignee_id": None,
        "excluded": [],
        "form": "review",
        "state": "open",
        "why": {},
        "created_at": NOW,
        "due_on": None,
        "completed_at": None,
        "completed_by": None,
        "outcome": None,
    }
    return row | changes


def add_task(connection: Connection, number: int, case: int, **changes: Any) -> None:
    connection.execute(insert(task), [task_values(number, case, **changes)])


def ids(connection: Connection, actor: Actor, **asked: Any) -> list[int | None]:
    return [item.task_id for item in inbox(connection, actor, InboxQuery(**asked), TODAY).rows]


def test_the_most_urgent_task_comes_first_and_one_without_limit_last(connection: Connection) -> None:
    case = add_case(connection, 1)
    add_task(connection, 1, case, assignee_id=WANG)
    add_task(connection, 2, case, assignee_id=WANG, due_on=TODAY + timedelta(days=9))
    add_task(connection, 3, case, assignee_id=WANG, due_on=TODAY - timedelta(days=1))
    assert ids(connection, office) == [3, 2, 1]
    following = next_task(connection, office, TODAY, after=3)
    assert following is not None
    assert following.task_id == 2


def test_every_tab_is_counted_whatever_tab_is_open(connection: Connection) -> None:
    case = add_case(connection, 1, started_by=WANG)
    add_task(connection, 1, case, assignee_id=WANG)
    add_task(connection, 2, case)
    add_task(connection, 3, case, state="done", completed_by=WANG, completed_at=NOW)
    found = inbox(connection, office, InboxQuery(tab="done"), TODAY)
    assert found.counts == {"mine": 1, "pool": 1, "done": 1, "started": 1}
    assert [item.task_id for item in found.rows] == [3]


def test_a_pool_shows_only_ones_own_role_and_department(connection: Connection) -> None:
    case = add_case(connection, 1)
    add_task(connection, 1, case)
    add_task(connection, 2, case, department="centre")
    add_task(connection, 3, case, role="centre_clerk")
    add_task(connection, 4, case, department=None)
    assert ids(connection, office, tab="pool") == [1, 4]


def test_who_is_excluded_by_four_eyes_is_not_offered_the_task(connection: Connection) -> None:
    case = add_case(connection, 1)
    add_task(connection, 1, case, excluded=[WANG])
    assert ids(connection, office, tab="pool") == []
    assert ids(connection, other_office, tab="pool") == [1]


def test_a_substitute_sees_the_absent_persons_tasks_marked_with_the_name(connection: Connection) -> None:
    case = add_case(connection, 1)
    add_task(connection, 1, case, assignee_id=WANG)
    add_task(connection, 2, case)
    away = Absence(WANG, "王建国", office.grants)
    substitute = Actor(CHEN, "陈静", "chen", clerk.grants, (away,))
    mine = inbox(connection, substitute, InboxQuery(), TODAY).rows
    pool = inbox(connection, substitute, InboxQuery(tab="pool"), TODAY).rows
    assert [(item.task_id, item.behalf) for item in (*mine, *pool)] == [(1, "王建国"), (2, "王建国")]


def test_the_roles_of_one_absent_person_do_not_open_the_tasks_of_another(connection: Connection) -> None:
    case = add_case(connection, 1)
    add_task(connection, 1, case, assignee_id=SUN)
    away = Absence(WANG, "王建国", office.grants), Absence(SUN, "孙悦", frozenset({("bureau_leader", "leaders")}))
    assert ids(connection, Actor(CHEN, "陈静", "chen", clerk.grants, away)) == []
    add_task(connection, 2, case, assignee_id=SUN, role="bureau_leader", department="leaders")
    assert ids(connection, Actor(CHEN, "陈静", "chen", clerk.grants, away)) == [2]


def test_filters_narrow_the_list_and_its_total_but_not_the_counts_of_the_tabs(connection: Connection) -> None:
    case = add_case(connection, 1, title="消费维权_业务培训")
    add_task(connection, 1, case, assignee_id=WANG, due_on=TODAY)
    add_task(connection, 2, add_case(connection, 2), assignee_id=WANG)
    found = inbox(connection, office, InboxQuery(q="权_业 审核"), TODAY)
    assert ([item.task_id for item in found.rows], found.total, found.counts["mine"]) == ([1], 1, 2)
    assert ids(connection, office, urgency="soon") == [1]
    assert ids(connection, office, urgency="none") == [2]
    assert ids(connection, office, process="odr_application") == []


@pytest.mark.parametrize("tab", ["mine", "pool", "done"])
def test_five_thousand_open_tasks_are_reached_through_an_index(connection: Connection, tab: str) -> None:
    for case in range(1, 51):
        add_case(connection, case)
    rows = [
        task_values(
            number, number % 50 + 1, due_on=TODAY + timedelta(days=number % 30), department=f"unit{number % 97}"
        )
        for number in range(1, 5001)
    ]
    connection.execute(insert(task), rows)
    connection.execute(text("ANALYZE"))
    away = Absence(SUN, "孙悦", office.grants)
    actor = Actor(WANG, "王建国", "wang", office.grants | {("bureau_leader", "leaders")}, (away,))
    for query in (InboxQuery(tab=tab), InboxQuery(tab=tab, q="培训", urgency="soon", sort="newest")):
        statement = _listing(actor, query, TODAY).compile(connection, compile_kwargs={"literal_binds": True})
        plan = [row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {statement}".replace(":", r"\:")))]
        assert not any(line.startswith("SCAN task") for line in plan), "\n".join(plan)
        assert any("ix_task_" in line for line in plan), plan


def test_people_see_cases_they_started_worked_on_or_have_on_their_desk(connection: Connection) -> None:
    case = add_case(connection, 1)
    assert may_see(connection, clerk, case)
    assert not may_see(connection, office, case)
    assert may_see(connection, head, case)
    add_task(connection, 1, case)
    assert may_see(connection, office, case)
    add_case(connection, 2, started_by=LIU)
    add_task(connection, 2, 2, state="done", completed_by=WANG)
    assert may_see(connection, office, 2)
    assert not may_see(connection, other_office, 2)
    assert case_file(connection, other_office, 2) is None
    assert [row.id for row in list_cases(connection, other_office, CaseQuery()).rows] == [1]


def test_the_case_list_says_where_each_case_sits(connection: Connection) -> None:
    add_task(connection, 1, add_case(connection, 1), due_on=TODAY)
    add_task(connection, 2, 1, assignee_id=WANG, due_on=TODAY + timedelta(days=1))
    (row,) = list_cases(connection, head, CaseQuery(step="training:office_review", state="open", sort="due")).rows
    assert [place.people for place in row.places] == ["办公室审核员（待领）", "王建国"]
    assert row.due_on == TODAY
    assert list_cases(connection, head, CaseQuery(state="completed")).total == 0
