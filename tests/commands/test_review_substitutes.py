"""Four eyes and the record of who acted for whom, when a substitute claims before doing."""

from __future__ import annotations

from datetime import date

from sqlalchemy import insert, select

from handlers.store.tables import event, substitution, task
from tests.support.bureau import Bureau
from tests.support.cases import start_training


def stand_in(bureau: Bureau, absent: str, substitute: str) -> None:
    with bureau.database.write() as connection:
        connection.execute(
            insert(substitution).values(
                absent_id=bureau.actor(absent).account_id,
                substitute_id=bureau.actor(substitute).account_id,
                starts_on=date(2026, 3, 2),
                ends_on=date(2026, 3, 6),
                reason="出差",
                created_by=bureau.actor(absent).account_id,
                created_at=bureau.time.now(),
            )
        )


def test_a_substitute_who_claims_first_still_acts_in_the_absent_persons_name(bureau: Bureau) -> None:
    row = bureau.open_task(start_training(bureau))
    stand_in(bureau, "wang.jianguo", "zhao.lei")
    zhao = bureau.actor("zhao.lei")
    bureau.engine.claim(zhao, row.id)
    bureau.engine.complete(zhao, row.id, {"decision": "agree", "comment": ""})
    with bureau.database.read() as connection:
        done = connection.execute(select(task.c.on_behalf_of).where(task.c.id == row.id)).scalar()
        told = connection.execute(select(event.c.on_behalf_of).where(event.c.kind == "completed")).scalars().all()
    assert done == bureau.actor("wang.jianguo").account_id
    assert told[-1] == "王建国"
