"""A diagram as plain data: what the checker, the compiler, the step table and the screens all read.

Built from the XML alone, without SpiffWorkflow, so that a diagram that cannot run can still be described.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BANLI = "urn:banli:bpmn:1"
CATCHING = ("intermediateCatchEvent", "boundaryEvent")
THROWING = ("intermediateThrowEvent", "endEvent")
CARD_LABELS = {
    "number": "序号",
    "name": "名称",
    "basis": "法定依据",
    "agency": "实施机构",
    "boundary": "职责边界",
    "flow": "运行流程",
    "documents": "运行要件",
    "duties": "责任事项",
    "supervision": "监督方式",
}
"""The nine fields of a procedure card 信息表 with their names, in the order of the source document."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A value passed into or taken out of a handler or a called process.

    In: `name` gets the value of expression `value`. Out: variable `name` here gets `value`, a name over there.
    """

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class TaskSettings:
    """`banli:task` on a user task, or on a message event that a person may let happen (an action).

    Attributes other than `form`, `entry`, `facts` and `decided_by` are expressions.
    """

    form: str
    entry: bool = False
    title: str = ""
    role: str = ""
    department: str = ""
    assignee: str = ""
    exclude: str = ""
    limit: str = ""
    decided_by: str = ""
    outcome: str = ""
    facts: bool = True
    """Whether the answers become facts of the case; `facts="false"` where they are only this person's word."""


@dataclass(frozen=True, slots=True)
class ActivityLimit:
    """`banli:limit` on an activity: while it is active, limit `code` runs; after `=`, the code an expression gives.

    `start`: an expression giving the ISO date or moment from which it is counted; empty: from when the activity began.
    """

    code: str
    start: str = ""


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow."""

    id: str
    name: str
    source: str
    target: str
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """A flow node. `kind` is the BPMN tag (`userTask`, ...); `event` its event definition, if any."""

    id: str
    name: str
    kind: str
    process: str
    event: str = ""
    lane: str = ""
    role: str = ""
    parent: str = ""
    attached_to: str = ""
    interrupting: bool = True
    default_flow: str = ""
    basis: str = ""
    limit: str = ""
    limits: tuple[ActivityLimit, ...] = ()
    task: TaskSettings | None = None
    handler: str = ""
    decision: str = ""
    called: str = ""
    message: str = ""
    timer: str = ""
    timer_kind: str = ""
    inputs: tuple[Binding, ...] = ()
    outputs: tuple[Binding, ...] = ()
    multi_instance: str = ""
    documentation: str = ""
    item: str = ""
    """Multi-instance: the variable that holds one entry of the list `multi_instance`."""
    collected: str = ""
    """Multi-instance: the variable that gets the list of `output_item`, one per entry."""
    output_item: str = ""
    sequential: bool = False
    completion_condition: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Process:
    """One executable process of a file."""

    id: str
    name: str
    card: Mapping[str, str]
    title: str
    number_prefix: str
    nodes: Mapping[str, Node]
    flows: Mapping[str, Flow]
    lanes: Mapping[str, str] = field(default_factory=dict)
    """Lane name to role code, in drawing order."""
    documentation: str = ""
    executable: bool = True
    linked: tuple[str, ...] = ()
    """Processes from whose cases this one may be started; empty: it stands for itself."""
    register: bool = False
    """Whether its cases are kept in the register of complaints and reports."""

    def series(self, year: int) -> str:
        """What the numbers of its cases of one year begin with."""
        return f"{self.number_prefix}〔{year}〕"

    @property
    def entry(self) -> Node | None:
        """The user task whose form starts a case; None where the diagram marks none."""
        return next((node for node in self.of_kind("userTask") if node.task and node.task.entry), None)

    @property
    def actions(self) -> list[Node]:
        """Message events that a person may let happen by filling in a form."""
        catching = self.of_kind(*CATCHING)
        return [node for node in catching if node.event == "message" and node.task]

    @property
    def start_messages(self) -> frozenset[str]:
        """Messages that start a case of this process."""
        return frozenset(n.message for n in self.of_kind("startEvent") if n.event == "message" and not n.parent)

    @property
    def caught_messages(self) -> frozenset[str]:
        """Messages that events within a case of this process can wait for."""
        catching = self.of_kind(*CATCHING)
        return frozenset(node.message for node in catching if node.event == "message")

    @property
    def thrown_messages(self) -> frozenset[str]:
        """Messages that a case of this process can send."""
        throwing = self.of_kind(*THROWING)
        return frozenset(node.message for node in throwing if node.event == "message")

    def outgoing(self, node: str) -> list[Flow]:
        """Flows that leave `node`, in document order."""
        return [flow for flow in self.flows.values() if flow.source == node]

    def incoming(self, node: str) -> list[Flow]:
        """Flows that enter `node`, in document order."""
        return [flow for flow in self.flows.values() if flow.target == node]

    def of_kind(self, *kinds: str) -> Iterator[Node]:
        """Nodes of the given BPMN tags."""
        return (node for node in self.nodes.values() if node.kind in kinds)
