"""SpiffWorkflow's specs with the parts replaced that cost time or went wrong: control flow, joins and gateways.

`Lean` leaves out what banli does not use (data associations, assignments, per-call checks and log records). Specs are
shared by all instances of a release and by all threads: nothing here may keep anything of an instance.
"""

from __future__ import annotations

from typing import Any, ClassVar

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.control import (
    BoundaryEventJoin,
    BoundaryEventSplit,
    BpmnStartTask,
    SimpleBpmnTask,
    _EndJoin,
)
from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent, ExclusiveGateway, InclusiveGateway, ParallelGateway
from SpiffWorkflow.specs import WorkflowSpec
from SpiffWorkflow.util.task import TaskState

from processes.engine.diagrams.model import ActivityLimit, Node
from processes.engine.kernel.script import failure
from processes.engine.kernel.shapes import KernelSpec, KernelTask, node_of

TOKEN = TaskState.WAITING | TaskState.READY | TaskState.STARTED
"""States of a task that holds a token: the process cannot end without it."""


class Lean:
    """Goes before a SpiffWorkflow spec class."""

    node: Node | None = None
    """The node of the diagram; None for SpiffWorkflow's helpers."""
    framed = False
    """Whether each task of this spec is an instance of a multi-instance, with variables of its own."""
    isolated = False
    """Whether the process inside has variables of its own."""
    flow_of: ClassVar[dict[str, str]] = {}
    """Name of a following spec to the id of the sequence flow that leads there. Set by the compiler."""
    limits: tuple[ActivityLimit, ...] = ()
    """Legal limits that run while a task of this spec is active. Set by the compiler."""
    polled = False
    """Whether a waiting task of this spec must look again when tokens elsewhere have moved."""
    next_specs: tuple[KernelSpec, ...] | None = None

    @property
    def outputs(self) -> list[KernelSpec]:
        """The specs that follow."""
        if self.next_specs is None:
            specs = self._wf_spec.task_specs  # type: ignore[attr-defined]
            return [specs[name] for name in self._outputs]
        return list(self.next_specs)

    @outputs.setter
    def outputs(self, specs: list[KernelSpec]) -> None:
        self._outputs = [spec.name for spec in specs]

    def freeze(self) -> None:
        """Called once when all specs of a process are connected."""
        self.next_specs = tuple(self.outputs)

    def _predict(self, my_task: KernelTask, *_how: object, **_more: object) -> None:
        """Nothing is made ahead of the token: of what SpiffWorkflow predicts, a case walks a part."""

    def _update(self, my_task: KernelTask) -> None:
        if not my_task._children:
            self._predict_hook(my_task)  # type: ignore[attr-defined]
        if self._update_hook(my_task):
            my_task._ready()

    def _update_hook(self, my_task: KernelTask) -> bool:
        return True

    def _on_ready_hook(self, my_task: KernelTask) -> None:
        pass

    def _run(self, my_task: KernelTask) -> bool | None:
        return self._run_hook(my_task)

    def _run_hook(self, my_task: KernelTask) -> bool | None:
        return True

    def _on_complete_hook(self, my_task: KernelTask) -> None:
        # Only multi-instance listens: the task that gathers its instances.
        if self.completed_event.hard_subscribers:  # type: ignore[attr-defined]
            self.completed_event.emit(my_task.workflow, my_task)  # type: ignore[attr-defined]

    def _on_cancel(self, my_task: KernelTask) -> None:
        pass


class ProcessRoot(Lean, BpmnStartTask):  # type: ignore[misc]
    """The root of every process: leads to the start event of the message that started the case, or to the plain one."""

    def _run_hook(self, my_task: KernelTask) -> bool:
        if len(self.outputs) > 1:
            message = getattr(my_task.workflow, "start_message", "")
            for child in my_task.children:
                if node_of(child.task_spec).message != message:
                    my_task.workflow._remove_task(child.id)
        return True


class End(Lean, SimpleBpmnTask):  # type: ignore[misc]
    """The last task of every process; SpiffWorkflow knows it by its name `End`."""


class EndJoin(Lean, _EndJoin):  # type: ignore[misc]
    """Waits until no token is left anywhere in the process."""

    polled = True

    def _update_hook(self, my_task: KernelTask) -> bool:
        tasks = my_task.workflow.tasks
        for task in list(tasks.values()):
            if task.task_spec is self and task is not my_task and task._state == TaskState.WAITING:
                task.cancel()
        if any(t._state & TOKEN and t is not my_task for t in tasks.values()):
            my_task._set_state(TaskState.WAITING)
            return False
        return True


class ProcessSpec(BpmnProcessSpec):  # type: ignore[misc]
    """A process made of lean specs."""

    def __init__(self, name: str, description: str = "", filename: str | None = None) -> None:
        WorkflowSpec.__init__(self, name=name, filename=filename)
        self.start = ProcessRoot(self, "Start")
        self.end = EndJoin(self, f"{name}.EndJoin")
        self.end.connect(End(self, "End"))
        self.svg = None
        self.description = description
        self.io_specification = None
        self.data_objects: dict[str, Any] = {}
        self.data_stores: dict[str, Any] = {}
        self.correlation_keys: dict[str, Any] = {}
        self.bpmn_start_events: list[Any] = []


class Split(Lean, BoundaryEventSplit):  # type: ignore[misc]
    """Goes before an activity with boundary events: its children are the activity and the events."""

    def _run_hook(self, my_task: KernelTask) -> bool | None:
        ran: bool | None = BoundaryEventSplit._run_hook(self, my_task)
        return ran


class Join(Lean, BoundaryEventJoin):  # type: ignore[misc]
    """Reached by the activity and by each of its boundary events; cancels what is left of the others.

    From an event that does not interrupt nothing goes on here, and of a message there may be any number.
    """

    def _update_hook(self, my_task: KernelTask) -> bool:
        came_from = my_task.parent.task_spec
        if isinstance(came_from, BoundaryEvent) and not came_from.cancel_activity:
            my_task.cancel()
            return False
        _, left = self._check_threshold_structured(my_task)
        for task in left:
            task.cancel()
        return True


class Gathering(Lean):
    """A join that counts arrivals itself.

    SpiffWorkflow counts finished tasks found in the tree, so that from the second round of a loop arrivals of the
    first count again. Here the waiting task carries the names of the inputs that have arrived since it last fired.
    """

    def _update_hook(self, my_task: KernelTask) -> bool:
        if len(self._inputs) < 2:  # type: ignore[attr-defined]
            return True
        arrived = set(my_task.internal_data.get("arrived", ()) or (my_task.parent.task_spec.name,))
        this: object = self
        for task in list(my_task.workflow.tasks.values()):
            if task.task_spec is this and task is not my_task and task._state == TaskState.WAITING:
                arrived.update(task.internal_data["arrived"])
                task.cancel()
        my_task.internal_data["arrived"] = sorted(arrived)
        if self._all_arrived(my_task, arrived):
            return True
        my_task._set_state(TaskState.WAITING)
        return False

    def _all_arrived(self, my_task: KernelTask, arrived: set[str]) -> bool:
        return arrived >= set(self._inputs)  # type: ignore[attr-defined]


class Parallel(Gathering, ParallelGateway):  # type: ignore[misc]
    """Waits for all its inputs, starts all its outputs."""


class Choosing(Lean):
    """A gateway with conditions on its outputs. `choices`: condition (None: default flow), spec, flow id."""

    choices: tuple[tuple[str | None, KernelSpec, str], ...] = ()

    def freeze(self) -> None:
        """Put conditions, targets and flows side by side."""
        super().freeze()
        specs = self._wf_spec.task_specs  # type: ignore[attr-defined]
        flows = [flow for flow, _ in self.drawn_flows]  # type: ignore[attr-defined]
        self.choices = tuple(
            (None if condition is None else condition.args[0].strip(), specs[name], flow)
            for (condition, name), flow in zip(self.cond_task_specs, flows, strict=True)  # type: ignore[attr-defined]
        )

    def _predict_hook(self, my_task: KernelTask) -> None:
        """What follows is made when it is chosen."""

    def _follow(self, my_task: KernelTask, chosen: list[tuple[KernelSpec, str]]) -> bool:
        my_task._sync_children([spec for spec, _ in chosen], TaskState.FUTURE)
        my_task.taken = tuple(flow for _, flow in chosen)
        return True

    def _matching(self, my_task: KernelTask) -> list[tuple[KernelSpec, str]]:
        holds = my_task.workflow.script_engine.holds
        return [(spec, flow) for text, spec, flow in self.choices if text is not None and holds(my_task, text)]

    def _default(self, my_task: KernelTask) -> list[tuple[KernelSpec, str]]:
        defaults = [(spec, flow) for text, spec, flow in self.choices if text is None]
        if not defaults:
            raise failure(my_task, "没有一条出线的条件成立，也没有默认出线，请流程负责人补上默认出线")
        return defaults


class Exclusive(Choosing, ExclusiveGateway):  # type: ignore[misc]
    """Takes the first output, in document order, whose condition holds."""

    def _run_hook(self, my_task: KernelTask) -> bool:
        holds = my_task.workflow.script_engine.holds
        for text, spec, flow in self.choices:
            if text is not None and holds(my_task, text):
                return self._follow(my_task, [(spec, flow)])
        return self._follow(my_task, self._default(my_task)[:1])


class Inclusive(Choosing, Gathering, InclusiveGateway):  # type: ignore[misc]
    """Takes every output whose condition holds; waits for every token that may still come.

    SpiffWorkflow does not see a token inside a sub-process or called activity and fires too early.
    """

    polled = True
    upstream: ClassVar[dict[str, frozenset[str]]] = {}

    def freeze(self) -> None:
        """Work out from where each input can be reached without passing through this gateway."""
        super().freeze()
        self.upstream = {name: self._before(name) for name in set(self._inputs)}  # type: ignore[misc]

    def _before(self, name: str) -> frozenset[str]:
        specs = self._wf_spec.task_specs
        seen = {name}
        pending = [name]
        while pending:
            for before in specs[pending.pop()]._inputs:
                if before not in seen and before != self.name:
                    seen.add(before)
                    pending.append(before)
        return frozenset(seen)

    def _all_arrived(self, my_task: KernelTask, arrived: set[str]) -> bool:
        missing = set(self._inputs) - arrived
        if not missing:
            return True
        tokens = {t.task_spec.name for t in my_task.workflow.tasks.values() if t._state & TOKEN}
        tokens.discard(self.name)
        passed = frozenset().union(*(self.upstream[name] for name in arrived))
        return not any((self.upstream[name] - passed) & tokens for name in missing)

    def _run_hook(self, my_task: KernelTask) -> bool:
        return self._follow(my_task, self._matching(my_task) or self._default(my_task))
