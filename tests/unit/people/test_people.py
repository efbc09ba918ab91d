"""Who may do which task."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Table, event, insert, select, update

from handlers.people.actors import Absence, Actor, Permit, assigned_to, candidates, claimable_by, load_actor, may_do
from handlers.people.task import Task
from handlers.store.database import Database, Instant, Json
from handlers.store.tables import account, instance, release, substitution, task

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
TODAY = date(2026, 3, 2)
CLERK = frozenset({("centre_clerk", "centre")})
LEADER = frozenset({("bureau_leader", "leaders")})


def asked(
    role: str = "centre_clerk",
    department: str | None = "centre",
    assignee_id: int | None = None,
    excluded: Collection[int] = (),
) -> Task:
    """A task as far as permission is concerned."""
    return Task(role, department, assignee_id, frozenset(excluded))


def clerk(*absences: Absence, account_id: int = 1) -> Actor:
    """A clerk of the centre who stands in for others."""
    return Actor(account_id, "陈静", "chen.jing", CLERK, absences)


def test_a_role_in_the_task_s_department_may_do_it() -> None:
    assert may_do(clerk(), asked()) == Permit()


@pytest.mark.parametrize("row", [asked(role="centre_head"), asked(department="office"), asked(role="no_such_role")])
def test_another_role_or_department_may_not(row: Task) -> None:
    assert may_do(clerk(), row) is None


def test_a_task_without_department_is_open_to_the_role_everywhere() -> None:
    assert may_do(clerk(), asked(department=None)) == Permit()


def test_a_bureau_wide_role_is_not_filtered_by_department() -> None:
    leader = Actor(5, "周敏", "zhou.min", LEADER)
    assert may_do(leader, asked(role="bureau_leader", department="centre")) == Permit()


def test_an_assigned_task_is_the_assignee_s_alone() -> None:
    assert may_do(clerk(), asked(assignee_id=1)) == Permit()
    assert may_do(clerk(), asked(assignee_id=2)) is None


def test_an_assignee_who_has_lost_the_role_has_lost_the_task() -> None:
    assert may_do(clerk(), asked(assignee_id=1)) == Permit()
    assert may_do(Actor(1, "陈静", "chen.jing", frozenset()), asked(assignee_id=1)) is None


def test_a_substitute_does_the_absent_person_s_tasks_on_their_behalf() -> None:
    actor = clerk(Absence(5, "周敏", LEADER))
    assert may_do(actor, asked(role="bureau_leader")) == Permit(5, "周敏")
    assert may_do(actor, asked(role="bureau_leader", assignee_id=5)) == Permit(5, "周敏")


def test_one_s_own_right_goes_before_substitution() -> None:
    assert may_do(clerk(Absence(2, "赵磊", CLERK)), asked()) == Permit()


@pytest.mark.parametrize("row", [asked(), asked(assignee_id=1), asked(assignee_id=2), asked(role="bureau_leader")])
def test_an_excluded_person_may_act_neither_directly_nor_as_a_substitute(row: Task) -> None:
    actor = clerk(Absence(2, "赵磊", CLERK), Absence(5, "周敏", LEADER))
    barred = asked(row.role, row.department, row.assignee_id, [1])
    assert may_do(actor, barred) is None


def test_nobody_acts_in_the_place_of_an_excluded_person() -> None:
    actor = clerk(Absence(5, "周敏", LEADER))
    assert may_do(actor, asked(role="bureau_leader", excluded=[5])) is None
    assert may_do(actor, asked(role="bureau_leader", assignee_id=5, excluded=[5])) is None


def test_a_substitute_with_a_right_of_their_own_keeps_it_when_the_absent_person_is_excluded() -> None:
    assert may_do(clerk(Absence(2, "赵磊", CLERK)), asked(excluded=[2])) == Permit()


# --- in the database --------------------------------------------------------------------------------------------------


def account_id(connection: Connection, username: str) -> int:
    """A demo person's account."""
    return int(connection.execute(select(account.c.id).where(account.c.username == username)).scalar_one())


def substitute(connection: Connection, absent: str, other: str, **changes: Any) -> None:
    """`other` stands in for `absent`, in the first week of March unless changed."""
    values: Mapping[str, Any] = {
        "absent_id": account_id(connection, absent),
        "substitute_id": account_id(connection, other),
        "starts_on": date(2026, 3, 2),
        "ends_on": date(2026, 3, 6),
        "reason": "年休假",
        "created_by": account_id(connection, absent),
        "created_at": NOW,
        **changes,
    }
    connection.execute(insert(substitution).values(values))


def actor_of(connection: Connection, username: str, today: date = TODAY) -> Actor:
    """The person, loaded."""
    actor = load_actor(connection, account_id(connection, username), today)
    assert actor is not None
    return actor


def test_loading_a_person_takes_one_statement(people_on_both: Database) -> None:
    people = people_on_both
    statements: list[str] = []
    with people.write() as connection:
        substitute(connection, "li.guoqiang", "zhou.min")
        substitute(connection, "liu.fang", "zhou.min")
    with people.read() as connection:
        known = account_id(connection, "zhou.min")
        event.listen(connection, "before_cursor_execute", lambda *call: statements.append(call[2]))
        actor = load_actor(connection, known, TODAY)
    assert actor is not None
    assert [absence.name for absence in actor.substitutes_for] == ["刘芳", "李国强"]
    assert actor.grants == LEADER
    assert len(statements) == 1


@pytest.mark.parametrize(
    ("today", "acting"),
    [(date(2026, 3, 1), False), (date(2026, 3, 2), True), (date(2026, 3, 6), True), (date(2026, 3, 7), False)],
)
def test_a_substitution_counts_from_its_first_to_its_last_day(people: Database, today: date, acting: bool) -> None:
    with people.write() as connection:
        substitute(connection, "chen.jing", "zhao.lei")
        assert bool(actor_of(connection, "zhao.lei", today).substitutes_for) == acting


def test_a_revoked_substitution_and_one_for_a_disabled_person_do_not_count(people: Database) -> None:
    with people.write() as connection:
        substitute(connection, "chen.jing", "zhao.lei", revoked_at=NOW)
        substitute(connection, "liu.fang", "zhao.lei")
        connection.execute(update(account).where(account.c.username == "liu.fang").values(active=False))
        assert actor_of(connection, "zhao.lei").substitutes_for == ()


def test_a_disabled_account_is_nobody(people: Database) -> None:
    with people.write() as connection:
        connection.execute(update(account).where(account.c.username == "chen.jing").values(active=False))
        assert load_actor(connection, account_id(connection, "chen.jing"), TODAY) is None


def test_candidates_are_the_active_people_with_the_role_in_the_department(people_on_both: Database) -> None:
    with people_on_both.write() as connection:
        assert {person.name for person in candidates(connection, "centre_clerk", "centre")} == {"陈静", "赵磊"}
        assert candidates(connection, "centre_clerk", "office") == []
        assert {person.name for person in candidates(connection, "bureau_leader", "centre")} == {"周敏", "李国强"}
        connection.execute(update(account).where(account.c.username == "chen.jing").values(active=False))
        assert [person.name for person in candidates(connection, "centre_clerk", None)] == ["赵磊"]


@pytest.fixture
def desk(people_on_both: Database) -> Iterator[Connection]:
    """An open transaction with a case to hang tasks on; gone at the end."""
    with people_on_both.write() as connection:
        for table in (release, instance):
            connection.execute(insert(table).values(_anything(table)))
        yield connection
        connection.rollback()


def _anything(table: Table) -> dict[str, Any]:
    """A row of `table` that the database takes: what is in it does not matter here."""
    by_type = {bool: False, int: 1, str: "", bytes: b"", datetime: NOW, date: TODAY}
    row: dict[str, Any] = {}
    for column in table.columns:
        if isinstance(column.type, Json):
            row[column.name] = {}
        elif not column.nullable:
            row[column.name] = NOW if isinstance(column.type, Instant) else by_type[column.type.python_type]
    return {**row, **({"department": "centre"} if "department" in row else {})}


ROWS = st.fixed_dictionaries(
    {
        "role": st.sampled_from(["centre_clerk", "office_reviewer", "bureau_leader"]),
        "department": st.sampled_from(["centre", "office", None]),
        "assignee_id": st.sampled_from([None, 1, 2, 7]),
        "excluded": st.lists(st.sampled_from([1, 2, 7, 11, 12, 71]), max_size=3, unique=True),
    }
)
GRANTS = st.frozensets(
    st.sampled_from([("centre_clerk", "centre"), ("office_reviewer", "office"), ("bureau_leader", "leaders")]),
    max_size=2,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(row=ROWS, own=GRANTS, absent=st.lists(st.tuples(st.sampled_from([2, 7]), GRANTS), max_size=2))
def test_the_inbox_lists_exactly_the_tasks_a_person_may_do(
    desk: Connection, row: dict[str, Any], own: Any, absent: list[Any]
) -> None:
    actor = Actor(1, "甲", "a", own, tuple(Absence(number, "乙", grants) for number, grants in absent))
    with desk.begin_nested() as savepoint:
        desk.execute(insert(task).values({**_anything(task), **row}))
        found = desk.execute(select(task.c.id).where(assigned_to(actor) | claimable_by(actor))).first()
        savepoint.rollback()
    assert (found is not None) == (may_do(actor, asked(**row)) is not None)
