"""The rows that the tables of papers and jobs hang on, without the engine that writes them in earnest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import insert

from handlers.store.database import Database
from handlers.store.tables import account, department, event, instance, release, submission, task

MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""Monday 2 March 2026, 9:00 in Beijing."""


@dataclass(frozen=True, slots=True)
class CaseRows:
    """Ids of what was inserted."""

    release_id: int
    instance_id: int
    task_id: int
    account_id: int


def insert_case(database: Database, **changes: Any) -> CaseRows:
    """One case with one done task, its submission and its event; `changes` are columns of the instance."""
    with database.write() as connection:
        connection.execute(insert(department).values(code="centre", name="中心", kind="centre", position=1))
        connection.execute(insert(account).values(_person()))
        connection.execute(insert(release).values(_release()))
        connection.execute(insert(instance).values(_instance() | changes))
        connection.execute(insert(task).values(_task()))
        connection.execute(
            insert(submission).values(
                instance_id=1, task_id=1, values={"name": "春季培训"}, submitted_by=1, submitted_at=MORNING
            )
        )
        connection.execute(insert(event).values(_event()))
    return CaseRows(1, 1, 1, 1)


def add_due_cases(database: Database, count: int, due_at: datetime) -> list[int]:
    """More cases of the release that `insert_case` made, each with a timer at `due_at`."""
    rows = [_instance() | {"id": n, "number": f"培训〔2026〕{n}号", "next_due_at": due_at} for n in range(2, count + 2)]
    with database.write() as connection:
        connection.execute(insert(instance), rows)
    return [int(str(row["id"])) for row in rows]


def _person() -> dict[str, Any]:
    counts = {"session_epoch": 0, "failed_logins": 0}
    names = {"username": "chen.jing", "name": "陈静", "password_hash": "-"}
    return {"active": True, "created_at": MORNING} | names | counts


def _release() -> dict[str, Any]:
    day = date(2026, 3, 2)
    return {
        "process": "training",
        "number": 1,
        "closure_sha256": "0" * 64,
        "effective_on": day,
        "published_at": MORNING,
    }


def _instance() -> dict[str, Any]:
    chain = {"event_count": 1, "event_head": "0" * 64, "event_seal": "0" * 64}
    return chain | {
        "release_id": 1,
        "process": "training",
        "number": "培训〔2026〕1号",
        "title": "春季培训",
        "status": "active",
        "version": 1,
        "state": b"",
        "facts": {"name": "春季培训"},
        "decisions": {},
        "department": "centre",
        "started_by": 1,
        "started_at": MORNING,
        "next_due_at": None,
    }


def _task() -> dict[str, Any]:
    return {
        "instance_id": 1,
        "token": "t1",
        "scope": "training",
        "node": "draft_plan",
        "name": "拟定培训方案",
        "role": "centre_clerk",
        "department": "centre",
        "excluded": [],
        "form": "training_plan",
        "state": "done",
        "why": {},
        "created_at": MORNING,
        "completed_at": MORNING,
        "completed_by": 1,
    }


def _event() -> dict[str, Any]:
    return {
        "instance_id": 1,
        "position": 1,
        "at": MORNING,
        "kind": "completed",
        "actor_id": 1,
        "actor_name": "陈静",
        "node": "draft_plan",
        "node_name": "拟定培训方案",
        "detail": {},
        "hash": "0" * 64,
    }
