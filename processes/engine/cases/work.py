"""A command under way, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection

from forms.form_file import FormFile
from handlers.clocks.calendar_store import CalendarCache
from handlers.people.actors import Actor, Permit
from handlers.store.states import OPEN_STATES, EventKind
from processes.engine.cases.case_row import NAME_LENGTH, Case
from processes.engine.cases.history import HistoryEntry
from processes.engine.cases.row_shapes import TaskRow
from processes.engine.cases.task_rows import decision_marks
from processes.engine.cases.world import CommandHost
from processes.engine.diagrams.model import Node
from processes.engine.kernel.live import LiveInstance, NodeStep, RunningLimit
from processes.engine.kernel.release import Release
from processes.engine.publishing.library import Library

SYSTEM = "系统"


@dataclass(frozen=True, slots=True)
class Opened:
    """A task that a command put on a desk."""

    id: int
    name: str
    role: str
    department: str | None
    assignee_id: int | None


@dataclass(frozen=True, slots=True)
class Result:
    """What a command did. `held` is a sentence when a step failed and the case waits for a repair."""

    instance_id: int
    number: str
    title: str
    task_id: int | None = None
    opened: tuple[Opened, ...] = ()
    ended: bool = False
    outcome: str | None = None
    held: str = ""
    again: bool = False
    """Whether it had been done already, by the same submit: nothing was done now."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What all commands of one engine have in common. Safe to share between threads."""

    library: Library
    calendars: CalendarCache
    seal_key: bytes
    """Key of the seals on counters and histories."""

    def host(self, connection: Connection, case: Case, release: Release, now: datetime) -> CommandHost:
        """The world that one command on `case` runs in."""
        form = partial(self.library.form, case.release_id)
        return CommandHost(connection, case, release, now, self.calendars, self.seal_key, form)


@dataclass
class Work:
    """The locked case, its live instance, the world it runs in, and what has been done so far."""

    connection: Connection
    now: datetime
    shared: Shared
    case: Case
    release: Release
    live: LiveInstance
    host: CommandHost
    entries: list[HistoryEntry] = field(default_factory=list)
    opened: tuple[Opened, ...] = ()
    sent: list[NodeStep] = field(default_factory=list)
    """Messages that nobody in the case waited for, to be posted to others."""
    limits_before: frozenset[RunningLimit] = field(init=False)
    """Limits that ran when the command began, or when their rows were last brought up to date."""

    def __post_init__(self) -> None:
        self.limits_before = self.live.limits()

    def form(self, key: str) -> FormFile:
        """A form as the case's release has it. Raises KeyError."""
        return self.shared.library.form(self.case.release_id, key)

    def save(self) -> None:
        """Write the case's row and what has been added to its history."""
        self.case.save(self.connection, self.shared.seal_key, self.now, self.entries)

    def walked(self) -> dict[str, Any]:
        """What the kernel has walked since this was last asked, for an event's detail; keeps decisions for later."""
        steps, decisions = self.live.drain()
        self.sent += [step for step in steps if step.kind == "sent"]
        if decisions:
            names = {key: table.name for key, table in self.release.tables.items()}
            self.case.decisions = {**self.case.decisions, **decision_marks(decisions, names)}
        return {
            "path": [[step.scope, step.node, step.kind] for step in steps if step.node],
            "flows": [[step.scope, flow] for step in steps for flow in step.flows],
            "decisions": [
                {
                    "table": item.table,
                    "row": item.row,
                    "label": item.label,
                    "inputs": dict(item.inputs),
                    "outputs": dict(item.outputs),
                }
                for item in decisions
            ],
        }

    def result(self, task_id: int | None = None, *, held: str = "") -> Result:
        """The answer to the person who gave the command."""
        case = self.case
        return Result(
            instance_id=case.id,
            number=case.number,
            title=case.title,
            task_id=task_id,
            opened=self.opened,
            ended=case.status not in OPEN_STATES,
            outcome=case.outcome,
            held=held,
        )


def entry(
    actor: Actor | None,
    kind: EventKind,
    *,
    permit: Permit | None = None,
    row: TaskRow | None = None,
    node: Node | None = None,
    outcome: str | None = None,
    comment: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> HistoryEntry:
    """A history entry by `actor` (None: the system), about task `row` or event `node` if given."""
    return HistoryEntry(
        kind=kind,
        actor_id=actor.account_id if actor else None,
        actor_name=actor.name if actor else SYSTEM,
        on_behalf_of=permit.on_behalf_of_name if permit else None,
        task_id=row.id if row else None,
        scope=row.scope if row else node.process if node else None,
        node=row.node if row else node.id if node else None,
        node_name=row.name if row else (node.name or node.id)[:NAME_LENGTH] if node else None,
        outcome=outcome,
        comment=comment or None,
        detail=detail or {},
    )
