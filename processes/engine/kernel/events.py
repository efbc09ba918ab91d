"""Events: start, end, catch, throw, boundary, and the gateway that waits for the first of several."""

from __future__ import annotations

from collections.abc import Iterator

from SpiffWorkflow.bpmn.specs.defaults import (
    BoundaryEvent,
    EndEvent,
    EventBasedGateway,
    IntermediateCatchEvent,
    IntermediateThrowEvent,
    StartEvent,
)
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition, TerminateEventDefinition
from SpiffWorkflow.bpmn.util import BpmnEvent
from SpiffWorkflow.util.task import TaskState

from processes.engine.kernel.script import naming
from processes.engine.kernel.shapes import KernelCase, KernelSpec, KernelTask, node_of
from processes.engine.kernel.specs import Lean
from processes.engine.kernel.timers import CaseTimer
from processes.engine.kernel.variables import plain, write


class MessageDefinition(MessageEventDefinition):  # type: ignore[misc]
    """A message addressed to this case. Its payload becomes variables."""

    def update_task_data(self, my_task: KernelTask) -> None:
        """Take the payload over."""
        with naming(my_task):
            variables = my_task.workflow.script_engine.release.variables
            payload = my_task.internal_data.get(self.name) or {}
            write(my_task, {name: value for name, value in payload.items() if name in variables})

    def throw(self, my_task: KernelTask) -> None:
        """Hand the message to whoever waits for it in this case; otherwise it is left for the caller to deliver.

        Its payload are the values of the event's `banli:in`.
        """
        engine = my_task.workflow.script_engine
        with naming(my_task):
            payload = plain({b.name: engine.evaluate(my_task, b.value) for b in node_of(my_task.task_spec).inputs})
        my_task.workflow.top_workflow.catch(BpmnEvent(self, payload=payload))


class FirstOf(MultipleEventDefinition):  # type: ignore[misc]
    """What an event gateway waits for."""

    def has_fired(self, my_task: KernelTask) -> bool:
        """Whether one of the events has happened; starts the timer among them."""
        if my_task.internal_data.get("seen_events"):
            return True
        for definition in self.event_definitions:
            if isinstance(definition, CaseTimer) and definition.has_fired(my_task):
                my_task.internal_data["seen_events"] = [BpmnEvent(definition)]
                return True
        return False


def events_ahead(workflow: KernelCase) -> Iterator[tuple[KernelTask, KernelSpec]]:
    """Each event that a case waits for, its task and its spec, oldest first; of an event gateway those behind it."""
    for task in sorted(workflow.event_manager.tasks.values(), key=lambda task: task.id):
        first_of = isinstance(task.task_spec.event_definition, FirstOf)
        for spec in task.task_spec.outputs if first_of else [task.task_spec]:
            yield task, spec


class Catching(Lean):
    """Waits for its event."""

    def _update_hook(self, my_task: KernelTask) -> bool:
        definition = self.event_definition  # type: ignore[attr-defined]
        if isinstance(definition, NoneEventDefinition) or definition.has_fired(my_task):
            return True
        my_task._set_state(TaskState.WAITING)
        my_task.workflow.top_workflow.event_manager.add_task(my_task)
        return False

    def _on_ready_hook(self, my_task: KernelTask) -> None:
        my_task.workflow.top_workflow.event_manager.remove_task(my_task)

    def _run_hook(self, my_task: KernelTask) -> bool:
        self.event_definition.update_task_data(my_task)  # type: ignore[attr-defined]
        my_task.internal_data.clear()
        return True

    def _on_cancel(self, my_task: KernelTask) -> None:
        my_task.workflow.top_workflow.event_manager.remove_task(my_task)


class Throwing(Lean):
    """Lets its event happen and goes on."""

    def _run_hook(self, my_task: KernelTask) -> bool:
        definition = self.event_definition  # type: ignore[attr-defined]
        if isinstance(definition, MessageEventDefinition):
            definition.throw(my_task)
        return True


class StartOf(Catching, StartEvent):  # type: ignore[misc]
    """Starts at once: a case is only made when its start message has come."""


class Catch(Catching, IntermediateCatchEvent):  # type: ignore[misc]
    """Waits for a timer or a message."""


class Throw(Throwing, IntermediateThrowEvent):  # type: ignore[misc]
    """Sends a message, or only marks a point."""


class Boundary(Catching, BoundaryEvent):  # type: ignore[misc]
    """A timer or message on the edge of an activity."""

    def _on_complete_hook(self, my_task: KernelTask) -> None:
        super()._on_complete_hook(my_task)
        wait_again(my_task)


def wait_again(fired: KernelTask) -> None:
    """A message that does not interrupt its activity may come as often as it likes while that is under way.

    SpiffWorkflow takes it once. Here another task takes the place of the one that `fired`, beside it under the split.
    """
    spec = fired.task_spec
    if spec.cancel_activity or not isinstance(spec.event_definition, MessageEventDefinition):
        return
    split = fired.parent
    activity = next(task for task in split.children if task.task_spec.name == node_of(spec).attached_to)
    if activity.has_state(TaskState.FINISHED_MASK):
        return
    again = split._add_child(spec)
    spec._predict_hook(again)
    again._set_state(TaskState.WAITING)
    spec._update(again)


class EndOf(Throwing, EndEvent):  # type: ignore[misc]
    """An end event; `terminate` cancels everything else in its process."""

    def _on_complete_hook(self, my_task: KernelTask) -> None:
        super()._on_complete_hook(my_task)
        if isinstance(self.event_definition, TerminateEventDefinition):
            workflow = my_task.workflow
            for task in list(workflow.tasks.values()):
                if task._state & TaskState.NOT_FINISHED_MASK and task.id in workflow.tasks:
                    task.cancel()
            workflow._mark_complete(my_task)


class FirstEvent(Catching, EventBasedGateway):  # type: ignore[misc]
    """Follows the first of its events and forgets the others, also when two happen in one moment."""

    def _run_hook(self, my_task: KernelTask) -> bool:
        event = my_task.internal_data["seen_events"][0]
        position = self.event_definition.event_definitions.index(event.event_definition)
        definition = self.event_definition.event_definitions[position]
        if isinstance(definition, MessageEventDefinition):
            definition.update_internal_data(my_task, event)
        definition.update_task_data(my_task)
        my_task.internal_data.clear()
        my_task._sync_children([self.outputs[position]], TaskState.FUTURE)
        return True
