"""Tasks: a form, a desk and a limit for every person's task, a function or a table for every automatic one."""

from __future__ import annotations

from collections.abc import Iterator

from processes.engine.check import scope
from processes.engine.check.bundle import Bundle, Diagram
from processes.engine.check.finding import Finding
from processes.engine.check.limit_codes import limit_codes
from processes.engine.diagrams.expression_places import written
from processes.engine.diagrams.model import Node, TaskSettings
from processes.engine.language.decision_tables import LIMITS_TABLE

_NOTHING_SAID = TaskSettings(form="")


def check(diagram: Diagram, bundle: Bundle) -> Iterator[Finding]:
    """All rules about tasks and lanes of one diagram."""
    for node in diagram.process.nodes.values():
        if node.kind == "userTask":
            yield from _user_task(diagram, bundle, node)
        elif node.task and node in diagram.process.actions:
            yield from _action(diagram, bundle, node, node.task)
        elif node.task:
            sentence = "banli:task 只能写在用户任务和等待消息的事件上，请改成用户任务或删除"
            yield diagram.error(node, "task_settings", sentence)
        if node.kind == "serviceTask":
            yield from _service(diagram, bundle, node)
        if node.kind == "businessRuleTask":
            yield from _decision(diagram, bundle, node)
    for lane, code in diagram.process.lanes.items():
        if code and code not in bundle.roles:
            yield diagram.error(None, "lane_role", f"泳道「{lane}」的角色「{code}」不存在，请改成系统里的角色编号")
    yield from _entry(diagram)


def _user_task(diagram: Diagram, bundle: Bundle, node: Node) -> Iterator[Finding]:
    settings = node.task
    if settings is None:
        yield diagram.error(node, "task_settings", "用户任务没有 banli:task，请指定表单（form）和办理要求")
        yield from _role(diagram, bundle, node, _NOTHING_SAID)
        return
    yield from _form(diagram, bundle, node, settings)
    form = bundle.form_of(node)
    if settings.outcome and form is not None and settings.outcome not in form.answers():
        sentence = f"办理结果字段「{settings.outcome}」不在表单 {form.key} 里，请改成表单的字段"
        yield diagram.error(node, "outcome_field", sentence)
    if form is not None and node.output_item and node.output_item not in form.answers():
        sentence = f"多实例每项结果「{node.output_item}」不在表单 {form.key} 里，请改成表单的字段"
        yield diagram.error(node, "outcome_field", sentence)
    if settings.decided_by and _table_missing(bundle, settings.decided_by):
        yield diagram.error(node, "table_missing", f"决策表「{settings.decided_by}」不存在，请改正 decided_by")
    yield from _role(diagram, bundle, node, settings)
    yield from _limit(diagram, bundle, node, settings)


def _action(diagram: Diagram, bundle: Bundle, node: Node, settings: TaskSettings) -> Iterator[Finding]:
    """A message event that a person may let happen: it needs a name for its button, a form and a role."""
    if not node.name:
        yield diagram.error(node, "action_name", "由人办理的消息事件没有名称，页面上的按钮不知道叫什么，请补上")
    if settings.entry or settings.outcome or settings.limit:
        sentence = "由人办理的消息事件不能写 entry、outcome、limit，请删除"
        yield diagram.error(node, "action_settings", sentence)
    yield from _form(diagram, bundle, node, settings)
    yield from _role(diagram, bundle, node, settings)


def _form(diagram: Diagram, bundle: Bundle, node: Node, settings: TaskSettings) -> Iterator[Finding]:
    if not settings.form:
        yield diagram.error(node, "form_missing", f"{_kind(node)}没有指定表单，请在 banli:task 里填写 form")
    elif bundle.forms is not None and settings.form not in bundle.forms and settings.form not in bundle.broken:
        yield diagram.error(node, "form_missing", f"表单「{settings.form}」不存在，请先做好 {settings.form}.form")


def _kind(node: Node) -> str:
    return "用户任务" if node.kind == "userTask" else "由人办理的消息事件"


def _role(diagram: Diagram, bundle: Bundle, node: Node, settings: TaskSettings) -> Iterator[Finding]:
    if settings.role:
        expression = scope.compiled(settings.role)
        if expression is not None and expression.constant and expression.evaluate({}) not in bundle.roles:
            yield diagram.error(node, "lane_role", f"办理角色 {written(settings.role)} 不存在，请改成系统里的角色编号")
    elif not node.lane:
        yield diagram.error(node, "lane_missing", f"{_kind(node)}不在任何泳道里，不知道由谁办理，请放进角色泳道")
    elif not node.role:
        sentence = f"泳道「{node.lane}」没有角色，请在泳道上写 banli:role，或在任务上写 role"
        yield diagram.error(node, "lane_role", sentence)


def _limit(diagram: Diagram, bundle: Bundle, node: Node, settings: TaskSettings) -> Iterator[Finding]:
    if not settings.limit or settings.limit.startswith("="):
        return
    if settings.limit not in limit_codes(bundle) and LIMITS_TABLE not in bundle.broken:
        sentence = f"期限「{settings.limit}」不在期限表 {LIMITS_TABLE} 里，请先在表里加一行，或用 = 开头写工作日数"
        yield diagram.error(node, "limit_unknown", sentence)


def _service(diagram: Diagram, bundle: Bundle, node: Node) -> Iterator[Finding]:
    if not node.handler:
        yield diagram.error(node, "handler", "服务任务没有 banli:handler，请指定已登记的服务函数")
    elif node.handler not in bundle.services:
        yield diagram.error(node, "handler", f"服务函数「{node.handler}」没有登记，请检查拼写或请开发人员登记")
    if node.handler == "letters.issue":
        yield from _letter(diagram, bundle, node)


def _letter(diagram: Diagram, bundle: Bundle, node: Node) -> Iterator[Finding]:
    """The template is pinned with the release, so it must be known before a case runs."""
    given = [scope.compiled(b.value) for b in node.inputs if b.name == "template"]
    if len(given) != 1 or given[0] is None or not given[0].constant:
        yield diagram.error(node, "letter", "制作文书要用 template 传入写定的模板名，例如 value=\"'training_plan'\"")
        return
    template = given[0].evaluate({})
    if bundle.letters is not None and template not in bundle.letters:
        yield diagram.error(node, "letter", f"文书模板「{template}」不存在，请先上传 {template}.docx")


def _decision(diagram: Diagram, bundle: Bundle, node: Node) -> Iterator[Finding]:
    if not node.decision:
        yield diagram.error(node, "table_missing", "业务规则任务没有 banli:decision，请指定决策表")
    elif _table_missing(bundle, node.decision):
        yield diagram.error(node, "table_missing", f"决策表「{node.decision}」不存在，请先做好 {node.decision}.dmn")


def _table_missing(bundle: Bundle, key: str) -> bool:
    return key not in bundle.tables and key not in bundle.broken


def _entry(diagram: Diagram) -> Iterator[Finding]:
    """A case starts by filling in the form of the entry task, so that task must be what the start leads to."""
    process = diagram.process
    entries = [n for n in process.of_kind("userTask") if n.task and n.task.entry]
    if not (process.title or process.number_prefix):
        for node in entries:
            sentence = "流程没有 banli:case，不能由人发起，请去掉 entry，或给流程加上 banli:case"
            yield diagram.error(node, "entry_task", sentence)
        return
    if not (process.title and process.number_prefix):
        yield diagram.error(None, "entry_task", "banli:case 要同时写案件标题（title）和编号前缀（prefix）")
    if not entries and not any(n.event != "message" for n in _starts(diagram)):
        return  # only messages start it
    if len(entries) != 1:
        sentence = f'由人发起的流程要有且只有一个首个任务（entry="true"），这里有 {len(entries)} 个'
        yield diagram.error(None, "entry_task", sentence)
        return
    first = _first_stops(diagram)
    if first != {entries[0].id}:
        sentence = "标了 entry 的任务不是开始后的第一个任务，中间只能有汇合网关，请调整"
        yield diagram.error(entries[0], "entry_task", sentence)


def _starts(diagram: Diagram) -> list[Node]:
    return [node for node in diagram.process.of_kind("startEvent") if not node.parent]


def _first_stops(diagram: Diagram) -> set[str]:
    """What a token from the plain start comes to first, merging gateways passed over."""
    nodes = diagram.process.nodes
    pending = [n.id for n in _starts(diagram) if n.event != "message"]
    seen: set[str] = set()
    stops: set[str] = set()
    while pending:
        id_ = pending.pop()
        if id_ in seen:
            continue
        seen.add(id_)
        merge = nodes[id_].kind == "exclusiveGateway" and len(diagram.process.outgoing(id_)) == 1
        if merge or nodes[id_].kind == "startEvent":
            pending.extend(diagram.following[id_])
        else:
            stops.add(id_)
    return stops
