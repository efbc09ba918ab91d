"""A case with a failed step that is cancelled stays cancelled."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from handlers.people.accounts import set_grants
from handlers.store.tables import incident
from processes.engine.errors import Refused
from tests.support.bureau import Bureau
from tests.support.cases import decide, start_training


@pytest.fixture
def cancelled_after_a_failed_step(bureau: Bureau) -> int:
    """A case whose approval failed for want of leaders, and which was then given up."""
    with bureau.database.write() as connection:
        for name in ("li.guoqiang", "zhou.min"):
            set_grants(connection, bureau.actor(name).account_id, [("observer", "leaders")])
    instance_id = start_training(bureau)
    decide(bureau, instance_id, "wang.jianguo", "agree")
    bureau.engine.cancel(bureau.actor("admin"), instance_id, "不再举办")
    return instance_id


def test_cancelling_a_case_closes_its_incident(bureau: Bureau, cancelled_after_a_failed_step: int) -> None:
    with bureau.database.read() as connection:
        row = connection.execute(select(incident)).one()
    assert (row.resolved_at, row.resolved_by) == (bureau.time.now(), bureau.actor("admin").account_id)


def test_a_cancelled_case_cannot_be_brought_back_by_a_retry(bureau: Bureau, cancelled_after_a_failed_step: int) -> None:
    with pytest.raises(Refused):
        bureau.engine.retry(bureau.actor("admin"), cancelled_after_a_failed_step)
    assert bureau.case(cancelled_after_a_failed_step).status == "cancelled"
