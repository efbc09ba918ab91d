"""A case on its diagram: what is done, where it stands, and the step table that says the same without the picture.

Pure functions over the diagram (`model.Process`) and the case's trail. No database, no clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from processes.engine.diagrams.model import Node, Process
from processes.engine.diagrams.trail import Trail, Visit

WAITING_KINDS = frozenset({"callActivity", "subProcess", "intermediateCatchEvent", "eventBasedGateway"})
"""Nodes that a case can stand on without a task of their own."""

DONE, CURRENT, AHEAD, SKIPPED, FAILED = "done", "current", "ahead", "skipped", "failed"

KIND_NAMES = {
    "startEvent": "开始",
    "endEvent": "结束",
    "userTask": "人工办理",
    "serviceTask": "自动处理",
    "businessRuleTask": "查决策表",
    "callActivity": "调用流程",
    "subProcess": "子流程",
    "exclusiveGateway": "判断",
    "parallelGateway": "并行",
    "inclusiveGateway": "多路判断",
    "eventBasedGateway": "等待",
    "intermediateCatchEvent": "等待",
    "intermediateThrowEvent": "发出",
    "boundaryEvent": "到期或来件",
}


@dataclass(frozen=True, slots=True)
class StepRow:
    """One row of the step table."""

    node: str
    name: str
    kind: str
    lane: str
    state: str
    state_name: str
    times: int
    who: str
    at: datetime | None
    due_on: date | None
    clause: str
    limit: str
    called: str
    inner: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """One diagram of the case: the process of the case, or one that it calls."""

    scope: str
    name: str
    state: str

    @property
    def walked(self) -> bool:
        """Whether the case is in it or has been."""
        return self.state != AHEAD


def called_scopes(processes: Mapping[str, Process], root: str) -> list[str]:
    """The process of the case and all it can call, in drawing order, each once."""
    order: list[str] = []
    waiting = [root]
    while waiting:
        scope = waiting.pop(0)
        if scope in order or scope not in processes:
            continue
        order.append(scope)
        waiting += [node.called for node in processes[scope].of_kind("callActivity")]
    return order


def state_of(trail: Trail, processes: Mapping[str, Process], node: Node) -> str:
    """done, current, ahead, skipped (withdrawn on the way) or failed."""
    place = (node.process, node.id)
    if place in trail.failed:
        return FAILED
    if place in trail.standing or _waits(trail, processes, node):
        return CURRENT
    if place in trail.visits:
        return DONE
    return SKIPPED if place in trail.cancelled else AHEAD


def _waits(trail: Trail, processes: Mapping[str, Process], node: Node) -> bool:
    if not trail.running or node.kind not in WAITING_KINDS:
        return False
    if node.kind == "callActivity" and _stands_inside(trail, processes, node):
        return True
    if node.kind == "subProcess":
        inside = (inner for inner in processes[node.process].nodes.values() if inner.parent == node.id)
        return any(state_of(trail, processes, inner) in (CURRENT, FAILED) for inner in inside)
    entered = sum(trail.flows[(node.process, flow.id)] for flow in processes[node.process].incoming(node.id))
    visit = trail.visits.get((node.process, node.id))
    return entered > (visit.times if visit else 0) and (node.process, node.id) not in trail.cancelled


def _stands_inside(trail: Trail, processes: Mapping[str, Process], node: Node) -> bool:
    """Somebody stands in the called process, and this call was entered more often than left."""
    inside = set(called_scopes(processes, node.called))
    if not any(scope in inside for scope, _ in (*trail.standing, *trail.failed)):
        return False
    entered = sum(trail.flows[(node.process, flow.id)] for flow in processes[node.process].incoming(node.id))
    visit = trail.visits.get((node.process, node.id))
    return entered > (visit.times if visit else 0)


def drawings(trail: Trail, processes: Mapping[str, Process], root: str) -> list[Drawing]:
    """The diagrams to offer for this case; a called one says whether it was used."""
    return [
        Drawing(scope, processes[scope].name, _drawing_state(trail, scope)) for scope in called_scopes(processes, root)
    ]


def _drawing_state(trail: Trail, scope: str) -> str:
    if any(place[0] == scope for place in (*trail.standing, *trail.failed)):
        return CURRENT
    return DONE if any(place[0] == scope for place in trail.visits) else AHEAD


def current_drawing(trail: Trail, processes: Mapping[str, Process], root: str) -> str:
    """The diagram to open first: the innermost one where somebody has something to do."""
    for drawing in reversed(drawings(trail, processes, root)):
        if drawing.state == CURRENT:
            return drawing.scope
    return root


def marks(trail: Trail, processes: Mapping[str, Process], scope: str) -> dict[str, Any]:
    """What the drawing needs: done, current and failed nodes, taken flows, people, and how often."""
    process = processes[scope]
    by_state: dict[str, list[str]] = {DONE: [], CURRENT: [], FAILED: [], SKIPPED: [], AHEAD: []}
    for node in process.nodes.values():
        by_state[state_of(trail, processes, node)].append(node.id)
    return {
        "done": by_state[DONE],
        "failed": by_state[FAILED],
        "skipped": by_state[SKIPPED],
        "flows": [flow for (where, flow), times in trail.flows.items() if where == scope and times],
        "current": [{"node": node, "people": _people(trail, scope, node)} for node in by_state[CURRENT]],
        "visits": {
            node: {"times": visit.times, "who": visit.who, "at": visit.at}
            for (where, node), visit in trail.visits.items()
            if where == scope and node in process.nodes and process.nodes[node].kind == "userTask"
        },
        "called": {node.id: node.called for node in process.of_kind("callActivity") if node.called in processes},
    }


def _people(trail: Trail, scope: str, node: str) -> str:
    return "、".join(dict.fromkeys(place.people for place in trail.standing.get((scope, node), ())))


def step_table(trail: Trail, processes: Mapping[str, Process], scope: str) -> list[StepRow]:
    """Every node of one diagram, in the order a case walks it."""
    process = processes[scope]
    return [_step(trail, processes, node) for node in walking_order(process)]


def _step(trail: Trail, processes: Mapping[str, Process], node: Node) -> StepRow:
    place = (node.process, node.id)
    state = state_of(trail, processes, node)
    visit = trail.visits.get(place)
    standing = trail.standing.get(place, [])
    shown = state == CURRENT and standing
    return StepRow(
        node=node.id,
        name=node.name or _unnamed(node, processes[node.process]),
        kind=KIND_NAMES.get(node.kind, node.kind),
        lane=node.lane,
        state=state,
        state_name=_state_name(state, node, held=any(place.held for place in standing)),
        times=visit.times if visit else 0,
        who=_people(trail, *place) if shown else _doer(node, visit),
        at=standing[0].since if shown else (visit.at if visit else None),
        due_on=standing[0].due_on if shown else None,
        clause=node.basis,
        limit=node.limit or (node.task.limit if node.task else ""),
        called=node.called if node.called in processes else "",
        inner=bool(node.parent),
    )


def _unnamed(node: Node, process: Process) -> str:
    if node.kind.endswith("Gateway") and len(process.incoming(node.id)) > 1:
        return "汇合"
    return KIND_NAMES.get(node.kind, node.kind)


def _doer(node: Node, visit: Visit | None) -> str:
    if visit is None:
        return ""
    by_person = node.kind == "userTask" or (node.kind == "startEvent" and not node.parent)
    return visit.who if by_person else "系统"


def _state_name(state: str, node: Node, *, held: bool) -> str:
    if held:
        return "受阻"
    if state == CURRENT and node.kind not in ("userTask", "callActivity", "subProcess"):
        return "等待中"
    return {DONE: "已办", CURRENT: "当前", AHEAD: "未到", SKIPPED: "已撤", FAILED: "出错"}[state]


def walking_order(process: Process, parent: str = "") -> list[Node]:
    """Nodes in the order of the flows from the start; a sub-process is followed by what is inside it."""
    members = {key: node for key, node in process.nodes.items() if node.parent == parent}
    starts = [key for key, node in members.items() if node.kind == "startEvent"]
    order: dict[str, None] = {}
    waiting = starts or list(members)[:1]
    while waiting:
        key = waiting.pop(0)
        if key in order or key not in members:
            continue
        order[key] = None
        attached = [node.id for node in members.values() if node.attached_to == key]
        waiting += attached + [flow.target for flow in process.outgoing(key)]
    rest = [key for key in members if key not in order]
    return [node for key in (*order, *rest) for node in (members[key], *_inside(process, members[key]))]


def _inside(process: Process, node: Node) -> list[Node]:
    return walking_order(process, node.id) if node.kind == "subProcess" else []
