"""Read a diagram's XML into `model.Process`, forgivingly: what is wrong with a diagram is for `check` to say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from processes.engine.diagrams.expression_places import mark
from processes.engine.diagrams.model import (
    BANLI,
    BPMN,
    CARD_LABELS,
    ActivityLimit,
    Binding,
    Flow,
    Node,
    Process,
    TaskSettings,
)
from processes.engine.diagrams.normalise import normalise
from processes.engine.diagrams.safe_xml import HostileXml, parse_xml

DI = "http://www.omg.org/spec/BPMN/20100524/DI"
SUBPROCESSES = frozenset({"subProcess", "transaction", "adHocSubProcess"})
FLOW_NODES = SUBPROCESSES | frozenset(
    {
        "startEvent",
        "endEvent",
        "intermediateCatchEvent",
        "intermediateThrowEvent",
        "boundaryEvent",
        "task",
        "userTask",
        "manualTask",
        "serviceTask",
        "scriptTask",
        "sendTask",
        "receiveTask",
        "businessRuleTask",
        "callActivity",
        "exclusiveGateway",
        "parallelGateway",
        "inclusiveGateway",
        "complexGateway",
        "eventBasedGateway",
    }
)
_TIMER_KINDS = ("timeDate", "timeDuration", "timeCycle")


@dataclass(frozen=True, slots=True)
class BpmnFile:
    """One `.bpmn` file."""

    filename: str
    root: etree._Element
    processes: tuple[Process, ...]
    undrawn: tuple[str, ...]
    """Ids of nodes and flows without a shape or line in the drawing."""


def read_bpmn(data: bytes, filename: str) -> BpmnFile:
    """The processes of a file.

    Raises: HostileXml, if it is not readable XML or not a BPMN diagram.
    """
    root = parse_xml(data, filename)
    if root.tag != f"{{{BPMN}}}definitions":
        raise HostileXml(filename, "文件不是 BPMN 2.0 流程图，请用流程设计器保存为 .bpmn 文件再上传")
    normalise(root)
    mark(root)
    messages = {m.get("id", ""): m.get("name", "") for m in root.iterfind(f"{{{BPMN}}}message")}
    processes = tuple(_ProcessReader(element, messages).read() for element in root.iterfind(f"{{{BPMN}}}process"))
    drawn = {shape.get("bpmnElement") for shape in root.iter(f"{{{DI}}}BPMNShape", f"{{{DI}}}BPMNEdge")}
    undrawn = (id_ for process in processes for id_ in (*process.nodes, *process.flows) if id_ not in drawn)
    return BpmnFile(filename, root, processes, tuple(undrawn))


def local(element: etree._Element) -> str:
    """The tag without its namespace."""
    return str(etree.QName(element).localname)


def _bpmn(element: etree._Element, name: str) -> etree._Element | None:
    return element.find(f"{{{BPMN}}}{name}")


def _text(element: etree._Element | None) -> str:
    return "" if element is None else "".join(element.itertext()).strip()


def _extension(element: etree._Element, name: str) -> etree._Element | None:
    return element.find(f"{{{BPMN}}}extensionElements/{{{BANLI}}}{name}")


def _extension_attribute(element: etree._Element, name: str, attribute: str) -> str:
    extension = _extension(element, name)
    return "" if extension is None else extension.get(attribute, "").strip()


def _bindings(element: etree._Element, name: str) -> tuple[Binding, ...]:
    elements = element.iterfind(f"{{{BPMN}}}extensionElements/{{{BANLI}}}{name}")
    return tuple(Binding(b.get("name", "").strip(), b.get("value", "").strip()) for b in elements)


def _limits(element: etree._Element) -> tuple[ActivityLimit, ...]:
    elements = element.iterfind(f"{{{BPMN}}}extensionElements/{{{BANLI}}}limit")
    return tuple(ActivityLimit(limit.get("code", "").strip(), limit.get("from", "").strip()) for limit in elements)


class _ProcessReader:
    """Reads one process element."""

    def __init__(self, element: etree._Element, messages: dict[str, str]) -> None:
        self.element = element
        self.id = element.get("id", "")
        self.messages = messages
        self.lanes: dict[str, str] = {}
        self.lane_of: dict[str, str] = {}

    def read(self) -> Process:
        self._read_lanes()
        nodes: dict[str, Node] = {}
        flows: dict[str, Flow] = {}
        for element, parent in self._walk():
            if local(element) == "sequenceFlow":
                flows[element.get("id", "")] = _flow(element)
            else:
                nodes[element.get("id", "")] = self._node(element, parent, nodes)
        card = _extension(self.element, "card")
        case = _extension(self.element, "case")
        return Process(
            id=self.id,
            name=self.element.get("name", ""),
            card={} if card is None else {f: _text(card.find(f"{{{BANLI}}}{f}")) for f in CARD_LABELS},
            title="" if case is None else case.get("title", ""),
            number_prefix="" if case is None else case.get("prefix", ""),
            nodes=nodes,
            flows=flows,
            lanes=self.lanes,
            documentation=_text(_bpmn(self.element, "documentation")),
            executable=self.element.get("isExecutable") == "true",
            linked=() if case is None else tuple(case.get("linked", "").split()),
            register=case is not None and case.get("register", "false") == "true",
        )

    def _walk(self) -> Iterator[tuple[etree._Element, str]]:
        """Nodes and flows with the id of the sub-process they stand in, in document order, parents first."""
        pending = [(child, "") for child in reversed(self.element)]
        while pending:
            element, parent = pending.pop()
            if not element.tag.startswith(f"{{{BPMN}}}"):
                continue
            name = local(element)
            if name in FLOW_NODES or name == "sequenceFlow":
                yield element, parent
            if name in SUBPROCESSES:
                pending.extend((child, element.get("id", "")) for child in reversed(element))

    def _read_lanes(self) -> None:
        """Innermost lanes win: a lane that is divided only groups."""
        for lane in self.element.iter(f"{{{BPMN}}}lane"):
            name = lane.get("name") or lane.get("id", "")
            if _bpmn(lane, "childLaneSet") is None:
                self.lanes[name] = _extension_attribute(lane, "role", "code")
            for reference in lane.iterfind(f"{{{BPMN}}}flowNodeRef"):
                self.lane_of[_text(reference)] = name

    def _node(self, element: etree._Element, parent: str, nodes: dict[str, Node]) -> Node:
        id_ = element.get("id", "")
        lane = self.lane_of.get(id_, "")
        if not lane and parent in nodes:
            lane = nodes[parent].lane
        task = _task_settings(element)
        timer_kind, timer = _timer(element)
        definition = element.find(f"{{{BPMN}}}messageEventDefinition")
        loop = _bpmn(element, "multiInstanceLoopCharacteristics")
        return Node(
            id=id_,
            name=element.get("name", "").strip(),
            kind=local(element),
            process=self.id,
            event=_event(element),
            lane=lane,
            role=self.lanes.get(lane, ""),
            parent=parent,
            attached_to=element.get("attachedToRef", ""),
            interrupting=element.get("cancelActivity", "true") == "true",
            default_flow=element.get("default", ""),
            basis=_text(_extension(element, "basis")),
            limit=task.limit if task else "",
            limits=_limits(element),
            task=task,
            handler=_extension_attribute(element, "handler", "name"),
            decision=_extension_attribute(element, "decision", "key"),
            called=element.get("calledElement", ""),
            message="" if definition is None else self.messages.get(definition.get("messageRef", ""), ""),
            timer=timer,
            timer_kind=timer_kind,
            inputs=_bindings(element, "in"),
            outputs=_bindings(element, "out"),
            documentation=_text(_bpmn(element, "documentation")),
            multi_instance=_loop_text(loop, "loopDataInputRef"),
            item=_loop_id(loop, "inputDataItem"),
            collected=_loop_text(loop, "loopDataOutputRef"),
            output_item=_loop_id(loop, "outputDataItem"),
            sequential=loop is not None and loop.get("isSequential") == "true",
            completion_condition=_loop_text(loop, "completionCondition"),
            line=element.sourceline or 0,
        )


def _flow(element: etree._Element) -> Flow:
    return Flow(
        id=element.get("id", ""),
        name=element.get("name", "").strip(),
        source=element.get("sourceRef", ""),
        target=element.get("targetRef", ""),
        condition=_text(_bpmn(element, "conditionExpression")),
    )


def _task_settings(element: etree._Element) -> TaskSettings | None:
    settings = _extension(element, "task")
    if settings is None:
        return None

    def value(name: str) -> str:
        return str(settings.get(name, "").strip())

    return TaskSettings(
        form=value("form"),
        entry=value("entry") == "true",
        title=value("title"),
        role=value("role"),
        department=value("department"),
        assignee=value("assignee"),
        exclude=value("exclude"),
        limit=value("limit"),
        decided_by=value("decided_by"),
        outcome=value("outcome"),
        facts=value("facts") != "false",
    )


def _event(element: etree._Element) -> str:
    """`timer`, `message`, `terminate` ...: the event definition without its suffix; several are joined by a comma."""
    names = (local(child) for child in element)
    return ",".join(n.removesuffix("EventDefinition") for n in names if n.endswith("EventDefinition"))


def _timer(element: etree._Element) -> tuple[str, str]:
    definition = _bpmn(element, "timerEventDefinition")
    for kind in _TIMER_KINDS:
        timer = None if definition is None else _bpmn(definition, kind)
        if timer is not None:
            return kind, _text(timer)
    return "", ""


def _loop_text(loop: etree._Element | None, name: str) -> str:
    return "" if loop is None else _text(_bpmn(loop, name))


def _loop_id(loop: etree._Element | None, name: str) -> str:
    child = None if loop is None else _bpmn(loop, name)
    return "" if child is None else str(child.get("id", ""))
