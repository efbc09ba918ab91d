"""How nodes are joined: starts and ends, what can be reached, and shapes that make a node run twice or too early."""

from __future__ import annotations

from collections.abc import Iterator

from processes.engine.check.bundle import Bundle, Diagram, reach
from processes.engine.check.finding import Finding
from processes.engine.diagrams.model import Flow, Node

MAX_NODES = 300
GATEWAYS = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"})
ACTIVITIES = frozenset(
    {
        "userTask",
        "serviceTask",
        "businessRuleTask",
        "callActivity",
        "subProcess",
        "task",
        "manualTask",
        "scriptTask",
        "sendTask",
        "receiveTask",
    }
)
_WAITING_HOSTS = frozenset({"userTask", "subProcess", "callActivity"})


def check(diagram: Diagram, _bundle: Bundle) -> Iterator[Finding]:
    """All rules about sequence flows of one diagram."""
    if len(diagram.process.nodes) > MAX_NODES:
        sentence = f"流程有 {len(diagram.process.nodes)} 个节点，超过 {MAX_NODES} 个的上限，请用调用活动拆成几个流程"
        yield diagram.error(None, "too_many_nodes", sentence)
    for flow in diagram.process.flows.values():
        yield from _flow(diagram, flow)
    for scope in ("", *(n.id for n in diagram.process.of_kind("subProcess"))):
        yield from _scope(diagram, scope)
    for node in diagram.process.nodes.values():
        yield from _degrees(diagram, node)
        yield from _join_in_loop(diagram, node)
        if node.kind == "boundaryEvent":
            yield from _boundary(diagram, node)


def _flow(diagram: Diagram, flow: Flow) -> Iterator[Finding]:
    source = diagram.process.nodes.get(flow.source)
    target = diagram.process.nodes.get(flow.target)
    if source is None or target is None:
        yield diagram.error(flow, "flow_ends", "顺序流没有连到两个节点上，请重新连接或删除")
        return
    if source.parent != target.parent:
        yield diagram.error(flow, "flow_scope", "顺序流穿过了子流程的边框，请连到子流程本身")
    if flow.condition and source.kind not in {"exclusiveGateway", "inclusiveGateway"}:
        sentence = "条件只在排他网关和包容网关的流出线上有效，写在这里会被忽略，请先加一个排他网关"
        yield diagram.error(flow, "condition_ignored", sentence)


def _scope(diagram: Diagram, scope: str) -> Iterator[Finding]:
    """The process itself, or one sub-process: one start, an end, all reachable, all able to end."""
    nodes = [n for n in diagram.process.nodes.values() if n.parent == scope]
    owner = diagram.process.nodes[scope] if scope else None
    where = "子流程" if scope else "流程"
    starts = [n.id for n in nodes if n.kind == "startEvent"]
    ends = [n.id for n in nodes if n.kind == "endEvent"]
    plain = [n.id for n in nodes if n.kind == "startEvent" and n.event != "message"]
    if not starts or len(plain) > 1 or (scope and len(starts) > 1):
        sentence = f"{where}要有且只有一个开始事件，这里有 {len(starts)} 个"
        yield diagram.error(owner, "one_start", sentence if scope else f"{sentence}（由消息启动的可以另画）")
    if scope and any(diagram.process.nodes[s].event for s in starts):
        yield diagram.error(owner, "subprocess_start", "子流程里的开始事件不能等待消息或定时，请改成普通开始事件")
    if not ends:
        yield diagram.error(owner, "no_end", f"{where}没有结束事件，请补上")
    if not starts or not ends:
        return
    reached = reach(diagram.following, *starts)
    before_end = reach(_reversed(diagram), *ends)
    for node in nodes:
        if node.id not in reached:
            yield diagram.error(node, "unreachable", "从开始事件走不到这里，请连上或删除")
        elif node.id not in before_end:
            yield diagram.error(node, "no_way_out", "从这里走不到任何结束事件，请补上去向")


def _reversed(diagram: Diagram) -> dict[str, tuple[str, ...]]:
    edges: dict[str, tuple[str, ...]] = {}
    for source, targets in diagram.following.items():
        for target in targets:
            edges[target] = (*edges.get(target, ()), source)
    return edges


def _degrees(diagram: Diagram, node: Node) -> Iterator[Finding]:
    incoming = diagram.process.incoming(node.id)
    outgoing = diagram.process.outgoing(node.id)
    if node.kind not in GATEWAYS and len(outgoing) > 1:
        sentence = "有几条流出线但没有网关，请先加一个排他网关（选一条）或并行网关（同时走）"
        yield diagram.error(node, "several_outgoing", sentence)
    if node.kind not in GATEWAYS | {"endEvent"} and len(incoming) > 1:
        sentence = "有几条流入线但没有网关，可能会办理两次，请在前面加一个排他网关（汇合）或并行网关（等齐）"
        yield diagram.error(node, "several_incoming", sentence)
    if node.kind == "startEvent" and incoming:
        yield diagram.error(node, "start_incoming", "开始事件不能有流入线，要返回时请连到后面的汇合网关")
    if node.kind == "endEvent" and outgoing:
        yield diagram.error(node, "end_outgoing", "结束事件不能有流出线，请改用中间事件或删除流出线")


def _join_in_loop(diagram: Diagram, node: Node) -> Iterator[Finding]:
    joins = node.kind in {"parallelGateway", "inclusiveGateway"} and len(diagram.process.incoming(node.id)) > 1
    if joins and node.id in diagram.loops:
        sentence = "并行或包容汇合在循环里，第二轮会提前放行，请把分开和汇合的一段放进子流程"
        yield diagram.error(node, "join_in_loop", sentence)
    elif joins and (event := _heard_before(diagram, node)) is not None:
        sentence = (
            f"「{event.name or event.id}」可以多次收到，几次的分支会在这个并行或包容汇合混在一起，"
            "请把分开和汇合的一段放进子流程"
        )
        yield diagram.error(node, "join_of_many", sentence)


def _heard_before(diagram: Diagram, node: Node) -> Node | None:
    """A message that may come again and again, each time with a token that reaches `node`."""
    events = (n for n in diagram.process.of_kind("boundaryEvent") if n.event == "message" and not n.interrupting)
    return next((event for event in events if node.id in diagram.after(event.id)), None)


def _boundary(diagram: Diagram, node: Node) -> Iterator[Finding]:
    host = diagram.process.nodes.get(node.attached_to)
    if host is None or host.kind not in _WAITING_HOSTS:
        sentence = "边界事件只能放在用户任务、子流程或调用活动上，其他任务立即完成，等不到它"
        yield diagram.error(node, "boundary_host", sentence)
    if diagram.process.incoming(node.id):
        yield diagram.error(node, "boundary_incoming", "边界事件不能有流入线，请删除")
    if not diagram.process.outgoing(node.id):
        yield diagram.error(node, "boundary_outgoing", "边界事件没有流出线，触发后无处可去，请连到下一步")
