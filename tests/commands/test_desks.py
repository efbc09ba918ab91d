"""Claiming, giving back, reassigning, and standing in for somebody."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import insert, select

from handlers.people.accounts import assigned_tasks, set_active, set_grants
from handlers.people.actors import may_do
from handlers.people.task import Task
from handlers.store.tables import event, substitution, task
from processes.engine.errors import NotYours, Refused
from tests.support.bureau import Bureau
from tests.support.cases import decide, start_training


def test_a_claimed_task_is_the_claimants_alone_until_given_back(bureau: Bureau) -> None:
    row = bureau.open_task(start_training(bureau))
    wang, sun = bureau.actor("wang.jianguo"), bureau.actor("sun.yue")
    bureau.engine.claim(wang, row.id)
    with pytest.raises(NotYours):
        bureau.engine.complete(sun, row.id, {"decision": "agree", "comment": ""})
    bureau.engine.release_task(wang, row.id)
    bureau.engine.complete(sun, row.id, {"decision": "agree", "comment": ""})


def test_claiming_twice_is_no_error_and_leaves_one_event(bureau: Bureau) -> None:
    row = bureau.open_task(start_training(bureau))
    wang = bureau.actor("wang.jianguo")
    bureau.engine.claim(wang, row.id)
    bureau.engine.claim(wang, row.id)
    with bureau.database.read() as connection:
        claims = connection.execute(select(event.c.id).where(event.c.kind == "claimed")).all()
    assert len(claims) == 1


def test_an_assigned_task_cannot_be_put_back_by_the_assignee(bureau: Bureau) -> None:
    row = bureau.open_task(start_training(bureau))
    sun = bureau.actor("sun.yue")
    bureau.engine.assign(bureau.actor("admin"), row.id, sun.account_id, comment="王建国出差")
    with pytest.raises(Refused):
        bureau.engine.release_task(sun, row.id)


def test_a_task_can_only_be_assigned_to_somebody_who_may_do_it(bureau: Bureau) -> None:
    row = bureau.open_task(start_training(bureau))
    with pytest.raises(Refused):
        bureau.engine.assign(bureau.actor("admin"), row.id, bureau.actor("zhao.lei").account_id)
    with pytest.raises(NotYours):
        bureau.engine.assign(bureau.actor("sun.yue"), row.id, bureau.actor("sun.yue").account_id)


def test_a_substitute_acts_for_the_absent_person_only_on_the_given_days(bureau: Bureau) -> None:
    row = bureau.open_task(start_training(bureau))
    wang, zhao = bureau.actor("wang.jianguo"), bureau.actor("zhao.lei")
    with bureau.database.write() as connection:
        connection.execute(
            insert(substitution).values(
                absent_id=wang.account_id,
                substitute_id=zhao.account_id,
                starts_on=date(2026, 3, 2),
                ends_on=date(2026, 3, 2),
                reason="出差",
                created_by=wang.account_id,
                created_at=bureau.time.now(),
            )
        )
    bureau.engine.complete(bureau.actor("zhao.lei"), row.id, {"decision": "agree", "comment": ""})
    with bureau.database.read() as connection:
        done = connection.execute(select(task).where(task.c.id == row.id)).one()
        told = connection.execute(select(event).where(event.c.task_id == row.id)).one()
    assert (done.completed_by, done.on_behalf_of) == (zhao.account_id, wang.account_id)
    assert (told.actor_name, told.on_behalf_of) == ("赵磊", "王建国")
    assert may_do(bureau.actor("zhao.lei"), Task.of(row)) is not None


def test_who_loses_the_role_loses_the_claimed_task_to_the_pool(bureau: Bureau) -> None:
    row = bureau.open_task(start_training(bureau))
    wang = bureau.actor("wang.jianguo")
    bureau.engine.claim(wang, row.id)
    with bureau.database.write() as connection:
        set_grants(connection, wang.account_id, [("observer", "office")])
    with pytest.raises(NotYours):
        bureau.engine.complete(bureau.actor("wang.jianguo"), row.id, {"decision": "agree", "comment": ""})
    bureau.engine.complete(bureau.actor("sun.yue"), row.id, {"decision": "agree", "comment": ""})


def test_disabling_an_account_puts_its_claims_back_and_counts_what_is_left(bureau: Bureau) -> None:
    instance_id = start_training(bureau)
    row, wang, sun = bureau.open_task(instance_id), bureau.actor("wang.jianguo"), bureau.actor("sun.yue")
    bureau.engine.claim(wang, row.id)
    with bureau.database.write() as connection:
        set_active(connection, wang.account_id, active=False)
    assert bureau.open_task(instance_id).assignee_id is None
    bureau.engine.assign(bureau.actor("admin"), row.id, sun.account_id, comment="请办")
    with bureau.database.write() as connection:
        set_active(connection, sun.account_id, active=False)
        assert assigned_tasks(connection, sun.account_id) == 1


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


def test_a_leader_cannot_be_given_a_colleagues_opinion_beside_their_own(bureau: Bureau) -> None:
    instance_id = start_training(bureau, training_kind="education")
    decide(bureau, instance_id, "wang.jianguo", "agree")
    zhou = bureau.actor("zhou.min").account_id
    theirs = next(row for row in bureau.open_tasks(instance_id) if row.assignee_id != zhou)
    with pytest.raises(Refused):
        bureau.engine.assign(bureau.actor("admin"), theirs.id, zhou)
    decide(bureau, instance_id, "zhou.min", "agree")
    with pytest.raises(Refused):
        bureau.engine.assign(bureau.actor("admin"), theirs.id, zhou)


@pytest.mark.parametrize("own_first", [True, False])
def test_where_all_must_agree_a_substitute_does_not_agree_twice(bureau: Bureau, own_first: bool) -> None:
    instance_id = start_training(bureau, training_kind="education")
    decide(bureau, instance_id, "wang.jianguo", "agree")
    stand_in(bureau, "zhou.min", "li.guoqiang")
    li, zhou = bureau.actor("li.guoqiang"), bureau.actor("zhou.min")
    if own_first:
        decide(bureau, instance_id, "li.guoqiang", "agree")
    theirs = next(row for row in bureau.open_tasks(instance_id) if row.assignee_id == zhou.account_id)
    with pytest.raises(Refused, match="不能再代周敏发表意见"):
        bureau.engine.complete(li, theirs.id, {"decision": "agree", "comment": ""})
    if not own_first:
        decide(bureau, instance_id, "li.guoqiang", "agree")
    bureau.engine.complete(zhou, theirs.id, {"decision": "agree", "comment": ""})
    assert bureau.open_tasks(instance_id)[0].node != "approval_decision"


def test_a_substitute_without_an_opinion_of_their_own_speaks_for_the_absent_leader(bureau: Bureau) -> None:
    instance_id = start_training(bureau, training_kind="education")
    decide(bureau, instance_id, "wang.jianguo", "agree")
    stand_in(bureau, "zhou.min", "zhao.lei")
    theirs = next(
        row for row in bureau.open_tasks(instance_id) if row.assignee_id == bureau.actor("zhou.min").account_id
    )
    bureau.engine.complete(bureau.actor("zhao.lei"), theirs.id, {"decision": "agree", "comment": ""})
    with bureau.database.read() as connection:
        done = connection.execute(select(task.c.on_behalf_of).where(task.c.id == theirs.id)).scalar()
    assert done == bureau.actor("zhou.min").account_id
