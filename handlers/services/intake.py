"""What the intake of letters needs beside forms and tables: who enters a case, who sent it back, who else is competent.

Source: S1:15 谁接收、谁录入 (R004); S1:58 分拨到承办部门 (R025); S2:48 严禁拖延推诿 (R128).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, and_, select

from handlers.owners_words import choices, keys, relies_on, step
from handlers.people.actors import candidates
from handlers.people.profiles import installed_profile
from handlers.service_registry import HandlerContext, HandlerRefused, service
from handlers.store.states import TaskState
from handlers.store.tables import department, submission, task
from handlers.time_source import beijing_date

SIGN_IN = "sign_in"
"""The user task by which a unit takes a case or sends it back."""
RETURNED = "return"
RETURN_REASONS: Mapping[str, str] = {
    "not_territory": "不属本辖区",
    "not_duty": "不属本职责",
    "incomplete": "要素缺失",
    "duplicate": "重复",
    "wrong_type": "类型有误",
    "other": "其他",
}
"""`return_reason` of the form `sign_in`, for the list of earlier returns."""

relies_on(
    "承办部门历次退回的清单和退回次数",
    step("intake", SIGN_IN, service="intake.signed"),
    *keys("sign_in", "sign_decision", "return_reason", "return_note"),
    *choices("sign_in", "sign_decision", RETURNED),
    *choices("sign_in", "return_reason", *RETURN_REASONS),
)


@service("intake.receiver")
def receiver(context: HandlerContext) -> Mapping[str, Any]:
    """Who enters the case in the national platform: whoever received it, if that is a receiver of its department.

    Gives `receiver`, an account id; None (the task then waits for any receiver) where a message or an import by
    somebody else started the case. Source: S1:15 谁接收、谁录入 (R004).
    """
    receivers = {person.account_id for person in candidates(context.connection, "receiver", context.department)}
    return {"receiver": context.started_by if context.started_by in receivers else None}


@service("intake.signed")
def signed(context: HandlerContext, decision: str) -> Mapping[str, Any]:
    """Note what the unit has answered at sign-in.

    Gives `moment` (now, ISO: the unit's own limits run from it, and a new dispatch after a return), and `bounces`, how
    often units have sent the case back. After a return the reviewer finds a list of all returns so far (fact
    `return_log`); the answers themselves are no facts, so the next unit begins with an empty form.
    Source: S1:58, S2:48 (R025, R128).
    """
    moment = context.now.isoformat()
    returns = _returns(context)
    if decision == RETURNED:
        context.keep({"return_log": "\n".join(returns)})
    else:
        context.keep({"signed_at": moment})
    return {"moment": moment, "bounces": len(returns)}


def _returns(context: HandlerContext) -> list[str]:
    # By case as well as by task, as in `letter_snapshot.done_steps`.
    rows: Sequence[Any] = context.connection.execute(
        select(task.c.completed_at, department.c.name, submission.c["values"].label("answers"))
        .join(submission, and_(submission.c.instance_id == task.c.instance_id, submission.c.task_id == task.c.id))
        .join(department, department.c.code == task.c.department)
        .where(task.c.instance_id == context.instance_id, task.c.node == SIGN_IN, task.c.state == TaskState.DONE)
        .order_by(task.c.completed_at, task.c.id)
    ).all()
    returned = [row for row in rows if row.answers.get("sign_decision") == RETURNED]
    return [_line(number, row) for number, row in enumerate(returned, 1)]


def _line(number: int, row: Row[Any]) -> str:
    """Such as 第1次退回（2026-03-03，塘沽市场监督管理所）：不属本辖区。经营地在汉沽。"""
    reason = RETURN_REASONS.get(row.answers.get("return_reason") or "", "其他")
    note = row.answers.get("return_note") or ""
    return f"第{number}次退回（{beijing_date(row.completed_at)}，{row.name}）：{reason}。{note}"


@service("intake.authority")
def authority(context: HandlerContext, code: str) -> Mapping[str, Any]:
    """Name and telephone of another authority, for letters: `name`, `phone` (empty where the profile has none).

    Raises: HandlerRefused, if the bureau's profile does not know `code`. Source: S2:32 (R037).
    """
    profile = installed_profile(context.connection)
    known = profile.authorities if profile else ()
    receiver = next((item for item in known if item.code == code), None)
    if receiver is None:
        raise HandlerRefused(f"单位资料里没有代码为“{code}”的部门。请系统管理员补上，或者重新选择接收单位。")
    return {"name": receiver.name, "phone": receiver.phone}
