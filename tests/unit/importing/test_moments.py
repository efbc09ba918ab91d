"""Days and moments as exports write them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processes.importing.moments import iso_day, iso_moment

MOMENT = datetime(2026, 3, 2, 9, 30)  # noqa: DTZ001 - a clock on the wall
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31, 23, 59)).map(lambda at: at.replace(microsecond=0))  # noqa: DTZ001
DAY_FORMS = ("{0:%Y-%m-%d}", "{0:%Y/%m/%d}", "{0.year}/{0.month}/{0.day}", "{0.year}年{0.month}月{0.day}日",
             "{0:%Y%m%d}", "{0:%Y.%m.%d}")  # fmt: skip
TIME_FORMS = (
    " {0:%H:%M:%S}",
    "  {0.hour}:{0:%M:%S}",
    " {0.hour}时{0.minute}分{0.second}秒",
    " {0.hour}点{0.minute}分{0.second}秒",
)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-02 09:30",
        "2026-3-2 9:30",
        "2026/3/2 9:30:00",
        "2026年3月2日 9时30分",
        "2026年3月2日9:30",
        "2026年03月02日09时30分00秒",
        "2026.3.2 09:30",
        "202603020930",
        "20260302093000",
        "20260302 09:30",
        "2026-03-02T09:30:00",
        "2026-03-02T09:30:00+08:00",
        "2026-03-02 09:30:00.0",
        "2026年3月2日 星期一 9:30",
        "2026-03-02 上午 9:30",
        "2026-03-02 9:30 AM",
        "２０２６-０３-０２　０９：３０",
        "46083.3958333333",
    ],
)
def test_every_usual_way_of_writing_a_moment_is_read(text: str) -> None:
    assert iso_moment(text) == MOMENT.isoformat()


@pytest.mark.parametrize("text", ["2026-03-02 下午 9:30", "2026年3月2日晚上9:30", "2026-03-02 9:30 PM"])
def test_the_second_half_of_the_day_is_not_lost(text: str) -> None:
    assert iso_moment(text) == "2026-03-02T21:30:00"


@pytest.mark.parametrize("text", ["2026-03-02", "2026/3/2", "2026年3月2日", "20260302", "46083"])
def test_a_day_alone_is_its_beginning(text: str) -> None:
    assert iso_moment(text) == "2026-03-02T00:00:00"
    assert iso_day(text) == "2026-03-02"


@pytest.mark.parametrize(
    "text",
    ["", "昨天", "3/2/2026", "26-3-2", "2026-13-02", "2026-02-30", "2026-03-02 25:00", "99999", "1.2E+17", "9" * 40],
)
def test_what_could_mean_two_days_or_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^.*$"):
        iso_moment(text)


@given(MOMENTS, st.sampled_from(DAY_FORMS), st.sampled_from(TIME_FORMS))
def test_writing_a_moment_and_reading_it_gives_it_back(at: datetime, day_form: str, time_form: str) -> None:
    assert iso_moment(day_form.format(at) + time_form.format(at)) == at.isoformat()


@given(DAYS, st.sampled_from(DAY_FORMS))
def test_writing_a_day_and_reading_it_gives_it_back(day: date, form: str) -> None:
    assert iso_day(form.format(day)) == day.isoformat()


@given(MOMENTS)
def test_excel_counts_days_from_the_end_of_1899(at: datetime) -> None:
    serial = (at - datetime(1899, 12, 30)) / timedelta(days=1)  # noqa: DTZ001
    assert iso_moment(f"{serial:.10f}") == at.isoformat()


@given(st.text(max_size=40))
def test_any_other_text_is_refused_and_nothing_worse(text: str) -> None:
    try:
        found = iso_moment(text)
    except ValueError:
        return
    assert datetime.fromisoformat(found).isoformat() == found
