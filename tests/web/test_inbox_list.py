"""The inbox page: tabs with counts, and everything chosen kept in the address."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.bureau import Bureau
from tests.support.cases import decide, start_training
from tests.support.office import Office, text
from tests.support.statements import heard


@pytest.fixture
def office(bureau: Bureau, tmp_path: Path) -> Office:
    return Office(bureau, tmp_path)


def test_tabs_are_counted_and_the_empty_one_explains_itself(office: Office) -> None:
    for number in range(3):
        start_training(office.bureau, training_name=f"培训{number}")
    page = text(office.browser("wang.jianguo").get("/inbox"))
    assert '待我办<span class="tab-count">0</span>' in page
    assert '本科室待领<span class="tab-count">3</span>' in page
    assert "科室里还有 3 件可以领取" in page


def test_filters_order_and_page_stay_in_the_links(office: Office) -> None:
    for number in range(25):
        start_training(office.bureau, training_name=f"培训{number:02}")
    page = text(office.browser("wang.jianguo").get("/inbox?tab=pool&q=培训&sort=newest&process=training"))
    assert "第 1/2 页" in page
    assert "page=2" in page
    following = next(line for line in page.split('href="') if "page=2" in line).split('"')[0]
    for part in ("tab=pool", "sort=newest", "process=training", "q=%E5%9F%B9%E8%AE%AD"):
        assert part in following
    assert "培训24" in page
    assert "没有符合条件的任务" in text(office.browser("wang.jianguo").get("/inbox?tab=pool&q=不存在的"))


def test_a_page_behind_the_last_leads_back_and_does_not_say_that_nothing_is_to_be_done(office: Office) -> None:
    for number in range(21):
        start_training(office.bureau, training_name=f"培训{number:02}")
    browser = office.browser("wang.jianguo")
    page = text(browser.get("/inbox?tab=pool&q=培训&page=3"))
    assert "共有 21 条，请从第一页看起" in page
    assert "没有待领取的任务" not in page
    (back,) = re.findall(r'<a class="btn" href="([^"]+)">回到第一页', page)
    assert "第 1/2 页" in text(browser.get(back.replace("&amp;", "&")))


@pytest.mark.parametrize(
    "query", ["tab=nonsense&sort=x&urgency=y&page=-3&size=7", "page=abc", "page=99999999999", "q=%25_%27"]
)
def test_nonsense_in_the_address_is_no_error(office: Office, query: str) -> None:
    assert office.browser("wang.jianguo").get(f"/inbox?{query}").status_code == 200
    assert office.browser("wang.jianguo").get(f"/cases?{query}").status_code == 200


def test_the_whole_inbox_takes_a_handful_of_statements(office: Office) -> None:
    for number in range(30):
        start_training(office.bureau, training_name=f"培训{number}")
    browser = office.browser("wang.jianguo")
    browser.get("/inbox?tab=pool&size=50")
    with heard(office.bureau.database) as spoken:
        browser.get("/inbox?tab=pool&size=50")
    assert len([line for line in spoken.texts if line.startswith("SELECT")]) <= 7, spoken.listed()


def test_what_one_has_started_says_where_it_stands_and_with_whom_in_one_more_statement(office: Office) -> None:
    for number in range(30):
        start_training(office.bureau, training_name=f"培训{number}")
    browser = office.browser("chen.jing")
    page = text(browser.get("/inbox?tab=started&size=50"))
    assert page.count('<span class="place-step">办公室审核</span>') == 30
    assert "待领" in page
    with heard(office.bureau.database) as spoken:
        browser.get("/inbox?tab=started&size=50")
    assert len([line for line in spoken.texts if line.startswith("SELECT")]) <= 8, spoken.listed()


def test_a_finished_case_in_the_list_of_what_one_has_started_stands_nowhere(office: Office) -> None:
    decide(office.bureau, start_training(office.bureau), "wang.jianguo", "refuse", "今年不再安排。")
    page = text(office.browser("chen.jing").get("/inbox?tab=started"))
    assert "已结束" in page
    assert "place-step" not in page
