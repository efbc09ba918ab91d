"""Making and changing accounts, substitutions and profiles."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from handlers.people.accounts import PeopleRefused, create_account, set_active, set_grants
from handlers.people.demo_people import DEMO_PEOPLE, install_demo_people
from handlers.people.passwords import MAXIMUM_LENGTH, check_password, hash_password, needs_rehash, password_problem
from handlers.people.profiles import ProfileError, active_profile, install_profile, load_profile, read_profile
from handlers.people.roles import PERMISSIONS, ROLES
from handlers.people.sign_in import ALLOWED_FAILURES, UnknownNames
from handlers.people.substitutions import (
    create_substitution,
    find_substitution,
    list_substitutions,
    revoke_substitution,
)
from handlers.store.database import Database
from handlers.store.tables import account, department

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"username": "陈静"}, "username"),
        ({"username": "x"}, "username"),
        ({"username": "9lives"}, "username"),
        ({"username": "a" * 41}, "username"),
        ({"username": "CHEN.JING"}, "username"),
        ({"name": " "}, "name"),
        ({"name": "名" * 41}, "name"),
        ({"password": "short"}, "password"),
        ({"password": "x" * 129}, "password"),
        ({"grants": [("no_such_role", "centre")]}, "grants"),
        ({"grants": [("mediator", "nowhere")]}, "grants"),
        ({"grants": [("mediator", "")]}, "grants"),
    ],
)
def test_an_account_is_refused_with_a_chinese_sentence_beside_its_field(
    people: Database, changes: dict[str, Any], field: str
) -> None:
    values = {"username": "ma.li", "name": "马丽", "password": "first-password-1", "grants": [], **changes}
    with pytest.raises(PeopleRefused) as refused, people.write() as connection:
        create_account(connection, now=NOW, **values)
    assert refused.value.field == field
    assert refused.value.sentence.endswith("。")
    with people.read() as connection:
        assert connection.scalar(select(func.count()).select_from(account)) == len(DEMO_PEOPLE)


def test_the_last_administrator_stays_and_the_last_but_one_may_go(people_on_both: Database) -> None:
    with people_on_both.write() as connection:
        admin = connection.execute(select(account.c.id).where(account.c.username == "admin")).scalar_one()
        second = create_account(
            connection,
            username="second",
            name="第二",
            password="first-password-1",
            grants=[("administrator", "office")],
            now=NOW,
        )
        set_grants(connection, admin, [])
        with pytest.raises(PeopleRefused, match="最后一位"):
            set_active(connection, second, active=False)
        with pytest.raises(PeopleRefused, match="最后一位"):
            set_grants(connection, second, [("mediator", "centre")])


@pytest.mark.parametrize("profile", ["binhai", "zengdu"])
def test_the_demo_people_fit_both_profiles_and_come_only_once(database: Database, profile: str) -> None:
    with database.write() as connection:
        install_profile(connection, load_profile(profile))
        assert install_demo_people(connection, NOW) == len(DEMO_PEOPLE)
        assert install_demo_people(connection, NOW) == 0


def test_a_password_is_kept_as_a_hash_that_only_it_opens() -> None:
    stored = hash_password("correct horse battery")
    assert "correct" not in stored
    assert check_password(stored, "correct horse battery")
    assert not check_password(stored, "correct horse")
    assert not check_password("not a hash", "correct horse battery")
    assert not check_password(stored, "x" * (MAXIMUM_LENGTH + 1))
    assert not needs_rehash(stored)


def test_a_good_password_has_no_problem() -> None:
    assert password_problem("correct horse battery", "chen.jing") is None


def test_invented_names_lock_like_real_ones_and_the_oldest_are_forgotten() -> None:
    names = UnknownNames(capacity=3)
    until = [names.fail("a", NOW) for _ in range(ALLOWED_FAILURES)][-1]
    assert until == NOW + timedelta(minutes=15)
    assert names.locked_until("a", NOW) == until
    assert names.locked_until("a", until) is None
    for other in "bcd":
        names.fail(other, NOW)
    assert names.locked_until("a", NOW) is None


# --- substitution -----------------------------------------------------------------------------------------------------


def arrange(database: Database, **changes: Any) -> int:
    """Let account 2 stand in for account 1 for this week, unless changed."""
    values = {
        "absent_id": 1,
        "substitute_id": 2,
        "starts_on": TODAY,
        "ends_on": TODAY + timedelta(days=4),
        "reason": "年休假",
        "created_by": 1,
        "now": NOW,
        "today": TODAY,
        **changes,
    }
    with database.write() as connection:
        return create_substitution(connection, **values)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"substitute_id": 1}, "substitute_id"),
        ({"substitute_id": 999}, "substitute_id"),
        ({"absent_id": 0}, "absent_id"),
        ({"ends_on": TODAY - timedelta(days=1)}, "ends_on"),
        ({"starts_on": TODAY - timedelta(days=1)}, "starts_on"),
        ({"ends_on": TODAY + timedelta(days=366)}, "ends_on"),
        ({"reason": "  "}, "reason"),
        ({"reason": "因" * 201}, "reason"),
    ],
)
def test_a_substitution_is_refused_with_a_chinese_sentence(
    people: Database, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(PeopleRefused) as refused:
        arrange(people, **changes)
    assert refused.value.field == field


@pytest.mark.parametrize(("first", "last"), [(-4, 0), (0, 0), (2, 3), (4, 9), (-9, 9)])
def test_two_substitutes_for_one_person_never_overlap(people: Database, first: int, last: int) -> None:
    arrange(people, starts_on=TODAY + timedelta(days=10), ends_on=TODAY + timedelta(days=14))
    with pytest.raises(PeopleRefused, match="赵磊代理"):
        arrange(
            people,
            substitute_id=3,
            starts_on=TODAY + timedelta(days=10 + first),
            ends_on=TODAY + timedelta(days=10 + last),
        )


def test_substitutions_may_follow_each_other_and_replace_a_revoked_one(people_on_both: Database) -> None:
    people = people_on_both
    first = arrange(people)
    arrange(people, substitute_id=3, starts_on=TODAY + timedelta(days=5), ends_on=TODAY + timedelta(days=6))
    with people.write() as connection:
        revoke_substitution(connection, first, NOW)
    again = arrange(people, substitute_id=4)
    with people.read() as connection:
        lines = {line.id: line.state(TODAY) for line in list_substitutions(connection)}
        assert list_substitutions(connection, concerning=2)[0].id == first
        assert find_substitution(connection, 999) is None
    assert lines[first] == "revoked"
    assert lines[again] == "running"
    assert sorted(lines.values()) == ["future", "revoked", "running"]


# --- profiles ---------------------------------------------------------------------------------------------------------


def test_installing_a_profile_twice_changes_nothing(database: Database) -> None:
    profile = load_profile("zengdu")
    for _ in range(2):
        with database.write() as connection:
            install_profile(connection, profile)
    with database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(department)) == len(profile.departments)
        assert active_profile(connection) == "zengdu"


def test_only_the_first_profile_has_a_supervision_channel_and_the_other_warns() -> None:
    assert "65305090" in load_profile("binhai").supervision
    zengdu = load_profile("zengdu")
    assert zengdu.supervision == ""
    assert any("监督渠道" in warning for warning in zengdu.warnings)


def test_a_bureau_calls_things_by_its_own_words() -> None:
    binhai, zengdu = load_profile("binhai"), load_profile("zengdu")
    text = "12315投诉举报中心独立完成，中心审核员分派；市投诉举报中心分拨的，转业务科室（股室）答复。"
    assert binhai.worded(text) == text
    assert zengdu.worded(text) == (
        "消费者权益保护股独立完成，消保股审核员分派；市局12315投诉举报中心分拨的，转业务股室答复。"
    )
    assert (binhai.role_name("reviewer"), zengdu.role_name("reviewer")) == ("中心审核员", "消保股审核员")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"departments": []}, "缺少必需的科室"),
        ({"departments": [{"code": "a", "name": "a", "kind": "x"}]}, "类别不认识"),
        ({"departments": [{"code": "a", "name": "a", "kind": "unit"}] * 2}, "有重复"),
    ],
)
def test_a_broken_profile_is_refused_with_a_sentence(changes: dict[str, Any], sentence: str) -> None:
    data = {"bureau": "甲局", "short_name": "甲", "centre": "中心", **changes}
    with pytest.raises(ProfileError, match=sentence):
        read_profile("broken", data)


@pytest.mark.parametrize("name", ["nowhere", "../binhai", ""])
def test_a_profile_that_is_not_shipped_is_refused(name: str) -> None:
    with pytest.raises(ProfileError):
        load_profile(name)


def test_every_named_permission_belongs_to_known_roles() -> None:
    assert all(roles <= ROLES.keys() and roles for roles in PERMISSIONS.values())
