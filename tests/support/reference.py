"""The documented way, to hold the kernel against: SpiffWorkflow's own workflow, tasks, gateways, events and serialiser.

Only what gives banli's extensions their meaning is ours: what a service task calls, which table decides, how variables
are framed, that the host tells the time, and that a message that does not interrupt is taken again. The serialiser is
the official one, told to leave the specs out.
"""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser.event_parsers import EventBasedGatewayParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.config import DEFAULT_CONFIG
from SpiffWorkflow.bpmn.serializer.default.event_definition import (
    MessageEventDefinitionConverter,
    TimerConditionalEventDefinitionConverter,
)
from SpiffWorkflow.bpmn.serializer.default.workflow import BpmnWorkflowConverter
from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin, BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.bpmn.util import BpmnEvent
from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.util.task import TaskState

from processes.engine.kernel.activities import MultiInstance
from processes.engine.kernel.events import MessageDefinition, wait_again
from processes.engine.kernel.parser import DiagramParser, DrawnParser, LeanProcessParser
from processes.engine.kernel.release import Release
from processes.engine.kernel.script import CaseScript
from processes.engine.kernel.timers import DUE, CaseTimer
from processes.engine.kernel.variables import visible, write

EVENTS = {MessageDefinition: MessageEventDefinitionConverter, CaseTimer: TimerConditionalEventDefinitionConverter}


class _Boundary(defaults.BoundaryEvent):  # type: ignore[misc]
    """SpiffWorkflow's, which would take a message that does not interrupt once only."""

    def _on_complete_hook(self, my_task: Any) -> None:
        super()._on_complete_hook(my_task)
        wait_again(my_task)


class _ProcessParser(LeanProcessParser):
    PROCESS_SPEC: ClassVar[Any] = BpmnProcessSpec


class _FirstEvent(DrawnParser, EventBasedGatewayParser):  # type: ignore[misc]
    """With SpiffWorkflow's own definition of several events."""


def _official() -> dict[str, Any]:
    """The kernel's table of parsers with SpiffWorkflow's spec classes wherever it has one."""
    classes = {
        "startEvent": defaults.StartEvent,
        "endEvent": defaults.EndEvent,
        "intermediateCatchEvent": defaults.IntermediateCatchEvent,
        "intermediateThrowEvent": defaults.IntermediateThrowEvent,
        "boundaryEvent": _Boundary,
        "userTask": defaults.UserTask,
        "exclusiveGateway": defaults.ExclusiveGateway,
        "inclusiveGateway": defaults.InclusiveGateway,
        "parallelGateway": defaults.ParallelGateway,
    }
    table = dict(DiagramParser.OVERRIDE_PARSER_CLASSES)
    for tag in ("serviceTask", "businessRuleTask", "subProcess", "callActivity"):
        classes[tag] = _predicting(table[full_tag(tag)][1])
    around = {"SPLIT": BoundaryEventSplit, "JOIN": BoundaryEventJoin, "EACH": _predicting(MultiInstance)}
    for tag, spec_class in classes.items():
        parser = table[full_tag(tag)][0]
        table[full_tag(tag)] = (type(f"Official{parser.__name__}", (parser,), around), spec_class)
    table[full_tag("eventBasedGateway")] = (_FirstEvent, defaults.EventBasedGateway)
    return table


def _predicting(spec_class: Any) -> Any:
    """Our spec class, making what lies ahead in SpiffWorkflow's way."""
    stock = {"_predict": TaskSpec._predict, "_update": TaskSpec._update}
    return type(f"Official{spec_class.__name__}", (spec_class,), stock)


class ReferenceParser(DiagramParser):
    """For `compile_release(..., parser=ReferenceParser)`."""

    PROCESS_PARSER_CLASS = _ProcessParser
    OVERRIDE_PARSER_CLASSES: ClassVar[dict[str, Any]] = _official()


class _StateOnly(BpmnWorkflowConverter):  # type: ignore[misc]
    """The official converter without the two entries that hold the specs."""

    script: CaseScript

    def to_dict(self, workflow: Any) -> Any:
        saved = super(BpmnWorkflowConverter, self).to_dict(workflow)
        saved["subprocesses"] = self.mapping_to_dict(workflow.subprocesses)
        return saved

    def from_dict(self, dct: Any) -> Any:
        release = self.script.release
        workflow = self.target_class(
            release.spec, release.subprocess_specs, deserializing=True, script_engine=self.script
        )
        workflow.tasks = self.mapping_from_dict(dct["tasks"], UUID, workflow=workflow)
        workflow.task_tree = workflow.tasks.get(UUID(dct["root"]))
        self.set_default_attributes(workflow, dct)
        self.subprocesses_from_dict(dct["subprocesses"], workflow)
        return workflow


class Reference:
    """One case run the documented way, saved and restored after every step."""

    def __init__(self, release: Release, data: dict[str, Any], host: Any) -> None:
        self.script = CaseScript(release)
        self.script.host = host
        converter = type("StateOnly", (_StateOnly,), {"script": self.script})
        self.serializer = BpmnWorkflowSerializer(
            BpmnWorkflowSerializer.configure({**DEFAULT_CONFIG, **EVENTS, BpmnWorkflow: converter})
        )
        self.workflow = BpmnWorkflow(release.spec, release.subprocess_specs, script_engine=self.script)
        self.workflow.data.update(data)
        self._leave_out_message_starts()
        self._advance()

    def _leave_out_message_starts(self) -> None:
        """SpiffWorkflow begins at every start event at once; a case begins at one, here the plain one."""
        starts = self.workflow.task_tree.children
        for start in starts if len(starts) > 1 else ():
            if start.task_spec.node.message:
                self.workflow._remove_task(start.id)

    def _advance(self) -> None:
        while any(not t.task_spec.manual for t in self.workflow.get_tasks(state=TaskState.READY)):
            self.workflow.do_engine_steps()
        self.workflow.get_events()
        self.workflow = self.serializer.deserialize_json(self.serializer.serialize_json(self.workflow))
        self.workflow.script_engine = self.script

    def desks(self) -> list[Any]:
        """Ready user tasks."""
        return list(self.workflow.get_tasks(state=TaskState.READY, manual=True))

    def complete(self, task: Any, values: dict[str, Any]) -> None:
        """Complete a task of `desks`."""
        write(task, {k: v for k, v in values.items() if k in self.script.release.variables})
        task.run()
        self._advance()

    def send(self, name: str, payload: dict[str, Any]) -> None:
        """Deliver a message."""
        self.workflow.send_event(BpmnEvent(MessageDefinition(name), payload=payload))
        self._advance()

    def fire_due(self) -> None:
        """Fire timers that are due."""
        self.script.firing = True
        self.workflow.refresh_timers()
        self.script.firing = False
        self._advance()

    def timers(self) -> list[str]:
        """Due times of waiting timers."""
        tasks = self.workflow.event_manager.tasks.values()
        return sorted(t.internal_data[DUE] for t in tasks if t.internal_data.get(DUE))

    def messages(self) -> frozenset[str]:
        """Names of messages waited for."""
        definitions = [t.task_spec.event_definition for t in self.workflow.event_manager.tasks.values()]
        definitions += [
            d for one in definitions if isinstance(one, MultipleEventDefinition) for d in one.event_definitions
        ]
        return frozenset(d.name for d in definitions if isinstance(d, MessageDefinition))

    def outcome(self) -> str:
        """The end event reached last, main ends before others."""
        ends = [
            t
            for t in self.workflow.tasks.values()
            if isinstance(t.task_spec, defaults.EndEvent) and t.state == TaskState.COMPLETED
        ]
        ends.sort(key=lambda t: t.last_state_change)
        main = [t for t in ends if t.task_spec.bpmn_id in self.script.release.main_ends]
        last = (main[-1:] or ends[:1] or [None])[0]
        return "" if last is None else last.task_spec.bpmn_name or last.task_spec.bpmn_id

    def seen(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Process, node and variables of every open task, sorted."""
        found = [
            (t.task_spec.node.process, t.task_spec.bpmn_id, dict(sorted(visible(t).items()))) for t in self.desks()
        ]
        return sorted(found, key=repr)
