"""What this kernel uses of a running case, as types: SpiffWorkflow itself has none.

`workflow.py`, `specs.py` and their kin are these; they name each other by them, so that nothing imports in a circle.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from processes.engine.diagrams.model import ActivityLimit, Node
from processes.engine.kernel.release import Release
from processes.engine.language.decision_tables import Decision

Frame = dict[str, Any]


class Host(Protocol):
    """What a running case may ask of the world; given anew with each command."""

    now: datetime

    def call(self, handler: str, parameters: Mapping[str, object], node: Node) -> Mapping[str, object]:
        """Run the service function `handler`."""

    def clock(self, code: str, start: datetime, *, token: str) -> datetime | None:
        """The end of the last day of the limit `code`, counted from `start`; None while it rests.

        `token` names the timer that waits for it.
        """


class KernelScript(Protocol):
    """What tasks ask of their case: expressions, the world, the release."""

    host: Host
    release: Release
    decisions: list[Decision]
    firing: bool

    def evaluate(
        self,
        task: KernelTask,
        expression: str,
        external_context: Mapping[str, Callable[..., object]] | None = None,
    ) -> object:
        """The value of an expression over what `task` sees."""

    def holds(self, task: KernelTask, condition: str) -> bool:
        """Whether a condition is true over what `task` sees."""


class KernelSpec(Protocol):
    """A node as SpiffWorkflow runs it; shared by all cases of a release."""

    name: str
    node: Node | None
    bpmn_id: str | None
    manual: bool
    framed: bool
    isolated: bool
    polled: bool
    limits: tuple[ActivityLimit, ...]
    flow_of: dict[str, str]
    event_definition: Any
    """SpiffWorkflow's, of an event."""
    cancel_activity: bool
    """Whether a boundary event interrupts its activity."""
    spec: str
    """Of an activity with a process inside: the name of that process."""
    completed_event: Any
    """SpiffWorkflow's signal."""

    @property
    def outputs(self) -> list[KernelSpec]:
        """The specs that follow."""

    def _update(self, my_task: KernelTask) -> None: ...
    def _predict_hook(self, my_task: KernelTask) -> None: ...
    def _on_ready_hook(self, my_task: KernelTask) -> None: ...
    def _on_subworkflow_completed(self, workflow: KernelWorkflow, my_task: KernelTask) -> None: ...


class KernelTask(Protocol):
    """A token at a node. `id` is unique in its case for ever."""

    id: int
    workflow: KernelWorkflow
    task_spec: KernelSpec
    triggered: bool
    data: Frame
    internal_data: dict[str, Any]
    taken: tuple[str, ...]
    """Flows that a gateway has chosen."""
    last_state_change: int
    _state: int
    _parent: int | None
    _children: list[int]

    @property
    def parent(self) -> KernelTask:
        """The task it came from; asked only of tasks that have one."""

    @property
    def children(self) -> list[KernelTask]:
        """The tasks that came from it."""

    def run(self) -> bool | None:
        """Let its node happen."""

    def cancel(self) -> None:
        """Take it back, with what is inside it."""

    def has_state(self, state: int) -> bool:
        """Whether it is in one of these states."""

    def _set_state(self, value: int) -> None: ...
    def _ready(self) -> None: ...
    def _add_child(self, task_spec: KernelSpec, state: int = ...) -> KernelTask: ...
    def _sync_children(self, task_specs: list[KernelSpec], state: int = ...) -> None: ...


class ProcessShape(Protocol):
    """The specs of one process."""

    name: str
    start: KernelSpec
    task_specs: dict[str, KernelSpec]


class KernelWorkflow(Protocol):
    """A process under way: the case's own, a called one, or one inside an activity."""

    spec: ProcessShape
    tasks: dict[int, KernelTask]
    task_tree: KernelTask
    data: Frame
    completed: bool
    completed_event: Any
    """SpiffWorkflow's signal."""
    parent_task_id: int | None
    script_engine: KernelScript

    @property
    def top_workflow(self) -> KernelCase:
        """The case."""

    def cancel(self) -> list[KernelTask]:
        """Cancel every unfinished task."""

    def _remove_task(self, task_id: int) -> None: ...
    def _mark_complete(self, task: KernelTask) -> None: ...


class KernelCase(KernelWorkflow, Protocol):
    """The case itself."""

    last_id: int
    changes: int
    ready: deque[KernelTask]
    """Tasks that run by themselves, in the order in which they became ready."""
    subprocesses: dict[int, KernelWorkflow]
    event_manager: Any
    """SpiffWorkflow's: the tasks that wait for an event."""
    start_message: str

    def get_task_from_id(self, task_id: int) -> KernelTask | None:
        """The task with that id, wherever it is."""

    def create_subprocess(self, my_task: KernelTask, spec_name: str) -> KernelWorkflow:
        """Start the process inside `my_task`."""

    def note(self, task: KernelTask, before: int) -> None:
        """Write down that `task` has finished, which was in state `before`."""

    def workflows(self) -> Sequence[KernelWorkflow]:
        """The case and every process under way in it."""

    def catch(self, event: object) -> None:
        """Hand an event to whoever waits for it."""


def node_of(spec: KernelSpec) -> Node:
    """The node of the diagram that `spec` is. Raises LookupError, for a helper of SpiffWorkflow's."""
    if spec.node is None:
        raise LookupError(f"{spec.name} is no node of the diagram")
    return spec.node
