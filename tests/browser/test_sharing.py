"""Two people, two windows, two clicks: one of them counts, and nobody loses what was typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect
from sqlalchemy import func, select

from handlers.store.tables import event
from tests.browser.visitor import Visitor
from tests.support.cases import start_training


def open_new_task(backstage: Any, title: str, *visitors: Visitor) -> int:
    """Start a plan and open its task at the office in everybody's window; the case's id."""
    case = start_training(backstage, training_name=title)
    for visitor in visitors:
        visitor.go(f"/tasks/{backstage.open_task(case).id}")
    return case


def completions(backstage: Any, case: int) -> int:
    wanted = select(func.count()).where(event.c.instance_id == case, event.c.kind == "completed")
    with backstage.database.read() as connection:
        return int(connection.execute(wanted).scalar_one()) - 1  # the drafter's own step


def test_the_second_person_learns_who_was_faster_and_keeps_the_text(
    sign_in: Callable[..., Any], backstage: Any
) -> None:
    first, second = sign_in("sun.yue"), sign_in("wang.jianguo")
    case = open_new_task(backstage, "两人同时审核的培训", first, second)
    task_id = backstage.open_task(case).id
    first.choose("同意")
    second.choose("退回修改")
    second.page.get_by_label("批示").fill("经费来源请再核实")
    first.submit("办公室审核")

    second.press("提交")
    second.heading("已由他人办理")
    what = second.page.get_by_role("region", name="发生了什么")
    expect(what).to_contain_text("孙悦已于 20")
    expect(what).to_contain_text("办理了“办公室审核”，意见：同意")
    expect(what).to_contain_text("您这次的提交没有生效")
    typed = second.page.get_by_role("region", name="您刚才填写的内容")
    expect(typed).to_contain_text("经费来源请再核实")
    expect(typed).to_contain_text("退回修改")
    second.sees("接着办")
    second.go(f"/tasks/{task_id}")  # from a list that is a minute old
    second.heading("已由他人办理")
    expect(second.page.get_by_text("您这次的提交没有生效")).to_have_count(0)
    assert completions(backstage, case) == 1


def test_a_double_click_submits_once(sign_in: Callable[..., Any], backstage: Any) -> None:
    office = sign_in("wang.jianguo")
    case = open_new_task(backstage, "连点两次提交的培训", office)
    office.choose("同意")
    office.page.get_by_role("button", name="提交", exact=True).dblclick()
    office.heading("已提交：办公室审核")
    assert completions(backstage, case) == 1


def test_the_same_person_in_a_second_window_is_told_that_it_is_done(
    sign_in: Callable[..., Any], backstage: Any
) -> None:
    here, there = sign_in("wang.jianguo"), sign_in("wang.jianguo")
    case = open_new_task(backstage, "两个窗口的培训", here, there)
    for window in (here, there):
        window.choose("同意")
    here.submit("办公室审核")
    there.press("提交")
    there.sees("您已于", "可能是您在另一个窗口里，或连续点了两次提交。")
    assert completions(backstage, case) == 1


def test_a_claimed_task_is_given_back_and_each_keeps_the_own_draft(sign_in: Callable[..., Any], backstage: Any) -> None:
    title = "领取后放回的培训"
    office, colleague = sign_in("wang.jianguo"), sign_in("sun.yue")
    case = start_training(backstage, training_name=title)
    address = f"/tasks/{backstage.open_task(case).id}"
    office.go(f"/inbox?tab=pool&q={title}")
    office.press("领取", within=office.page.get_by_role("row").filter(has_text=title))
    office.sees("已领取，现在由您办理。")
    colleague.go(address)
    colleague.heading("已由他人领取")
    colleague.sees("“办公室审核”已由王建国领取，现在由其办理。")
    office.choose("退回修改")
    office.page.get_by_label("批示").fill("写到一半")
    office.press("保存草稿")
    office.sees("草稿已保存，只有您自己看得到。")
    office.go("/inbox")
    expect(office.page.get_by_role("row").filter(has_text=title)).to_contain_text("有草稿")

    office.follow(title)
    expect(office.page.get_by_label("批示")).to_have_value("写到一半")
    expect(office.page.get_by_role("radio", name="退回修改")).to_be_checked()
    office.press("放回科室")
    office.sees("已放回科室")
    colleague.go(address)
    expect(colleague.page.get_by_label("批示")).to_have_value("")
    office.page.reload()
    expect(office.page.get_by_label("批示")).to_have_value("写到一半")
    office.page.once("dialog", lambda dialog: dialog.accept())
    office.press("清除草稿")
    office.sees("草稿已清除。")
    expect(office.page.get_by_label("批示")).to_have_value("")
