"""Long and empty lists: counted tabs, search, order and page in the address, a hundred rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from handlers.people import accounts
from handlers.people.demo_people import DEMO_PASSWORD
from handlers.time_source import SystemTime
from tests.browser.visitor import Visitor
from tests.support.cases import start_training

ROWS = 105
BUSY, IDLE = "browser.busy", "browser.idle"
CUT = """() => {
  const pen = document.createElement("canvas").getContext("2d");
  const isCut = (select) => {
    const style = getComputedStyle(select);
    pen.font = style.font;
    const room = select.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    return pen.measureText(select.selectedOptions[0].text).width > room;
  };
  return [...document.querySelectorAll(".filters select")].filter(isCut).map((one) => one.selectedOptions[0].text);
}"""
"""The filters whose chosen words have no room in their box."""


@pytest.fixture(scope="session")
def busy(backstage: Any) -> str:
    """Somebody who has started 105 plans, and a colleague in another department who has nothing to do."""
    with backstage.database.write() as connection:
        for username, name, grant in (
            (BUSY, "忙碌", ("centre_clerk", "centre")),
            (IDLE, "清闲", ("section_clerk", "legal")),
        ):
            accounts.create_account(
                connection,
                username=username,
                name=name,
                password=DEMO_PASSWORD,
                grants=[grant],
                now=SystemTime().now(),
            )
    for number in range(1, ROWS + 1):
        start_training(backstage, BUSY, training_name=f"第{number:03}期业务轮训")
    return BUSY


def rows(visitor: Visitor) -> Any:
    return visitor.page.locator("tbody tr")


def pager(visitor: Visitor) -> Any:
    return visitor.page.get_by_role("navigation", name="分页")


def test_a_hundred_rows_are_paged_and_the_page_survives_reload_and_back(sign_in: Callable[..., Any], busy: str) -> None:
    clerk = sign_in(busy)
    clerk.go("/inbox?tab=started")
    tabs = clerk.page.get_by_role("list", name="待办分类")
    expect(tabs.get_by_role("link", name=re.compile("我发起"))).to_have_text(re.compile(f"{ROWS}$"))
    expect(rows(clerk)).to_have_count(20)
    expect(pager(clerk)).to_contain_text(f"共 {ROWS} 条，第 1/6 页")
    clerk.follow("下一页")
    expect(pager(clerk)).to_contain_text("第 2/6 页")
    first = rows(clerk).first.inner_text()
    clerk.page.reload()
    assert rows(clerk).first.inner_text() == first
    clerk.follow("100", within=pager(clerk))
    expect(rows(clerk)).to_have_count(100)
    clerk.page.go_back()
    expect(pager(clerk)).to_contain_text("第 2/6 页")
    expect(rows(clerk)).to_have_count(20)


def test_search_order_and_filter_stand_in_the_address(sign_in: Callable[..., Any], busy: str) -> None:
    clerk = sign_in(busy)
    clerk.go("/inbox?tab=started")
    clerk.page.get_by_role("searchbox", name="搜索").fill("第09")
    clerk.page.get_by_label("排序").select_option(label="最早的在前")
    clerk.page.get_by_label("流程").select_option(label="信息化技术交流与培训")
    clerk.press("筛选")
    expect(rows(clerk)).to_have_count(10)
    expect(rows(clerk).first).to_contain_text("第090期业务轮训")
    clerk.page.reload()
    expect(clerk.page.get_by_role("searchbox", name="搜索")).to_have_value("第09")
    expect(clerk.page.get_by_label("排序")).to_have_value("oldest")
    expect(rows(clerk)).to_have_count(10)
    clerk.follow("第095期业务轮训")
    clerk.heading("第095期业务轮训")
    clerk.page.go_back()
    expect(rows(clerk)).to_have_count(10)
    expect(rows(clerk).first).to_contain_text("第090期业务轮训")


def test_a_search_without_result_and_empty_tabs_explain_themselves(sign_in: Callable[..., Any], busy: str) -> None:
    clerk, idle = sign_in(busy), sign_in(IDLE)
    clerk.go("/inbox?tab=started&q=没有这样的事项")
    clerk.sees("没有符合条件的任务")
    clerk.follow("清除条件")
    expect(rows(clerk)).to_have_count(20)
    for tab, words in (
        ("mine", "没有待您办理的任务"),
        ("pool", "科室里没有待领取的任务"),
        ("done", "您还没有办过任务"),
        ("started", "您还没有发起过事项"),
    ):
        idle.go(f"/inbox?tab={tab}")
        idle.sees(words)
    idle.go("/cases")
    idle.sees("还没有您可以查看的事项")


def test_the_count_of_a_tab_falls_when_a_task_is_taken(sign_in: Callable[..., Any], backstage: Any) -> None:
    office = sign_in("sun.yue")
    start_training(backstage, training_name="数一数的培训")
    office.go("/inbox?tab=pool")
    counts = [int(text) for text in office.page.locator(".tab-count").all_inner_texts()]
    office.page.get_by_role("searchbox", name="搜索").fill("数一数的培训")
    office.press("筛选")
    office.press("领取")
    office.sees("已领取，现在由您办理。")
    office.go("/inbox")
    after = [int(text) for text in office.page.locator(".tab-count").all_inner_texts()]
    assert after[:2] == [counts[0] + 1, counts[1] - 1]


def test_the_list_of_cases_is_filtered_by_state_and_step(sign_in: Callable[..., Any], busy: str) -> None:
    assert busy
    head = sign_in("liu.fang")
    head.go("/cases?size=100")
    head.page.get_by_label("状态").select_option(label="全部未办结")
    head.page.get_by_label("流程").select_option(label="信息化技术交流与培训")
    head.press("筛选")
    expect(rows(head)).to_have_count(100)
    head.page.get_by_role("searchbox", name="搜索").fill("第003期")
    head.press("筛选")
    expect(rows(head)).to_have_count(1)
    expect(rows(head)).to_contain_text("办公室审核")


def test_on_a_phone_the_words_of_the_filters_are_not_cut_and_all_tabs_are_in_sight(sign_in: Callable[..., Any]) -> None:
    head = sign_in("liu.fang", viewport={"width": 390, "height": 844})
    for path in ("/register", "/cases", "/inbox?tab=done"):
        head.go(path)
        assert head.page.evaluate(CUT) == [], path
    for tab in head.page.get_by_role("list", name="待办分类").get_by_role("link").all():
        expect(tab).to_be_in_viewport(ratio=1)
