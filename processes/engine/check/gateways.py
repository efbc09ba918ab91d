"""Gateways: a way out in every case, a label on every way, and waits that the engine can keep apart."""

from __future__ import annotations

from collections.abc import Iterator

from processes.engine.check import domains, scope
from processes.engine.check.bundle import Bundle, Diagram
from processes.engine.check.finding import Finding
from processes.engine.diagrams.model import Flow, Node
from processes.engine.language.expressions import CompiledExpression, ExpressionError, compile_expression
from processes.engine.language.unary_tests import Literal


def check(diagram: Diagram, bundle: Bundle) -> Iterator[Finding]:
    """All rules about gateways of one diagram."""
    for node in diagram.process.of_kind("exclusiveGateway", "inclusiveGateway"):
        outgoing = diagram.process.outgoing(node.id)
        if len(outgoing) > 1:
            yield from _diverging(diagram, bundle, node, outgoing)
        elif outgoing and outgoing[0].condition:
            yield diagram.error(outgoing[0], "lone_condition", "网关只有一条流出线，不满足条件时会停住，请删除条件")
    for node in diagram.process.of_kind("eventBasedGateway"):
        yield from _waiting(diagram, node)


def _diverging(diagram: Diagram, bundle: Bundle, node: Node, outgoing: list[Flow]) -> Iterator[Finding]:
    if not node.name:
        yield diagram.notice(node, "gateway_name", "分支网关没有名称，请写成一个问题，例如「材料齐全？」")
    default = next((flow for flow in outgoing if flow.id == node.default_flow), None)
    if node.default_flow and default is None:
        yield diagram.error(node, "default_flow", "默认流不是从这个网关流出的，请重新设定")
    if default and default.condition:
        yield diagram.error(default, "default_condition", "默认流上的条件会被忽略，请删除条件或换一条作默认流")
    bare = False
    for flow in outgoing:
        if not flow.name:
            yield diagram.notice(flow, "flow_label", "网关的流出线没有文字，请写上这条线表示的回答")
        if flow is not default and not flow.condition:
            bare = True
            yield diagram.error(flow, "condition_missing", "不是默认流却没有条件，请填写条件或设为默认流")
    conditions = _compiled(flow for flow in outgoing if flow is not default and flow.condition)
    if bare or len(conditions) < len(outgoing) - (default is not None):
        return
    yield from _coverage(diagram, bundle, node, conditions, complete=default is not None)


def _compiled(flows: Iterator[Flow]) -> list[tuple[str, CompiledExpression]]:
    compiled = []
    for flow in flows:
        try:
            compiled.append((flow.name or flow.id, compile_expression(flow.condition)))
        except ExpressionError:
            # The expressions module says so at the flow itself.
            continue
    return compiled


def _coverage(
    diagram: Diagram, bundle: Bundle, node: Node, conditions: list[tuple[str, CompiledExpression]], *, complete: bool
) -> Iterator[Finding]:
    names = frozenset().union(*(e.names for _, e in conditions))
    known = {name: values for name in names if (values := scope.values_of(diagram, bundle, name))}
    try:
        cases = list(domains.combinations([e for _, e in conditions], known))
    except domains.Undecidable:
        if not complete:
            yield diagram.error(node, "no_default", "无法确定各条件是否包括所有情况，请设一条默认流")
        return
    uncovered = next((case for case, truths in cases if not any(truths)), None)
    if not complete and uncovered is not None:
        yield diagram.error(node, "no_default", f"{describe(uncovered)}时没有一条线可走，请设一条默认流")
    if node.kind == "exclusiveGateway":
        yield from _overlap(diagram, node, [label for label, _ in conditions], cases)


def _overlap(
    diagram: Diagram, node: Node, labels: list[str], cases: list[tuple[dict[str, Literal], tuple[bool, ...]]]
) -> Iterator[Finding]:
    """Where two conditions hold the flow that was drawn first is taken: nobody can see that in a diagram."""
    for case, truths in cases:
        true = [label for label, truth in zip(labels, truths, strict=True) if truth]
        if len(true) > 1:
            sentence = (
                f"{describe(case)}时「{true[0]}」和「{true[1]}」同时满足，走哪条取决于连线画的先后，请让条件互不重叠"
            )
            yield diagram.notice(node, "conditions_overlap", sentence)
            return


def describe(case: dict[str, Literal]) -> str:
    """A case in words: `amount 为 5、kind 为其他值`."""
    return "、".join(f"{name} 为{_word(value)}" for name, value in case.items()) or "任何情况"


def _word(value: Literal) -> str:
    if isinstance(value, bool):
        return " true" if value else " false"
    if value is None or value == "":
        return "空"
    return "其他值" if value == domains.OTHER else f" {value}"


def _waiting(diagram: Diagram, node: Node) -> Iterator[Finding]:
    outgoing = diagram.process.outgoing(node.id)
    targets = [diagram.process.nodes[f.target] for f in outgoing if f.target in diagram.process.nodes]
    if len(outgoing) < 2:
        yield diagram.error(node, "event_gateway_targets", "事件网关至少要连两个等待的事件")
    for target in targets:
        if target.kind != "intermediateCatchEvent":
            yield diagram.error(target, "event_gateway_targets", "事件网关后面只能直接连定时或消息中间事件")
        elif len(diagram.process.incoming(target.id)) > 1:
            yield diagram.error(target, "event_gateway_targets", "事件网关后的事件不能再有别的流入线，请另画一个事件")
    if sum(target.event == "timer" for target in targets) > 1:
        yield diagram.error(node, "event_gateway_timers", "一个事件网关后最多一个定时事件，多个会互相覆盖，请合并")
