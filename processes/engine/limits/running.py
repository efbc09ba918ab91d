"""The legal limits of a running case: which run with which activity, how long, and what follows when they move.

A limit is a row of `clock`. It belongs to an activity with `banli:limit` or to a timer with `clock(...)`, and stops
when that is left. Timers keep their own due time, desks their due day: whoever changes a limit goes through `settle`,
which takes both along.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import update

from handlers.clocks.counting import ClockState, Due, compute_due
from handlers.store.tables import task
from handlers.time_source import beijing_date, read_moment
from processes.engine.cases import clock_rows
from processes.engine.cases.clock_rows import ClockStart
from processes.engine.cases.limit_marks import due_day, nearest, own_of, row_mark
from processes.engine.cases.row_shapes import ClockRow
from processes.engine.cases.work import Work
from processes.engine.errors import StepFailed
from processes.engine.kernel.live import RunningLimit
from processes.engine.kernel.release import Release
from processes.engine.language.decision_tables import RULE_SETS_TABLE


@dataclass(frozen=True, slots=True)
class Moved:
    """A limit whose last day is another one now. `paused`: it rests, so there is no day; days are Beijing dates.

    `clock_id`: None for a limit that only one desk has.
    """

    clock_id: int | None
    code: str
    name: str
    was_on: date | None
    due_on: date | None
    provisional: bool
    paused: bool

    @property
    def sentence(self) -> str:
        """The move in words: 调解 2026-03-20 → 2026-04-02."""
        now = "扣除中" if self.paused else f"{self.due_on}{'（暂定）' if self.provisional else ''}"
        return f"{self.name} {self.was_on or '扣除中'} → {now}"


def rule_set_of(release: Release, facts: Mapping[str, Any], now: datetime) -> str:
    """The rule set of a case that starts now: by fact `received_at` (else today), by the release's own table.

    Empty where the release has no such table. Raises StepFailed for a date that is none.
    """
    table = release.tables.get(RULE_SETS_TABLE)
    if table is None:
        return ""
    received = facts.get("received_at")
    try:
        received_on = beijing_date(read_moment(received) if received else now)
    except ValueError as error:
        raise StepFailed(release.process, "", "收到时间", str(error)) from error
    decided = table.decide({"received_on": received_on.isoformat()})
    return "" if decided is None else str(decided.outputs["rule_set"] or "")


def rule_set_names(release: Release) -> dict[str, str]:
    """What people call the rule sets, by code: the words beside the rows of the release's own table."""
    table = release.tables.get(RULE_SETS_TABLE)
    if table is None:
        return {}
    column = [output.name for output in table.outputs].index("rule_set")
    codes = [(rule.outputs[column], rule.annotation) for rule in table.rules]
    return {str(code.evaluate({})): name for code, name in codes if code.constant and name}


def sync_clocks(work: Work) -> None:
    """Stop the limits of what was left during the command, start those of what began."""
    after = work.live.limits()
    # Old ones first: a step that comes back at once starts the same limit again.
    if over := work.limits_before - after:
        clock_rows.stop_clocks(work.connection, work.case.id, work.now, {(limit.token, limit.code) for limit in over})
    begun = [_begin(work, limit) for limit in _in_order(after - work.limits_before) if not limit.timer]
    clock_rows.start_clocks(work.connection, work.case.id, [*begun, *_of_timers(work, after, begun)])
    work.limits_before = after
    work.host.started_clocks.clear()


def _in_order(limits: Iterable[RunningLimit]) -> list[RunningLimit]:
    return sorted(limits, key=lambda limit: (int(limit.token), limit.code))


def _begin(work: Work, limit: RunningLimit) -> ClockStart:
    start = _start_of(work, limit) or work.now
    counted = work.host.counted(limit.code, start)
    return ClockStart(limit.token, counted.limit, start, counted.due, counted.extended)


def _start_of(work: Work, limit: RunningLimit) -> datetime | None:
    """From when an activity's limit is counted by its `from`; None where it has none. Raises StepFailed."""
    text = work.live.limit_start(limit)
    if text is None:
        return None
    try:
        return read_moment(text)
    except ValueError as error:
        raise work.live.failed_at(limit.token, f"期限“{limit.code}”的起算时间{error}") from error


def _of_timers(work: Work, after: frozenset[RunningLimit], begun: Sequence[ClockStart]) -> list[ClockStart]:
    """Rows for the timers set during the command that still run, but for those that watch an activity's own limit."""
    waiting = {limit.token for limit in after}
    started = [item for item in work.host.started_clocks if item.token in waiting]
    if not started:
        return []
    watched = {item.same for item in begun}
    for limit in after & work.limits_before:
        if not limit.timer and (start := _start_of(work, limit)) is not None:
            watched.add((limit.code, beijing_date(start)))
    return [item for item in started if item.same not in watched]


# --- limits that move -------------------------------------------------------------------------------------------------


def settle(work: Work) -> list[Moved]:
    """Work the open limits of the case out again after excluded time, an extension or the calendar changed.

    Timers that wait for them and the due days of open desks follow. The caller concludes or saves the case.
    """
    rows = clock_rows.open_clocks(work.connection, work.case.id)
    excluded = clock_rows.pauses_of(work.connection, work.case.id)
    dues = {row.id: compute_due(clock_rows.clock_of(row, excluded), work.host.calendar) for row in rows}
    moved = [change for row in rows if (change := _rewrite(work, row, dues[row.id])) is not None]
    if moved:
        rows = clock_rows.open_clocks(work.connection, work.case.id)
    _move_timers(work, rows, dues)
    return moved + _move_desks(work, rows, dues)


def restart(work: Work) -> list[Moved]:
    """Count the running limits again that count from another moment now, because a value of the case was corrected.

    Limits whose code is worked out may have become others: those are stopped and started. What moved, as `settle`
    gives it. Raises: StepFailed.
    """
    starts = work.live.restart_timers()
    before = work.limits_before
    sync_clocks(work)
    for limit in work.live.limits():
        if not limit.timer and (start := _start_of(work, limit)) is not None:
            starts[limit.token, limit.code] = start
    late = [
        (row, starts[row.token, row.code])
        for row in clock_rows.open_clocks(work.connection, work.case.id)
        if starts.get((row.token, row.code), row.started_at) != row.started_at
    ]
    for row, start in late:
        clock_rows.save_start(work.connection, row.id, start)
    return settle(work) if late or before != work.limits_before else []


def _rewrite(work: Work, row: ClockRow, due: Due) -> Moved | None:
    state = ClockState.PAUSED if due.paused else ClockState.RUNNING
    if (due.estimated_on, due.provisional, state) == (row.due_on, row.provisional, row.state):
        return None
    values = {"due_on": due.estimated_on, "provisional": due.provisional, "state": state.value}
    clock_rows.save_clock(work.connection, row, values)
    return Moved(row.id, row.code, row.name, row.due_on, due.estimated_on, due.provisional, due.paused)


def _move_timers(work: Work, rows: Sequence[ClockRow], dues: Mapping[int, Due]) -> None:
    moves: dict[str, datetime | None] = {}
    for token, code, start in work.live.timer_limits():
        row = next((row for row in rows if _watches(row, token, code, start)), None)
        if row is not None:
            moves[token] = dues[row.id].ends_at
    work.live.move_timers(moves)
    work.case.next_due_at = work.live.next_due()


def _watches(row: ClockRow, token: str, code: str, start: datetime | None) -> bool:
    """Whether a timer waits for the end of this limit: its own, or an activity's counted from the same day."""
    if row.code != code:
        return False
    return row.token == token or start is None or beijing_date(row.started_at) == beijing_date(start)


def _move_desks(work: Work, rows: Sequence[ClockRow], dues: Mapping[int, Due]) -> list[Moved]:
    """Count the due days of open desks again; the moves of those that have a limit of their own, which has no clock."""
    known, moved = work.case.live_tokens(), []
    for opened in work.live.open_tasks():
        row = known.get(opened.token)
        if row is None:
            continue
        around = [clock for clock in rows if clock.token in opened.around]
        own = own_of(row, work.host.calendar)
        if not around and own is None:
            continue
        mark = nearest([*([own] if own else []), *(row_mark(clock, dues.get(clock.id)) for clock in around)])
        due_on, why = due_day(mark), {**row.why, "limit": mark}
        if own and around:
            why["own_limit"] = own
        if (due_on, why) != (row.due_on, row.why):
            work.connection.execute(update(task).where(task.c.id == row.id).values(due_on=due_on, why=why))
        if own and not around and due_on != row.due_on:
            moved.append(Moved(None, own["code"], row.name, row.due_on, due_on, own["provisional"], False))
    return moved
