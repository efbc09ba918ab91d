"""Limits from the decision table, several side by side, and the rule set of the day of receipt."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from handlers.clocks.calendar import shipped_calendar
from handlers.clocks.counting import Pause, RollOver, Unit, end_of
from handlers.clocks.limit_table import Limit, LimitKind, limit_from_row, working_days_limit

CALENDAR = shipped_calendar()
MONDAY = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
ACCEPTED = datetime(2026, 1, 19, 1, tzinfo=UTC)
SIXTY_DAYS = Limit("mediation", "调解终结", 60, Unit.CALENDAR_DAYS, "总局令第121号第二十三条")
SIXTY_WORKING_DAYS = Limit("grade_max", "最长办理期限", 60)


def test_a_row_of_the_table_becomes_a_limit() -> None:
    row = {
        "amount": 60,
        "unit": "CD",
        "name": "调解终结",
        "basis": "第二十三条",
        "rule_set": "R-121",
        "roll": "holiday",
        "kind": "target",
    }
    assert limit_from_row("mediation", row) == Limit(
        "mediation", "调解终结", 60, Unit.CALENDAR_DAYS, "第二十三条", "R-121", RollOver.HOLIDAY, LimitKind.TARGET
    )


def test_a_row_with_only_a_number_is_a_limit_in_working_days_that_is_called_by_its_code() -> None:
    assert limit_from_row("reply", {"amount": 3}) == Limit("reply", "reply", 3)


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"amount": "x"},
        {"amount": 7.5},
        {"amount": None},
        {"amount": 7, "unit": "H"},
        {"amount": 7, "roll": "x"},
        {"amount": 7, "kind": "x"},
    ],
)
def test_a_row_that_makes_no_sense_is_refused_by_name(row: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="期限表中 accept 一行不对"):
        limit_from_row("accept", row)


def test_a_limit_gives_its_last_day_and_the_moment_a_timer_waits_for() -> None:
    limit = working_days_limit(7, "受理决定", "第十四条")
    assert limit.due(MONDAY, CALENDAR).on == date(2026, 3, 11)
    assert limit.due(MONDAY, CALENDAR).ends_at == end_of(date(2026, 3, 11))
    assert limit.clock(MONDAY).basis == "第十四条"
    assert limit.due(MONDAY, CALENDAR, [Pause(date(2026, 3, 4))]).answer == "PAUSED:5"


def test_a_timer_waits_for_the_estimate_where_the_day_is_not_known_yet() -> None:
    started_at = datetime(2026, 12, 7, 1, tzinfo=UTC)
    assert SIXTY_DAYS.due(started_at, CALENDAR).on is None
    assert SIXTY_DAYS.due(started_at, CALENDAR).ends_at == end_of(date(2027, 2, 9))


def test_sixty_days_end_a_month_before_sixty_working_days() -> None:
    dues = {limit.code: limit.due(ACCEPTED, CALENDAR) for limit in (SIXTY_WORKING_DAYS, SIXTY_DAYS)}
    assert {code: due.answer for code, due in dues.items()} == {"grade_max": "2026-04-20", "mediation": "2026-03-20"}
