"""A new case, from its number to its first wait, whether a person starts it or a message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from handlers.cases import links
from handlers.people.actors import Actor
from handlers.personal import kept_apart
from handlers.store import counters
from handlers.store.states import EventKind
from handlers.time_source import beijing_date
from processes.engine.cases import case_row
from processes.engine.cases.case_facts import keep_register
from processes.engine.cases.case_row import Case
from processes.engine.cases.work import Shared, Work, entry
from processes.engine.kernel.live import LiveInstance
from processes.engine.kernel.release import Release
from processes.engine.limits.running import rule_set_of
from processes.engine.publishing.library import Startable


@dataclass(frozen=True, slots=True)
class Opening:
    """What a case is opened with.

    `values`: what the form of its first step, or the message, brings, as the case may know it. `parent` and `message`
    are what it came from, where it is linked. `mark`: of the submit.
    """

    chosen: Startable
    department: str
    values: Mapping[str, Any]
    started_by: int
    actor: Actor | None = None
    mark: str = ""
    parent: Work | None = None
    message: str = ""


def open_case(connection: Connection, now: datetime, shared: Shared, opening: Opening) -> Work:
    """A new case, run to its first wait. The caller concludes it. Raises Refused, StepFailed."""
    release = shared.library.release(opening.chosen.release_id)
    taken = _taken_over(shared, opening)
    case = _numbered(connection, now, shared, opening, release, taken)
    origin = _link(connection, now, case, opening, taken)
    if opening.message:
        keep_register(connection, shared.seal_key, case, release, now)
    host = shared.host(connection, case, release, now)
    live = LiveInstance.start(release, _given(case, opening, taken), host, message=opening.message)
    work = Work(connection, now, shared, case, release, live, host)
    work.limits_before = frozenset()
    detail = {"release_id": case.release_id, **origin, **work.walked()}
    work.entries.append(entry(opening.actor, EventKind.STARTED, detail=detail))
    return work


def _taken_over(shared: Shared, opening: Opening) -> dict[str, Any]:
    """What a linked case knows of the case it came from: the facts that its own diagrams or forms mention."""
    if opening.parent is None:
        return {}
    parent, mentioned = opening.parent.case, shared.library.mentioned(opening.chosen.release_id)
    known = {key: value for key, value in parent.facts.items() if key in mentioned}
    return {**known, "parent_number": parent.number, "parent_title": parent.title}


def _numbered(
    connection: Connection,
    now: datetime,
    shared: Shared,
    opening: Opening,
    release: Release,
    taken: Mapping[str, Any],
) -> Case:
    """The row of the case, with the next number of its series."""
    facts = {**taken, **opening.values}
    series = opening.chosen.process.series(beijing_date(now).year)
    number = counters.next_value(connection, shared.seal_key, f"case:{series}")
    row = {
        "release_id": opening.chosen.release_id,
        "process": opening.chosen.process.id,
        "number": f"{series}{number}号",
        "title": release.case_title(facts),
        "facts": facts,
        "rule_set": rule_set_of(release, facts, now),
        "decisions": {},
        "department": opening.department,
        "started_by": opening.started_by,
        "started_at": now,
        "start_mark": opening.mark or None,
    }
    return case_row.insert_case(connection, shared.seal_key, row)


def _link(
    connection: Connection, now: datetime, case: Case, opening: Opening, taken: Mapping[str, Any]
) -> dict[str, Any]:
    """Hang the case on the one it came from; what its history says of that."""
    origin: dict[str, Any] = {"message": opening.message} if opening.message else {}
    if opening.parent is not None:
        parent = opening.parent.case
        origin["parent"] = {"id": parent.id, "number": parent.number}
        links.link(connection, parent.id, case.id, opening.message or opening.chosen.process.id, now)
        kept_apart.copy(connection, parent.id, case.id, taken, now)
    return origin


def _given(case: Case, opening: Opening, taken: Mapping[str, Any]) -> dict[str, Any]:
    """The variables that the diagram begins with: a person's values come with their task."""
    values = opening.values if opening.message else {}
    return {**taken, **values, "initiator": opening.started_by, "rule_set": case.rule_set}
