"""Single rules of the clocks that the table of cases does not show: urgency, recomputing, refused values."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from handlers.clocks.calendar import Calendar, Override, shipped_calendar
from handlers.clocks.counting import Clock, Pause, Unit, compute_due, end_of
from handlers.clocks.urgency import is_resting, urgency

MONDAY = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
CALENDAR = shipped_calendar()


def accept(*pauses: Pause) -> Clock:
    return Clock("accept", MONDAY, 7, pauses=pauses)


def test_a_limit_ends_at_24_hours_beijing_time() -> None:
    assert end_of(date(2026, 3, 11)) == datetime(2026, 3, 11, 16, tzinfo=UTC)
    assert compute_due(accept(), CALENDAR).ends_at == end_of(date(2026, 3, 11))
    assert compute_due(accept(Pause(date(2026, 3, 4))), CALENDAR).ends_at is None


def test_a_last_day_that_is_not_known_yet_is_estimated() -> None:
    clock = Clock("mediation", datetime(2026, 12, 7, 1, tzinfo=UTC), 60, Unit.CALENDAR_DAYS)
    due = compute_due(clock, CALENDAR)
    assert (due.on, due.estimated_on, due.last_counted_on) == (None, date(2027, 2, 9), date(2027, 2, 5))


def test_a_suspended_clock_that_used_days_of_a_year_without_notice_says_it_is_provisional() -> None:
    started_at = datetime(2026, 12, 28, 1, tzinfo=UTC)
    due = compute_due(Clock("accept", started_at, 7, pauses=(Pause(date(2027, 1, 5)),)), CALENDAR)
    assert (due.answer, due.provisional) == ("PAUSED:2", True)
    certain = compute_due(Clock("accept", started_at, 7, pauses=(Pause(date(2026, 12, 30)),)), CALENDAR)
    assert (certain.answer, certain.provisional) == ("PAUSED:5", False)


def test_suspended_days_of_a_year_without_notice_do_not_make_an_answer_uncertain() -> None:
    clock = Clock(
        "x", datetime(2019, 12, 25, 1, tzinfo=UTC), 3, pauses=(Pause(date(2019, 12, 25), date(2019, 12, 31)),)
    )
    due = compute_due(clock, CALENDAR)
    assert (due.answer, due.provisional) == ("2020-01-06", False)


def test_an_override_moves_a_limit_like_any_other_day_off() -> None:
    closed = Override(date(2026, 3, 11), working=False, name="停工", reason="暴雨红色预警")
    calendar = CALENDAR.with_overrides([closed])
    assert compute_due(accept(), calendar).on == date(2026, 3, 12)
    sixty = Clock("x", datetime(2026, 1, 10, 1, tzinfo=UTC), 60, Unit.CALENDAR_DAYS)
    assert compute_due(sixty, CALENDAR).on == date(2026, 3, 11)
    assert compute_due(sixty, calendar).on == date(2026, 3, 12)


@pytest.mark.parametrize("amount", [0, -1, 3651])
def test_an_impossible_amount_is_refused(amount: int) -> None:
    with pytest.raises(ValueError, match="1 至 3650"):
        Clock("x", MONDAY, amount)


def test_the_longest_amount_is_accepted() -> None:
    assert compute_due(Clock("x", MONDAY, 3650, Unit.CALENDAR_DAYS), CALENDAR).last_counted_on == date(2036, 2, 28)


def test_a_start_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="时区"):
        Clock("x", datetime(2026, 3, 2), 7)  # noqa: DTZ001 - the mistake under test


def test_a_pause_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="早于"):
        Pause(date(2026, 3, 2), date(2026, 3, 1))


@pytest.mark.parametrize(
    ("today", "due_on", "days", "overdue", "text"),
    [
        ("2026-03-06", "2026-03-11", 3, False, "还剩 3 个工作日"),
        ("2026-03-11", "2026-03-11", 0, False, "今天到期"),
        ("2026-03-13", "2026-03-11", 2, True, "超期 2 个工作日"),
        ("2026-03-07", "2026-03-06", 0, True, "已超期，尚未满 1 个工作日"),
        ("2026-03-07", "2026-03-08", 0, False, "到期前已无工作日"),
        ("2026-02-13", "2026-02-24", 2, False, "还剩 2 个工作日"),
    ],
)
def test_urgency_is_told_in_working_days(today: str, due_on: str, days: int, overdue: bool, text: str) -> None:
    told = urgency(CALENDAR, date.fromisoformat(today), date.fromisoformat(due_on))
    assert (told.working_days, told.overdue, told.provisional, told.text) == (days, overdue, False, text)


def test_urgency_that_reaches_into_a_year_without_notice_is_provisional_in_both_directions() -> None:
    assert urgency(CALENDAR, date(2026, 12, 28), date(2027, 1, 7)).provisional
    assert urgency(CALENDAR, date(2027, 1, 7), date(2026, 12, 28)).provisional
    assert urgency(CALENDAR, date(2019, 12, 28), date(2020, 1, 3)).provisional
    assert not urgency(CALENDAR, date(2025, 12, 28), date(2026, 1, 7)).provisional


@pytest.mark.parametrize(
    ("why", "resting"),
    [
        ({}, False),
        ({"limit": None}, False),
        ({"limit": {"name": "调解"}}, False),
        ({"limit": {"name": "调解", "paused": False}}, False),
        ({"limit": {"name": "调解", "paused": True}}, True),
    ],
)
def test_a_task_rests_where_excluded_time_rests_on_its_limit(why: dict[str, object], resting: bool) -> None:
    assert is_resting(why) is resting


def test_a_calendar_that_knows_nothing_still_answers_and_says_so() -> None:
    due = compute_due(Clock("x", datetime(2041, 3, 4, 1, tzinfo=UTC), 5), Calendar())
    assert due.answer == "PROVISIONAL:2041-03-11"
