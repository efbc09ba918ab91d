"""Called processes: they exist, nothing calls itself, and what goes in and out fits."""

from __future__ import annotations

from collections.abc import Iterator

from processes.engine.check import scope
from processes.engine.check.bundle import Bundle, Diagram
from processes.engine.check.finding import Finding
from processes.engine.diagrams.model import Node


def check(diagram: Diagram, bundle: Bundle) -> Iterator[Finding]:
    """All rules about call activities of one diagram."""
    for node in diagram.process.of_kind("callActivity"):
        if not node.called:
            yield diagram.error(node, "call_missing", "调用活动没有指定流程，请填写被调用的流程编号")
        elif node.called in bundle.diagrams:
            yield from _call(diagram, bundle, node, bundle.diagrams[node.called])
        elif node.called not in bundle.broken:
            yield diagram.error(
                node, "call_missing", f"被调用的流程「{node.called}」不存在，请先做好 {node.called}.bpmn"
            )


def _call(diagram: Diagram, bundle: Bundle, node: Node, called: Diagram) -> Iterator[Finding]:
    circle = _way_back(bundle, node.called, diagram.process.id)
    if circle:
        way = " → ".join([diagram.process.id, *circle])
        yield diagram.error(node, "call_cycle", f"流程互相调用成了圈（{way}），永远办不完，请断开其中一处")
        return
    made = frozenset(scope.produced(called, bundle))
    if not scope.complete_knowledge(called, bundle):
        return
    given = {binding.name for binding in node.inputs}
    needed = frozenset().union(*(names for _, names in scope.reads(called, bundle))) - made - scope.ALWAYS
    for name in sorted(needed - given):
        sentence = f"被调用的流程「{called.process.name}」需要「{name}」，这里没有传入，请补一行 banli:in"
        yield diagram.error(node, "call_input", sentence)
    for binding in node.outputs:
        if binding.value not in made | given:
            sentence = f"被调用的流程「{called.process.name}」不会产生「{binding.value}」，请改正 banli:out"
            yield diagram.error(node, "call_output", sentence)


def _way_back(bundle: Bundle, start: str, goal: str) -> list[str]:
    """Process ids from `start` to `goal` along calls, or nothing."""
    ways = [[start]]
    seen = set()
    while ways:
        way = ways.pop()
        if way[-1] == goal:
            return way
        if way[-1] in seen or way[-1] not in bundle.diagrams:
            continue
        seen.add(way[-1])
        calls = bundle.diagrams[way[-1]].process.of_kind("callActivity")
        ways.extend([*way, node.called] for node in calls if node.called)
    return []
