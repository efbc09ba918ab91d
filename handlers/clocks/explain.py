"""Why a limit ends on its day: every day on the way, in words that the person concerned can check with a calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from handlers.clocks.calendar import Calendar
from handlers.clocks.counting import (
    DEFAULT_BASIS,
    Clock,
    DayMark,
    Due,
    Pause,
    Unit,
    WalkedDay,
    compute_due,
    rolled_days,
    walk,
)

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


class RowKind(StrEnum):
    """What one line of an explanation says about its day."""

    START = "start"
    COUNTED = "counted"
    SKIPPED = "skipped"
    PAUSED_DAY = "paused_day"
    PAUSED = "paused"
    ROLLED = "rolled"
    END = "end"


@dataclass(frozen=True, slots=True)
class DayRow:
    """One day: `number` is its place in the count, None where it does not count. `source` names the notice."""

    day: date
    kind: RowKind
    number: int | None
    text: str
    provisional: bool = False
    source: str = ""

    @property
    def line(self) -> str:
        """The row as one line of text."""
        return f"{self.day.isoformat()} {WEEKDAYS[self.day.weekday()]}　{self.text}"


@dataclass(frozen=True, slots=True)
class DueExplanation:
    """`rows` day by day; `headline` says what limit, `conclusion` when it ends, `notes` what is uncertain."""

    clock: Clock
    due: Due
    headline: str
    rows: tuple[DayRow, ...]
    conclusion: str
    notes: tuple[str, ...]

    def lines(self) -> list[str]:
        """The whole explanation as lines of plain text."""
        return [self.headline, *(row.line for row in self.rows), self.conclusion, *self.notes]

    def count(self, kind: RowKind) -> int:
        """How many rows of one kind there are."""
        return sum(row.kind is kind for row in self.rows)


def explain(clock: Clock, calendar: Calendar) -> DueExplanation:
    """Day by day why `clock` ends when it does."""
    due = compute_due(clock, calendar)
    rows = [DayRow(clock.started_on, RowKind.START, None, "事由发生当日，不计入（《民法典》第二百零一条）")]
    number = 0
    for step in walk(clock, calendar):
        number += step.mark is DayMark.COUNTED
        rows.append(_day_row(clock, calendar, step, number))
    rows += _last_rows(clock, calendar, due, rows[-1].day)
    headline = f"{clock.name or '期限'}：{clock.amount} {clock.unit.label}（依据：{clock.basis or DEFAULT_BASIS}）"
    return DueExplanation(clock, due, headline, tuple(rows), _conclusion(clock, due), tuple(_notes(due, rows)))


def _day_row(clock: Clock, calendar: Calendar, step: WalkedDay, number: int) -> DayRow:
    kind = calendar.day_kind(step.day)
    # The calendar's doubt matters only where the calendar decided: not for days that count whatever they are.
    if step.mark is DayMark.PAUSED:
        return DayRow(step.day, RowKind.PAUSED_DAY, None, f"扣除：{_reasons(clock, step.day)}")
    if clock.unit is Unit.CALENDAR_DAYS:
        return DayRow(step.day, RowKind.COUNTED, number, f"第 {number} 天")
    provisional, source = kind.provisional, kind.source
    mark = "（暂定）" if provisional else ""
    if step.mark is DayMark.SKIPPED:
        return DayRow(step.day, RowKind.SKIPPED, None, f"不计：{kind.name}{mark}", provisional, source)
    counted = f"第 {number} 天"
    if kind.name != "工作日":
        counted += f"（{kind.name}，是工作日）"
    return DayRow(step.day, RowKind.COUNTED, number, counted + mark, provisional, source)


def _reasons(clock: Clock, day: date) -> str:
    covering = [pause for pause in clock.pauses if pause.covers(day)]
    return "、".join(dict.fromkeys(_reason(pause) for pause in covering))


def _reason(pause: Pause) -> str:
    reason = pause.reason or "中止期间"
    return f"{reason}（{pause.document}）" if pause.document else reason


def _last_rows(clock: Clock, calendar: Calendar, due: Due, last: date) -> list[DayRow]:
    if due.remaining is not None:
        text = f"此日起中止：{_open_reasons(clock)}，恢复之前不再计算，剩余 {due.remaining} {clock.unit.label}"
        return [DayRow(last, RowKind.PAUSED, None, text)]
    if due.last_counted_on is None or due.estimated_on is None:
        return []
    if due.estimated_on == due.last_counted_on:
        return _uncertain_last_row(clock, calendar, due.estimated_on) if due.provisional else []
    rows = []
    for day in rolled_days(clock.roll, due.last_counted_on, calendar):
        kind = calendar.day_kind(day)
        mark = "（暂定）" if kind.provisional else ""
        rows.append(DayRow(day, RowKind.ROLLED, None, f"顺延：{kind.name}{mark}", kind.provisional, kind.source))
    return [*rows, _end_row(calendar, due.estimated_on, known=due.on is not None)]


def _uncertain_last_row(clock: Clock, calendar: Calendar, day: date) -> list[DayRow]:
    if clock.unit is Unit.WORKING_DAYS:
        return []  # its row in the count says so already
    text = "最后一天推定为工作日，不顺延（暂定）"
    return [DayRow(day, RowKind.END, None, text, True, calendar.day_kind(day).source)]


def _end_row(calendar: Calendar, day: date, *, known: bool) -> DayRow:
    kind = calendar.day_kind(day)
    text = f"{kind.name}，期限顺延至此日届满（《民法典》第二百零三条）"
    if not known:
        text = "推测的假后第一个工作日，放假通知公布前不能确定"
    return DayRow(day, RowKind.END, None, text, kind.provisional, kind.source)


def _open_reasons(clock: Clock) -> str:
    return "、".join(dict.fromkeys(_reason(s) for s in clock.pauses if s.ends_on is None))


def _conclusion(clock: Clock, due: Due) -> str:
    if due.remaining is not None:
        return f"结论：期限中止中，剩余 {due.remaining} {clock.unit.label}，恢复后再确定届满日。"
    if due.on is None:
        return f"结论：第 {clock.amount} 天 {due.last_counted_on} 是法定节假日，顺延到哪一天待放假通知公布后确定。"
    weekday = WEEKDAYS[due.on.weekday()]
    return f"结论：{due.on.isoformat()}（{weekday}）24:00 届满（北京时间）{'，暂定' if due.provisional else ''}。"


def _notes(due: Due, rows: list[DayRow]) -> list[str]:
    if not due.provisional:
        return []
    years = sorted({row.day.year for row in rows if row.provisional})
    listed = "、".join(str(year) for year in years)
    return [f"暂定：本系统没有录入 {listed} 年的放假通知，已按法定节假日和周末推算；通知录入后将重新计算。"]
