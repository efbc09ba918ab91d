"""Which variables a diagram reads and sets, where, and what values they can take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from forms.form_file import Field
from processes.engine.check.bundle import Bundle, Diagram
from processes.engine.diagrams.model import Flow, Node
from processes.engine.kernel.variables import EVERYWHERE
from processes.engine.language.expressions import CompiledExpression, ExpressionError, compile_expression
from processes.engine.language.unary_tests import Literal

ALWAYS = EVERYWHERE
TAKEN_OVER = frozenset({"parent_number", "parent_title"})
"""Set by the engine when a linked case starts: number and title of the case it came from."""


@dataclass(frozen=True, slots=True)
class Use:
    """An expression in a diagram. `own` is true where the node's own results are already there."""

    place: Node | Flow
    node: Node
    what: str
    text: str
    own: bool = False


def uses(diagram: Diagram) -> Iterator[Use]:
    """Every expression of the diagram, empty ones left out."""
    for node in diagram.process.nodes.values():
        yield from (use for use in _of_node(node) if use.text)
    for flow in diagram.process.flows.values():
        if flow.condition and flow.source in diagram.process.nodes:
            yield Use(flow, diagram.process.nodes[flow.source], "条件", flow.condition, own=True)


def _of_node(node: Node) -> Iterator[Use]:
    if node.task:
        for what, text in (
            ("任务标题", node.task.title),
            ("办理角色", node.task.role),
            ("办理科室", node.task.department),
            ("办理人", node.task.assignee),
            ("回避人员", node.task.exclude),
            ("期限", node.task.limit.removeprefix("=") if node.task.limit.startswith("=") else ""),
        ):
            yield Use(node, node, what, text)
    for binding in node.inputs:
        yield Use(node, node, f"传入值 {binding.name}", binding.value)
    for limit in node.limits:
        yield Use(node, node, "期限编号", limit.code[1:] if limit.code.startswith("=") else "")
        yield Use(node, node, f"期限 {limit.code} 的起算时间", limit.start)
    yield Use(node, node, "时间", node.timer)
    yield Use(node, node, "多实例列表", node.multi_instance)
    yield Use(node, node, "多实例完成条件", node.completion_condition, own=True)


def compiled(text: str) -> CompiledExpression | None:
    """The expression, or None where it does not compile (which is reported once, elsewhere)."""
    try:
        return compile_expression(text)
    except ExpressionError:
        return None


def produced(diagram: Diagram, bundle: Bundle) -> Mapping[str, frozenset[str]]:
    """Variable to the nodes that set it."""
    makers: dict[str, set[str]] = defaultdict(set)
    for node in diagram.process.nodes.values():
        for name in results(node, bundle):
            makers[name].add(node.id)
    return {name: frozenset(nodes) for name, nodes in makers.items()}


def results(node: Node, bundle: Bundle) -> frozenset[str]:
    """The variables that are set when `node` completes.

    A user task also leaves the account id of whoever completed it, under the task's id and `_by`. What a message brings
    is named by `banli:out` on its event.
    """
    names = {binding.name for binding in node.outputs}
    if node.task:
        names.add(f"{node.id}_by")
    form = bundle.form_of(node)
    if form is not None:
        names |= form.keys()
    if node.decision in bundle.tables:
        names |= {output.name for output in bundle.tables[node.decision][1].outputs}
    return frozenset(names | ({node.collected} if node.collected else set()))


def complete_knowledge(diagram: Diagram, bundle: Bundle) -> bool:
    """Whether everything that sets variables of this diagram is here to be looked at."""
    for node in diagram.process.nodes.values():
        if node.task and bundle.form_of(node) is None:
            return False
        if node.decision and node.decision not in bundle.tables:
            return False
    return True


def call_inputs(diagram: Diagram, bundle: Bundle) -> frozenset[str]:
    """The variables that callers pass in."""
    return frozenset(b.name for _, node in bundle.callers(diagram.process.id) for b in node.inputs)


def inherited(diagram: Diagram, bundle: Bundle) -> frozenset[str]:
    """The variables that a linked case takes over of the case it came from: what that one's forms and messages hold."""
    process = diagram.process
    above = {key for key in process.linked if key in bundle.diagrams}
    above |= {key for key, other in bundle.diagrams.items() if other.process.thrown_messages & process.start_messages}
    if not (process.linked or process.start_messages):
        return frozenset()
    names = set(TAKEN_OVER)
    for key in one_case(bundle, above):
        for node in bundle.diagrams[key].process.nodes.values():
            form = bundle.form_of(node)
            names |= form.keys() if form is not None else frozenset()
            if node.message in process.start_messages:
                names |= {binding.name for binding in node.inputs}
    return frozenset(names)


def one_case(bundle: Bundle, keys: set[str]) -> set[str]:
    """The processes, all that they call, and all that call them: one case runs through them together."""
    reached: set[str] = set()
    pending = set(keys)
    while pending:
        key = pending.pop()
        if key in reached or key not in bundle.diagrams:
            continue
        reached.add(key)
        pending |= {node.called for node in bundle.diagrams[key].process.of_kind("callActivity")}
        pending |= {diagram.process.id for diagram, _ in bundle.callers(key)}
    return reached


def items(diagram: Diagram, node: Node) -> frozenset[str]:
    """The variables that hold one entry of a list at `node`: its own and those of the sub-processes around it."""
    names = set()
    current: Node | None = node
    while current is not None:
        names |= {name for name in (current.item, current.output_item) if name}
        current = diagram.process.nodes.get(current.parent) or (
            diagram.process.nodes.get(current.attached_to) if current is node else None
        )
    return frozenset(names)


def reads(diagram: Diagram, bundle: Bundle) -> Iterator[tuple[Use, frozenset[str]]]:
    """Every use with the variables it needs from the case."""
    for use in uses(diagram):
        expression = compiled(use.text)
        if expression is not None:
            yield use, expression.names - items(diagram, use.node)
    for node in diagram.process.nodes.values():
        if node.decision in bundle.tables:
            table = bundle.tables[node.decision][1]
            yield Use(node, node, f"决策表 {table.key}", ""), table.variables - items(diagram, node)


def values_of(diagram: Diagram, bundle: Bundle, name: str) -> list[Literal]:
    """All values that `name` can have here, where they are few and known; else an empty list."""
    makers = produced(diagram, bundle).get(name, frozenset())
    if not makers or name in ALWAYS or name in call_inputs(diagram, bundle):
        return []
    known: list[Literal] = []
    for maker in makers:
        values = values_from(diagram.process.nodes[maker], bundle, name)
        if not values:
            return []
        known += [v for v in values if v not in known or isinstance(v, bool)]
    return known


def values_from(node: Node, bundle: Bundle, name: str) -> list[Literal]:
    """All values that `node` can give `name`, where they are few and known; else an empty list."""
    form = bundle.form_of(node)
    if form is not None and name in form.answers():
        return _values_of_field(form.answers()[name])
    if node.decision in bundle.tables:
        table = bundle.tables[node.decision][1]
        columns = [i for i, output in enumerate(table.outputs) if output.name == name]
        if columns and not (table.gathers or table.aggregation):
            return _values_of_column([rule.outputs[columns[0]] for rule in table.rules])
    return []


def _values_of_field(answer: Field) -> list[Literal]:
    if answer.kind == "checkbox":
        return [True, False]
    if answer.kind not in {"select", "radio"} or not answer.choices:
        return []
    surely = answer.required and answer.hidden_if is None
    return [*(choice.value for choice in answer.choices), *([] if surely else [None])]


def _values_of_column(cells: list[CompiledExpression]) -> list[Literal]:
    values: list[Literal] = []
    for cell in cells:
        if not cell.constant:
            return []
        try:
            value = cell.evaluate({})
        except ExpressionError:
            return []
        if value is not None and not isinstance(value, (str, int, float)):
            return []
        values.append(value)
    return values
