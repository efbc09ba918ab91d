"""Limits from the decision table, several side by side, and the rule set of the day of receipt."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from handlers.calendar import shipped_calendar
from handlers.clocks import RollOver, Suspension, Unit, end_of
from handlers.limits import Limit, RuleSet, governing, limit_from_row, rule_set_on, working_days_limit

CALENDAR = shipped_calendar()
MONDAY = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
ACCEPTED = datetime(2026, 1, 19, 1, tzinfo=UTC)
SIXTY_DAYS = Limit("mediation", "调解终结", 60, Unit.CALENDAR_DAYS, "总局令第121号第二十三条")
SIXTY_WORKING_DAYS = Limit("grade_max", "最长办理期限", 60)
RULE_SETS = (
    RuleSet("R-SEED", date(2000, 1, 1), date(2019, 12, 31)),
    RuleSet("R-20", date(2020, 1, 1), date(2026, 4, 14)),
    RuleSet("R-121", date(2026, 4, 15)),
)


def test_a_row_of_the_table_becomes_a_limit() -> None:
    row = {
        "amount": 60,
        "unit": "CD",
        "name": "调解终结",
        "basis": "第二十三条",
        "rule_set": "R-121",
        "roll": "holiday",
    }
    assert limit_from_row("mediation", row) == Limit(
        "mediation", "调解终结", 60, Unit.CALENDAR_DAYS, "第二十三条", "R-121", RollOver.HOLIDAY
    )


def test_a_row_with_only_a_number_is_a_limit_in_working_days_that_is_called_by_its_code() -> None:
    assert limit_from_row("reply", {"amount": 3}) == Limit("reply", "reply", 3)


@pytest.mark.parametrize(
    "row",
    [{}, {"amount": "x"}, {"amount": 7.5}, {"amount": None}, {"amount": 7, "unit": "H"}, {"amount": 7, "roll": "x"}],
)
def test_a_row_that_makes_no_sense_is_refused_by_name(row: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="期限表中 accept 一行不对"):
        limit_from_row("accept", row)


def test_a_limit_gives_its_last_day_and_the_moment_a_timer_waits_for() -> None:
    limit = working_days_limit(7, "受理决定", "第十四条")
    assert limit.due(MONDAY, CALENDAR).on == date(2026, 3, 11)
    assert limit.ends_at(MONDAY, CALENDAR) == end_of(date(2026, 3, 11))
    assert limit.clock(MONDAY).basis == "第十四条"
    assert limit.due(MONDAY, CALENDAR, [Suspension(date(2026, 3, 4))]).answer == "PAUSED:5"


def test_a_timer_waits_for_the_estimate_where_the_day_is_not_known_yet() -> None:
    started_at = datetime(2026, 12, 7, 1, tzinfo=UTC)
    assert SIXTY_DAYS.due(started_at, CALENDAR).on is None
    assert SIXTY_DAYS.ends_at(started_at, CALENDAR) == end_of(date(2027, 2, 9))


def test_of_sixty_days_and_sixty_working_days_the_calendar_days_govern() -> None:
    dues = {limit.code: limit.due(ACCEPTED, CALENDAR) for limit in (SIXTY_WORKING_DAYS, SIXTY_DAYS)}
    assert {code: due.answer for code, due in dues.items()} == {"grade_max": "2026-04-20", "mediation": "2026-03-20"}
    assert governing(dues) == "mediation"


def test_a_suspended_limit_does_not_govern() -> None:
    held = SIXTY_DAYS.due(ACCEPTED, CALENDAR, [Suspension(date(2026, 2, 1))])
    assert governing({"mediation": held}) is None
    assert governing({"mediation": held, "grade_max": SIXTY_WORKING_DAYS.due(ACCEPTED, CALENDAR)}) == "grade_max"


@pytest.mark.parametrize(
    ("received_on", "code"),
    [
        ("2019-12-31", "R-SEED"),
        ("2020-01-01", "R-20"),
        ("2026-04-14", "R-20"),
        ("2026-04-15", "R-121"),
        ("2030-01-01", "R-121"),
    ],
)
def test_a_case_takes_the_rule_set_of_its_receipt_date(received_on: str, code: str) -> None:
    assert rule_set_on(date.fromisoformat(received_on), RULE_SETS) == code


def test_of_two_rule_sets_in_force_the_younger_one_applies_and_before_the_first_there_is_none() -> None:
    both = (RuleSet("new", date(2026, 1, 1)), RuleSet("old", date(2020, 1, 1)))
    assert rule_set_on(date(2026, 1, 1), both) == "new"
    with pytest.raises(LookupError, match="没有生效的期限规则"):
        rule_set_on(date(1999, 1, 1), both)
