"""The history is append-only and chained: whatever is changed, removed or reordered is found and named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.sql import Executable

from handlers.store.tables import event, instance, submission
from processes.engine.cases import history
from tests.support.answers import training_plan
from tests.support.bureau import SEAL_KEY, Bureau
from tests.support.cases import decide, start_training


@pytest.fixture
def case_id(bureau: Bureau) -> int:
    """A training plan that the office has returned once: five events or more."""
    instance_id = start_training(bureau)
    decide(bureau, instance_id, "wang.jianguo", "return", "请补充经费来源")
    bureau.engine.complete(bureau.actor("chen.jing"), bureau.open_task(instance_id).id, training_plan())
    return instance_id


@pytest.fixture
def unlocked(bureau: Bureau) -> None:
    """An attacker with full rights on the database drops the triggers first."""
    with bureau.database.write() as connection:
        names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
        for name in names:
            connection.execute(text(f'DROP TRIGGER "{name}"'))


def problems(bureau: Bureau) -> list[history.AuditProblem]:
    with bureau.database.read() as connection:
        return list(history.verify(connection, SEAL_KEY))


def test_an_untouched_history_has_no_problems(bureau: Bureau, case_id: int) -> None:
    assert case_id
    assert problems(bureau) == []


@pytest.mark.parametrize("change", [update(event).values(comment="改过"), delete(event)])
def test_the_database_itself_refuses_to_change_the_history(bureau: Bureau, case_id: int, change: Executable) -> None:
    assert case_id
    with pytest.raises(DatabaseError), bureau.database.write() as connection:
        connection.execute(change)


@pytest.mark.usefixtures("unlocked")
@pytest.mark.parametrize(
    "values",
    [{"comment": "改过"}, {"actor_name": "别人"}, {"outcome": "同意"}, {"detail": {"path": []}}, {"node": "other"}],
)
def test_a_changed_event_is_found_and_named(bureau: Bureau, case_id: int, values: dict[str, object]) -> None:
    number = bureau.case(case_id).number
    with bureau.database.write() as connection:
        connection.execute(update(event).where(event.c.instance_id == case_id, event.c.position == 2).values(values))
    assert [(p.number, p.position) for p in problems(bureau)] == [(number, 2)]


@pytest.mark.usefixtures("unlocked")
def test_a_moved_moment_is_found(bureau: Bureau, case_id: int) -> None:
    with bureau.database.write() as connection:
        at = connection.execute(
            select(event.c.at).where(event.c.instance_id == case_id, event.c.position == 3)
        ).scalar_one()
        connection.execute(
            update(event).where(event.c.instance_id == case_id, event.c.position == 3).values(at=at - timedelta(days=1))
        )
    assert [p.position for p in problems(bureau)] == [3]


@pytest.mark.usefixtures("unlocked")
def test_a_removed_event_is_found_and_named(bureau: Bureau, case_id: int) -> None:
    with bureau.database.write() as connection:
        connection.execute(delete(event).where(event.c.instance_id == case_id, event.c.position == 2))
    found = problems(bureau)
    assert [p.position for p in found] == [2]
    assert "缺失" in found[0].sentence


@pytest.mark.usefixtures("unlocked")
def test_a_removed_last_event_is_found(bureau: Bureau, case_id: int) -> None:
    last = bureau.case(case_id).event_count
    with bureau.database.write() as connection:
        connection.execute(delete(event).where(event.c.instance_id == case_id, event.c.position == last))
    assert [p.position for p in problems(bureau)] == [last]


@pytest.mark.usefixtures("unlocked")
def test_cutting_the_chain_together_with_its_head_is_found(bureau: Bureau, case_id: int) -> None:
    last = bureau.case(case_id).event_count
    with bureau.database.write() as connection:
        before = connection.execute(
            select(event.c.hash).where(event.c.instance_id == case_id, event.c.position == last - 1)
        ).scalar()
        connection.execute(delete(event).where(event.c.instance_id == case_id, event.c.position == last))
        connection.execute(
            update(instance).where(instance.c.id == case_id).values(event_count=last - 1, event_head=before)
        )
    assert "封签" in problems(bureau)[0].sentence


@pytest.mark.usefixtures("unlocked")
def test_swapped_events_are_found(bureau: Bureau, case_id: int) -> None:
    def move(old: int, new: int) -> None:
        connection.execute(
            update(event).where(event.c.instance_id == case_id, event.c.position == old).values(position=new)
        )

    with bureau.database.write() as connection:
        move(2, 99)
        move(3, 2)
        move(99, 3)
    assert {2, 3} <= {p.position for p in problems(bureau)}


@pytest.mark.usefixtures("unlocked")
def test_a_case_that_was_removed_as_a_whole_is_found_by_its_number(bureau: Bureau) -> None:
    ids = [start_training(bureau) for _ in range(3)]
    number = bureau.case(ids[1]).number
    with bureau.database.write() as connection:
        connection.execute(text("PRAGMA defer_foreign_keys=ON"))
        for table in ("submission", "task", "event", "clock"):
            connection.execute(text(f"DELETE FROM {table} WHERE instance_id = :id"), {"id": ids[1]})  # noqa: S608
        connection.execute(delete(instance).where(instance.c.id == ids[1]))
    assert [p.number for p in problems(bureau)] == [number]


@pytest.mark.usefixtures("unlocked")
def test_a_changed_submission_is_found_at_its_event(bureau: Bureau, case_id: int) -> None:
    with bureau.database.write() as connection:
        first = connection.execute(select(submission.c.id).where(submission.c.instance_id == case_id).limit(1)).scalar()
        connection.execute(
            update(submission).where(submission.c.id == first).values({"values": training_plan(budget="999999.00")})
        )
    (found,) = problems(bureau)
    assert "表单内容" in found.sentence


def test_the_anchor_changes_with_every_command(bureau: Bureau, case_id: int) -> None:
    with bureau.database.read() as connection:
        before = history.anchor(connection)
        assert history.anchor(connection) == before
    decide(bureau, case_id, "wang.jianguo", "agree")
    with bureau.database.read() as connection:
        assert history.anchor(connection) != before


@pytest.mark.usefixtures("unlocked")
def test_a_forged_row_without_the_key_is_found(bureau: Bureau, case_id: int) -> None:
    forge: Callable[..., str] = history._event_hash
    with bureau.database.write() as connection:
        row = (
            connection.execute(select(event).where(event.c.instance_id == case_id, event.c.position == 2))
            .mappings()
            .one()
        )
        first = connection.execute(
            select(event.c.hash).where(event.c.instance_id == case_id, event.c.position == 1)
        ).scalar_one()
        changed = dict(row) | {"comment": "伪造"}
        forged = forge(b"a guess", first, case_id, 2, row["at"], changed)
        connection.execute(update(event).where(event.c.id == row["id"]).values(comment="伪造", hash=forged))
    assert 2 in [p.position for p in problems(bureau)]
