"""What becomes of legal limits when a case ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Row, select

from handlers.store.tables import clock
from tests.support.bureau import Bureau
from tests.support.odr import waiting_for_correction


def the_clock(bureau: Bureau, instance_id: int) -> Row[Any]:
    with bureau.database.read() as connection:
        return connection.execute(select(clock).where(clock.c.instance_id == instance_id)).one()


def test_a_limit_that_had_run_out_when_the_case_ended_is_not_called_met(bureau: Bureau) -> None:
    instance_id = waiting_for_correction(bureau)
    bureau.time.advance(timedelta(days=30))
    bureau.engine.cancel(bureau.actor("admin"), instance_id, "企业撤回")
    assert the_clock(bureau, instance_id).state == "missed"


def test_a_limit_that_still_ran_when_the_case_ended_is_met(bureau: Bureau) -> None:
    instance_id = waiting_for_correction(bureau)
    bureau.engine.cancel(bureau.actor("admin"), instance_id, "企业撤回")
    assert the_clock(bureau, instance_id).state == "met"
