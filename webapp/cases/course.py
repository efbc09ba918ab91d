"""Everything the page of a case shows, put together from its file and from the release it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from handlers.cases.case_file import CaseFile
from handlers.store.states import OPEN_STATES, EventKind, TaskState
from processes.engine.diagrams import picture
from processes.engine.diagrams.model import CARD_LABELS, Process
from processes.engine.diagrams.picture import Drawing, StepRow
from processes.engine.diagrams.trail import Standing, Trail, Walked, trail
from webapp.cases.words import HistoryLine, history_lines


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody who has to do with the case, and in what way."""

    name: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """Where a case stands: its drawings, the one shown, its step table, and the history in words."""

    process: Process
    drawings: list[Drawing]
    shown: str
    steps: list[StepRow]
    history: list[HistoryLine]
    people: list[Participant]


def trail_of(file: CaseFile) -> Trail:
    """The case's walked path and open tasks, for the picture."""
    return trail(
        (Walked(event.at, _doer(event), event.detail) for event in file.events),
        (
            Standing(place.scope, place.node, place.people, place.since, place.due_on, place.state == TaskState.HELD)
            for place in file.places
        ),
        running=file.case.status in OPEN_STATES,
        failed=((item.scope, item.node) for item in file.incidents if item.resolved_at is None),
    )


def _doer(event: Any) -> str:
    return f"{event.actor_name}（代{event.on_behalf_of}）" if event.on_behalf_of else str(event.actor_name)


def course_of(file: CaseFile, release: Any, scope: str = "") -> Course:
    """`scope` chooses the drawing; without it the innermost one where something is to be done."""
    trail = trail_of(file)
    processes: Mapping[str, Process] = release.processes
    root: str = release.process
    drawings = picture.drawings(trail, processes, root)
    shown = (
        scope if scope in {drawing.scope for drawing in drawings} else picture.current_drawing(trail, processes, root)
    )
    return Course(
        process=processes[root],
        drawings=drawings,
        shown=shown,
        steps=picture.step_table(trail, processes, shown),
        history=history_lines(file.events, {key: table.name for key, table in release.tables.items()}),
        people=people_of(file),
    )


def people_of(file: CaseFile) -> list[Participant]:
    """Who started it, who did what, and on whose desk it is."""
    parts: dict[str, dict[str, None]] = {file.case.starter: {"发起": None}}
    for event in file.events:
        if event.kind in (EventKind.COMPLETED, EventKind.ACTED):
            parts.setdefault(event.actor_name, {})[f"办理“{event.node_name}”"] = None
    for place in file.places:
        parts.setdefault(place.people, {})[f"正在“{place.step}”"] = None
    return [Participant(name, tuple(roles)) for name, roles in parts.items()]


def card_rows(process: Process, places: Mapping[str, str]) -> Sequence[tuple[str, str]]:
    """The procedure card 信息表 as (label, text); `places` fills {centre}, {bureau} and {supervision}."""
    return [(label, fill(process.card.get(key, ""), places)) for key, label in CARD_LABELS.items()]


def fill(text: str, places: Mapping[str, str]) -> str:
    """`text` with the names of the active bureau; anything else in braces is left as it is."""
    for key, value in places.items():
        text = text.replace("{" + key + "}", value)
    return text
