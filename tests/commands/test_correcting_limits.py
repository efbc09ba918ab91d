"""Correcting the moment that limits count from: they are counted again, with the desks and timers that follow them."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from forms.beijing import BEIJING
from processes.engine.errors import Refused
from tests.support.bureau import Bureau
from tests.support.limited import clocks, do, events, in_mediation, start_limited


def correct(house: Bureau, case: int, field: str, value: str, who: str = "liu.fang") -> None:
    house.engine.correct(house.actor(who), case, field, {field: value}, "登记时写错了")


def test_the_limit_the_desk_and_the_history_follow_the_corrected_receipt(house_on_both: Bureau) -> None:
    house = house_on_both
    case = start_limited(house, "2026-03-02T09:00:00+08:00")
    (before,) = clocks(house, case)
    assert before.due_on == date(2026, 3, 11)
    correct(house, case, "received_at", "2026-02-27T09:00:00+08:00")
    (after,) = clocks(house, case)
    assert (after.id, after.started_at, after.due_on) == (
        before.id,
        datetime(2026, 2, 27, 9, tzinfo=BEIJING),  # the Saturday after it is a worked one
        date(2026, 3, 9),
    )
    assert house.open_task(case).due_on == date(2026, 3, 9)
    (moved,) = events(house, case, "limits_moved")
    assert "2026-03-11 → 2026-03-09" in moved.comment
    assert moved.actor_name == "刘芳"


def test_the_timer_that_watches_the_limit_follows_too(house_on_both: Bureau) -> None:
    house = house_on_both
    case = in_mediation(house, "2026-04-20T09:00:00+08:00")
    assert house.case(case).next_due_at == datetime(2026, 6, 23, tzinfo=BEIJING)
    correct(house, case, "accepted_at", "2026-04-13T09:00:00+08:00")
    (now,) = clocks(house, case, "mediation")
    assert now.due_on == date(2026, 6, 12)
    assert house.case(case).next_due_at == datetime(2026, 6, 13, tzinfo=BEIJING)


def test_a_limit_that_is_over_and_one_that_counts_from_elsewhere_stay(house: Bureau) -> None:
    case = in_mediation(house, "2026-04-20T09:00:00+08:00")
    before = clocks(house, case)
    correct(house, case, "received_at", "2026-04-17T09:00:00+08:00")
    assert clocks(house, case) == before
    assert events(house, case, "limits_moved") == []


def test_a_code_that_is_worked_out_may_become_another(house: Bureau) -> None:
    case = in_mediation(house, "2026-04-20T09:00:00+08:00")
    assert len(clocks(house, case, "grade_max")) == 1
    correct(house, case, "accepted_at", "2026-04-21T09:00:00+08:00")
    (row,) = clocks(house, case, "grade_max")
    assert row.started_at == datetime(2026, 4, 21, 9, tzinfo=BEIJING)
    do(house, case, "talk", again=False)
    assert {row.state for row in clocks(house, case)} == {"met"}


def test_a_receipt_under_other_rules_is_refused(house: Bureau) -> None:
    case = start_limited(house, "2026-04-20T09:00:00+08:00")
    with pytest.raises(Refused, match="适用另一部规定"):
        correct(house, case, "received_at", "2026-04-10T09:00:00+08:00")
    assert house.case(case).facts["received_at"] == "2026-04-20T09:00:00+08:00"


def test_who_registered_a_case_does_not_move_its_legal_limit_by_a_correction(house: Bureau) -> None:
    """S2:25: a receiver who corrects the day of receipt would cure a case that is late."""
    case = start_limited(house, "2026-03-02T09:00:00+08:00")
    before = clocks(house, case)
    with pytest.raises(Refused, match="法定期限改变（作出受理或者不予受理决定 2026-03-11 → 2026-03-09"):
        correct(house, case, "received_at", "2026-02-27T09:00:00+08:00", who="chen.jing")
    assert clocks(house, case) == before
    assert house.case(case).facts["received_at"] == "2026-03-02T09:00:00+08:00"
    correct(house, case, "received_at", "2026-02-27T09:00:00+08:00")
    assert clocks(house, case)[0].due_on == date(2026, 3, 9)


def test_a_correction_on_the_same_day_moves_no_limit_and_needs_nobody_else(house: Bureau) -> None:
    case = start_limited(house, "2026-03-02T09:00:00+08:00")
    correct(house, case, "received_at", "2026-03-02T10:00:00+08:00", who="chen.jing")
    assert house.case(case).facts["received_at"] == "2026-03-02T10:00:00+08:00"
