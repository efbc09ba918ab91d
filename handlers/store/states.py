"""The states of cases and tasks, the kinds of events in a history, and which change of state is allowed.

What is written in `instance.status`, `task.state` and `event.kind`. Rows give plain text, which equals these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class CaseStatus(StrEnum):
    """How a case stands."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    INCIDENT = "incident"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class TaskState(StrEnum):
    """How a task stands. `held`: a step after it failed, and its form waits in the incident."""

    OPEN = "open"
    HELD = "held"
    DONE = "done"
    CANCELLED = "cancelled"


class EventKind(StrEnum):
    """What an entry of a history tells."""

    STARTED = "started"
    COMPLETED = "completed"
    CLAIMED = "claimed"
    RELEASED = "released"
    ASSIGNED = "assigned"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    CANCELLED = "cancelled"
    INCIDENT = "incident"
    RETRIED = "retried"
    GIVEN_BACK = "given_back"
    MESSAGE = "message"
    ACTED = "acted"
    OPENED = "opened"
    SENT = "sent"
    RECEIVED = "received"
    TIMER = "timer"
    LIMITS_MOVED = "limits_moved"
    LIMIT_REFUSED = "limit_refused"
    DEADLINE_WARNING = "deadline_warning"
    NOTE = "note"
    VIEWED = "viewed"
    CORRECTED = "corrected"
    PARENT_CORRECTED = "parent_corrected"
    DELIVERED = "delivered"
    ENDED = "ended"


class ChangeForbidden(Exception):
    """A change of state that is not in the table: a fault of the program, not of a person."""


@dataclass(frozen=True, slots=True)
class Change:
    """Where a case must stand for an event to happen to it, and where it stands afterwards."""

    before: frozenset[CaseStatus]
    after: CaseStatus


OPEN_STATES = (CaseStatus.ACTIVE, CaseStatus.SUSPENDED, CaseStatus.INCIDENT)
"""Of a case that has not ended."""
WAITING_STATES = (TaskState.OPEN, TaskState.HELD)
"""Of a task that is on a desk."""

CASE_CHANGES: Mapping[EventKind, Change] = {
    EventKind.SUSPENDED: Change(frozenset({CaseStatus.ACTIVE}), CaseStatus.SUSPENDED),
    EventKind.RESUMED: Change(frozenset({CaseStatus.SUSPENDED}), CaseStatus.ACTIVE),
    EventKind.INCIDENT: Change(frozenset({CaseStatus.ACTIVE}), CaseStatus.INCIDENT),
    EventKind.RETRIED: Change(frozenset({CaseStatus.INCIDENT}), CaseStatus.ACTIVE),
    EventKind.GIVEN_BACK: Change(frozenset({CaseStatus.INCIDENT}), CaseStatus.ACTIVE),
    EventKind.CANCELLED: Change(frozenset(OPEN_STATES), CaseStatus.CANCELLED),
    EventKind.ENDED: Change(frozenset({CaseStatus.ACTIVE}), CaseStatus.COMPLETED),
}
"""Every event that changes how a case stands; the others leave it as it is."""
TASK_CHANGES: Mapping[TaskState, frozenset[TaskState]] = {
    TaskState.OPEN: frozenset({TaskState.DONE, TaskState.HELD, TaskState.CANCELLED}),
    TaskState.HELD: frozenset({TaskState.OPEN, TaskState.CANCELLED}),
    TaskState.DONE: frozenset(),
    TaskState.CANCELLED: frozenset(),
}


def may_happen(status: CaseStatus, kind: EventKind) -> bool:
    """Whether the event `kind`, one of `CASE_CHANGES`, may happen to a case that stands so."""
    return status in CASE_CHANGES[kind].before


def status_after(status: CaseStatus, kind: EventKind) -> CaseStatus:
    """How a case stands after the event `kind`, one of `CASE_CHANGES`. Raises ChangeForbidden."""
    if not may_happen(status, kind):
        raise ChangeForbidden(f"{kind} does not happen to a case that is {status}")
    return CASE_CHANGES[kind].after


def state_after(state: str, after: TaskState) -> TaskState:
    """`after`, where a task in `state` may come to it. Raises ChangeForbidden."""
    if after not in TASK_CHANGES[TaskState(state)]:
        raise ChangeForbidden(f"a task that is {state} does not become {after}")
    return after
