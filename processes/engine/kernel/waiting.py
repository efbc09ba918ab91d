"""What a case waits for, as its diagram says: the way to tell where a case stands that is on nobody's desk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from processes.engine.diagrams.model import Node
from processes.engine.kernel.events import events_ahead
from processes.engine.kernel.shapes import KernelCase, node_of
from processes.engine.kernel.timers import DUE, NEVER


@dataclass(frozen=True, slots=True)
class Wait:
    """An event that lets the case go on. `due_at`: of a timer; None for a message, or where nobody knows yet."""

    node: Node
    due_at: datetime | None = None


def waits(workflow: KernelCase) -> list[Wait]:
    """The events that the tokens of a case have come to, oldest first.

    Events on the edge of an activity are what may happen meanwhile; they are among them only where inside the activity
    nothing but time is waited for, and only those messages that end it.
    """
    every = list(_events(workflow))
    inside = [wait for wait in every if wait.node.kind != "boundaryEvent"]
    if any(wait.node.event == "message" for wait in inside):
        return inside
    edges = (wait for wait in every if wait.node.kind == "boundaryEvent" and wait.node.event == "message")
    return [*inside, *(wait for wait in edges if wait.node.interrupting)]


def _events(workflow: KernelCase) -> Iterator[Wait]:
    for task, spec in events_ahead(workflow):
        due = task.internal_data.get(DUE)
        due_at = datetime.fromisoformat(due) if due else None
        node = node_of(spec)
        yield Wait(node, due_at if node.event == "timer" and due_at != NEVER else None)
