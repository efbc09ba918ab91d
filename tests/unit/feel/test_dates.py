"""Dates, times, moments and durations: read, written, compared, calculated with; also Python's own."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.feel import FeelError, read_expression, to_plain
from forms.feel.day_numbers import civil, ordinal
from forms.feel.temporal_text import read_date, read_duration, read_moment, read_time


def value(text: str, **variables: object) -> object:
    return to_plain(read_expression(text, list(variables)).evaluate(variables))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('@"2026-03-02" + @"P1D"', "2026-03-03"),
        ('@"2026-01-31" + @"P1M"', "2026-02-28"),
        ('@"2024-02-29" - @"P1Y"', "2023-02-28"),
        ('@"2026-03-02" - @"PT1H"', "2026-03-01"),
        ('@"2026-03-02" - @"2026-02-27"', "P3D"),
        ('@"2026-03-02T23:30:00" + @"PT45M"', "2026-03-03T00:15:00"),
        ('@"2026-03-02T10:00:00+08:00" - @"2026-03-02T02:00:00Z"', "PT0S"),
        ('@"2026-03-02T10:00:00" - @"2026-03-02T02:00:00Z"', None),
        ('@"23:30:00" + @"PT1H"', "00:30:00"),
        ('@"10:00:00" - @"09:30:00"', "PT30M"),
        ('@"P1Y" + @"P2M"', "P1Y2M"),
        ('@"P1D" * 1.5', "P1DT12H"),
        ('@"P1Y" / 5', "P2M"),
        ('@"P10D" / @"P5D"', 2),
        ('@"P1D" / 0', None),
        ('@"P1Y" + @"P1D"', None),
        ('-@"P1DT2H"', "-P1DT2H"),
        ('@"2026-03-02" = @"2026-03-02T00:00:00"', None),
        ('@"2026-03-02" < @"2026-03-02T10:00:00"', None),
        ('date(@"2026-03-02T10:00:00") <= @"2026-03-02"', True),
        ('@"2026-03-02T10:00:00+08:00" = @"2026-03-02T02:00:00Z"', True),
        ('@"2026-03-02T10:00:00" < @"2026-03-02T02:00:00Z"', None),
        ('@"2026-07-01T08:00:00@Asia/Shanghai" = @"2026-07-01T00:00:00Z"', True),
        ('@"10:00:00@Asia/Shanghai" = @"10:00:00@Asia/Tokyo"', None),
        ('@"P30D" < @"P1M"', None),
        ("date(2026, 2, 30)", None),
        ('date("2026-2-3")', None),
        ('date("2026-03-02").weekday', 1),
        ('@"2026-03-02T10:20:30".minute', 20),
        ('@"2026-03-02T10:20:30+08:00".time offset', "PT8H"),
        ('@"2026-03-02T10:20:30@Asia/Shanghai".timezone', "Asia/Shanghai"),
        ('@"P1Y2M".months', 2),
        ('@"-P1DT2H".hours', -2),
        ('@"P1Y2M".days', None),
        ('time(10, 30, 0.5, @"PT8H")', "10:30:00.5+08:00"),
        ("time(24, 0, 0)", None),
        ('date and time(@"2026-03-02", @"10:00:00Z")', "2026-03-02T10:00:00Z"),
        ('date and time("2026-03-02")', "2026-03-02T00:00:00"),
        ('@"2026-03-02T24:00:00"', "2026-03-03T00:00:00"),
        ('duration("P100M")', "P8Y4M"),
        ('duration("PT1000M")', "PT16H40M"),
        ('duration("P1H")', None),
        ('years and months duration(@"2024-01-31", @"2026-01-30")', "P1Y11M"),
        ('years and months duration(@"2026-01-30", @"2024-01-31")', "-P1Y11M"),
        ('day of year(@"2024-12-31")', 366),
        ('day of week(@"2026-03-02")', "Monday"),
        ('month of year(@"2026-03-02")', "March"),
        ('week of year(@"2027-01-01")', 53),
        ('@"-0001-01-01" < @"0001-01-01"', True),
        ('string(@"999999999-12-31")', "999999999-12-31"),
        ('@"999999999-12-31" + @"P1D"', None),
        ('@"999999999-12-31" + @"P1Y"', None),
        ('for d in @"2026-02-28"..@"2026-03-01" return d', ["2026-02-28", "2026-03-01"]),
    ],
)
def test_dates_are_calculated_as_the_standard_says(text: str, expected: object) -> None:
    assert value(text) == expected


@pytest.mark.parametrize("text", ['@"2026-13-01"', '@"foo"', '@"25:00:00"', '@"P"', '@"10:00:00+19:00"', '@"1:00:00"'])
def test_a_written_date_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(FeelError, match="不是日期、时间或时长") as refused:
        read_expression(text)
    assert refused.value.construct == text


def test_dates_of_python_are_dates_here() -> None:
    received = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
    assert value("received.day", received=received) == 2
    assert value('received = @"2026-03-02T09:30:00+08:00"', received=received) is True
    assert value('day + @"P1D"', day=date(2026, 2, 28)) == "2026-03-01"
    assert value('wait > @"P1D"', wait=timedelta(days=1, microseconds=1)) is True


def test_a_moment_has_the_day_of_the_place_where_it_was_given() -> None:
    late_evening = datetime(2026, 3, 2, 17, tzinfo=UTC)
    assert value("date(at)", at=late_evening) == "2026-03-02"
    assert value("date(at)", at=late_evening.astimezone(ZoneInfo("Asia/Shanghai"))) == "2026-03-03"


@given(st.dates())
def test_every_day_of_python_is_the_same_day_here(day: date) -> None:
    assert str(read_date(day.isoformat())) == day.isoformat()
    assert civil(ordinal(day.year, day.month, day.day)) == (day.year, day.month, day.day)


@given(st.integers(-(10**9) + 1, 10**9 - 1), st.integers(1, 12), st.integers(1, 28))
def test_days_and_dates_are_each_other_in_every_year(year: int, month: int, day: int) -> None:
    assert civil(ordinal(year, month, day)) == (year, month, day)


@given(st.datetimes(timezones=st.just(timezone(timedelta(hours=8)))))
def test_a_moment_is_read_as_it_is_written(moment: datetime) -> None:
    read = read_moment(moment.isoformat())
    assert read is not None
    assert read_moment(str(read)) == read
    assert read_time(str(read).partition("T")[2]) is not None


@given(st.integers(-(10**15), 10**15))
def test_a_duration_is_read_as_it_is_written(number: int) -> None:
    for kind in ("PT{}S", "P{}M"):
        text = ("-" if number < 0 else "") + kind.format(abs(number) % 10**12)
        read = read_duration(text)
        assert read is not None
        assert read_duration(str(read)) == read
