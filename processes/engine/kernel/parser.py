"""SpiffWorkflow's parser, told to build our specs.

Flows keep their document order: SpiffWorkflow sorts them by height in the drawing, so that moving a shape could change
which condition is asked first.
"""

from __future__ import annotations

from typing import Any, ClassVar

from lxml import etree
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.parser.event_parsers import (
    BoundaryEventParser,
    EndEventParser,
    EventBasedGatewayParser,
    IntermediateCatchEventParser,
    IntermediateThrowEventParser,
    StartEventParser,
)
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.parser.task_parsers import (
    CallActivityParser,
    ConditionalGatewayParser,
    GatewayParser,
    SubWorkflowParser,
)
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition

from processes.engine.kernel import activities, events, specs
from processes.engine.kernel.shapes import KernelSpec
from processes.engine.kernel.timers import CaseTimer

_TIMER_KINDS = ("timeDate", "timeDuration")


class DrawnParser(TaskParser):  # type: ignore[misc]
    """Goes before SpiffWorkflow's parser of one kind of node."""

    task: Any
    SPLIT: ClassVar[Any] = specs.Split
    JOIN: ClassVar[Any] = specs.Join
    EACH: ClassVar[Any] = activities.MultiInstance

    def parse_incoming_data_references(self) -> list[Any]:
        """Data objects are drawn for people only."""
        return []

    def parse_outgoing_data_references(self) -> list[Any]:
        """Data objects are drawn for people only."""
        return []

    def get_position(self, node: etree._Element | None = None) -> dict[str, float]:
        """The same for all, which keeps document order."""
        return {"x": 0.0, "y": 0.0}

    def connect_outgoing(self, outgoing_task: KernelSpec, sequence_flow_node: etree._Element, is_default: bool) -> None:
        """Connect, and remember by which sequence flow."""
        super().connect_outgoing(outgoing_task, sequence_flow_node, is_default)
        flows = self.task.__dict__.setdefault("drawn_flows", [])
        flows.append((sequence_flow_node.get("id"), outgoing_task.name))

    def _add_multiinstance_task(self, loop_characteristics: etree._Element) -> None:
        body = self.spec.task_specs.pop(self.task.name)
        self.task = self.EACH(self.spec, body.name, description="Multi-instance")
        self.task.bpmn_id = body.bpmn_id
        self._copy_task_attrs(body)
        body.framed = True

    def _add_boundary_event(self, children: list[Any]) -> Any:
        split = self.SPLIT(self.spec, f"{self.bpmn_id}.BoundaryEventSplit")
        join = self.JOIN(self.spec, f"{self.bpmn_id}.BoundaryEventJoin", split_task=split.name, cancel=True)
        split.connect(self.task)
        self.task.connect(join)
        for element in children:
            event = self.process_parser.parse_node(element)
            split.connect(event)
            event.connect(join)
        return split

    def parse_timer_event(self, event: etree._Element) -> CaseTimer:
        """A timer that asks the host for the time."""
        for kind in _TIMER_KINDS:
            expression = event.find(full_tag(kind))
            if expression is not None:
                return CaseTimer(self.bpmn_id, "".join(expression.itertext()).strip(), kind)
        self.raise_validation_exception("定时事件只支持时刻（timeDate）和时长（timeDuration）")
        raise AssertionError

    def parse_message_event(self, message_event: etree._Element) -> events.MessageDefinition:
        """A message by its name."""
        return events.MessageDefinition(self.process_parser.parser.messages.get(message_event.get("messageRef")))


class _Activity(DrawnParser):
    pass


class _Gateway(DrawnParser, GatewayParser):  # type: ignore[misc]
    pass


class _ChoosingGateway(DrawnParser, ConditionalGatewayParser):  # type: ignore[misc]
    pass


class _SubProcess(DrawnParser, SubWorkflowParser):  # type: ignore[misc]
    pass


class _CalledProcess(DrawnParser, CallActivityParser):  # type: ignore[misc]
    pass


class _StartEvent(DrawnParser, StartEventParser):  # type: ignore[misc]
    def create_task(self) -> Any:
        task = self._create_task(NoneEventDefinition())
        self.spec.start.connect(task)
        return task


class _End(DrawnParser, EndEventParser):  # type: ignore[misc]
    pass


class _Catch(DrawnParser, IntermediateCatchEventParser):  # type: ignore[misc]
    pass


class _Throw(DrawnParser, IntermediateThrowEventParser):  # type: ignore[misc]
    pass


class _Boundary(DrawnParser, BoundaryEventParser):  # type: ignore[misc]
    pass


class _FirstEvent(DrawnParser, EventBasedGatewayParser):  # type: ignore[misc]
    def create_task(self) -> Any:
        return self._create_task(events.FirstOf())


class LeanProcessParser(ProcessParser):  # type: ignore[misc]
    """Makes processes of lean specs."""

    PROCESS_SPEC: ClassVar[Any] = specs.ProcessSpec

    def create_spec(self) -> Any:
        """An empty process."""
        return self.PROCESS_SPEC(name=self.bpmn_id, description=self.get_name(), filename=self.filename)

    def add_tasks(self) -> None:
        """The nodes, from every start event on. SpiffWorkflow would let several wait for each other; here one is chosen
        when the case starts (`specs.Start`)."""
        starts = self.xpath("./bpmn:startEvent")
        if not starts:
            raise ValidationException("No start event found", node=self.node, file_name=self.filename)
        for node in starts:
            self.parse_node(node)


class DiagramParser(BpmnParser):  # type: ignore[misc]
    """Reads one file. What is not in this table is refused."""

    PROCESS_PARSER_CLASS = LeanProcessParser
    PARSER_CLASSES: ClassVar[dict[str, Any]] = {}
    OVERRIDE_PARSER_CLASSES: ClassVar[dict[str, Any]] = {
        full_tag("startEvent"): (_StartEvent, events.StartOf),
        full_tag("endEvent"): (_End, events.EndOf),
        full_tag("intermediateCatchEvent"): (_Catch, events.Catch),
        full_tag("intermediateThrowEvent"): (_Throw, events.Throw),
        full_tag("boundaryEvent"): (_Boundary, events.Boundary),
        full_tag("eventBasedGateway"): (_FirstEvent, events.FirstEvent),
        full_tag("userTask"): (_Activity, activities.Desk),
        full_tag("serviceTask"): (_Activity, activities.Service),
        full_tag("businessRuleTask"): (_Activity, activities.BusinessRule),
        full_tag("subProcess"): (_SubProcess, activities.SubProcess),
        full_tag("callActivity"): (_CalledProcess, activities.CalledProcess),
        full_tag("exclusiveGateway"): (_ChoosingGateway, specs.Exclusive),
        full_tag("inclusiveGateway"): (_ChoosingGateway, specs.Inclusive),
        full_tag("parallelGateway"): (_Gateway, specs.Parallel),
    }

    def process(self, root: etree._Element, filename: str, process: str) -> dict[str, Any]:
        """The spec of `process` and of every sub-process drawn in it, by element id."""
        self.add_bpmn_xml(root, filename)
        specs: dict[str, Any] = {}
        pending = [process]
        while pending:
            key = pending.pop()
            specs[key] = spec = self.get_spec(key)
            spec.data_objects = {}
            inner = (s for s in spec.task_specs.values() if isinstance(s, activities.SubProcess))
            pending.extend(s.spec for s in inner if not isinstance(s, activities.CalledProcess))
        return specs
