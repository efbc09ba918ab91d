"""Putting the engine's open tasks on people's desks: name, role, department, person, due date, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from handlers.store.states import TaskState
from handlers.store.tables import room_of, task
from processes.engine.cases.case_row import NAME_LENGTH, Case
from processes.engine.cases.limit_marks import due_day, nearest, own_mark, row_mark
from processes.engine.cases.row_shapes import ClockRow
from processes.engine.cases.world import CommandHost, CountedLimit
from processes.engine.diagrams.model import TaskSettings
from processes.engine.errors import StepFailed
from processes.engine.kernel.live import OpenTask
from processes.engine.language.decision_tables import Decision
from processes.engine.language.expressions import ExpressionError, compile_expression

_ROOM = {name: room_of(task.c[name]) for name in ("role", "department")}


def task_row(
    case: Case,
    host: CommandHost,
    opened: OpenTask,
    department_of: Callable[[str], str | None],
    around: Sequence[ClockRow] = (),
) -> dict[str, Any]:
    """The row of table `task` for an open task.

    `host` counts its limit, `department_of` says in which department a role acts for this case (None: the whole
    bureau), `around` are the running limits of the activities it stands in.
    Raises: StepFailed, if an expression on the node fails or gives something unusable.
    """
    node, settings = opened.node, opened.node.task
    if settings is None:
        raise StepFailed(opened.scope, node.id, node.name, "用户任务没有表单设置，请流程负责人补上")
    read = _SettingReader(opened)
    role = read.code("role", settings.role, node.role)
    department = read.code("department", settings.department, None) or department_of(role)
    own = _limit(read, settings, host)
    mark = nearest([*([own_mark(own)] if own else []), *(row_mark(row) for row in around)])
    excluded = read("exclude", settings.exclude, [])
    return {
        "instance_id": case.id,
        "token": opened.token,
        "scope": opened.scope,
        "node": node.id,
        "name": str(read("title", settings.title, node.name))[:NAME_LENGTH],
        "role": role,
        "department": department,
        "assignee_id": read("assignee", settings.assignee, None),
        "excluded": excluded if isinstance(excluded, list) else [excluded] if excluded is not None else [],
        "form": settings.form,
        "state": TaskState.OPEN,
        "why": {
            "lane": node.lane,
            "role": role,
            "basis": node.basis,
            "table": case.decisions.get(settings.decided_by) if settings.decided_by else None,
            "limit": mark,
            **({"own_limit": own_mark(own)} if own and around else {}),
        },
        "created_at": host.now,
        "claimed_at": None,
        "due_on": due_day(mark),
    }


class _SettingReader:
    def __init__(self, opened: OpenTask) -> None:
        self._opened = opened

    def __call__(self, what: str, expression: str, otherwise: Any) -> Any:
        if not expression:
            return otherwise
        try:
            return compile_expression(expression).evaluate(self._opened.data)
        except ExpressionError as error:
            node = self._opened.node
            raise StepFailed(self._opened.scope, node.id, node.name, f"{_WORDS[what]}无法确定：{error}") from error

    def code(self, what: str, expression: str, otherwise: str | None) -> str:
        """The code of a role or a department; what has no room in the table is none."""
        value = self(what, expression, otherwise)
        text = "" if value is None else str(value)
        if len(text) > _ROOM[what]:
            node = self._opened.node
            reason = f"{_WORDS[what]}“{text[:20]}…”不是编号，请流程负责人检查表达式和决策表"
            raise StepFailed(self._opened.scope, node.id, node.name, reason)
        return text


_WORDS = {
    "role": "办理角色",
    "department": "办理科室",
    "title": "任务名称",
    "assignee": "办理人",
    "exclude": "回避人员",
    "limit": "办理期限",
}


def _limit(read: _SettingReader, settings: TaskSettings, host: CommandHost) -> CountedLimit | None:
    if not settings.limit:
        return None
    if settings.limit.startswith("="):
        days = read("limit", settings.limit[1:], None)
        return host.days(int(days)) if days else None
    return host.limit(settings.limit)


def decision_marks(decisions: list[Decision], names: Mapping[str, str]) -> dict[str, Any]:
    """The last decision of each table, as kept with the case: key, name, row and the row's own words."""
    return {
        item.table: {"key": item.table, "name": names.get(item.table, item.table), "row": item.row, "label": item.label}
        for item in decisions
    }
