"""Which day is a working day, and why.

The State Council's notice of each year decides (handlers/clocks/holiday_notices.py); a single day may be overridden
with a reason. A year without a notice is answered from the statutory holidays and the weekends, and every such answer
says that it is provisional (暂定): the notice will move days around, nobody knows which.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

from handlers.clocks.holiday_notices import (
    ONE_DAY,
    Notice,
    lunar_dates_known,
    shipped_notices,
    statutory_days,
    statutory_rule,
)

WORKING, HOLIDAY, PROVISIONAL = 1, 2, 4
"""Flags of one day. HOLIDAY: off by name (a holiday or an override), so not merely a Saturday or Sunday."""

_SLOTS = 13 << 5  # a year as one byte per (month, day): no search and no date arithmetic on the hot path


@dataclass(frozen=True, slots=True)
class DayKind:
    """What one day is: `name` for people (工作日, 周末, 春节, 春节调休上班), `source` the notice or the reason."""

    day: date
    working: bool
    name: str
    provisional: bool
    source: str
    holiday: bool = False

    @property
    def flags(self) -> int:
        """The same as WORKING | HOLIDAY | PROVISIONAL."""
        return self.working * WORKING | self.holiday * HOLIDAY | self.provisional * PROVISIONAL


@dataclass(frozen=True, slots=True)
class Override:
    """One day that is otherwise than the notice says, with the reason a person gave."""

    day: date
    working: bool
    name: str
    reason: str


class Calendar:
    """Working days by the given notices and overrides. Immutable; a year is worked out once, on first use."""

    def __init__(self, notices: Iterable[Notice] = (), overrides: Iterable[Override] = ()) -> None:
        in_force: dict[int, Notice] = {}
        amending: list[Notice] = []
        for notice in sorted(notices, key=lambda n: n.issued_on):  # a later one for the same year takes its place
            if notice.amends:
                amending.append(notice)
            else:
                in_force[notice.year] = notice
        self.notices: tuple[Notice, ...] = (*in_force.values(), *amending)
        self.overrides = {override.day: override for override in overrides}
        self._in_force = in_force
        self._special: dict[date, DayKind] = {}
        for notice in self.notices:
            self._special |= _notice_days(notice)
        for override in self.overrides.values():
            self._special[override.day] = _override_day(override)
        self._years: dict[int, bytes] = {}

    def day_kind(self, day: date) -> DayKind:
        """What `day` is and who says so."""
        special = self._special.get(day)
        if special is not None:
            return special
        notice = self._in_force.get(day.year)
        if notice is not None:
            return _plain_day(day, provisional=False, source=notice.title)
        return _provisional_day(day)

    def flags(self, day: date) -> int:
        """WORKING, HOLIDAY, PROVISIONAL of `day` in one number: the hot path."""
        year = self._years.get(day.year) or self._work_out(day.year)
        return year[day.month << 5 | day.day]

    def is_working(self, day: date) -> bool:
        """Whether `day` is a working day, as far as it is known."""
        return bool(self.flags(day) & WORKING)

    def working_day_on_or_after(self, day: date) -> date:
        """`day` itself, or the first working day after it."""
        while not self.is_working(day):
            day += ONE_DAY
        return day

    def working_days_between(self, first: date, last: date) -> int:
        """Working days after `first` up to and including `last`; negative when `last` is the earlier one."""
        if last < first:
            return -self.working_days_between(last, first)
        return sum(self.is_working(date.fromordinal(n)) for n in range(first.toordinal() + 1, last.toordinal() + 1))

    def days_of(self, year: int) -> list[DayKind]:
        """Every day of `year`, for the screen and for comparing two calendars."""
        first = date(year, 1, 1).toordinal()
        return [self.day_kind(date.fromordinal(n)) for n in range(first, date(year, 12, 31).toordinal() + 1)]

    def has_notice(self, year: int) -> bool:
        """Whether the notice of `year` is out and known here."""
        return year in self._in_force

    def with_notice(self, notice: Notice) -> Calendar:
        """A calendar that knows this notice, too."""
        return Calendar((*self.notices, notice), self.overrides.values())

    def with_overrides(self, overrides: Iterable[Override]) -> Calendar:
        """A calendar where these days are otherwise."""
        return Calendar(self.notices, (*self.overrides.values(), *overrides))

    def _work_out(self, year: int) -> bytes:
        table = bytearray(_SLOTS)
        for kind in self.days_of(year):
            table[kind.day.month << 5 | kind.day.day] = kind.flags
        self._years[year] = bytes(table)
        return self._years[year]


def _notice_days(notice: Notice) -> dict[date, DayKind]:
    off = {day: holiday.name for holiday in notice.off for day in holiday.days()}
    kinds = {day: DayKind(day, False, name, False, notice.title, holiday=True) for day, name in off.items()}
    for make_up in notice.work:
        kinds[make_up.day] = DayKind(make_up.day, True, f"{make_up.name}调休上班", False, notice.title)
    return kinds


def _override_day(override: Override) -> DayKind:
    # The bureau has decided about this very day, so a later notice of the year does not leave it open.
    source = f"单日调整：{override.reason}"
    return DayKind(override.day, override.working, override.name, False, source, holiday=not override.working)


def _plain_day(day: date, *, provisional: bool, source: str) -> DayKind:
    working = day.weekday() < 5
    return DayKind(day, working, "工作日" if working else "周末", provisional, source)


def _provisional_day(day: date) -> DayKind:
    source = f"本系统没有录入 {day.year} 年的放假通知，按{statutory_rule(day.year)['basis']}和周末推定（暂定）"
    if not lunar_dates_known(day.year):
        source += "，未计农历节日"
    name = statutory_days(day.year).get(day)
    if name is not None:
        return DayKind(day, False, name, True, source, holiday=True)
    return _plain_day(day, provisional=True, source=source)


@cache
def shipped_calendar() -> Calendar:
    """The notices that ship with the program, and no overrides. One object per process."""
    return Calendar(shipped_notices())


# --- a new notice -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DayChange:
    """A day that is another one now."""

    day: date
    before: DayKind
    after: DayKind

    @property
    def moves_limits(self) -> bool:
        """Whether it changed between working and not working; otherwise only its name did."""
        return self.before.working != self.after.working


@dataclass(frozen=True, slots=True)
class CalendarChange:
    """A new calendar and what is different in it."""

    calendar: Calendar
    days: tuple[DayChange, ...]


def compare(before: Calendar, after: Calendar, years: Iterable[int]) -> tuple[DayChange, ...]:
    """The days of `years` that differ in working or in name, in order."""
    pairs = ((old, after.day_kind(old.day)) for year in sorted(years) for old in before.days_of(year))
    return tuple(
        DayChange(old.day, old, new) for old, new in pairs if (old.working, old.name) != (new.working, new.name)
    )


def import_notice(calendar: Calendar, notice: Notice) -> CalendarChange:
    """What the calendar becomes with `notice` (from `parse_notice`), and the days it changes."""
    after = calendar.with_notice(notice)
    return CalendarChange(after, compare(calendar, after, (notice.year - 1, notice.year)))
