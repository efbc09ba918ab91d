"""A calendar that becomes another: which limits would move, and moving them, case by case, each under its lock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from handlers.clocks.calendar import Calendar, CalendarChange, DayChange, Override, import_notice
from handlers.clocks.calendar_store import (
    calendar_version,
    load_calendar,
    mark_settled,
    remove_override,
    save_notice,
    save_override,
    settled_version,
    with_override,
    without_override,
)
from handlers.clocks.counting import ClockState, compute_due
from handlers.clocks.holiday_notices import Notice
from handlers.people.actors import Actor
from handlers.store.database import Database
from handlers.store.states import OPEN_STATES, WAITING_STATES
from handlers.store.tables import clock, instance, pause, task
from processes.engine.cases.clock_rows import clock_of
from processes.engine.cases.limit_marks import due_day, own_of
from processes.engine.commands.changing_limits import recount
from processes.engine.commands.sweeping import for_each_case
from processes.engine.commands.transaction import Transactions
from processes.engine.errors import NotYours

REASON = "放假通知或者单日调整改变了工作日，期限重新计算"


@dataclass(frozen=True, slots=True)
class MovedLimit:
    """A limit that another calendar moves; days are Beijing dates, None while it rests."""

    instance_id: int
    number: str
    title: str
    name: str
    was_on: date | None
    due_on: date | None
    provisional: bool


@dataclass(frozen=True, slots=True)
class CalendarPlan:
    """What a change of the calendar would do: the days it changes, and the limits it moves."""

    days: tuple[DayChange, ...]
    moved: tuple[MovedLimit, ...]


def plan_notice(database: Database, notice: Notice) -> CalendarPlan:
    """What importing `notice` would do. Nothing is written."""
    return _plan(database, lambda connection: import_notice(load_calendar(connection), notice))


def plan_override(database: Database, override: Override) -> CalendarPlan:
    """What setting one day by hand would do. Nothing is written."""
    return _plan(database, lambda connection: with_override(connection, override))


def plan_removal(database: Database, day: date) -> CalendarPlan:
    """What leaving `day` to the notice again would do. Nothing is written."""
    return _plan(database, lambda connection: without_override(connection, day))


def keep_notice(transactions: Transactions, actor: Actor, notice: Notice) -> CalendarPlan:
    """Keep `notice` and move every limit that it moves; what was done. Raises NotYours."""
    return _change(transactions, actor, lambda connection: save_notice(connection, notice))


def set_day(transactions: Transactions, actor: Actor, override: Override) -> CalendarPlan:
    """Set one day by hand and move the limits. Raises NotYours; ValueError (Chinese) without name or reason."""
    by, now = actor.account_id, transactions.time.now()
    return _change(transactions, actor, lambda connection: save_override(connection, override, set_by=by, set_at=now))


def unset_day(transactions: Transactions, actor: Actor, day: date) -> CalendarPlan:
    """Let the notice decide about `day` again and move the limits. Raises NotYours."""
    return _change(transactions, actor, lambda connection: remove_override(connection, day))


def settle_calendar(transactions: Transactions) -> tuple[MovedLimit, ...]:
    """Move whatever does not agree with the calendar in force yet; what moved. Nothing, where that was done.

    The calendar changes in one transaction, the cases after it each in its own. What a crash leaves over, or a
    command that began by the old calendar and ended after the change, is found here by the sweep.
    """
    database = transactions.database
    with database.read() as connection:
        version = calendar_version(connection)
        if settled_version(connection) == version:
            return ()
    moved = _move_all(transactions, None)
    with database.write() as connection:
        mark_settled(connection, version)
    return moved


def _move_all(transactions: Transactions, actor: Actor | None) -> tuple[MovedLimit, ...]:
    with transactions.database.read() as connection:
        moved = tuple(_moves(connection, load_calendar(connection)))

    def recount_one(instance_id: int) -> None:
        with transactions.on_case(instance_id=instance_id) as work:
            recount(work, REASON, actor)

    for_each_case("limits", dict.fromkeys(limit.instance_id for limit in moved), recount_one)
    return moved


def _plan(database: Database, change: Callable[[Connection], CalendarChange]) -> CalendarPlan:
    with database.read() as connection:
        planned = change(connection)
        return CalendarPlan(planned.days, tuple(_moves(connection, planned.calendar)))


def _change(transactions: Transactions, actor: Actor, change: Callable[[Connection], CalendarChange]) -> CalendarPlan:
    _must_be_keeper(actor)
    with transactions.database.write() as connection:
        planned = change(connection)
    return CalendarPlan(planned.days, _move_all(transactions, actor))


def _must_be_keeper(actor: Actor) -> None:
    if not actor.has("admin.calendar"):
        raise NotYours("只有系统管理员或流程负责人可以维护节假日安排")


def _moves(connection: Connection, calendar: Calendar) -> Iterator[MovedLimit]:
    """Every limit that ends on another day by `calendar`, or becomes certain or uncertain; case by case."""
    yield from sorted([*_clock_moves(connection, calendar), *_desk_moves(connection, calendar)], key=_place)


def _place(limit: MovedLimit) -> tuple[int, str]:
    return limit.instance_id, limit.name


def _clock_moves(connection: Connection, calendar: Calendar) -> Iterator[MovedLimit]:
    excluded: dict[int, list[Any]] = defaultdict(list)
    for row in connection.execute(select(pause)):
        excluded[row.instance_id].append(row)
    running = (
        select(clock, instance.c.number, instance.c.title)
        .join(instance, instance.c.id == clock.c.instance_id)
        .where(clock.c.state.in_((ClockState.RUNNING, ClockState.PAUSED)), instance.c.status.in_(OPEN_STATES))
    )
    for row in connection.execute(running):
        due = compute_due(clock_of(row, excluded[row.instance_id]), calendar)
        if (due.estimated_on, due.provisional) != (row.due_on, row.provisional):
            yield MovedLimit(
                row.instance_id, row.number, row.title, row.name, row.due_on, due.estimated_on, due.provisional
            )


def _desk_moves(connection: Connection, calendar: Calendar) -> Iterator[MovedLimit]:
    """Desks with a limit of their own, which has no clock."""
    on_desks = (
        select(task, instance.c.number, instance.c.title)
        .join(instance, instance.c.id == task.c.instance_id)
        .where(task.c.state.in_(WAITING_STATES), instance.c.status.in_(OPEN_STATES))
    )
    for row in connection.execute(on_desks):
        now = own_of(row, calendar)
        if now is None:
            continue
        # With limits around it, the desk's due day is the earliest of several: its own is kept apart.
        was_on, due_on = due_day(row.why["own_limit"]) if "own_limit" in row.why else row.due_on, due_day(now)
        if was_on != due_on:
            yield MovedLimit(row.instance_id, row.number, row.title, row.name, was_on, due_on, now["provisional"])
