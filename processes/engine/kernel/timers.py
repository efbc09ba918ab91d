"""Timers: when they are due, firing them exactly once, and moving them.

The clock is always the host's. A timer's due time is worked out once, when the token reaches it, and kept as ISO text
beside the code of the limit it was counted from. Due timers fire in `fire_due` only (or at once, if already due when
reached), never as a side effect of another command.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.util.task import TaskState

from handlers.time_source import read_moment
from processes.engine.diagrams.expression_places import written
from processes.engine.kernel.script import failure, naming
from processes.engine.kernel.shapes import KernelCase, KernelScript, KernelTask

DUE = "event_value"
CODE = "clock"
START = "clock_from"
FIRED = "event_fired"
NEVER = datetime(9000, 1, 1, tzinfo=UTC)
"""When a timer is due whose limit rests without an end: it stays in its place and does not fire."""


class CaseTimer(TimerEventDefinition):  # type: ignore[misc]
    """A timer of the diagram: `timeDate` (an instant) or `timeDuration` (ISO 8601, counted from now)."""

    def __init__(self, name: str, expression: str, kind: str = "timeDate", **kwargs: str) -> None:
        super().__init__(name, expression, **kwargs)
        self.kind = kind

    def has_fired(self, my_task: KernelTask) -> bool:
        """Whether the timer of `my_task` fires now; starts it if it is not running yet."""
        internal = my_task.internal_data
        engine = my_task.workflow.script_engine
        reached_now = DUE not in internal
        if reached_now:
            self._start(my_task, engine)
        if (reached_now or engine.firing) and datetime.fromisoformat(internal[DUE]) <= engine.host.now:
            internal[FIRED] = True
        return bool(internal.get(FIRED, False))

    def counts_from(self, my_task: KernelTask) -> datetime | None:
        """From when its expression counts its limit now; None where that is when the token came. Raises StepFailed."""
        asked: list[datetime | None] = []

        def clock(code: str, counted_from: object = None) -> str:
            asked.append(None if counted_from is None else _moment(my_task, counted_from))
            return NEVER.isoformat()

        my_task.workflow.script_engine.evaluate(my_task, self.expression, {"clock": clock})
        return asked[0] if asked else None

    def _start(self, my_task: KernelTask, engine: KernelScript) -> None:
        asked: list[tuple[str, datetime]] = []

        def clock(code: str, counted_from: object = None) -> str:
            start = engine.host.now if counted_from is None else _moment(my_task, counted_from)
            asked.append((code, start))
            due = engine.host.clock(code, start, token=str(my_task.id))
            return str((NEVER if due is None else due).isoformat())

        value = engine.evaluate(my_task, self.expression, {"clock": clock})
        with naming(my_task):
            due = self._instant(value, engine.host.now) if isinstance(value, str) else None
        if due is None:
            raise failure(
                my_task, f"定时器的表达式 {written(self.expression)} 应得到带时区的时刻（如 2026-03-01T00:00:00+08:00）"
            )
        my_task.internal_data[DUE] = due.isoformat()
        if asked:
            my_task.internal_data[CODE] = asked[0][0]
            my_task.internal_data[START] = asked[0][1].isoformat()

    def _instant(self, text: str, now: datetime) -> datetime | None:
        if self.kind == "timeDuration":
            parsed = self.parse_iso_duration(text)
            span: timedelta = self.get_timedelta_from_start(parsed, now)
            return now + span
        due = datetime.fromisoformat(text)
        return due if due.tzinfo else None

    def reset(self, my_task: KernelTask) -> None:
        """Forget the due time, so that a second visit counts anew."""
        for key in (DUE, CODE, START, FIRED):
            my_task.internal_data.pop(key, None)


def running(workflow: KernelCase) -> Iterator[tuple[datetime, KernelTask]]:
    """Due time and task of every running timer of a case, in sub-processes and at event gateways too."""
    for task in workflow.event_manager.tasks.values():
        due = task.internal_data.get(DUE)
        if due is not None and task._state == TaskState.WAITING:
            yield datetime.fromisoformat(due), task


def next_due(workflow: KernelCase) -> datetime | None:
    """The earliest due time, or None if no timer runs that is due some day."""
    return min((due for due, _ in running(workflow) if due < NEVER), default=None)


def earliest_due(workflow: KernelCase, now: datetime) -> KernelTask | None:
    """The task whose timer is due at `now`; the longest overdue first, None if there is none."""
    due = [(at, task.id, task) for at, task in running(workflow) if at <= now]
    return min(due)[2] if due else None


def limits(workflow: KernelCase) -> Iterator[tuple[str, str, datetime | None]]:
    """Token, limit code and start of the count of every running timer that waits for the end of a limit.

    The start is None for a timer that was set before starts were kept.
    """
    for _, task in running(workflow):
        data = task.internal_data
        if CODE in data:
            yield str(task.id), data[CODE], datetime.fromisoformat(data[START]) if START in data else None


def restart(workflow: KernelCase) -> dict[tuple[str, str], datetime]:
    """Let running timers of limits count from what their expressions say now; the new start by token and code.

    Only those of which it is another one. When they are due is for `move` to say. Raises StepFailed.
    """
    starts: dict[tuple[str, str], datetime] = {}
    for _, task in list(running(workflow)):
        data, definition = task.internal_data, _timer_of(task)
        start = definition.counts_from(task) if definition is not None and START in data else None
        if start is not None and start != datetime.fromisoformat(data[START]):
            data[START] = start.isoformat()
            starts[str(task.id), data[CODE]] = start
    return starts


def _timer_of(task: KernelTask) -> CaseTimer | None:
    """The timer that `task` waits for, alone or as one of several events."""
    definition = task.task_spec.event_definition
    candidates = (definition, *getattr(definition, "event_definitions", ()))
    return next((candidate for candidate in candidates if isinstance(candidate, CaseTimer)), None)


def move(workflow: KernelCase, dues: Mapping[str, datetime | None]) -> None:
    """Let the timers with these tokens end at the given moments (aware); None: nobody knows when."""
    for _, task in list(running(workflow)):
        if str(task.id) in dues:
            task.internal_data[DUE] = (dues[str(task.id)] or NEVER).isoformat()


def _moment(my_task: KernelTask, value: object) -> datetime:
    try:
        return read_moment(value)
    except ValueError as error:
        raise failure(my_task, f"期限的起算时间{error}") from error
