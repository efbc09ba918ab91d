"""Shorthand for driving a training plan through the engine, as the tests of commands need it."""

from __future__ import annotations

from typing import Any

from tests.support.answers import training_plan
from tests.support.bureau import Bureau


def start_training(bureau: Bureau, who: str = "chen.jing", **changes: Any) -> int:
    """Start a training plan; its case id. It is on the office's desk afterwards."""
    return bureau.engine.start(bureau.actor(who), "training", training_plan(**changes)).instance_id


def decide(bureau: Bureau, instance_id: int, who: str, decision: str, comment: str = "") -> None:
    """Let a person decide the case's only open approval: `agree`, `return` or `refuse`."""
    actor = bureau.actor(who)
    row = next(row for row in bureau.open_tasks(instance_id) if row.assignee_id in (None, actor.account_id))
    bureau.engine.complete(actor, row.id, {"decision": decision, "comment": comment})
