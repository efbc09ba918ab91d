"""Shorthand for driving a training plan through the engine, as the tests of commands need it."""

from __future__ import annotations

from typing import Any

from tests.support.bureau import Bureau

PLAN: dict[str, Any] = {
    "training_name": "12315平台操作培训",
    "training_kind": "training",
    "organiser": "centre",
    "purpose": "熟悉全国12315平台新版操作",
    "plan_basis": "年度培训计划",
    "audience": "各市场监督管理所投诉举报岗位人员",
    "people_count": 40,
    "start_at": "2026-03-20T09:00:00+08:00",
    "end_at": "2026-03-20T17:00:00+08:00",
    "place": "局三楼会议室",
    "teachers": "信息科技术人员",
    "courses": [
        {"course_at": "2026-03-20T09:00:00+08:00", "course_content": "平台登记与分派", "course_teacher": "赵磊"},
    ],
    "budget": None,
    "budget_source": None,
    "security": "不使用真实投诉人信息",
    "person_in_charge": 1,
    "plan_files": [],
}
"""A filled-in training plan, as the form's `values()` gives it."""


def start_training(bureau: Bureau, who: str = "chen.jing", **changes: Any) -> int:
    """Start a training plan; its case id. It is on the office's desk afterwards."""
    return bureau.engine.start(bureau.actor(who), "training", PLAN | changes).instance_id


def decide(bureau: Bureau, instance_id: int, who: str, decision: str, comment: str = "") -> None:
    """Let a person decide the case's only open approval: `agree`, `return` or `refuse`."""
    actor = bureau.actor(who)
    row = next(row for row in bureau.open_tasks(instance_id) if row.assignee_id in (None, actor.account_id))
    bureau.engine.complete(actor, row.id, {"decision": decision, "comment": comment})
