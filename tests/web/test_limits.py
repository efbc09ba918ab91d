"""Limits on the screens: the block of a case, the day by day page, 扣除中 in lists, and the page of holidays."""

from __future__ import annotations

import io
import json
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from handlers.clocks.calendar import Override
from handlers.clocks.holiday_notices import notice_json
from handlers.time_source import beijing_date
from processes.engine.publishing.publish import Source, publish
from tests.commands.test_calendar_commands import NOTICE
from tests.commands.test_limits import at, suspend
from tests.support.bureau import Bureau
from tests.support.limited import clocks, in_mediation, start_limited
from tests.support.office import Office, text

CSV = "\n".join(
    [
        "年度,2027",
        f"通知,{NOTICE.title}",
        "印发日期,2026-11-25",
        "日期,安排,名称",
        *(f"{day},放假,{holiday.name}" for holiday in NOTICE.off for day in holiday.days()),
        *(f"{make_up.day},上班,{make_up.name}" for make_up in NOTICE.work),
    ]
)


@pytest.fixture
def office(house: Bureau, tmp_path: Path) -> Office:
    return Office(house, tmp_path)


def upload(content: str, name: str) -> dict[str, object]:
    return {"file": (io.BytesIO(content.encode()), name)}


def test_the_case_page_shows_every_limit_the_governing_one_first(office: Office) -> None:
    at(office.bureau, "2026-04-16")
    case = in_mediation(office.bureau, "2026-04-16")
    page = text(office.browser("chen.jing").get(f"/cases/{case}"))
    block = page.split('id="limits-title"')[1].split("</section>")[0]
    assert block.index("调解") < block.index("办结的最长期限") < block.index("作出受理或者不予受理决定")
    assert block.count("最先到期") == 1
    for words in (
        "法定期限",
        "内部目标",
        "60 个工作日",
        "进行中",
        "按期",
        "2026-06-15",
        "总局令第121号（2026年4月15日起收到的）",
    ):
        assert words in block


def test_a_rule_set_is_called_what_the_table_of_the_cases_own_release_calls_it(office: Office) -> None:
    bureau = office.bureau
    before = in_mediation(bureau, "2026-04-16")
    table = files("processes").joinpath("limits/rule_set.dmn").read_bytes()
    with bureau.database.write() as connection:
        renamed = Source(
            "table", "rule_set", table.replace("总局令第121号（2026年4月15日起收到的）".encode(), "新办法".encode())
        )
        today = beijing_date(bureau.time.now())
        publish(connection, [renamed], author="测试", note="测试", effective_on=today, now=bureau.time.now())
    after = in_mediation(bureau, "2026-04-16")
    browser = office.browser("chen.jing")
    assert "适用：新办法" in text(browser.get(f"/cases/{after}"))
    assert "适用：总局令第121号（2026年4月15日起收到的）" in text(browser.get(f"/cases/{before}"))
    assert "新办法" in text(browser.get(f"/cases/{after}/limits/{clocks(bureau, after)[0].id}"))


def test_a_limit_is_told_day_by_day_with_the_excluded_time_and_its_clause(office: Office) -> None:
    bureau = office.bureau
    case = start_limited(bureau, "2026-02-27")
    at(bureau, "2026-03-04")
    suspend(bureau, case, "2026-03-03", ("accept",))
    at(bureau, "2026-03-06")
    bureau.engine.change_limits(None, case, "clock_resumed", {"ends_on": "2026-03-05"})
    page = text(office.browser("chen.jing").get(f"/cases/{case}/limits/{clocks(bureau, case)[0].id}"))
    for words in (
        "结论：2026-03-11（周三）24:00 届满",
        "2026-02-28 周六",
        "春节调休上班，是工作日",
        "扣除：检验检测（委托书）",
        "2026年3月3日次日起，至2026年3月5日止，共 2 日",
        "第十四条",
    ):
        assert words in page


def test_a_limit_of_another_case_or_one_that_the_person_may_not_see_is_not_found(office: Office) -> None:
    case, other = start_limited(office.bureau, "2026-02-27"), start_limited(office.bureau, "2026-02-27")
    row = clocks(office.bureau, other)[0]
    assert office.browser("chen.jing").get(f"/cases/{case}/limits/{row.id}").status_code == 404
    assert office.browser("sun.yue").get(f"/cases/{other}/limits/{row.id}").status_code == 404


def test_lists_and_the_task_say_that_a_limit_rests_instead_of_counting_days(office: Office) -> None:
    case = start_limited(office.bureau, "2026-02-27")
    browser = office.browser("chen.jing")
    addresses = ("/inbox?tab=pool", "/cases", f"/cases/{case}", f"/tasks/{office.bureau.open_task(case).id}")
    assert all("扣除中" not in text(browser.get(address)) for address in addresses)
    suspend(office.bureau, case, "2026-03-02", ("accept",))
    assert all("扣除中" in text(browser.get(address)) for address in addresses)
    assert "剩余 5 个工作日" in text(browser.get(addresses[-1]))


# --- holidays ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "name"),
    [(json.dumps(notice_json(NOTICE), ensure_ascii=False), "2027.json"), (CSV, "2027.csv")],
)
def test_a_notice_is_shown_first_and_imported_when_confirmed(office: Office, content: str, name: str) -> None:
    bureau = office.bureau
    at(bureau, "2026-12-10")
    case = in_mediation(bureau, "2026-12-10")
    browser = office.browser("admin")
    assert "暂定" in text(browser.get("/admin/holidays"))
    page = text(browser.post("/admin/holidays/notice", upload(content, name)))
    for words in (NOTICE.title, bureau.case(case).number, "2027-02-09", "2027-02-14", "还没有生效"):
        assert words in page
    assert clocks(bureau, case, "mediation")[0].provisional
    notice = json.dumps(notice_json(NOTICE), ensure_ascii=False)
    done = text(browser.post("/admin/holidays/import", {"notice": notice}, follow_redirects=True))
    assert "个期限随之变动" in done
    assert clocks(bureau, case, "mediation")[0].due_on.isoformat() == "2027-02-14"


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        ("{", "a.json", "不是有效的 JSON"),
        ("日期,安排,名称\n2027-01-01,休息,元旦", "a.csv", "第 2 行：应依次写日期"),
        ("年度,2027\n2027-13-01,放假,元旦", "a.csv", "日期“2027-13-01”应写成"),
        ("年度,2027", "a.csv", "缺少“通知”一行"),
        (CSV.replace("2027-01-23,上班", "2027-01-22,上班"), "a.csv", "本来就是工作日"),
        ("x", "a.xlsx", "只能导入"),
    ],
)
def test_a_bad_file_is_refused_in_words(office: Office, content: str, name: str, sentence: str) -> None:
    answer = office.browser("admin").post("/admin/holidays/notice", upload(content, name))
    assert answer.status_code == 422
    assert sentence in text(answer)


def test_a_day_is_set_after_its_effect_was_shown_and_can_be_taken_back(office: Office) -> None:
    case = start_limited(office.bureau, "2026-02-27")
    browser = office.browser("admin")
    day = {"day": "2026-03-06", "working": "off", "name": "停工", "reason": "供暖故障"}
    assert "2026-03-10" in text(browser.post("/admin/holidays/day", day))
    assert office.bureau.open_task(case).due_on.isoformat() == "2026-03-09"
    browser.post("/admin/holidays/day", day | {"confirmed": "yes"})
    assert office.bureau.open_task(case).due_on.isoformat() == "2026-03-10"
    assert "供暖故障" in text(browser.get("/admin/holidays"))
    browser.post("/admin/holidays/unset", {"day": "2026-03-06", "confirmed": "yes"})
    assert office.bureau.open_task(case).due_on.isoformat() == "2026-03-09"


def test_days_that_are_over_are_folded(office: Office) -> None:
    browser = office.browser("admin")

    def shown() -> tuple[str, str]:
        page = text(browser.get("/admin/holidays")).partition("已作的单日调整")[2]
        open_part, _, folded = page.partition("<details")
        return open_part, folded

    assert "没有单日调整" in shown()[0]
    office.bureau.engine.set_day(office.bureau.actor("admin"), Override(date(2026, 2, 27), False, "停工", "停电"))
    assert "今天以后没有单日调整" in shown()[0]
    office.bureau.engine.set_day(office.bureau.actor("admin"), Override(date(2026, 3, 2), False, "停工", "停水"))
    open_part, folded = shown()
    assert ("停水" in open_part, "停电" in open_part) == (True, False)
    assert "已经过去的" in folded
    assert ("（1 天）" in folded, "停电" in folded, "停水" in folded) == (True, True, False)


def test_a_day_that_moves_nothing_is_confirmed_in_words(office: Office) -> None:
    day = {"day": "2026-03-06", "working": "off", "name": "停工", "reason": "供暖故障", "confirmed": "yes"}
    done = text(office.browser("admin").post("/admin/holidays/day", day, follow_redirects=True))
    assert "已调整 2026-03-06 为放假（停工），没有期限因此变动。" in done


def test_a_day_without_a_reason_is_refused(office: Office) -> None:
    day = {"day": "2026-03-06", "working": "off", "name": "停工", "reason": ""}
    answer = office.browser("admin").post("/admin/holidays/day", day)
    assert (answer.status_code, "请写明理由" in text(answer)) == (422, True)
