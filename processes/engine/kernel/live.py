"""A case in memory: everything that commands do with the kernel goes through `LiveInstance`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from SpiffWorkflow.bpmn.util import BpmnEvent
from SpiffWorkflow.util.task import TaskState

from processes.engine.diagrams.model import ActivityLimit, Node
from processes.engine.errors import StepFailed
from processes.engine.kernel import codec, timers
from processes.engine.kernel.compaction import compact
from processes.engine.kernel.events import FirstOf, MessageDefinition, events_ahead
from processes.engine.kernel.release import Release
from processes.engine.kernel.script import CaseScript, failure, naming
from processes.engine.kernel.shapes import Host, KernelTask, node_of
from processes.engine.kernel.variables import owner_of, plain, visible, write
from processes.engine.kernel.waiting import Wait, waits
from processes.engine.kernel.workflow import STEP_LIMIT, CaseTask, CaseWorkflow, NodeStep
from processes.engine.language.decision_tables import Decision

__all__ = ["Decision", "Host", "LiveInstance", "NodeStep", "OpenTask", "RunningLimit"]

ACTIVE = TaskState.WAITING | TaskState.READY | TaskState.STARTED


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A user task that waits for somebody. `token` names it within its case, for ever.

    `around`: tokens of the limited activities it stands in, itself included.
    """

    token: str
    scope: str
    node: Node
    data: dict[str, Any]
    around: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunningLimit:
    """A limit that runs now. `token` names the activity or the timer that it runs for.

    `timer`: it belongs to a timer, whose row was written when the timer was set.
    """

    token: str
    code: str
    timer: bool = False


class LiveInstance:
    """A running case. Not for several threads at a time; to be thrown away after any exception but KeyError."""

    def __init__(self, release: Release, workflow: CaseWorkflow, script: CaseScript) -> None:
        self.release = release
        self.step_limit = STEP_LIMIT
        self._workflow = workflow
        self._script = script

    @classmethod
    def start(cls, release: Release, data: Mapping[str, object], host: Host, *, message: str = "") -> Self:
        """A new case, run to its first wait. Of `data` only what the release mentions is kept.

        `message`: the one that starts it, where the process has several start events.

        Raises: StepFailed; TypeError, if a value cannot be saved.
        """
        script = CaseScript(release)
        script.host = host
        live = cls(release, CaseWorkflow(script), script)
        live._workflow.start_message = message
        live._workflow.data.update(plain(live._mentioned(data)))
        live._advance(host)
        return live

    @classmethod
    def load(cls, release: Release, state: bytes) -> Self:
        """The case that `dump` saved. Raises ValueError."""
        script = CaseScript(release)
        return cls(release, codec.load(script, state), script)

    def dump(self) -> bytes:
        """The case as bytes. What `drain` has not fetched is not part of it."""
        compact(self._workflow)
        return codec.dump(self._workflow)

    @property
    def completed(self) -> bool:
        """Whether the case has ended, or was cancelled."""
        return bool(self._workflow.completed)

    @property
    def outcome(self) -> str:
        """Name, or id, of the end event reached last in the case's own process; empty before that."""
        return self._workflow.outcome

    def open_tasks(self) -> list[OpenTask]:
        """Every user task that waits for somebody, oldest first."""
        desks = sorted(self._ready_desks(), key=lambda task: task.id)
        return [_open_task(t, node_of(t.task_spec), self._around(t)) for t in desks]

    def complete(self, token: str, values: Mapping[str, object], host: Host) -> None:
        """Finish an open task with `values` and run on to the next wait.

        Raises: KeyError, if `token` is no open task; StepFailed.
        """
        task = next((t for t in self._ready_desks() if str(t.id) == token), None)
        if task is None:
            raise KeyError(token)
        self._script.host = host
        with naming(task):
            write(task, self._mentioned(values))
            task.run()
        self._advance(host)

    def send(self, message: str, payload: Mapping[str, object], host: Host) -> bool:
        """Deliver a message to every event of the case that waits for it. False: nobody does, nothing happened.

        Raises: StepFailed.
        """
        if message not in self.waiting_messages():
            return False
        self._script.host = host
        event = BpmnEvent(MessageDefinition(message), payload=plain(self._mentioned(payload)))
        self._workflow.event_manager.catch(event, internal=False)
        self._advance(host)
        return True

    def waiting_messages(self) -> frozenset[str]:
        """Names of the messages that some event of the case waits for."""
        definitions = [t.task_spec.event_definition for t in self._workflow.event_manager.tasks.values()]
        definitions += [
            d for definition in definitions if isinstance(definition, FirstOf) for d in definition.event_definitions
        ]
        return frozenset(d.name for d in definitions if isinstance(d, MessageDefinition))

    def waits(self) -> list[Wait]:
        """The events that let the case go on, beside its open tasks."""
        return waits(self._workflow)

    def actions(self) -> list[OpenTask]:
        """Every waiting message event that a person may let happen by filling in its form, oldest first."""
        return [
            _open_task(task, node)
            for task, node in ((task, node_of(spec)) for task, spec in events_ahead(self._workflow))
            if node.event == "message" and node.task
        ]

    def fire_due(self, host: Host) -> int:
        """Fire every timer due at `host.now`, longest overdue first, running on after each. How many fired.

        Raises: StepFailed.
        """
        fired = 0
        while (task := timers.earliest_due(self._workflow, host.now)) is not None:
            self._script.host = host
            self._script.firing = True
            task.task_spec._update(task)
            self._script.firing = False
            self._advance(host)
            fired += 1
        return fired

    def next_due(self) -> datetime | None:
        """When the earliest timer is due, wherever in the case it runs."""
        return timers.next_due(self._workflow)

    def limits(self) -> frozenset[RunningLimit]:
        """The limits that run now: of timers that wait for one, and of activities that have one."""
        of_timers = {RunningLimit(token, code, timer=True) for token, code, _ in timers.limits(self._workflow)}
        return frozenset(
            of_timers | {RunningLimit(str(t.id), self._code(t, m)) for t in self._limited() for m in t.task_spec.limits}
        )

    def limit_start(self, limit: RunningLimit) -> object:
        """What the `from` of an activity's limit gives now; None where it says nothing. Raises StepFailed."""
        task = next(task for task in self._limited() if str(task.id) == limit.token)
        text = next(mark.start for mark in task.task_spec.limits if self._code(task, mark) == limit.code)
        return self._script.evaluate(task, text) if text else None

    def _code(self, task: KernelTask, mark: ActivityLimit) -> str:
        return str(self._script.evaluate(task, mark.code[1:])) if mark.code.startswith("=") else mark.code

    def failed_at(self, token: str, reason: str) -> StepFailed:
        """The exception that says that the activity `token` failed."""
        task = next(task for task in self._limited() if str(task.id) == token)
        return failure(task, reason)

    def timer_limits(self) -> list[tuple[str, str, datetime | None]]:
        """Token, limit code and start of the count of every timer that waits for the end of a limit."""
        return list(timers.limits(self._workflow))

    def restart_timers(self) -> dict[tuple[str, str], datetime]:
        """Let the timers of limits count from what their expressions say now; what changed, by token and code.

        Raises: StepFailed.
        """
        return timers.restart(self._workflow)

    def move_timers(self, dues: Mapping[str, datetime | None]) -> None:
        """Let the timers with these tokens end at the given moments (aware); None: not before they are moved again."""
        timers.move(self._workflow, dues)

    def correct(self, values: Mapping[str, tuple[object, object]]) -> None:
        """Put the second value of each pair where a variable of that name holds the first, in called processes too."""
        for workflow in self._workflow.workflows():
            for name, (old, new) in values.items():
                if name in workflow.data and workflow.data[name] == old:
                    workflow.data.update(plain({name: new}))

    def cancel(self) -> None:
        """End the case; open activities are noted as cancelled."""
        self._workflow.cancel()
        self._workflow.ready.clear()

    def drain(self) -> tuple[list[NodeStep], list[Decision]]:
        """What has happened since the last call: the path walked, and the decisions made on it."""
        steps, self._workflow.steps = self._workflow.steps, []
        decisions, self._script.decisions = self._script.decisions, []
        return steps, decisions

    def _ready_desks(self) -> list[CaseTask]:
        return [
            task
            for workflow in self._workflow.workflows()
            for task in workflow.tasks.values()
            if task._state == TaskState.READY and task.task_spec.manual
        ]

    def _limited(self) -> list[CaseTask]:
        """The active activities with a limit."""
        if not self.release.limited:
            return []
        return [
            task
            for workflow in self._workflow.workflows()
            for task in workflow.tasks.values()
            if task.task_spec.limits and task._state & ACTIVE
        ]

    def _around(self, task: KernelTask) -> tuple[str, ...]:
        around: list[str] = []
        inner: KernelTask | None = task
        while self.release.limited and inner is not None:
            # Above an instance of a multi-instance stands the whole, which has the limit.
            for candidate in (inner, inner.parent if inner.task_spec.framed else None):
                if candidate is not None and candidate.task_spec.limits:
                    around.append(str(candidate.id))
            inner = owner_of(inner.workflow)
        return tuple(around)

    def _mentioned(self, values: Mapping[str, object]) -> dict[str, object]:
        variables = self.release.variables
        return {name: value for name, value in values.items() if name in variables}

    def _advance(self, host: Host) -> None:
        self._script.host = host
        self._workflow.advance(self.step_limit)


def _open_task(task: KernelTask, node: Node, around: tuple[str, ...] = ()) -> OpenTask:
    return OpenTask(str(task.id), node.process, node, plain(visible(task)), around)
