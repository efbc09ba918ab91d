"""Expressions compile, and every variable they read is set somewhere before them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from processes.engine.check import scope
from processes.engine.check.bundle import Bundle, Diagram
from processes.engine.check.finding import Finding
from processes.engine.check.paths import can_miss
from processes.engine.diagrams.expression_places import written
from processes.engine.diagrams.model import THROWING, Node
from processes.engine.language.expressions import ExpressionError, compile_expression

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_RESERVED = frozenset({"typename"})
"""SpiffWorkflow takes a dictionary with such a key for an object of its own, and the case cannot be loaded again."""


def check(diagram: Diagram, bundle: Bundle) -> Iterator[Finding]:
    """All rules about expressions and variables of one diagram."""
    for use in scope.uses(diagram):
        try:
            compile_expression(use.text)
        except ExpressionError as error:
            yield diagram.error(use.place, "expression", f"{use.what}「{written(use.text)[:80]}」{error.sentence}")
    yield from _title(diagram, bundle)
    for node in diagram.process.nodes.values():
        yield from _names(diagram, node)
    if scope.complete_knowledge(diagram, bundle):
        yield from _known(diagram, bundle)


def _title(diagram: Diagram, bundle: Bundle) -> Iterator[Finding]:
    """The case's title is made of the entry form's answers."""
    text = diagram.process.title
    if not text:
        return
    try:
        expression = compile_expression(text)
    except ExpressionError as error:
        yield diagram.error(None, "expression", f"案件标题「{written(text)[:80]}」{error.sentence}")
        return
    entries = [n for n in diagram.process.of_kind("userTask") if n.task and n.task.entry]
    form = bundle.form_of(entries[0]) if entries else None
    if form is not None and not bundle.lacks_diagrams:
        for name in sorted(expression.names - form.keys() - scope.inherited(diagram, bundle)):
            sentence = f"案件标题用到的「{name}」不是首个表单 {form.key} 的字段，请改正"
            yield diagram.error(None, "unknown_variable", sentence)


def _names(diagram: Diagram, node: Node) -> Iterator[Finding]:
    targets = [(b.name, "传出") for b in node.outputs]
    targets += [(name, "多实例") for name in (node.item, node.collected, node.output_item) if name]
    throws = node.event == "message" and node.kind in THROWING
    if node.kind in {"serviceTask", "callActivity"} or throws:
        targets += [(b.name, "传入") for b in node.inputs]
    if node.kind == "callActivity":
        targets += [(b.value, "传出") for b in node.outputs]
    for name, what in targets:
        if not _NAME.fullmatch(name) or name in _RESERVED:
            sentence = f"{what}的变量名「{name}」不能用，请用小写英文字母、数字和下划线"
            yield diagram.error(node, "variable_name", sentence)


def _known(diagram: Diagram, bundle: Bundle) -> Iterator[Finding]:
    made = scope.produced(diagram, bundle)
    passed = scope.call_inputs(diagram, bundle) | scope.inherited(diagram, bundle)
    startable = bool(diagram.process.number_prefix or diagram.process.title)
    # A process that nobody here calls may get anything: only its future caller can be held to it.
    open_ended = not startable and not bundle.callers(diagram.process.id)
    before = _before(diagram)
    reported = set()
    for use, names in scope.reads(diagram, bundle):
        for name in sorted(names - scope.ALWAYS - passed):
            makers = made.get(name, frozenset())
            if not makers and (bundle.lacks_diagrams or (diagram.process.linked and bundle.broken)):
                continue  # what cannot be read may be what sets it
            if (use.place.id, name) in reported or (open_ended and not makers):
                continue
            finding = _judge(diagram, use, name, makers, before[use.node.id])
            if finding is not None:
                reported.add((use.place.id, name))
                yield finding


def _judge(
    diagram: Diagram, use: scope.Use, name: str, makers: frozenset[str], before: frozenset[str]
) -> Finding | None:
    """What is wrong with reading `name` at `use`, given the nodes that set it and the nodes before it."""
    if not makers:
        sentence = f"{use.what}用到的变量「{name}」没有任何地方填写，请检查拼写，或补上表单字段、决策表输出、传入值"
        return diagram.error(use.place, "unknown_variable", sentence)
    if use.own and use.node.id in makers:
        return None
    where = "、".join(diagram.process.nodes[maker].name or maker for maker in sorted(makers))
    if not makers & before:
        sentence = f"{use.what}用到的变量「{name}」在后面的「{where}」才填写，走到这里时还没有，请调整顺序"
        return diagram.error(use.place, "variable_too_late", sentence)
    if can_miss(diagram, makers, use.node):
        sentence = f"{use.what}用到的变量「{name}」由「{where}」填写，但有的路线不经过那里，届时会出错，请核对"
        return diagram.notice(use.place, "variable_maybe_unset", sentence)
    return None


def _before(diagram: Diagram) -> Mapping[str, frozenset[str]]:
    """Node to the nodes that may have completed before it opens, across the borders of sub-processes."""
    nodes = diagram.process.nodes
    before: dict[str, set[str]] = {id_: set() for id_ in nodes}
    for id_ in nodes:
        for later in diagram.after(id_):
            before[later].add(id_)
    inside: dict[str, set[str]] = {id_: set() for id_ in nodes}
    for node in nodes.values():
        for parent in _parents(diagram, node):
            inside[parent].add(node.id)
    for id_ in nodes:
        before[id_] |= {inner for earlier in before[id_] for inner in inside[earlier]}
    return {
        id_: frozenset(before[id_].union(*(before[parent] for parent in _parents(diagram, nodes[id_]))))
        for id_ in nodes
    }


def _parents(diagram: Diagram, node: Node) -> list[str]:
    parents: list[str] = []
    while node.parent in diagram.process.nodes and node.parent not in parents:
        parents.append(node.parent)
        node = diagram.process.nodes[node.parent]
    return parents
