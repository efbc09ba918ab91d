"""What the database has room for: PostgreSQL refuses a text that is longer than its column, SQLite does not mind.

What people type is measured by forms and cut by commands; message names and keys of fields are short by their patterns.
Here is what diagrams, tables and file names can bring.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, Final

from sqlalchemy import Column

from handlers.cases.drafts import action_draft
from handlers.store.tables import (
    case_link,
    clock,
    definition,
    draft,
    event,
    incident,
    instance,
    letter,
    release,
    room_of,
    task,
)
from processes.engine.check import scope
from processes.engine.check.bundle import Bundle, Diagram
from processes.engine.check.finding import ERROR, Finding
from processes.engine.check.limit_codes import limit_codes
from processes.engine.diagrams.model import Node, TaskSettings
from processes.engine.language.decision_tables import LIMITS_TABLE, RULE_SETS_TABLE, DecisionTable
from processes.engine.language.expressions import CompiledExpression, ExpressionError

GOES_INTO: Final[Mapping[str, tuple[Column[Any], ...]]] = {
    "流程编号": (
        *(instance.c.process, release.c.process, definition.c.key, case_link.c.kind),
        *(task.c.scope, event.c.scope, incident.c.scope),
    ),
    "事项编号": (instance.c.number,),
    "节点编号": (task.c.node, event.c.node, incident.c.node),
    "节点名称": (task.c.name, event.c.node_name, incident.c.node_name),
    "结束事件名称": (instance.c.outcome, event.c.outcome),
    "办理结果": (task.c.outcome, event.c.outcome),
    "办理角色": (task.c.role,),
    "办理科室": (task.c.department,),
    "草稿编号": (draft.c.subject,),
    "期限编号": (clock.c.code,),
    "期限名称": (clock.c.name,),
    "规则版本": (clock.c.rule_set, instance.c.rule_set),
    "文件名": (definition.c.key, letter.c.template, task.c.form),
}
"""What a text is, and the columns it is written to."""
_MANY: Final = 9_999_999
"""More cases than any bureau has in a year, and any office in its life."""


def problem(what: str, text: str) -> str:
    """What is wrong with `text` as a `what`, in a Chinese sentence; empty if it fits into all its columns."""
    room = min(room_of(column) for column in GOES_INTO[what])
    return f"{what}「{text[:20]}…」有 {len(text)} 个字，最多 {room} 个，请改短" if len(text) > room else ""


def check(diagram: Diagram, bundle: Bundle) -> Iterator[Finding]:
    """All texts of one diagram that are written to the database."""
    process = diagram.process
    texts: list[tuple[Node | None, str, str]] = [(None, "流程编号", process.id)]
    if process.number_prefix:
        texts.append((None, "事项编号", f"{process.series(2026)}{_MANY}号"))
    for node in process.nodes.values():
        texts += [(node, "节点编号", node.id), (node, "节点名称", node.name or node.id)]
        if node.kind == "endEvent" and not node.parent:
            texts.append((node, "结束事件名称", node.name))
        if node.task:
            texts += [(node, what, text) for what, text in _of_task(node, node.task, bundle)]
    for place, what, text in texts:
        if sentence := problem(what, text):
            yield diagram.error(place, "too_long", sentence)


def _of_task(node: Node, settings: TaskSettings, bundle: Bundle) -> Iterator[tuple[str, str]]:
    form = bundle.form_of(node)
    if form is not None and settings.outcome in form.answers():
        yield from (("办理结果", choice.label) for choice in form.answers()[settings.outcome].choices)
    if node.kind != "userTask":
        yield "草稿编号", action_draft(_MANY, node.process, node.id)
    for what, text in (("办理角色", settings.role), ("办理科室", settings.department)):
        expression = scope.compiled(text) if text else None
        if expression is not None:
            yield what, _written(expression)


def check_table(path: str, table: DecisionTable, bundle: Bundle) -> Iterator[Finding]:
    """The codes and names of limits, and the rule sets: a limit that runs is a row of its own."""
    columns = {LIMITS_TABLE: ("name", "期限名称"), RULE_SETS_TABLE: ("rule_set", "规则版本")}
    if table.key == LIMITS_TABLE:
        for code in sorted(limit_codes(bundle)):
            if sentence := problem("期限编号", code):
                yield Finding(path, table.key, table.name, "too_long", ERROR, sentence)
    if table.key in columns:
        yield from _column(path, table, *columns[table.key])


def _column(path: str, table: DecisionTable, name: str, what: str) -> Iterator[Finding]:
    outputs = [number for number, output in enumerate(table.outputs) if output.name == name]
    for rule in table.rules:
        for expression in (rule.outputs[number] for number in outputs):
            computed = f"{what}要直接写出文字，不能用变量：算出来的可能太长，放不进数据库"
            if sentence := problem(what, _written(expression)) if expression.constant else computed:
                yield Finding(path, rule.id, f"第 {rule.row} 行", "too_long", ERROR, sentence)


def _written(expression: CompiledExpression) -> str:
    """The text that stands there; empty where it depends on a case, or is wrong, which is said elsewhere."""
    try:
        return str(expression.evaluate({}) or "") if expression.constant else ""
    except ExpressionError:
        return ""


def check_names(bundle: Bundle) -> Iterator[Finding]:
    """Names of files: they are the keys by which everything is published."""
    letters = [f"{key}.docx" for key in sorted(bundle.letters or ())]
    for path in [*bundle.sources, *letters]:
        if sentence := problem("文件名", PurePosixPath(path).stem):
            yield Finding(path, "", "", "too_long", ERROR, sentence)
