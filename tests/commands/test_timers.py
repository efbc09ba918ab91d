"""Timers: due by a legal limit, fired once whoever sweeps, never replayed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, select

from forms.beijing import BEIJING
from handlers.store.tables import clock, event
from tests.support.bureau import Bureau
from tests.support.odr import waiting_for_correction

EXPIRY = datetime(2026, 3, 10, tzinfo=BEIJING)
"""24:00 of 9 March: five working days after 2 March."""


def timers_fired(bureau: Bureau) -> int:
    with bureau.database.read() as connection:
        return connection.execute(select(func.count()).select_from(event).where(event.c.kind == "timer")).scalar_one()


def test_the_due_moment_is_the_end_of_the_last_day_of_the_limit(bureau: Bureau) -> None:
    case = waiting_for_correction(bureau)
    assert bureau.case(case).next_due_at == EXPIRY.astimezone(UTC)
    with bureau.database.read() as connection:
        row = connection.execute(select(clock)).one()
    assert (row.code, row.amount, row.unit, row.due_on, row.state) == (
        "odr_correction",
        5,
        "WD",
        date(2026, 3, 9),
        "running",
    )


def test_nothing_fires_a_moment_before_and_everything_at_the_moment(bureau: Bureau) -> None:
    case = waiting_for_correction(bureau)
    bureau.time.move_to(EXPIRY - timedelta(microseconds=1))
    assert bureau.engine.fire_due(case) is None
    bureau.time.move_to(EXPIRY)
    assert bureau.engine.fire_due(case) is not None
    assert bureau.open_task(case).node == "odr_correction_overdue"
    assert bureau.case(case).next_due_at is None


def test_a_timer_fires_once_whatever_the_number_of_workers(bureau_on_both: Bureau) -> None:
    bureau = bureau_on_both
    cases = [waiting_for_correction(bureau) for _ in range(6)]
    bureau.time.move_to(EXPIRY + timedelta(hours=1))
    engines = [bureau.new_engine() for _ in range(4)]
    with ThreadPoolExecutor(len(engines)) as pool:
        sweeps = [pool.submit(engine.fire_all_due, bureau.time.now()) for engine in engines]
        for sweep in sweeps:
            sweep.result()
    assert timers_fired(bureau) == len(cases)
    assert {bureau.open_task(case).node for case in cases} == {"odr_correction_overdue"}


def test_workers_that_were_down_for_days_fire_each_timer_once(bureau: Bureau) -> None:
    waiting_for_correction(bureau)
    bureau.time.advance(timedelta(days=325))
    for _ in range(3):
        bureau.engine.fire_all_due(bureau.time.now())
    assert timers_fired(bureau) == 1


def test_a_clock_that_jumps_back_after_firing_does_not_fire_again(bureau: Bureau) -> None:
    case = waiting_for_correction(bureau)
    bureau.time.move_to(EXPIRY + timedelta(days=1))
    bureau.engine.fire_due(case)
    bureau.time.move_to(EXPIRY - timedelta(days=3))
    bureau.engine.fire_all_due(bureau.time.now())
    bureau.time.move_to(EXPIRY + timedelta(days=2))
    bureau.engine.fire_all_due(bureau.time.now())
    assert timers_fired(bureau) == 1


def test_a_suspended_case_keeps_its_timers_quiet_until_it_is_resumed(bureau: Bureau) -> None:
    case = waiting_for_correction(bureau)
    head = bureau.actor("liu.fang")
    bureau.engine.suspend(head, case, "企业名称变更中")
    bureau.time.move_to(EXPIRY + timedelta(days=1))
    assert bureau.engine.fire_due(case) is None
    bureau.engine.resume(head, case, "变更完成")
    assert bureau.engine.fire_due(case) is not None
