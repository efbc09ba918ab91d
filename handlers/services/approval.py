"""The service functions of the diagram `approval_chain`: who approves next, and what a level has decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from handlers.letters.snapshot import APPROVAL_FORM
from handlers.owners_words import choices, relies_on
from handlers.people.actors import candidates, department_names
from handlers.people.profiles import active_profile, role_name
from handlers.people.roles import ROLES
from handlers.service_registry import HandlerContext, HandlerRefused, service
from handlers.store.states import TaskState
from handlers.store.tables import task

AGREE, RETURN, REFUSE = "agree", "return", "refuse"
MODES = ("any", "all")
relies_on("审批链各级结果的汇总", *choices(APPROVAL_FORM, "decision", AGREE, RETURN, REFUSE))


@service("approval.next_level")
def next_level(context: HandlerContext, levels: Sequence[Mapping[str, Any]], drafter: int | None) -> Mapping[str, Any]:
    """The first of the levels still to come, with the people who may decide it.

    A level is a dict from the table `approval_chain`: `step` (its name), `role`, `department` (code, or None for the
    whole bureau), `mode` (`any` one person, or `all` of them must agree) and `days` (working days).
    `approvers` holds one entry per task to make: account ids for `all`, a single None (anyone may claim) for `any`.
    `excluded` are the people who drafted or handled this case. `levels` in the result are those after this one.
    Source: S1:226-230 区市场监管局办公室审核（拟稿人不得审批）.
    Raises: HandlerRefused, if a row of the table is not usable or nobody is left who may approve.
    """
    if not levels:
        raise HandlerRefused("审批链表没有给出任何一级审批，请流程负责人在“审批链表”中补上这一行的级数")
    level = _checked(levels[0])
    department = level.get("department") or None
    excluded = _handled_by(context, drafter)
    holders = candidates(context.connection, level["role"], department)
    eligible = [person.account_id for person in holders if person.account_id not in excluded]
    if not eligible:
        raise HandlerRefused(_nobody(context, level, department, left_out=bool(holders)))
    return {
        "level_step": level["step"],
        "level_role": level["role"],
        "level_department": department,
        "level_days": level["days"],
        "approvers": eligible if level["mode"] == "all" else [None],
        "excluded": sorted(excluded),
        "decisions": [],
        "levels": list(levels[1:]),
        "more_levels": len(levels) > 1,
    }


@service("approval.conclude")
def conclude(context: HandlerContext, decisions: Sequence[str]) -> Mapping[str, Any]:
    """`result` of a level: `agreed` only if all agreed, else `refused` or `returned` as the dissenting person chose.

    Source: S1:230 有关领导部门审批, read as: several leaders must all agree (B-15).
    Raises: HandlerRefused, if there is no opinion at all or one that the form does not know.
    """
    unknown = set(decisions) - {AGREE, RETURN, REFUSE}
    if not decisions or unknown:
        raise HandlerRefused("没有收到可以识别的审批意见，请系统管理员检查“审批意见”表单的选项值")
    if REFUSE in decisions:
        return {"result": "refused"}
    return {"result": "returned" if RETURN in decisions else "agreed"}


def _checked(level: Mapping[str, Any]) -> Mapping[str, Any]:
    missing = [key for key in ("step", "role", "mode", "days") if not level.get(key)]
    if missing:
        raise HandlerRefused(f"审批链表中有一级缺少“{'、'.join(missing)}”，请流程负责人补上")
    if level["role"] not in ROLES:
        raise HandlerRefused(f"审批链表中的角色“{level['role']}”不存在，请流程负责人改为已有的角色代码")
    if level["mode"] not in MODES:
        raise HandlerRefused(
            f"审批链表中“{level['step']}”的方式“{level['mode']}”不对，只能写 any（任一人）或 all（全体）"
        )
    return level


def _handled_by(context: HandlerContext, drafter: int | None) -> set[int]:
    """Everyone who filled in a form of this case, or in whose place it was filled in, approvals apart."""
    rows = context.connection.execute(
        select(task.c.completed_by, task.c.on_behalf_of).where(
            task.c.instance_id == context.instance_id, task.c.state == TaskState.DONE, task.c.form != APPROVAL_FORM
        )
    )
    return {account for row in rows for account in row if account is not None} | ({drafter} if drafter else set())


def _nobody(context: HandlerContext, level: Mapping[str, Any], department: str | None, *, left_out: bool) -> str:
    role = role_name(active_profile(context.connection), level["role"])
    where = department_names(context.connection).get(department, department) if department else "全局"
    why = "只有拟稿、经手本件的人担任" if left_out else "没有人担任"
    rule = "（拟稿、经手的人不得审批）" if left_out else ""
    return f"“{level['step']}”无法进行：{where}{why}“{role}”{rule}，请管理员为“{role}”指定人员后重试"
