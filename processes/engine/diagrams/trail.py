"""Where a case has been and where it stands: its walked path, followed from its events to its open tasks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Walked:
    """One event of the history, as far as the picture needs it."""

    at: datetime
    who: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """One open task. `people` is a person's name or the pool that may claim it; `held` after an incident."""

    scope: str
    node: str
    people: str
    since: datetime
    due_on: date | None = None
    held: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """The last time a node was passed, and how often in all."""

    times: int
    at: datetime
    who: str


@dataclass(slots=True)
class Trail:
    """Where a case has been and where it is, over all the processes it runs through."""

    visits: dict[tuple[str, str], Visit] = field(default_factory=dict)
    cancelled: set[tuple[str, str]] = field(default_factory=set)
    flows: Counter[tuple[str, str]] = field(default_factory=Counter)
    standing: dict[tuple[str, str], list[Standing]] = field(default_factory=dict)
    failed: set[tuple[str, str]] = field(default_factory=set)
    instances: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """Who finished single instances of a multi-instance node that is not done as a whole."""
    running: bool = True


def trail(
    events: Iterable[Walked],
    standing: Iterable[Standing],
    *,
    running: bool,
    failed: Iterable[tuple[str, str]] = (),
) -> Trail:
    """Follow the walked paths of `events`, oldest first, to the open tasks.

    `running` is False for a case that has ended: nothing is waited for there.
    `failed` are (scope, node) of unresolved incidents.
    """
    result = Trail(failed=set(failed), running=running)
    for event in events:
        _follow(result, event)
    for place in standing:
        result.standing.setdefault((place.scope, place.node), []).append(place)
    return result


def _follow(result: Trail, event: Walked) -> None:
    for scope, node, kind in event.detail.get("path", ()):
        place = (scope, node)
        if kind == "cancelled":
            result.cancelled.add(place)
        elif kind == "instance":
            result.instances.setdefault(place, []).append(event.who)
        else:
            before = result.visits.get(place)
            who = "、".join(dict.fromkeys(result.instances.pop(place, []))) or event.who
            result.visits[place] = Visit((before.times if before else 0) + 1, event.at, who)
            result.cancelled.discard(place)
    for scope, flow in event.detail.get("flows", ()):
        result.flows[(scope, flow)] += 1
