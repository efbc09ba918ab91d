"""A running case: SpiffWorkflow's workflow without walks over its tree.

Tasks have small counting ids, state changes count instead of taking the time, ready tasks queue up as they become
ready, and every finished step is noted as it happens.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from processes.engine.diagrams.model import Node
from processes.engine.errors import StepLimit
from processes.engine.kernel.compaction import compact
from processes.engine.kernel.events import MessageDefinition
from processes.engine.kernel.script import CaseScript, failure, naming
from processes.engine.kernel.shapes import KernelSpec, KernelTask, KernelWorkflow, ProcessShape

FINISHED = TaskState.FINISHED_MASK
OVER = TaskState.COMPLETED | TaskState.CANCELLED
UNFINISHED = TaskState.NOT_FINISHED_MASK
STEP_LIMIT = 10_000
COMPACT_EVERY = 200
"""Automatic steps between compactions within one command, so that a long loop does not grow a long tree."""
ACTIVITIES = frozenset({"userTask", "serviceTask", "businessRuleTask", "callActivity", "subProcess"})


@dataclass(frozen=True, slots=True)
class NodeStep:
    """Something that happened to a node.

    kind: `done`, a node was left by `flows`; `instance`, one of a multi-instance finished; `fired`, a boundary event
    happened; `cancelled`, an activity was taken back; `sent`, a message was thrown that nobody in the case waited for
    (its name is `message`, what it brings is `payload`).
    """

    scope: str
    node: str
    kind: str
    flows: tuple[str, ...] = ()
    token: str = ""
    message: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict, hash=False)


class CaseTask(Task):  # type: ignore[misc]
    """A task with a counting id, unique in its case for ever."""

    def __init__(
        self,
        workflow: KernelWorkflow,
        task_spec: KernelSpec,
        parent: KernelTask | None = None,
        state: int = TaskState.MAYBE,
    ) -> None:
        top = workflow.top_workflow
        top.last_id += 1
        top.changes += 1
        self.id: int = top.last_id
        workflow.tasks[self.id] = self
        self.workflow = workflow
        self._parent = None if parent is None else parent.id
        self._children: list[int] = []
        self._state = state
        self.triggered = False
        self.task_spec = task_spec
        self.thread_id = 0
        self.data: dict[str, Any] = {}
        self.internal_data: dict[str, Any] = {}
        self.last_state_change = top.changes
        if parent is not None:
            parent._children.append(self.id)

    def _add_child(self, task_spec: KernelSpec, state: int = TaskState.MAYBE) -> CaseTask:
        return CaseTask(self.workflow, task_spec, self, state)

    def _sync_children(self, task_specs: list[KernelSpec], state: int = TaskState.MAYBE) -> None:
        if self._children:
            super()._sync_children(task_specs, state)
            return
        for spec in task_specs:
            CaseTask(self.workflow, spec, self, state)

    def _ready(self) -> None:
        if not self._state & OVER:
            self._set_state(TaskState.READY)
            self.task_spec._on_ready_hook(self)

    def _inherit_data(self) -> None:
        """Variables live in frames."""

    def _set_state(self, value: int) -> None:
        before = self._state
        if value == before:
            return
        self._state = value
        top = self.workflow.top_workflow
        top.changes += 1
        self.last_state_change = top.changes
        if value == TaskState.READY:
            if not self.task_spec.manual:
                top.ready.append(self)
        elif value & FINISHED:
            top.note(self, before)

    def cancel(self) -> None:
        """Cancel, and with a multi-instance also its instances, which SpiffWorkflow drops without telling them."""
        if not self._state & FINISHED:
            for child in self.children:
                if child.triggered:
                    child.cancel()
        super().cancel()

    def find_ancestor(self, spec_name: str) -> CaseTask | None:
        """The nearest ancestor of that spec; without recursion, since a chain may be long within one command."""
        task = self.parent
        while task is not None and task.task_spec.name != spec_name:
            task = task.parent
        ancestor: CaseTask | None = task
        return ancestor


class _Flat:
    """What case and sub-process have in common."""

    def _plant(self) -> None:
        root = CaseTask(self, self.spec.start, state=TaskState.FUTURE)  # type: ignore[arg-type, attr-defined]
        self.task_tree = root
        root.task_spec._predict_hook(root)
        root._ready()

    def _task_completed_notify(self, task: KernelTask) -> None:
        if task.task_spec.name == "End":
            self._mark_complete(task)
        if self.completed:
            self.completed_event(self)  # type: ignore[attr-defined]

    def _mark_complete(self, task: KernelTask) -> None:
        self.completed = True

    def _remove_task(self, task_id: int) -> None:
        tasks = self.tasks  # type: ignore[attr-defined]
        tasks[tasks[task_id]._parent]._children.remove(task_id)
        pending = [task_id]
        while pending:
            pending.extend(tasks.pop(pending.pop())._children)

    def cancel(self) -> list[Any]:
        """Cancel every unfinished task."""
        self.completed = True
        self.success = False
        tasks = self.tasks  # type: ignore[attr-defined]
        cancelled = [task for task in tasks.values() if task._state & UNFINISHED]
        for task in cancelled:
            if task.id in tasks:
                task.cancel()
        return cancelled


class CaseSubWorkflow(_Flat, BpmnSubWorkflow):  # type: ignore[misc]
    """A sub-process or called process under way."""

    def __init__(self, spec: ProcessShape, parent_task_id: int, top_workflow: CaseWorkflow, new: bool = True) -> None:
        super().__init__(spec, parent_task_id, top_workflow, deserializing=True)
        if new:
            self._plant()

    def _calculate_depth(self) -> int:
        return 1


class CaseWorkflow(_Flat, BpmnWorkflow):  # type: ignore[misc]
    """The case itself."""

    top_workflow: Any = None  # in place of a property: every change of state asks for it

    def __init__(self, script: CaseScript, new: bool = True) -> None:
        self.top_workflow = self
        self.last_id = 0
        self.changes = 0
        self.ready: deque[CaseTask] = deque()
        self.steps: list[NodeStep] = []
        self.outcome = ""
        self.start_message = ""
        """The message that started the case; empty: somebody, or the caller."""
        release = script.release
        super().__init__(release.spec, release.subprocess_specs, script, deserializing=True)
        if new:
            self._plant()

    def create_subprocess(self, my_task: KernelTask, spec_name: str) -> CaseSubWorkflow:
        """Start the process inside `my_task`."""
        inner = CaseSubWorkflow(self.subprocess_specs[spec_name], my_task.id, self)
        self.subprocesses[my_task.id] = inner
        return inner

    def workflows(self) -> list[Any]:
        """The case and every process under way in it."""
        return [self, *(inner for inner in self.subprocesses.values() if not inner.completed)]

    def get_task_from_id(self, task_id: int) -> CaseTask | None:
        """The task with that id, wherever it is."""
        for workflow in (self, *self.subprocesses.values()):
            task: CaseTask | None = workflow.tasks.get(task_id)
            if task is not None:
                return task
        return None

    def note(self, task: CaseTask, before: int) -> None:
        """Write down that `task` has finished."""
        spec = task.task_spec
        node = spec.node
        if node is None:
            return
        if task._state == TaskState.COMPLETED:
            kind, flows = "done", self._flows_taken(task)
            if spec.framed:
                kind = "instance"
            elif node.kind == "boundaryEvent":
                kind = "fired"
            elif node.kind == "endEvent" and task.workflow is self:
                self._note_end(node)
            self.steps.append(NodeStep(node.process, node.id, kind, flows, str(task.id)))
        elif node.kind in ACTIVITIES and before & (TaskState.READY | TaskState.STARTED | TaskState.WAITING):
            self.steps.append(NodeStep(node.process, node.id, "cancelled", (), str(task.id)))

    def _note_end(self, node: Node) -> None:
        # A reminder branch beside the main road also has an end; it is an outcome only where there is no other.
        if node.id in self.script_engine.release.main_ends or not self.outcome:
            self.outcome = node.name or node.id

    def _flows_taken(self, task: CaseTask) -> tuple[str, ...]:
        taken: tuple[str, ...] | None = task.__dict__.get("taken")
        if taken is not None:
            return taken
        flow_of = task.task_spec.flow_of
        if not flow_of:
            return ()
        names = [child.task_spec.name for child in task.children]
        return tuple(flow_of[name] for name in names if name in flow_of)

    def advance(self, limit: int = STEP_LIMIT) -> None:
        """Run everything automatic until only people, timers and messages are waited for.

        Raises: StepFailed; StepLimit, after `limit` automatic steps.
        """
        count = 0
        while self.ready or self._update_joins():
            task = self.ready.popleft()
            if task._state != TaskState.READY or task.workflow.tasks.get(task.id) is not task:
                continue
            count += 1
            if count > limit:
                error = failure(
                    task, f"自动步骤超过 {limit} 步仍没有停下，流程图里可能有走不出来的环，请流程负责人检查"
                )
                raise StepLimit(error.scope, error.node, error.node_name, error.reason)
            with naming(task):
                task.run()
            if count % COMPACT_EVERY == 0:
                compact(self)
        self._note_sent()

    def _update_joins(self) -> bool:
        """Look again at the joins that wait for tokens elsewhere to arrive or to disappear."""
        for workflow in self.workflows():
            waiting = [t for t in workflow.tasks.values() if t._state == TaskState.WAITING and t.task_spec.polled]
            for task in waiting:
                if task._state == TaskState.WAITING:
                    task.task_spec._update(task)
        return bool(self.ready)

    def _note_sent(self) -> None:
        for event in self.get_events():
            if isinstance(event.event_definition, MessageDefinition):
                name = event.event_definition.name
                self.steps.append(NodeStep(self.spec.name, "", "sent", message=name, payload=event.payload))
