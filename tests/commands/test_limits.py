"""Limits run with activities, by the rule set of the day of receipt; excluded time and extensions move all of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update

from forms.beijing import BEIJING
from handlers.store.tables import task
from processes.engine.cases.clock_rows import open_clocks
from processes.engine.commands.concluding import save_moved
from processes.engine.limits.messages import apply_limit_message
from tests.support.bureau import Bureau
from tests.support.limited import MEDIATED, clocks, do, events, in_mediation, start_limited
from tests.support.odr import waiting_for_correction
from tests.support.waiting import until_somebody_waits


def at(bureau: Bureau, day: str) -> None:
    bureau.time.move_to(datetime.fromisoformat(f"{day}T10:00+08:00"))


def midnight_after(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day) + timedelta(days=1), datetime.min.time(), BEIJING).astimezone(UTC)


def change(bureau: Bureau, case: int, name: str, **payload: object) -> bool:
    return bureau.engine.change_limits(None, case, name, payload)


def suspend(bureau: Bureau, case: int, starts_on: str, stops: tuple[str, ...] = ("mediation", "grade_max")) -> bool:
    return change(
        bureau, case, "clock_suspended", reason="检验检测", stops=list(stops), starts_on=starts_on, document="委托书"
    )


def resume(bureau: Bureau, case: int, ends_on: str) -> bool:
    return change(bureau, case, "clock_resumed", ends_on=ends_on, document="检验报告")


# --- starting and stopping --------------------------------------------------------------------------------------------


def test_a_limit_runs_while_its_activity_is_active_and_counts_from_what_it_says(house_on_both: Bureau) -> None:
    case = start_limited(house_on_both, "2026-02-27T09:00:00+08:00")
    (row,) = clocks(house_on_both, case)
    assert (row.code, row.due_on, row.state, row.kind) == (
        "accept",
        date(2026, 3, 9),
        "running",
        "legal",
    )  # 28 February is a make-up day
    assert row.started_at == datetime(2026, 2, 27, 1, tzinfo=UTC)
    assert house_on_both.open_task(case).due_on == date(2026, 3, 9)
    assert house_on_both.open_task(case).why["limit"]["name"] == "作出受理或者不予受理决定"
    do(house_on_both, case, "decide")
    assert clocks(house_on_both, case, "accept")[0].state == "met"


def test_a_limit_counted_from_the_past_may_be_over_already(house_on_both: Bureau) -> None:
    case = start_limited(house_on_both, "2026-01-05T09:00:00+08:00")
    assert house_on_both.open_task(case).due_on == date(2026, 1, 14)
    do(house_on_both, case, "decide")
    assert clocks(house_on_both, case, "accept")[0].state == "missed"


def test_sixty_days_and_sixty_working_days_run_side_by_side_and_the_earlier_one_governs(house_on_both: Bureau) -> None:
    """B-01: accepted on 2026-01-19, 60 calendar days are over on 03-20, 60 working days on 04-20 (D40, D41)."""
    at(house_on_both, "2026-01-20")
    case = in_mediation(house_on_both, "2019-12-31", "2026-01-19T10:00:00+08:00")
    dues = {row.code: (row.due_on, row.unit, row.kind) for row in clocks(house_on_both, case)[1:]}
    assert dues == {
        "mediation": (date(2026, 3, 20), "CD", "legal"),
        "grade_max": (date(2026, 4, 20), "WD", "target"),
    }
    desk = house_on_both.open_task(case)
    assert (desk.node, desk.due_on, desk.why["limit"]["code"]) == ("talk", date(2026, 3, 20), "mediation")


@pytest.mark.parametrize(
    ("received_at", "rule_set", "amount", "unit"),
    [
        ("2026-04-14T23:59:00+08:00", "R-20", 45, "WD"),
        ("2026-04-15T00:00:00+08:00", "R-121", 60, "CD"),
        ("2019-12-31T10:00:00+08:00", "R-SEED", 60, "CD"),
    ],
)
def test_a_case_keeps_the_rule_set_of_the_day_of_its_receipt(
    house_on_both: Bureau, received_at: str, rule_set: str, amount: int, unit: str
) -> None:
    at(house_on_both, "2026-04-20")
    case = in_mediation(house_on_both, received_at, "2026-04-16")
    row = clocks(house_on_both, case, "mediation")[0]
    assert (row.rule_set, row.amount, row.unit) == (rule_set, amount, unit)
    assert house_on_both.case(case).rule_set == rule_set


def test_the_timer_of_a_limit_is_the_same_limit_and_not_a_second_row(house_on_both: Bureau) -> None:
    case = in_mediation(house_on_both, "2026-03-02")
    assert [row.code for row in clocks(house_on_both, case)] == ["accept", "grade_max", "mediation"]
    assert house_on_both.case(case).next_due_at == midnight_after("2026-05-08")  # 45 working days: received under R-20
    house_on_both.time.move_to(midnight_after("2026-05-08"))
    house_on_both.engine.fire_due(case)
    assert house_on_both.case(case).outcome == "期满终止"
    assert {row.code: row.state for row in clocks(house_on_both, case)} == {
        "accept": "met",
        "mediation": "missed",
        "grade_max": "met",
    }


def test_a_step_that_comes_again_inside_keeps_the_limit_around_it(house_on_both: Bureau) -> None:
    case = in_mediation(house_on_both, "2026-03-02")
    due = house_on_both.open_task(case).due_on
    at(house_on_both, "2026-03-20")
    do(house_on_both, case, "talk", again=True)
    assert house_on_both.open_task(case).due_on == due
    assert len(clocks(house_on_both, case)) == 3
    do(house_on_both, case, "talk", again=False)
    desk = house_on_both.open_task(case)
    assert (desk.node, desk.due_on, desk.why["limit"]["code"]) == ("answer", date(2026, 3, 25), "reply")
    assert {row.state for row in clocks(house_on_both, case)} == {"met"}


# --- excluded time ----------------------------------------------------------------------------------------------------


def test_excluded_time_without_an_end_rests_clocks_timers_and_desks(house_on_both: Bureau) -> None:
    at(house_on_both, "2026-04-16")
    case = in_mediation(house_on_both, "2026-04-16")  # 60 days: until Monday 15 June
    assert house_on_both.open_task(case).due_on == date(2026, 6, 15)
    at(house_on_both, "2026-04-20")
    assert suspend(house_on_both, case, "2026-04-20")
    assert {row.state for row in clocks(house_on_both, case)[1:]} == {"paused"}
    assert {row.due_on for row in clocks(house_on_both, case)[1:]} == {None}
    desk = house_on_both.open_task(case)
    assert (desk.due_on, desk.why["limit"]["paused"]) == (None, True)
    assert house_on_both.case(case).next_due_at is None
    at(house_on_both, "2026-12-31")
    assert house_on_both.engine.fire_due(case) is None


def test_resuming_moves_clock_timer_and_desk_by_the_days_taken_out(house_on_both: Bureau) -> None:
    at(house_on_both, "2026-04-16")
    case = in_mediation(house_on_both, "2026-04-16")
    at(house_on_both, "2026-04-20")
    suspend(house_on_both, case, "2026-04-20")
    at(house_on_both, "2026-05-08")
    assert resume(house_on_both, case, "2026-05-08")
    row = clocks(house_on_both, case, "mediation")[0]
    assert (row.due_on, row.state) == (date(2026, 7, 3), "running")  # 15 June and 18 days
    assert house_on_both.open_task(case).due_on == date(2026, 7, 3)
    assert house_on_both.case(case).next_due_at == midnight_after("2026-07-03")
    told = events(house_on_both, case, "limits_moved")[-1]
    assert "调解 扣除中 → 2026-07-03" in told.comment
    moved = {item["code"]: (item["was_on"], item["due_on"]) for item in told.detail["moved"]}
    assert moved["mediation"] == (None, "2026-07-03")


def test_excluded_time_reaches_only_the_limits_it_names(house_on_both: Bureau) -> None:
    at(house_on_both, "2026-04-16")
    case = in_mediation(house_on_both, "2026-04-16")
    suspend(house_on_both, case, "2026-04-16", ("mediation",))
    assert clocks(house_on_both, case, "mediation")[0].state == "paused"
    governing = clocks(house_on_both, case, "grade_max")[0]
    assert governing.state == "running"
    assert house_on_both.open_task(case).due_on == governing.due_on


def test_days_under_two_reasons_are_taken_out_once(house_on_both: Bureau) -> None:
    at(house_on_both, "2026-04-16")
    case = in_mediation(house_on_both, "2026-04-16")
    other = in_mediation(house_on_both, "2026-04-16")  # stands for the linked case in which the second one was decided
    at(house_on_both, "2026-04-20")
    suspend(house_on_both, case, "2026-04-18")
    with house_on_both.engine.transactions.on_case(instance_id=case) as work:
        payload = {"reason": "鉴定", "stops": ["mediation"], "starts_on": "2026-04-19"}
        assert apply_limit_message(work, "clock_suspended", payload, other)
        save_moved(work)
    at(house_on_both, "2026-04-28")
    resume(house_on_both, case, "2026-04-24")
    assert clocks(house_on_both, case, "mediation")[0].state == "paused"
    with house_on_both.engine.transactions.on_case(instance_id=case) as work:
        assert apply_limit_message(work, "clock_resumed", {"ends_on": "2026-04-28"}, other)
        save_moved(work)
    assert clocks(house_on_both, case, "mediation")[0].due_on == date(2026, 6, 25)  # 15 June and 10 days, not 15


def test_excluded_time_that_begins_after_the_end_revives_nothing(house_on_both: Bureau) -> None:
    case = start_limited(house_on_both, "2026-02-27")
    at(house_on_both, "2026-03-16")
    assert suspend(house_on_both, case, "2026-03-12", ("accept",))
    row = clocks(house_on_both, case)[0]
    assert (row.due_on, row.state) == (date(2026, 3, 9), "running")
    assert house_on_both.open_task(case).due_on == date(2026, 3, 9)
    assert "没有期限因此变动" in events(house_on_both, case, "limits_moved")[0].comment


def test_a_limit_that_begins_during_excluded_time_rests_and_one_after_it_counts_without_those_days(
    house_on_both: Bureau,
) -> None:
    at(house_on_both, "2026-04-16")
    case = start_limited(house_on_both, "2026-04-16")
    suspend(house_on_both, case, "2026-04-16", ("accept", "mediation"))
    do(house_on_both, case, "decide")
    assert clocks(house_on_both, case, "mediation")[0].state == "paused"
    assert house_on_both.case(case).next_due_at is None
    at(house_on_both, "2026-04-26")
    resume(house_on_both, case, "2026-04-26")
    assert clocks(house_on_both, case, "mediation")[0].due_on == date(2026, 6, 25)
    assert house_on_both.case(case).next_due_at == midnight_after("2026-06-25")


@pytest.mark.parametrize(
    ("payload", "sentence"),
    [
        ({"starts_on": "2026-03-03"}, "还没有到"),
        ({"starts_on": "2026-02-26"}, "没有可以扣除的期限"),
        ({"stops": ["mediation"]}, "没有可以扣除的期限"),
        ({"stops": ["no_such"]}, "no_such"),
        ({"stops": []}, "哪一个期限"),
        ({"reason": " "}, "事由"),
        ({"starts_on": "soon"}, "不是日期"),
    ],
)
def test_excluded_time_that_cannot_be_is_refused_and_recorded(
    house: Bureau, payload: dict[str, object], sentence: str
) -> None:
    case = start_limited(house, "2026-02-27")
    before = clocks(house, case)
    given = {"reason": "鉴定", "stops": ["accept"], "starts_on": "2026-03-02", **payload}
    assert not change(house, case, "clock_suspended", **given)
    assert sentence in events(house, case, "limit_refused")[0].comment
    assert clocks(house, case) == before


def test_resuming_what_does_not_rest_or_before_it_began_is_refused(house: Bureau) -> None:
    case = start_limited(house, "2026-02-27")
    assert not resume(house, case, "2026-03-02")
    assert suspend(house, case, "2026-03-02", ("accept",))
    assert not suspend(house, case, "2026-03-02", ("accept",))
    assert not resume(house, case, "2026-03-01")
    assert not resume(house, case, "2026-03-03")
    assert [row.comment[:6] for row in events(house, case, "limit_refused")] == [
        "没有正在进行",
        "这项扣除已经",
        "扣除的结束日",
        "扣除的结束日",
    ]


def test_excluded_time_may_end_on_the_day_it_began_and_then_takes_no_day_out(house: Bureau) -> None:
    case = start_limited(house, "2026-02-27")  # until Monday 9 March
    assert suspend(house, case, "2026-03-02", ("accept",))
    assert resume(house, case, "2026-03-02")
    assert (clocks(house, case)[0].due_on, clocks(house, case)[0].state) == (date(2026, 3, 9), "running")
    assert house.open_task(case).due_on == date(2026, 3, 9)


@pytest.mark.parametrize("kept_apart", [True, False], ids=["as now", "as desks of before kept it"])
def test_a_desks_own_limit_governs_again_whenever_the_limit_around_it_rests(house: Bureau, kept_apart: bool) -> None:
    at(house, "2026-06-12")
    case = start_limited(house, "2026-04-16", process=MEDIATED)
    around = ("accept", "mediation", "grade_max")
    assert suspend(house, case, "2026-06-11", around)
    do(house, case, "decide")
    desk = house.open_task(case)
    assert (desk.node, desk.due_on, desk.why["limit"]["code"]) == ("talk", date(2026, 6, 17), "reply")
    if not kept_apart:
        why = {key: value for key, value in desk.why.items() if key != "own_limit"}
        with house.database.write() as connection:
            connection.execute(update(task).where(task.c.id == desk.id).values(why=why))
    assert resume(house, case, "2026-06-12")
    assert (house.open_task(case).due_on, house.open_task(case).why["limit"]["code"]) == (
        date(2026, 6, 16),  # 60 days would end on Monday the 15th, one day was taken out
        "mediation",
    )
    at(house, "2026-06-15")
    assert suspend(house, case, "2026-06-15", around[1:])
    desk = house.open_task(case)
    assert (desk.due_on, desk.why["limit"]["code"], desk.why["own_limit"]["amount"]) == (date(2026, 6, 17), "reply", 3)
    at(house, "2026-06-16")
    assert resume(house, case, "2026-06-16")
    assert house.open_task(case).due_on == date(2026, 6, 17)  # both end on this day now


# --- extension --------------------------------------------------------------------------------------------------------


def test_an_extension_moves_clock_timer_and_desk(house_on_both: Bureau) -> None:
    at(house_on_both, "2026-04-16")
    case = in_mediation(house_on_both, "2026-04-16")
    assert change(house_on_both, case, "limit_extended", code="mediation", days=30, basis="第二十三条")
    row = clocks(house_on_both, case, "mediation")[0]
    assert (row.amount, row.extended, row.due_on) == (90, 30, date(2026, 7, 15))
    assert house_on_both.case(case).next_due_at == midnight_after("2026-07-15")
    assert house_on_both.open_task(case).due_on == date(2026, 7, 14)  # now the 60 working days end first
    assert house_on_both.open_task(case).why["limit"]["code"] == "grade_max"


def test_a_limit_that_is_over_cannot_be_extended(house_on_both: Bureau) -> None:
    case = start_limited(house_on_both, "2026-02-27")
    at(house_on_both, "2026-03-10")
    assert not change(house_on_both, case, "limit_extended", code="accept", days=5)
    assert "已于 2026-03-09 届满" in events(house_on_both, case, "limit_refused")[0].comment
    assert clocks(house_on_both, case)[0].extended == 0


def test_on_its_last_day_it_still_can(house_on_both: Bureau) -> None:
    case = start_limited(house_on_both, "2026-02-27")
    at(house_on_both, "2026-03-09")
    assert change(house_on_both, case, "limit_extended", code="accept", days=5)
    assert house_on_both.open_task(case).due_on == date(2026, 3, 16)


def test_one_day_is_an_extension_too(house: Bureau) -> None:
    case = start_limited(house, "2026-02-27")
    at(house, "2026-03-09")
    assert change(house, case, "limit_extended", code="accept", days=1)
    assert clocks(house, case, "accept")[0].due_on == date(2026, 3, 10)


@pytest.mark.parametrize("days", [0, 3651])
def test_days_that_no_limit_can_have_are_no_extension(house: Bureau, days: int) -> None:
    case = start_limited(house, "2026-02-27")
    assert not change(house, case, "limit_extended", code="accept", days=days)
    assert "应是大于零的整数" in events(house, case, "limit_refused")[0].comment


def test_an_extension_that_only_together_with_the_limit_is_too_long_is_refused(house: Bureau) -> None:
    case = start_limited(house, "2026-02-27")
    assert not change(house, case, "limit_extended", code="accept", days=3650)
    assert "超过 3650 天" in events(house, case, "limit_refused")[0].comment
    assert clocks(house, case, "accept")[0].extended == 0


def test_a_command_that_waited_for_a_suspension_counts_it(house_on_both: Bureau) -> None:
    house, other = house_on_both, house_on_both.new_engine()
    case = start_limited(house, "2026-03-02T09:00:00+08:00")
    desk, clerk = house.open_task(case), house.actor("chen.jing")
    rest = {"starts_on": "2026-03-02", "reason": "鉴定", "stops": ["accept", "mediation"]}
    with ThreadPoolExecutor(1) as pool:
        with house.engine.transactions.on_case(instance_id=case) as work:
            waiting = pool.submit(other.complete, clerk, desk.id, {})
            until_somebody_waits(house.database)
            assert apply_limit_message(work, "clock_suspended", rest, None, actor=clerk)
            save_moved(work)
        assert not waiting.result().held
    assert [row.state for row in clocks(house, case, "mediation")] == ["paused"]
    with house.database.read() as connection:
        assert {row.code for row in open_clocks(connection, case)} == {"mediation", "grade_max"}


# --- when the case ends -----------------------------------------------------------------------------------------------


def test_a_limit_that_had_run_out_when_the_case_ended_is_not_called_met(bureau: Bureau) -> None:
    instance_id = waiting_for_correction(bureau)
    bureau.time.advance(timedelta(days=30))
    bureau.engine.cancel(bureau.actor("admin"), instance_id, "企业撤回")
    (row,) = clocks(bureau, instance_id)
    assert row.state == "missed"


def test_a_limit_that_still_ran_when_the_case_ended_is_met(bureau: Bureau) -> None:
    instance_id = waiting_for_correction(bureau)
    bureau.engine.cancel(bureau.actor("admin"), instance_id, "企业撤回")
    (row,) = clocks(bureau, instance_id)
    assert row.state == "met"
