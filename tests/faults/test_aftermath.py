"""The inspection after the chaos would see what it looks for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select, update

from handlers.store.tables import instance, letter, submission, task
from tests.faults.aftermath import Promise, inspect
from tests.support.bureau import MONDAY, Bureau
from tests.support.cases import decide, start_training

COMMENT = "同意，按期举办"


def _lose(connection: Connection) -> None:
    connection.execute(update(task).where(task.c.state == "done").values(completed_by=None))


def _do_twice(connection: Connection) -> None:
    row = connection.execute(select(submission).order_by(submission.c.id.desc()).limit(1)).mappings().one()
    connection.execute(insert(submission).values({**row, "id": row["id"] + 1}))


def _open_again(connection: Connection) -> None:
    connection.execute(update(task).where(task.c.state == "done").values(state="open"))


def _move_timer(connection: Connection) -> None:
    connection.execute(update(instance).values(next_due_at=MONDAY))


def _cut_chain(connection: Connection) -> None:
    connection.execute(update(instance).values(event_count=instance.c.event_count - 1))


def _leave_gap(connection: Connection) -> None:
    connection.execute(update(letter).values(number="津滨市监〔2026〕7号"))


DAMAGES = (
    (_lose, "lost"),
    (_do_twice, "lost"),
    (_open_again, "lost"),
    (_move_timer, "inconsistent"),
    (_open_again, "inconsistent"),
    (_cut_chain, "inconsistent"),
    (_leave_gap, "effects"),
)


@pytest.fixture
def promised(bureau: Bureau) -> tuple[int, list[Promise]]:
    """A plan that office and leader have approved, and the promises they were given."""
    case, promises = start_training(bureau), []
    for username in ("wang.jianguo", "li.guoqiang"):
        promises.append(Promise(bureau.open_task(case).id, username, COMMENT))
        decide(bureau, case, username, "agree", COMMENT)
    return case, promises


@pytest.mark.parametrize(("damage", "where"), DAMAGES)
def test_damage_is_seen(
    bureau: Bureau,
    tmp_path: Path,
    promised: tuple[int, list[Promise]],
    damage: Callable[[Connection], None],
    where: str,
) -> None:
    case, promises = promised
    before = inspect(bureau, tmp_path, promises, [case], [])
    assert before.lost == before.inconsistent == []
    with bureau.database.write() as connection:
        damage(connection)
    after = inspect(bureau, tmp_path, promises, [case], [])
    assert len(getattr(after, where)) > len(getattr(before, where))
