"""The legal limits of a case: the block on its page, and each of them counted out day by day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from flask import abort, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from handlers.cases.case_file import CaseFile, case_file
from handlers.clocks.counting import ClockState, Unit
from handlers.clocks.explain import WEEKDAYS, DayRow, RowKind, explain
from handlers.clocks.limit_table import LimitKind
from handlers.store.tables import pause
from handlers.time_source import beijing_date
from processes.engine.cases.clock_rows import clock_of
from processes.engine.limits.running import rule_set_names
from webapp.cases.area import blueprint
from webapp.extensions import current_actor, request_calendar, services


@dataclass(frozen=True, slots=True)
class LimitLine:
    """One limit in words. `shown_as` is a kind of badge; `governs`: of the running ones it ends first."""

    id: int
    name: str
    kind: str
    started_on: date
    amount: str
    due_on: date | None
    provisional: bool
    state: str
    shown_as: str
    stopped_at: datetime | None
    rule_set: str
    legal: bool
    governs: bool
    open: bool


def limit_lines(rows: Sequence[Any], names: Mapping[str, str], today: date) -> list[LimitLine]:
    """The limits of a case, rows of `clock`: the governing one first, then what runs or rests, then what is over.

    `names` are those of the rule sets, by code.
    """
    running = [row for row in rows if row.state == ClockState.RUNNING and row.due_on is not None]
    first = min(running, key=lambda row: (row.due_on, row.id), default=None)
    lines = [_line(row, names, today, governs=first is not None and row.id == first.id) for row in rows]
    return sorted(lines, key=_place)


def _place(line: LimitLine) -> tuple[bool, bool, date, bool, int]:
    return not line.governs, not line.open, line.due_on or date.max, not line.legal, line.id


def _line(row: Any, names: Mapping[str, str], today: date, *, governs: bool) -> LimitLine:
    state, shown_as = _state(row, today)
    extended = f"，含延长 {row.extended}" if row.extended else ""
    return LimitLine(
        id=row.id,
        name=row.name,
        kind=LimitKind(row.kind).label,
        started_on=beijing_date(row.started_at),
        amount=f"{row.amount} {Unit(row.unit).label}{extended}",
        due_on=row.due_on if row.state != ClockState.PAUSED else None,
        provisional=row.provisional and row.stopped_at is None,
        state=state,
        shown_as=shown_as,
        stopped_at=row.stopped_at,
        rule_set=names.get(row.rule_set, row.rule_set),
        legal=row.kind == LimitKind.LEGAL,
        governs=governs,
        open=row.stopped_at is None,
    )


def _state(row: Any, today: date) -> tuple[str, str]:
    if row.state == ClockState.MET:
        return "按期", "success"
    if row.state == ClockState.MISSED or (row.due_on is not None and row.due_on < today):
        return "超期", "danger"
    return ("扣除中", "warning") if row.state == ClockState.PAUSED else ("进行中", "info")


@blueprint.get("/cases/<int:instance_id>/limits/<int:clock_id>")
def limit(instance_id: int, clock_id: int) -> ResponseReturnValue:
    """Why one limit of the case ends on its day: every day counted, skipped or excluded, with its reason."""
    with services().database.read() as connection:
        file: CaseFile | None = case_file(connection, current_actor(), instance_id)
        if file is None:
            abort(404)
        excluded = connection.execute(
            select(pause).where(pause.c.instance_id == instance_id).order_by(pause.c.starts_on)
        ).all()
    row = next((row for row in file.clocks if row.id == clock_id), None) or abort(404)
    names = rule_set_names(services().engine.library.release(file.case.release_id))
    told = explain(clock_of(row, excluded), request_calendar())
    return render_template(
        "cases/limit.html",
        case=file.case,
        line=_line(row, names, services().today(), governs=False),
        told=told,
        days=_spans(told.rows),
        excluded=[period for period in excluded if row.code in period.stops],
        weekdays=WEEKDAYS,
    )


def _spans(rows: Iterable[DayRow]) -> list[tuple[DayRow, DayRow, int]]:
    """(first day, last day, how many): excluded days in a row for one reason are said once, other days each."""
    spans = []
    for _, days in groupby(rows, lambda row: (row.kind, row.text) if row.kind is RowKind.PAUSED_DAY else row):
        span = list(days)
        spans.append((span[0], span[-1], len(span)))
    return spans
