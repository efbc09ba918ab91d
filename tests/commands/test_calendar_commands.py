"""A notice or a single day changes the calendar: clocks, timers, desks and excluded time all follow."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from forms.beijing import BEIJING
from handlers.clocks.calendar import Override
from handlers.clocks.calendar_store import save_override
from handlers.clocks.holiday_notices import parse_notice
from processes.engine.errors import NotYours
from tests.commands.test_limits import at, midnight_after, suspend
from tests.support.bureau import Bureau
from tests.support.limited import clocks, do, events, in_mediation, start_limited

NOTICE = parse_notice(
    {
        "year": 2027,
        "notice": "国务院办公厅关于2027年部分节假日安排的通知（示例）",
        "issued": "2026-11-25",
        "off": [
            {"name": name, "start": f"2027-{first}", "end": f"2027-{last}"}
            for name, first, last in (
                ("元旦", "01-01", "01-03"), ("春节", "02-05", "02-13"), ("清明节", "04-03", "04-05"),
                ("劳动节", "05-01", "05-05"), ("端午节", "06-09", "06-09"), ("中秋节", "09-15", "09-15"),
                ("国庆节", "10-01", "10-07"),
            )
        ],
        "work": [{"day": "2027-01-23", "name": "春节"}, {"day": "2027-02-14", "name": "春节"}],
    }
)  # fmt: skip
CLOSED = Override(date(2026, 3, 6), working=False, name="停工", reason="供暖故障")


def test_a_notice_moves_clock_timer_and_desk_and_the_dry_run_says_the_same_before(house_on_both: Bureau) -> None:
    at(house_on_both, "2026-12-10")
    case = in_mediation(house_on_both, "2026-12-10")  # 60 days: 8 February 2027, in the Spring Festival
    row = clocks(house_on_both, case, "mediation")[0]
    assert (row.due_on, row.provisional) == (date(2027, 2, 9), True)
    plan = house_on_both.engine.plan_notice(NOTICE)
    assert [(one.name, one.was_on, one.due_on) for one in plan.moved if one.name == "调解"] == [
        ("调解", date(2027, 2, 9), date(2027, 2, 14))
    ]
    assert clocks(house_on_both, case, "mediation")[0] == row
    done = house_on_both.engine.import_notice(house_on_both.actor("admin"), NOTICE)
    assert (done.moved, done.days) == (plan.moved, plan.days)
    row = clocks(house_on_both, case, "mediation")[0]
    assert (row.due_on, row.provisional) == (date(2027, 2, 14), False)
    assert house_on_both.open_task(case).due_on == date(2027, 2, 14)
    assert house_on_both.case(case).next_due_at == midnight_after("2027-02-14")
    told = events(house_on_both, case, "limits_moved")[-1]
    assert (told.actor_name, "调解 2027-02-09 → 2027-02-14" in told.comment) == ("系统管理员", True)


def test_a_day_set_by_hand_moves_limits_and_leaving_it_to_the_notice_moves_them_back(house_on_both: Bureau) -> None:
    case = start_limited(house_on_both, "2026-02-27")
    admin = house_on_both.actor("admin")
    (moved,) = house_on_both.engine.set_day(admin, CLOSED).moved
    assert (moved.instance_id, moved.was_on, moved.due_on) == (case, date(2026, 3, 9), date(2026, 3, 10))
    assert house_on_both.open_task(case).due_on == date(2026, 3, 10)
    house_on_both.engine.unset_day(admin, CLOSED.day)
    assert house_on_both.open_task(case).due_on == date(2026, 3, 9)


def test_a_desk_with_a_limit_of_its_own_moves_too(house_on_both: Bureau) -> None:
    case = in_mediation(house_on_both, "2026-03-02")
    do(house_on_both, case, "talk", again=False)
    assert house_on_both.open_task(case).due_on == date(2026, 3, 5)
    (moved,) = house_on_both.engine.set_day(
        house_on_both.actor("admin"), Override(date(2026, 3, 4), False, "停工", "停电")
    ).moved
    assert (moved.was_on, moved.due_on) == (date(2026, 3, 5), date(2026, 3, 6))
    assert house_on_both.open_task(case).due_on == date(2026, 3, 6)
    assert "做answer 2026-03-05 → 2026-03-06" in events(house_on_both, case, "limits_moved")[0].comment


def test_what_rests_stays_at_rest(house_on_both: Bureau) -> None:
    case = start_limited(house_on_both, "2026-02-27")
    suspend(house_on_both, case, "2026-03-02", ("accept",))
    assert house_on_both.engine.set_day(house_on_both.actor("admin"), CLOSED).moved == ()
    assert clocks(house_on_both, case)[0].state == "paused"


def test_what_a_crash_left_over_is_found_by_the_sweep(house_on_both: Bureau) -> None:
    case = start_limited(house_on_both, "2026-02-27")
    with house_on_both.database.write() as connection:
        save_override(connection, CLOSED, set_by=1, set_at=house_on_both.time.now())
    house_on_both.new_engine().sweep_deadlines(datetime(2026, 3, 2, 10, tzinfo=BEIJING))
    assert clocks(house_on_both, case)[0].due_on == date(2026, 3, 10)
    assert house_on_both.engine.settle_calendar() == ()


def test_only_who_keeps_the_calendar_may_change_it(bureau: Bureau) -> None:
    with pytest.raises(NotYours):
        bureau.engine.import_notice(bureau.actor("chen.jing"), NOTICE)
