"""Without JavaScript: everything that matters still works, by buttons that ask the server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from tests.support.cases import start_training


def test_rows_are_added_and_removed_by_the_server(sign_in: Callable[..., Any]) -> None:
    clerk = sign_in("zhao.lei", afresh=True, java_script_enabled=False)
    clerk.go("/cases/new/training")
    expect(clerk.page.get_by_text("填写时自动保存草稿")).to_be_hidden()
    table = clerk.page.get_by_role("table", name="课程安排")
    clerk.fill(**{"training_name": "没有脚本的培训", "courses-0-course_content": "第一讲"})
    clerk.press("添加一行 “课程安排”")
    clerk.fill(**{"courses-1-course_content": "第二讲"})
    clerk.press("删除 第 1 行", within=table)
    expect(table.get_by_role("textbox", name="第 1 行内容")).to_have_value("第二讲")
    expect(table.get_by_role("textbox", name="第 2 行内容")).to_have_count(0)
    expect(clerk.field("training_name")).to_have_value("没有脚本的培训")
    clerk.press("提交")
    expect(clerk.page.get_by_role("alert")).to_contain_text("处需要修改")
    clerk.press("清除草稿")
    clerk.sees("草稿已清除。")


def test_a_task_is_decided_and_the_step_table_tells_what_the_drawing_cannot(
    sign_in: Callable[..., Any], backstage: Any
) -> None:
    title = "没有脚本也能审核的培训"
    office = sign_in("wang.jianguo", afresh=True, java_script_enabled=False)
    start_training(backstage, training_name=title)
    office.take_from_list("本科室待领", title)
    office.page.locator("summary", has_text="步骤表").click()
    steps = office.page.locator(".step-table")
    expect(steps.get_by_role("row").filter(has_text="当前")).to_contain_text("办公室审核")
    office.choose("退回修改")
    office.press("提交")
    expect(office.page.get_by_role("alert")).to_contain_text("批示")
    office.page.get_by_label("批示").fill("请补充预算")
    office.submit("办公室审核")
    office.follow("查看事项")
    office.page.locator("summary", has_text="步骤表").click()
    current = office.page.locator(".step-table").get_by_role("row").filter(has_text="当前")
    expect(current).to_contain_text("形成培训方案")
