"""Legal time limits: when they end, and how long they rest. Pure functions over a Clock and a Calendar.

The convention, all of it in Beijing time:
- the day of the event is not counted (民法典 201); a receipt at 23:59 or on a holiday belongs to that date;
- working days are the official ones, worked weekends included; calendar days are all days;
- a limit in calendar days whose last day is a day off ends on the next working day (民法典 203), at 24:00;
- a pause (a, b] takes out the days after a up to and including b; days under two pauses are taken out once;
  with no b yet there is no due date, only what remains;
- a pause that begins when all days are used up revives nothing, also while the last day is rolling over a holiday.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from handlers.clocks.calendar import HOLIDAY, PROVISIONAL, WORKING, Calendar
from handlers.clocks.holiday_notices import ONE_DAY
from handlers.time_source import beginning_of, beijing_date

LONGEST_AMOUNT = 3650
"""Ten years of days; no limit of this field comes near, a typing mistake does."""

DEFAULT_BASIS = "《民法典》第二百零一条、第二百零三条"


class Unit(StrEnum):
    """What is counted."""

    WORKING_DAYS = "WD"
    CALENDAR_DAYS = "CD"

    @property
    def label(self) -> str:
        """工作日, or 日 for days of any kind."""
        return "个工作日" if self is Unit.WORKING_DAYS else "日"


class RollOver(StrEnum):
    """What happens when the last day is a day off."""

    NONE = "none"
    HOLIDAY = "holiday"
    NON_WORKING = "non-working"


class ClockState(StrEnum):
    """Where a clock stands, as the table `clock` keeps it."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    MISSED = "missed"


class DayMark(StrEnum):
    """What a day does for a limit."""

    COUNTED = "counted"
    SKIPPED = "skipped"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Pause:
    """Excluded time (a, b]: the day it starts still counts, the day it ends does not. No end yet: still resting."""

    starts_on: date
    ends_on: date | None = None
    reason: str = ""
    document: str = ""

    def __post_init__(self) -> None:
        if self.ends_on is not None and self.ends_on < self.starts_on:
            raise ValueError(f"中止的结束日 {self.ends_on} 早于开始日 {self.starts_on}")

    def covers(self, day: date) -> bool:
        """Whether `day` is taken out of the count."""
        return self.starts_on < day and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True, slots=True)
class Clock:
    """One running limit. `started_at`: aware moment of the event it counts from; `amount` in `unit`."""

    code: str
    started_at: datetime
    amount: int
    unit: Unit = Unit.WORKING_DAYS
    name: str = ""
    rule_set: str = ""
    roll: RollOver = RollOver.NON_WORKING
    pauses: tuple[Pause, ...] = ()
    basis: str = ""

    def __post_init__(self) -> None:
        if self.started_at.tzinfo is None:
            raise ValueError("起算时间缺少时区")
        if not 1 <= self.amount <= LONGEST_AMOUNT:
            raise ValueError(f"期限天数应是 1 至 {LONGEST_AMOUNT} 的整数")

    @property
    def started_on(self) -> date:
        """The Beijing day of the event: day 0."""
        return beijing_date(self.started_at)


@dataclass(frozen=True, slots=True)
class Due:
    """When a limit ends.

    `on`: the last day; None while it rests, and where the day after the holidays is not known before the notice.
    `estimated_on`: the last day as far as anyone can tell now; None only while it rests. Timers use it.
    `last_counted_on`: the day the whole amount was reached, before any roll-over; None while it rests.
    `remaining`: days left, only while it rests. `provisional`: a notice that is not out yet may move it (暂定).
    """

    on: date | None
    estimated_on: date | None
    last_counted_on: date | None
    remaining: int | None
    provisional: bool

    @property
    def paused(self) -> bool:
        """Whether it rests without an end."""
        return self.remaining is not None

    @property
    def answer(self) -> str:
        """One word for machines: 2026-03-11, PAUSED:5, PROVISIONAL:2027-01-07, or PROVISIONAL: for an unknown day."""
        if self.remaining is not None:
            return f"PAUSED:{self.remaining}"
        shown = "" if self.on is None else self.on.isoformat()
        return f"PROVISIONAL:{shown}" if self.provisional else shown

    @property
    def ends_at(self) -> datetime | None:
        """24:00 of the last day as far as known; None while it rests."""
        return None if self.estimated_on is None else end_of(self.estimated_on)


class WalkedDay(NamedTuple):
    """One day on the way. `provisional`: the calendar was asked about it, and a notice may still change the answer."""

    day: date
    mark: DayMark
    provisional: bool = False


def walk(clock: Clock, calendar: Calendar) -> Iterator[WalkedDay]:
    """Day by day from the day after the start until the amount is used up, or until an open pause begins."""
    day, left = clock.started_on, clock.amount
    in_working_days = clock.unit is Unit.WORKING_DAYS
    while left:
        day += ONE_DAY
        covering = [pause for pause in clock.pauses if pause.covers(day)]
        if covering:
            if any(pause.ends_on is None for pause in covering):
                return
            yield WalkedDay(day, DayMark.PAUSED)
            continue
        flags = calendar.flags(day) if in_working_days else WORKING
        if flags & WORKING:
            left -= 1
        yield WalkedDay(day, DayMark.COUNTED if flags & WORKING else DayMark.SKIPPED, bool(flags & PROVISIONAL))


def compute_due(clock: Clock, calendar: Calendar) -> Due:
    """When the limit ends, by the convention at the top of this module."""
    if clock.pauses:
        return _count(clock, calendar)
    return _undisturbed(clock.started_on, clock.amount, clock.unit, clock.roll, calendar)


@lru_cache(maxsize=4096)
def _undisturbed(started_on: date, amount: int, unit: Unit, roll: RollOver, calendar: Calendar) -> Due:
    # Cases of one day have the same limits, and sixty working days are ninety steps; a calendar never changes.
    return _count(Clock("", beginning_of(started_on), amount, unit, roll=roll), calendar)


def _count(clock: Clock, calendar: Calendar) -> Due:
    left, last, provisional = clock.amount, clock.started_on, False
    for step in walk(clock, calendar):
        provisional = provisional or step.provisional
        if step.mark is DayMark.COUNTED:
            left -= 1
            last = step.day
    if left:
        return Due(None, None, None, left, provisional)
    return _roll_over(clock.roll, last, provisional, calendar)


def rolled_days(roll: RollOver, last_counted_on: date, calendar: Calendar) -> list[date]:
    """The days off from the last counted day on that push the end of the limit; empty where nothing rolls."""
    days: list[date] = []
    day = last_counted_on
    while _rolls(roll, calendar.flags(day)):
        days.append(day)
        day += ONE_DAY
    return days


def _rolls(roll: RollOver, flags: int) -> bool:
    if roll is RollOver.HOLIDAY:
        return bool(flags & HOLIDAY)
    return roll is RollOver.NON_WORKING and not flags & WORKING


def _roll_over(roll: RollOver, last: date, provisional: bool, calendar: Calendar) -> Due:
    if roll is RollOver.NONE:
        return Due(last, last, last, None, provisional)
    passed = rolled_days(roll, last, calendar)
    end = passed[-1] + ONE_DAY if passed else last
    kinds = [calendar.flags(day) for day in (*passed, end)]
    # Notices stretch a statutory holiday by days nobody can foretell, so the day after one is a guess and is not shown.
    unknown = any(flags & HOLIDAY and flags & PROVISIONAL for flags in kinds)
    provisional = provisional or any(flags & PROVISIONAL for flags in kinds)
    return Due(None if unknown else end, end, last, None, provisional)


def end_of(due_on: date) -> datetime:
    """24:00 Beijing time of that day: the first moment after the limit."""
    return beginning_of(due_on + ONE_DAY)
