"""The sweep over running limits: by table, each level once, only the newest of several, whoever sweeps."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from forms.beijing import BEIJING
from handlers.store.tables import clock, clock_notice, post
from processes.engine.commands.warning import Reached, warn
from processes.engine.publishing.publish import Source
from tests.support.bureau import Bureau
from tests.support.limited import clocks, do, events, in_mediation, start_limited
from tests.unit.check.drawing import table


def sweep(bureau: Bureau, day: str) -> int:
    bureau.time.move_to(datetime.fromisoformat(f"{day}T10:00+08:00"))
    return bureau.engine.sweep_deadlines(bureau.time.now())


def posts(bureau: Bureau) -> list[Any]:
    with bureau.database.read() as connection:
        return list(connection.execute(select(post).order_by(post.c.id)))


def levels(bureau: Bureau) -> list[int]:
    return [row.payload["level"] for row in posts(bureau)]


def test_each_level_is_raised_once_as_the_limit_comes_and_goes(house_on_both: Bureau) -> None:
    case = start_limited(house_on_both, "2026-02-27")  # until Monday 9 March
    raised = {day: sweep(house_on_both, day) for day in ("2026-03-04", "2026-03-05", "2026-03-06", "2026-03-09")}
    assert raised == {"2026-03-04": 0, "2026-03-05": 1, "2026-03-06": 0, "2026-03-09": 0}
    assert [sweep(house_on_both, day) for day in ("2026-03-10", "2026-03-11", "2026-03-12", "2026-03-13")] == [
        1,
        0,
        1,
        0,
    ]
    assert levels(house_on_both) == [1, 2, 3]
    first = posts(house_on_both)[0]
    assert (first.sender_id, first.name) == (case, "deadline_warning")
    assert first.payload == {
        "limit_code": "accept",
        "limit_name": "作出受理或者不予受理决定",
        "due_on": "2026-03-09",
        "level": 1,
        "remaining_wd": 2,
        "overdue_wd": 0,
        "unit": "centre",
    }
    assert [row.comment.rpartition("，")[2] for row in events(house_on_both, case, "deadline_warning")] == [
        "催办",
        "督办",
        "升级督办",
    ]


def test_of_several_levels_passed_while_nobody_looked_only_the_newest_is_raised(house_on_both: Bureau) -> None:
    start_limited(house_on_both, "2026-02-27")
    assert sweep(house_on_both, "2026-03-20") == 1
    assert levels(house_on_both) == [3]
    assert sweep(house_on_both, "2026-03-23") == 0


def test_two_workers_that_sweep_at_once_raise_a_level_once(house_on_both: Bureau) -> None:
    for _ in range(4):
        start_limited(house_on_both, "2026-02-27")
    house_on_both.time.move_to(datetime(2026, 3, 9, 10, tzinfo=BEIJING))
    engines = [house_on_both.new_engine() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        raised = sum(pool.map(lambda engine: engine.sweep_deadlines(house_on_both.time.now()), engines))
    assert raised == 4
    assert len(posts(house_on_both)) == 4


def test_what_rests_or_is_done_is_not_warned_of(house_on_both: Bureau) -> None:
    resting, done = start_limited(house_on_both, "2026-02-27"), start_limited(house_on_both, "2026-02-27")
    given = {"reason": "鉴定", "stops": ["accept"], "starts_on": "2026-03-02"}
    assert house_on_both.engine.change_limits(None, resting, "clock_suspended", given)
    do(house_on_both, done, "decide")
    assert sweep(house_on_both, "2026-03-20") == 0
    assert clocks(house_on_both, resting)[0].state == "paused"


def test_levels_that_an_extension_moved_ahead_are_raised_again_when_they_are_reached(house_on_both: Bureau) -> None:
    case = start_limited(house_on_both, "2026-02-27")  # until Monday 9 March
    assert [sweep(house_on_both, day) for day in ("2026-03-05", "2026-03-09")] == [1, 0]
    extension = {"code": "accept", "days": 5, "basis": "延期审批"}
    assert house_on_both.engine.change_limits(None, case, "limit_extended", extension)  # until Monday 16 March
    days = ("2026-03-09", "2026-03-11", "2026-03-12", "2026-03-13", "2026-03-17", "2026-03-18")
    assert [sweep(house_on_both, day) for day in days] == [0, 0, 1, 0, 1, 0]
    assert levels(house_on_both) == [1, 1, 2]
    assert posts(house_on_both)[1].payload["due_on"] == "2026-03-16"
    assert len(events(house_on_both, case, "deadline_warning")) == 3


def test_a_level_below_the_one_that_was_moved_away_is_not_raised_twice(house: Bureau) -> None:
    case = start_limited(house, "2026-02-27")  # until Monday 9 March
    assert [sweep(house, day) for day in ("2026-03-05", "2026-03-10")] == [1, 1]
    late = {"reason": "鉴定", "stops": ["accept"], "starts_on": "2026-03-05"}  # one day, handed in afterwards
    assert house.engine.change_limits(None, case, "clock_suspended", late)
    assert house.engine.change_limits(None, case, "clock_resumed", {"ends_on": "2026-03-06"})
    assert clocks(house, case)[0].due_on == date(2026, 3, 10)  # today: 催办 is reached again, and was raised
    assert [sweep(house, day) for day in ("2026-03-10", "2026-03-10", "2026-03-11")] == [0, 0, 1]
    assert levels(house) == [1, 2, 2]


@pytest.mark.parametrize(("earliest", "raised_at"), [("[20..40]", 20), ("[10..12]", 12)])
def test_a_table_may_warn_up_to_twenty_working_days_before_the_last_day(
    house: Bureau, earliest: str, raised_at: int
) -> None:
    rows = [["-", "-", earliest, "-", '"yellow"', "1", "[]"], ["-", "-", "-", "-", '"green"', "0", "[]"]]
    inputs, outputs = ("limit_code", "kind", "remaining_wd", "overdue_wd"), ("colour", "level", "notify")
    far = table(rows, inputs, outputs, key="warning_levels", policy="FIRST")
    house.publish(Source("table", "warning_levels", far))
    in_mediation(house, "2026-03-02")  # 45 working days: until 8 May
    days = [date(2026, 4, 1) + timedelta(days=number) for number in range(30)]
    assert any(sweep(house, day.isoformat()) for day in days)
    assert posts(house)[0].payload["remaining_wd"] == raised_at


def test_levels_that_excluded_time_moved_ahead_are_raised_again_after_it(house_on_both: Bureau) -> None:
    case = start_limited(house_on_both, "2026-02-27")
    assert sweep(house_on_both, "2026-03-06") == 1
    suspended = {"reason": "鉴定", "stops": ["accept"], "starts_on": "2026-03-02"}  # handed in late
    assert house_on_both.engine.change_limits(None, case, "clock_suspended", suspended)
    assert sweep(house_on_both, "2026-03-20") == 0
    assert house_on_both.engine.change_limits(None, case, "clock_resumed", {"ends_on": "2026-03-20"})
    (row,) = [row for row in clocks(house_on_both, case) if row.code == "accept"]
    assert row.due_on == date(2026, 3, 27)
    days = ("2026-03-20", "2026-03-24", "2026-03-25", "2026-03-26")
    assert [sweep(house_on_both, day) for day in days] == [0, 0, 1, 0]
    assert levels(house_on_both) == [1, 1]


def test_a_move_that_leaves_a_limit_at_its_level_warns_of_nothing_twice(house_on_both: Bureau) -> None:
    case = start_limited(house_on_both, "2026-02-27")
    assert sweep(house_on_both, "2026-03-09") == 1  # its last day
    assert house_on_both.engine.change_limits(None, case, "limit_extended", {"code": "accept", "days": 1})
    assert [sweep(house_on_both, day) for day in ("2026-03-09", "2026-03-10")] == [0, 0]
    assert levels(house_on_both) == [1]


def test_one_look_finds_what_is_near_among_twenty_thousand_running_limits(house: Bureau) -> None:
    case = start_limited(house, "2026-02-27")
    row = dict(clocks(house, case)[0]._mapping)
    del row["id"]
    more = [row | {"token": str(n), "due_on": date(2026, 3, 10) + timedelta(days=n % 200)} for n in range(20_000)]
    with house.database.write() as connection:
        connection.execute(insert(clock), more)
    assert sweep(house, "2026-03-06") == 101  # the case's own, and every two hundredth ends on the 10th
    with house.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(clock_notice)).scalar() == 101


def test_a_limit_that_was_met_while_the_sweep_looked_raises_no_warning(house: Bureau) -> None:
    case = start_limited(house, "2026-03-02T09:00:00+08:00")
    (clock,) = clocks(house, case)
    seen = Reached(clock.id, case, clock.code, clock.name, clock.due_on, 1, 0, -1)
    do(house, case, "decide")
    with house.engine.transactions.on_case(instance_id=case) as work:
        assert warn(work, [seen]) == 0
    assert posts(house) == []
