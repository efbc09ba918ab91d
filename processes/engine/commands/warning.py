"""The sweep over running limits: who must be warned, at which level of supervision.

Each level is raised once as a limit comes near. Where the limit was moved away since, by an extension, excluded time or
the calendar, the levels that lie ahead again are raised anew when they are reached.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from handlers.cases import posts
from handlers.clocks.calendar import Calendar
from handlers.clocks.counting import ClockState
from handlers.clocks.urgency import urgency
from handlers.owners_words import columns, heard, relies_on
from handlers.store.states import OPEN_STATES, EventKind
from handlers.store.tables import clock, clock_notice, instance
from handlers.time_source import beijing_date
from processes.engine.cases.clock_rows import open_clocks
from processes.engine.cases.work import Work, entry
from processes.engine.commands.sweeping import for_each_case
from processes.engine.commands.transaction import Transactions
from processes.engine.language.decision_tables import DecisionTable

LEVELS_TABLE = "warning_levels"
MESSAGE = "deadline_warning"
LOOK_AHEAD = 20
"""Working days before the last day in which the table is asked about a limit; no warning comes earlier."""
LEVEL_NAMES = {1: "催办", 2: "督办", 3: "升级督办"}
relies_on("期限临近和超期的预警", *columns(LEVELS_TABLE, "level"), heard("supervision", MESSAGE))


@dataclass(frozen=True, slots=True)
class Reached:
    """A limit whose level today is not the one raised last. `remaining_wd`, `overdue_wd`: as the table counts them."""

    clock_id: int
    instance_id: int
    code: str
    name: str
    due_on: date
    level: int
    remaining_wd: int
    overdue_wd: int


def sweep_deadlines(transactions: Transactions, now: datetime) -> int:
    """Raise every level that a running limit has reached and that was not raised before; how many.

    The newest published table `warning_levels` decides. Of several levels passed while nobody looked, only the
    newest is raised.
    """
    table = transactions.shared.library.newest_table(LEVELS_TABLE)
    if table is None:
        return 0
    with transactions.database.read() as connection:
        calendar = transactions.shared.calendars.get(connection)
        due = _warnings(connection, table, calendar, beijing_date(now))
    by_case = {key: list(warnings) for key, warnings in groupby(due, key=lambda reached: reached.instance_id)}

    def warn_one(instance_id: int) -> int:
        with transactions.on_case(instance_id=instance_id) as work:
            return warn(work, by_case[instance_id])

    return sum(for_each_case("warning", by_case, warn_one))


def warn(work: Work, warnings: Sequence[Reached]) -> int:
    """Raise those of the `warnings` that still hold; how many."""
    # Another worker, or whoever did the step, may have been quicker: who holds the case's row looks again.
    raised = _levels(work.connection, [reached.clock_id for reached in warnings])
    running = {
        row.id: row.due_on for row in open_clocks(work.connection, work.case.id) if row.state == ClockState.RUNNING
    }
    still = [reached for reached in warnings if running.get(reached.clock_id) == reached.due_on]
    for reached in still:
        if reached.level < raised.get(reached.clock_id, 0):
            _lies_ahead(work.connection, reached)
    fresh = [reached for reached in still if reached.level > raised.get(reached.clock_id, 0)]
    for reached in fresh:
        _raise(work, reached)
    if fresh:
        work.save()
    return len(fresh)


def _lies_ahead(connection: Connection, reached: Reached) -> None:
    """The limit was moved away: its levels above today's are to be raised again. That they were is in the history."""
    above = clock_notice.c.clock_id == reached.clock_id, clock_notice.c.level > reached.level
    connection.execute(delete(clock_notice).where(*above))


def _raise(work: Work, reached: Reached) -> None:
    values = {"clock_id": reached.clock_id, "level": reached.level, "raised_at": work.now}
    work.connection.execute(insert(clock_notice).values(**values))
    payload = {
        "limit_code": reached.code,
        "limit_name": reached.name,
        "due_on": reached.due_on.isoformat(),
        "level": reached.level,
        "remaining_wd": reached.remaining_wd,
        "overdue_wd": max(reached.overdue_wd, 0),
        "unit": work.case.facts.get("unit") or work.case.department,
    }
    posts.send(work.connection, work.case.id, MESSAGE, payload, by=None, now=work.now)
    level = LEVEL_NAMES.get(reached.level, f"第 {reached.level} 级督办")
    said = f"“{reached.name}”{_words(reached)}，{level}"
    work.entries.append(
        entry(None, EventKind.DEADLINE_WARNING, comment=said, detail=payload | {"clock_id": reached.clock_id})
    )


def _words(reached: Reached) -> str:
    if reached.overdue_wd >= 0:
        return f"已于 {reached.due_on} 到期，超期 {reached.overdue_wd} 个工作日"
    return f"{reached.due_on} 到期，还剩 {reached.remaining_wd} 个工作日"


# --- what is due ------------------------------------------------------------------------------------------------------


def _warnings(connection: Connection, table: DecisionTable, calendar: Calendar, today: date) -> list[Reached]:
    """Every running limit whose level today is not the highest raised for it, case by case."""

    @cache
    def level_of(code: str, kind: str, remaining: int, overdue: int) -> int:
        values = {"limit_code": code, "kind": kind, "remaining_wd": remaining, "overdue_wd": overdue}
        decided = table.decide(values)
        level = decided.outputs["level"] if decided else 0
        return level if isinstance(level, int) else 0

    @cache
    def distance(due_on: date) -> tuple[int, int]:
        far = urgency(calendar, today, due_on)
        return (0, far.working_days) if far.overdue else (far.working_days, -1)

    warnings = []
    for row in _candidates(connection, calendar, today):
        remaining, overdue = distance(row.due_on)
        level = level_of(row.code, row.kind, remaining, overdue)
        if level != (row.raised or 0):
            warnings.append(Reached(row.id, row.instance_id, row.code, row.name, row.due_on, level, remaining, overdue))
    return warnings


def _candidates(connection: Connection, calendar: Calendar, today: date) -> Iterator[Any]:
    raised = (
        select(clock_notice.c.clock_id, func.max(clock_notice.c.level).label("level"))
        .group_by(clock_notice.c.clock_id)
        .subquery()
    )
    running = (
        select(clock, raised.c.level.label("raised"))
        .join(instance, instance.c.id == clock.c.instance_id)
        .outerjoin(raised, raised.c.clock_id == clock.c.id)
        .where(clock.c.state == ClockState.RUNNING, clock.c.due_on <= _horizon(calendar, today))
        .where(instance.c.status.in_(OPEN_STATES))
        .order_by(clock.c.instance_id, clock.c.id)
    )
    yield from connection.execute(running)


def _horizon(calendar: Calendar, today: date) -> date:
    day, left = today, LOOK_AHEAD
    while left:
        day += timedelta(days=1)
        left -= calendar.is_working(day)
    return day


def _levels(connection: Connection, clock_ids: Iterable[int]) -> Mapping[int, int]:
    """The highest level raised so far for each of the limits that has one."""
    rows = connection.execute(
        select(clock_notice.c.clock_id, func.max(clock_notice.c.level))
        .where(clock_notice.c.clock_id.in_(list(clock_ids)))
        .group_by(clock_notice.c.clock_id)
    )
    return {clock_id: level for clock_id, level in rows}
