"""The calendar: against two other calendars, without a notice, with a new one, and with single days changed."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import chinese_calendar
import holidays
import pytest

from handlers.clocks.calendar import Calendar, Override, compare, import_notice, shipped_calendar
from handlers.clocks.holiday_notices import (
    Notice,
    NoticeError,
    notice_json,
    parse_notice,
    shipped_notices,
    statutory_days,
)


def days_of(year: int) -> list[date]:
    return [date(year, 1, 1) + timedelta(days=i) for i in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]


NOTICE_2027: dict[str, Any] = {
    "year": 2027,
    "notice": "国务院办公厅关于2027年部分节假日安排的通知（示例）",
    "issued": "2026-11-25",
    "off": [
        {"name": "元旦", "start": "2027-01-01", "end": "2027-01-03"},
        {"name": "春节", "start": "2027-02-05", "end": "2027-02-13"},
        {"name": "清明节", "start": "2027-04-03", "end": "2027-04-05"},
        {"name": "劳动节", "start": "2027-05-01", "end": "2027-05-05"},
        {"name": "端午节", "start": "2027-06-09", "end": "2027-06-09"},
        {"name": "中秋节", "start": "2027-09-15", "end": "2027-09-15"},
        {"name": "国庆节", "start": "2027-10-01", "end": "2027-10-07"},
    ],
    "work": [{"day": "2027-02-20", "name": "春节"}, "2027-10-09"],
}


@pytest.mark.parametrize("year", range(2020, 2027))
def test_every_day_agrees_with_chinesecalendar(year: int) -> None:
    calendar = shipped_calendar()
    differing = [day for day in days_of(year) if calendar.is_working(day) != chinese_calendar.is_workday(day)]
    assert differing == []


@pytest.mark.parametrize("year", range(2021, 2027))
def test_every_day_agrees_with_holidays(year: int) -> None:
    other = holidays.country_holidays("CN", years=[year - 1, year, year + 1])
    calendar = shipped_calendar()
    assert [day for day in days_of(year) if calendar.is_working(day) != other.is_working_day(day)] == []


@pytest.mark.parametrize("year", range(2018, 2036))
def test_statutory_days_agree_with_holidays_for_every_year_of_the_table(year: int) -> None:
    names = holidays.country_holidays("CN", years=year, language="zh_CN")
    # Mid-Autumn may fall into the National Day holiday; then the law gives one more day, not ours to place.
    expected = {day for day, name in names.items() if day.year == year and "休息日" not in name and "补" not in name}
    extension_of_2020 = {date(2020, 1, 31), date(2020, 2, 1), date(2020, 2, 2)}
    observed = {day for day in expected if "（" in names[day]}
    assert set(statutory_days(year)) <= expected
    assert expected - observed - extension_of_2020 - set(statutory_days(year)) <= {date(year, 10, 4)}


@pytest.mark.parametrize("year", range(2021, 2027))
def test_every_day_of_a_year_with_a_notice_is_certain_and_names_the_notice(year: int) -> None:
    kinds = shipped_calendar().days_of(year)
    assert len(kinds) == len(days_of(year))
    assert not any(kind.provisional for kind in kinds)
    # New Year's holiday may begin in December: those days are named by the notice of the year after.
    titles = (f"{year}年部分节假日", f"{year + 1}年部分节假日")
    assert all(any(title in kind.source for title in titles) for kind in kinds)


def test_make_up_days_and_holidays_carry_the_holidays_name() -> None:
    calendar = shipped_calendar()
    make_up = calendar.day_kind(date(2026, 2, 14))
    assert (make_up.working, make_up.name, make_up.holiday) == (True, "春节调休上班", False)
    off = calendar.day_kind(date(2026, 10, 7))
    assert (off.working, off.name, off.holiday) == (False, "国庆节", True)
    assert calendar.day_kind(date(2026, 3, 7)).name == "周末"
    assert calendar.day_kind(date(2026, 3, 9)).name == "工作日"


def test_a_notice_also_decides_the_last_days_of_the_december_before() -> None:
    kind = shipped_calendar().day_kind(date(2023, 12, 30))
    assert (kind.working, kind.name, kind.provisional) == (False, "元旦", False)


def test_the_extension_of_2020_takes_back_a_make_up_day_and_adds_days_off() -> None:
    calendar = shipped_calendar()
    assert [calendar.is_working(date(2020, 1, 30) + timedelta(days=i)) for i in range(5)] == [False] * 4 + [True]
    assert "延长2020年春节" in calendar.day_kind(date(2020, 2, 1)).source
    without = Calendar(notice for notice in shipped_notices() if not notice.amends)
    assert without.is_working(date(2020, 2, 1))
    assert without.is_working(date(2020, 1, 31))


def test_a_year_without_a_notice_is_answered_from_statutory_days_and_weekends_and_says_so() -> None:
    calendar = shipped_calendar()
    off = {kind.day: kind.name for kind in calendar.days_of(2027) if not kind.working and kind.name != "周末"}
    assert off == {
        date(2027, 1, 1): "元旦",
        **{date(2027, 2, 5) + timedelta(days=i): "春节" for i in range(4)},
        date(2027, 4, 5): "清明节",
        date(2027, 5, 1): "劳动节",
        date(2027, 5, 2): "劳动节",
        date(2027, 6, 9): "端午节",
        date(2027, 9, 15): "中秋节",
        **{date(2027, 10, 1) + timedelta(days=i): "国庆节" for i in range(3)},
    }
    assert all(
        kind.provisional and "本系统没有录入 2027 年的放假通知" in kind.source for kind in calendar.days_of(2027)
    )
    assert not calendar.has_notice(2027)


def test_before_2025_the_law_gave_three_days_of_spring_festival_and_one_of_may() -> None:
    assert [day for day, name in statutory_days(2024).items() if name == "春节"] == [
        date(2024, 2, d) for d in (10, 11, 12)
    ]
    assert date(2023, 5, 2) not in statutory_days(2023)
    assert date(2010, 5, 2) not in statutory_days(2010)
    assert date(2025, 5, 2) in statutory_days(2025)


def test_beyond_the_table_of_lunar_dates_only_fixed_holidays_are_known_and_the_source_says_so() -> None:
    kind = Calendar().day_kind(date(2060, 10, 1))
    assert (kind.working, kind.provisional, kind.name) == (False, True, "国庆节")
    assert "未计农历节日" in kind.source
    assert "未计农历节日" not in Calendar().day_kind(date(2027, 10, 1)).source
    assert set(statutory_days(2060).values()) == {"元旦", "劳动节", "国庆节"}
    assert not Calendar().is_working(date(1999, 10, 1))


def test_an_override_beats_the_notice_gives_its_reason_and_leaves_the_other_days_alone() -> None:
    closed = Override(date(2026, 3, 10), working=False, name="停电停工", reason="区政府通知停止办公一天")
    calendar = shipped_calendar().with_overrides([closed])
    kind = calendar.day_kind(closed.day)
    assert (kind.working, kind.name, kind.provisional, kind.holiday) == (False, "停电停工", False, True)
    assert "区政府通知停止办公一天" in kind.source
    assert [change.day for change in compare(shipped_calendar(), calendar, [2025, 2026])] == [closed.day]
    assert shipped_calendar().is_working(closed.day), "the calendar it was made from is untouched"


def test_an_override_in_a_year_without_a_notice_is_certain_for_its_day_only() -> None:
    duty = Override(date(2027, 2, 13), working=True, name="值守上班", reason="局办公会决定")
    calendar = shipped_calendar().with_overrides([duty])
    assert calendar.is_working(duty.day)
    assert not calendar.day_kind(duty.day).provisional
    assert calendar.day_kind(date(2027, 2, 12)).provisional


def test_overrides_outlive_a_notice_that_comes_later() -> None:
    closed = Override(date(2027, 2, 20), working=False, name="停工", reason="暴雪")
    calendar = shipped_calendar().with_overrides([closed]).with_notice(parse_notice(NOTICE_2027))
    assert not calendar.is_working(closed.day)


def test_importing_a_notice_makes_its_year_certain_and_lists_the_days_that_changed() -> None:
    notice = parse_notice(json.dumps(NOTICE_2027).encode())
    change = import_notice(shipped_calendar(), notice)
    assert change.calendar.has_notice(2027)
    assert not any(kind.provisional for kind in change.calendar.days_of(2027))
    moving = [(day.day, day.after.working) for day in change.days if day.moves_limits]
    assert moving == [
        *((date(2027, 2, d), False) for d in (9, 10, 11, 12)),
        (date(2027, 2, 20), True),
        *((date(2027, 5, d), False) for d in (3, 4, 5)),
        *((date(2027, 10, d), False) for d in (4, 5, 6, 7)),
        (date(2027, 10, 9), True),
    ]
    renamed = [day.day for day in change.days if not day.moves_limits]
    assert date(2027, 1, 2) in renamed
    assert date(2027, 4, 3) in renamed


def test_a_notice_that_reaches_back_into_december_lists_that_day_too() -> None:
    new_year = {"name": "元旦", "start": "2026-12-31", "end": "2027-01-03"}
    change = import_notice(
        shipped_calendar(), parse_notice({**NOTICE_2027, "off": [new_year, *NOTICE_2027["off"][1:]]})
    )
    assert change.days[0].day == date(2026, 12, 31)
    assert not change.calendar.is_working(date(2026, 12, 31))


def test_a_notice_issued_later_for_the_same_year_takes_the_place_of_the_earlier_whatever_the_order() -> None:
    later = parse_notice({**NOTICE_2027, "issued": "2026-12-01", "work": []})
    earlier = parse_notice(NOTICE_2027)
    for notices in ([later, earlier], [earlier, later]):
        assert not Calendar(notices).is_working(date(2027, 2, 20))
        assert Calendar(notices).notices == (later,)


def test_a_notice_survives_being_written_and_read_again() -> None:
    for notice in (*shipped_notices(), parse_notice(NOTICE_2027)):
        assert parse_notice(json.dumps(notice_json(notice))) == notice


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"notice": " "}, "没有标题"),
        ({"issued": "昨天"}, "格式不对"),
        ({"year": None}, "格式不对"),
        ({"off": None}, "格式不对"),
        ({"work": ["2027-02-31"]}, "格式不对"),
        ({"work": ["2027-02-17"]}, "2027-02-17 本来就是工作日"),
        ({"work": ["2027-02-19"]}, "2027-02-19 本来就是工作日"),
        ({"work": ["2027-02-13"]}, "2027-02-13 既放假又上班"),
        ({"work": ["2028-01-08"]}, "2028-01-08 不在 2027 年内"),
        ({"work": ["2026-12-19"]}, "2026-12-19 不在 2027 年内"),
        ({"off": []}, "2027-02-05（春节）是法定节假日"),
        ({"off": [{"name": "", "start": "2027-01-01", "end": "2027-01-01"}]}, "没有名称"),
        ({"off": [{"name": "元旦", "start": "2027-01-02", "end": "2027-01-01"}]}, "起止日期不对"),
        ({"off": [{"name": "元旦", "start": "2027-01-01", "end": "2027-01-17"}]}, "起止日期不对"),
        ({"off": [{"name": "元旦", "start": "2027-01-01", "end": "2027-01-03"}] * 2}, "2027-01-01 写了两次"),
    ],
)
def test_a_notice_that_cannot_be_right_is_refused_with_the_reason(change: dict[str, object], says: str) -> None:
    with pytest.raises(NoticeError, match=says):
        parse_notice({**NOTICE_2027, **change})


@pytest.mark.parametrize("content", [b"\xff\xfe", b"", b"[]", "{", "3", "{}"])
def test_a_file_that_is_no_notice_is_refused_without_a_traceback(content: str | bytes) -> None:
    with pytest.raises(NoticeError, match="通知文件"):
        parse_notice(content)


@pytest.mark.parametrize("content", [b"[]", "3", '"x"'])
def test_a_file_with_other_json_is_told_what_a_notice_looks_like(content: str | bytes) -> None:
    with pytest.raises(NoticeError, match="应是一个 JSON 对象"):
        parse_notice(content)


def test_all_mistakes_of_a_notice_are_told_together() -> None:
    with pytest.raises(NoticeError) as refused:
        parse_notice({**NOTICE_2027, "work": ["2027-02-17", "2027-02-13"]})
    assert refused.value.problems == ["2027-02-13 既放假又上班", "2027-02-17 本来就是工作日，不能是调休上班日"]
    assert str(refused.value) == "；".join(refused.value.problems)


def test_a_notice_may_give_the_last_day_of_its_year_off() -> None:
    new_year = {"name": "元旦", "start": "2027-12-31", "end": "2027-12-31"}
    notice = parse_notice({**NOTICE_2027, "off": [*NOTICE_2027["off"], new_year]})
    assert not import_notice(shipped_calendar(), notice).calendar.is_working(date(2027, 12, 31))


def test_the_longest_holiday_and_the_twentieth_of_december_are_still_accepted() -> None:
    long = {"name": "春节", "start": "2027-02-01", "end": "2027-02-16"}
    notice = parse_notice({**NOTICE_2027, "off": [long, *NOTICE_2027["off"][:1], *NOTICE_2027["off"][2:]], "work": []})
    assert len(notice.off[0].days()) == 16
    assert parse_notice({**NOTICE_2027, "work": ["2026-12-20"]}).work[0].day == date(2026, 12, 20)


def test_an_amending_notice_need_not_repeat_the_statutory_days() -> None:
    extension = {"year": 2026, "amends": True, "notice": "延长国庆假期", "issued": "2026-09-30", "work": []}
    notice = parse_notice(
        {**extension, "off": [{"name": "国庆节（延长）", "start": "2026-10-08", "end": "2026-10-08"}]}
    )
    change = import_notice(shipped_calendar(), notice)
    assert [day.day for day in change.days] == [date(2026, 10, 8)]
    assert change.calendar.has_notice(2026)


def test_working_days_between_counts_after_the_first_day_up_to_the_last_in_both_directions() -> None:
    calendar = shipped_calendar()
    assert calendar.working_days_between(date(2026, 2, 13), date(2026, 2, 24)) == 2  # the 14th (make-up) and the 24th
    assert calendar.working_days_between(date(2026, 2, 24), date(2026, 2, 13)) == -2
    assert calendar.working_days_between(date(2026, 2, 13), date(2026, 2, 13)) == 0


def test_the_next_working_day_may_be_the_day_itself() -> None:
    calendar = shipped_calendar()
    assert calendar.working_day_on_or_after(date(2026, 5, 1)) == date(2026, 5, 6)
    assert calendar.working_day_on_or_after(date(2026, 5, 6)) == date(2026, 5, 6)


def test_flags_of_a_whole_year_say_the_same_as_the_days_themselves() -> None:
    calendar = shipped_calendar()
    for year in (2020, 2024, 2027):
        assert all(calendar.flags(kind.day) == kind.flags for kind in calendar.days_of(year))


def test_shipped_notice_files_are_for_distinct_years_but_for_amendments() -> None:
    years = [notice.year for notice in shipped_notices() if not notice.amends]
    assert sorted(years) == list(range(2020, 2027))
    assert all(isinstance(notice, Notice) for notice in shipped_notices())


def test_cases_file_is_utf8_with_the_expected_columns() -> None:
    with (Path(__file__).parent / "deadline_cases.csv").open(encoding="utf-8", newline="") as stream:
        header = next(csv.reader(stream))
    assert header == ["id", "rule", "start", "unit", "amount", "roll", "suspensions", "expected", "why"]
