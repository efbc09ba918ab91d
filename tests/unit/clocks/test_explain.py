"""The explanation as a citizen reads it."""

from __future__ import annotations

from datetime import UTC, date, datetime

from handlers.clocks.calendar import Override, shipped_calendar
from handlers.clocks.counting import Clock, DayMark, Pause, RollOver, Unit, compute_due, rolled_days, walk
from handlers.clocks.explain import RowKind, explain

CALENDAR = shipped_calendar()


def test_seven_working_days_over_spring_festival_are_told_day_by_day() -> None:
    clock = Clock("accept", datetime(2026, 2, 11, 2, tzinfo=UTC), 7, name="受理决定", basis="总局令第121号第十四条")
    assert explain(clock, CALENDAR).lines() == [
        "受理决定：7 个工作日（依据：总局令第121号第十四条）",
        "2026-02-11 周三　事由发生当日，不计入（《民法典》第二百零一条）",
        "2026-02-12 周四　第 1 天",
        "2026-02-13 周五　第 2 天",
        "2026-02-14 周六　第 3 天（春节调休上班，是工作日）",
        "2026-02-15 周日　不计：春节",
        "2026-02-16 周一　不计：春节",
        "2026-02-17 周二　不计：春节",
        "2026-02-18 周三　不计：春节",
        "2026-02-19 周四　不计：春节",
        "2026-02-20 周五　不计：春节",
        "2026-02-21 周六　不计：春节",
        "2026-02-22 周日　不计：春节",
        "2026-02-23 周一　不计：春节",
        "2026-02-24 周二　第 4 天",
        "2026-02-25 周三　第 5 天",
        "2026-02-26 周四　第 6 天",
        "2026-02-27 周五　第 7 天",
        "结论：2026-02-27（周五）24:00 届满（北京时间）。",
    ]


def test_suspended_days_carry_every_reason_once_with_its_document() -> None:
    test = Pause(date(2026, 3, 4), date(2026, 3, 6), "检验检测", "委托书〔2026〕5号")
    help_ = Pause(date(2026, 3, 5), date(2026, 3, 9), "其他部门协助调查")
    lines = explain(Clock("grade", datetime(2026, 3, 2, 2, tzinfo=UTC), 3, pauses=(test, help_, test)), CALENDAR)
    assert [row.text for row in lines.rows if row.kind is RowKind.PAUSED_DAY] == [
        "扣除：检验检测（委托书〔2026〕5号）",
        "扣除：检验检测（委托书〔2026〕5号）、其他部门协助调查",
        "扣除：其他部门协助调查",
        "扣除：其他部门协助调查",
        "扣除：其他部门协助调查",
    ]
    assert lines.conclusion == "结论：2026-03-10（周二）24:00 届满（北京时间）。"


def test_a_last_day_in_a_holiday_is_rolled_over_with_the_clause() -> None:
    clock = Clock("mediation", datetime(2026, 3, 2, 2, tzinfo=UTC), 60, Unit.CALENDAR_DAYS)
    explanation = explain(clock, CALENDAR)
    assert explanation.headline == "期限：60 日（依据：《民法典》第二百零一条、第二百零三条）"
    assert [row.line for row in explanation.rows][-7:] == [
        "2026-05-01 周五　第 60 天",
        "2026-05-01 周五　顺延：劳动节",
        "2026-05-02 周六　顺延：劳动节",
        "2026-05-03 周日　顺延：劳动节",
        "2026-05-04 周一　顺延：劳动节",
        "2026-05-05 周二　顺延：劳动节",
        "2026-05-06 周三　工作日，期限顺延至此日届满（《民法典》第二百零三条）",
    ]
    assert "国办发明电〔2025〕7号" in explanation.rows[-1].source


def test_a_suspended_limit_says_since_when_why_and_what_remains() -> None:
    clock = Clock("accept", datetime(2026, 3, 2, 2, tzinfo=UTC), 7, pauses=(Pause(date(2026, 3, 4), reason="鉴定"),))
    explanation = explain(clock, CALENDAR)
    assert explanation.rows[-1].line == "2026-03-04 周三　此日起中止：鉴定，恢复之前不再计算，剩余 5 个工作日"
    assert explanation.conclusion == "结论：期限中止中，剩余 5 个工作日，恢复后再确定届满日。"


def test_days_that_an_open_pause_covers_are_not_walked_even_under_a_closed_one() -> None:
    closed, still_open = Pause(date(2026, 3, 4), date(2026, 3, 10)), Pause(date(2026, 3, 5))
    clock = Clock("accept", datetime(2026, 3, 2, 2, tzinfo=UTC), 7, pauses=(closed, still_open))
    assert [(step.day.day, step.mark) for step in walk(clock, CALENDAR)] == [
        (3, DayMark.COUNTED), (4, DayMark.COUNTED), (5, DayMark.PAUSED),
    ]  # fmt: skip


def test_an_uncertain_day_is_marked_and_the_year_without_notice_named() -> None:
    working = explain(Clock("accept", datetime(2026, 12, 28, 2, tzinfo=UTC), 7), CALENDAR)
    assert working.rows[4].line == "2027-01-01 周五　不计：元旦（暂定）"
    assert working.rows[-1].line == "2027-01-07 周四　第 7 天（暂定）"
    assert working.conclusion == "结论：2027-01-07（周四）24:00 届满（北京时间），暂定。"
    assert working.notes == (
        "暂定：本系统没有录入 2027 年的放假通知，已按法定节假日和周末推算；通知录入后将重新计算。",
    )
    calendar_days = explain(Clock("m", datetime(2026, 12, 12, 2, tzinfo=UTC), 60, Unit.CALENDAR_DAYS), CALENDAR)
    assert calendar_days.rows[-1].line == "2027-02-10 周三　最后一天推定为工作日，不顺延（暂定）"
    assert calendar_days.notes == working.notes


def test_an_unknown_last_day_is_not_told_as_a_day() -> None:
    explanation = explain(Clock("m", datetime(2026, 12, 7, 2, tzinfo=UTC), 60, Unit.CALENDAR_DAYS), CALENDAR)
    assert explanation.conclusion == "结论：第 60 天 2027-02-05 是法定节假日，顺延到哪一天待放假通知公布后确定。"
    assert explanation.rows[-1].text == "推测的假后第一个工作日，放假通知公布前不能确定"


def test_without_roll_over_no_day_is_rolled() -> None:
    assert rolled_days(RollOver.NONE, date(2026, 5, 1), CALENDAR) == []
    assert rolled_days(RollOver.HOLIDAY, date(2026, 3, 7), CALENDAR) == []
    assert rolled_days(RollOver.NON_WORKING, date(2026, 3, 7), CALENDAR) == [date(2026, 3, 7), date(2026, 3, 8)]


def test_rolling_from_a_certain_day_off_into_a_year_without_notice_is_uncertain() -> None:
    closed = Override(date(2026, 12, 31), working=False, name="停工", reason="年末盘点")
    clock = Clock("m", datetime(2026, 11, 1, 2, tzinfo=UTC), 60, Unit.CALENDAR_DAYS)
    assert compute_due(clock, CALENDAR).answer == "2026-12-31"
    assert compute_due(clock, CALENDAR.with_overrides([closed])).answer == "PROVISIONAL:"
    open_new_year = Override(date(2027, 1, 1), working=True, name="上班", reason="局办公会决定")
    assert compute_due(clock, CALENDAR.with_overrides([closed, open_new_year])).answer == "2027-01-01"
