"""Rules of counting that hold for every start, amount and set of pauses."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from forms.beijing import BEIJING
from handlers.clocks.calendar import shipped_calendar
from handlers.clocks.counting import Clock, DayMark, Pause, RollOver, Unit, compute_due, end_of, walk
from handlers.clocks.explain import RowKind, explain

CALENDAR = shipped_calendar()
moments = st.datetimes(datetime(2023, 6, 1), datetime(2027, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants naive bounds
amounts = st.integers(1, 120)
units = st.sampled_from(Unit)
rolls = st.sampled_from(RollOver)


@st.composite
def clocks(draw: st.DrawFn, *, open_ended: bool = True) -> Clock:
    started_at = draw(moments)
    pauses = []
    for _ in range(draw(st.integers(0, 4))):
        first = started_at.date() + timedelta(days=draw(st.integers(-10, 150)))
        last = first + timedelta(days=draw(st.integers(0, 40)))
        still_open = open_ended and draw(st.booleans()) and draw(st.booleans())
        pauses.append(Pause(first, None if still_open else last))
    return Clock("x", started_at, draw(amounts), draw(units), roll=draw(rolls), pauses=tuple(pauses))


def with_(clock: Clock, *pauses: Pause, amount: int | None = None) -> Clock:
    return Clock("x", clock.started_at, amount or clock.amount, clock.unit, roll=clock.roll, pauses=tuple(pauses))


def excluded(pauses: tuple[Pause, ...], first: date, last: date) -> set[date]:
    days = {first + timedelta(days=i) for i in range((last - first).days + 1)}
    return {day for day in days for s in pauses if s.starts_on < day <= (s.ends_on or date.max)}


@given(clocks(open_ended=False))
def test_the_days_counted_are_exactly_those_that_a_plain_count_over_sets_finds(clock: Clock) -> None:
    due = compute_due(clock, CALENDAR)
    assert due.last_counted_on is not None
    first = clock.started_on + timedelta(days=1)
    span = {first + timedelta(days=i) for i in range((due.last_counted_on - first).days + 1)}
    left = span - excluded(clock.pauses, first, due.last_counted_on)
    if clock.unit is Unit.WORKING_DAYS:
        left = {day for day in left if CALENDAR.day_kind(day).working}
    assert len(left) == clock.amount
    assert max(left) == due.last_counted_on


@given(clocks(open_ended=False))
def test_one_day_more_never_ends_earlier(clock: Clock) -> None:
    shorter = compute_due(clock, CALENDAR)
    longer = compute_due(with_(clock, *clock.pauses, amount=clock.amount + 1), CALENDAR)
    assert shorter.estimated_on <= longer.estimated_on  # type: ignore[operator]
    assert shorter.last_counted_on < longer.last_counted_on  # type: ignore[operator]


@given(moments, amounts, units, st.integers(0, 100), st.integers(0, 40))
def test_a_pause_moves_the_end_by_exactly_the_counted_days_it_covers(
    started_at: datetime, amount: int, unit: Unit, after: int, length: int
) -> None:
    plain = Clock("x", started_at, amount, unit)
    first = plain.started_on + timedelta(days=after)
    pause = Pause(first, first + timedelta(days=length))
    covered = {step.day for step in walk(plain, CALENDAR) if step.mark is DayMark.COUNTED and pause.covers(step.day)}
    if compute_due(plain, CALENDAR).last_counted_on <= pause.starts_on:  # type: ignore[operator]
        assert not covered
    moved = compute_due(with_(plain, pause), CALENDAR)
    days = excluded((pause,), pause.starts_on, pause.ends_on or pause.starts_on)
    days = {day for day in days if day > plain.started_on}
    if unit is Unit.WORKING_DAYS:
        days = {day for day in days if CALENDAR.day_kind(day).working}
    expected = amount + (len(days) if covered else 0)
    assert moved.last_counted_on == compute_due(with_(plain, amount=expected), CALENDAR).last_counted_on


@given(clocks(open_ended=False))
def test_pauses_count_as_their_union_in_whatever_order_and_pieces(clock: Clock) -> None:
    pieces: list[Pause] = []
    for pause in reversed(clock.pauses):
        last = pause.ends_on or pause.starts_on
        middle = pause.starts_on + (last - pause.starts_on) // 2
        pieces += [Pause(pause.starts_on, middle), Pause(middle, last), pause]
    assert compute_due(with_(clock, *pieces), CALENDAR) == compute_due(clock, CALENDAR)


@given(clocks())
def test_a_pause_from_the_end_on_revives_nothing(clock: Clock) -> None:
    due = compute_due(clock, CALENDAR)
    if due.last_counted_on is None or due.estimated_on is None:
        return
    for begin in (due.last_counted_on, due.estimated_on, due.estimated_on + timedelta(days=3)):
        assert compute_due(with_(clock, *clock.pauses, Pause(begin)), CALENDAR) == due


@given(clocks())
def test_an_open_pause_keeps_the_rest_and_resuming_spends_exactly_that(clock: Clock) -> None:
    due = compute_due(clock, CALENDAR)
    assert due.paused == (due.on is None and due.estimated_on is None)
    if due.remaining is None:
        return
    assert 1 <= due.remaining <= clock.amount
    counted = sum(step.mark is DayMark.COUNTED for step in walk(clock, CALENDAR))
    assert counted + due.remaining == clock.amount
    latest = max(s.ends_on or s.starts_on for s in clock.pauses)
    resumed_on = max(latest, clock.started_on) + timedelta(days=5)
    closed = [Pause(s.starts_on, s.ends_on or resumed_on) for s in clock.pauses]
    resumed = compute_due(with_(clock, *closed), CALENDAR)
    noon = datetime.combine(resumed_on, datetime.min.time().replace(hour=12), BEIJING)
    rest = compute_due(Clock("x", noon, due.remaining, clock.unit, roll=clock.roll), CALENDAR)
    assert resumed.estimated_on == rest.estimated_on


@given(clocks())
def test_a_limit_in_working_days_ends_on_a_working_day_and_one_that_rolls_does_too(clock: Clock) -> None:
    due = compute_due(clock, CALENDAR)
    if due.estimated_on is None:
        return
    if clock.unit is Unit.WORKING_DAYS or clock.roll is RollOver.NON_WORKING:
        assert CALENDAR.is_working(due.estimated_on)
    if clock.unit is Unit.WORKING_DAYS or clock.roll is RollOver.NONE:
        assert due.estimated_on == due.last_counted_on
    assert due.last_counted_on <= due.estimated_on  # type: ignore[operator]


@given(clocks())
def test_an_answer_is_certain_only_when_no_day_it_rests_on_is_uncertain(clock: Clock) -> None:
    explanation = explain(clock, CALENDAR)
    due = explanation.due
    assert due.provisional == any(row.provisional for row in explanation.rows)
    if due.on is None and not due.paused:
        assert due.provisional
    if due.paused or due.on is not None:
        assert ("PROVISIONAL" in due.answer) == (due.provisional and not due.paused)


@given(clocks())
def test_the_explanation_names_every_day_once_in_order_and_counts_the_amount(clock: Clock) -> None:
    explanation = explain(clock, CALENDAR)
    remaining = explanation.due.remaining or 0
    assert explanation.count(RowKind.COUNTED) == clock.amount - remaining
    walked = [row.day for row in explanation.rows if row.kind not in (RowKind.PAUSED, RowKind.ROLLED, RowKind.END)]
    assert walked == [clock.started_on + timedelta(days=i) for i in range(len(walked))]
    assert explanation.count(RowKind.PAUSED) == explanation.due.paused
    assert explanation.rows[-1].day >= walked[-1]


@given(moments, amounts, units)
def test_only_the_beijing_day_of_the_start_matters(started_at: datetime, amount: int, unit: Unit) -> None:
    day = started_at.astimezone(BEIJING)
    midnight = day.replace(hour=0, minute=0, second=0, microsecond=0)
    last_second = midnight + timedelta(hours=23, minutes=59, seconds=59)
    answers = {compute_due(Clock("x", at, amount, unit), CALENDAR) for at in (started_at, midnight, last_second)}
    assert len(answers) == 1


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_the_end_of_a_day_is_midnight_in_beijing(day: date) -> None:
    moment = end_of(day)
    assert moment.utcoffset() == timedelta(hours=8)
    assert (moment - timedelta(microseconds=1)).astimezone(BEIJING).date() == day
    assert moment.astimezone(UTC).hour == 16
