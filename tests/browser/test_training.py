"""A training plan from the empty form to the archive, by people of four roles, with a return on the way."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import pytest
from playwright.sync_api import expect

from tests.browser.visitor import Visitor, day, paper
from tests.support.cases import start_training

TITLE = "平台登记与分派操作培训"


def start_plan(clerk: Visitor) -> None:
    clerk.go("/")
    clerk.follow("新建", within=clerk.page.get_by_role("navigation", name="主菜单"))
    clerk.follow("填写", within=clerk.page.get_by_role("region", name="信息化技术交流与培训"))
    clerk.heading("信息化技术交流与培训")


def hand_in_unfinished(clerk: Visitor) -> None:
    clerk.field("purpose").fill("熟悉全国12315平台\n规范录入 A&B <c>")
    clerk.press("提交")
    summary = clerk.page.get_by_role("alert")
    expect(summary).to_contain_text("处需要修改")
    expect(summary).to_be_focused()
    expect(clerk.page.locator("#f-training_name-error")).to_be_visible()
    expect(clerk.page.get_by_label("名称")).to_have_attribute("aria-invalid", "true")
    expect(clerk.field("purpose")).to_have_value("熟悉全国12315平台\n规范录入 A&B <c>")
    summary.get_by_role("link").first.click()
    expect(clerk.field("training_name")).to_be_focused()


def fill_plan(clerk: Visitor) -> None:
    clerk.choose("培训", of="类型")
    clerk.field("organiser").select_option(label="12315投诉举报中心")
    clerk.field("person_in_charge").select_option(label="刘芳")
    clerk.fill(
        training_name=TITLE,
        audience="各市场监督管理所投诉举报岗位人员",
        people_count="200",
        start_at=f"{day(20)}T09:00",
        end_at=f"{day(20)}T17:00",
        place="局三楼会议室",
        teachers="信息科技术人员",
        security="不使用真实投诉人信息",
    )


def fill_courses(clerk: Visitor) -> None:
    table = clerk.page.get_by_role("table", name="课程安排")
    for number, content in enumerate(("登记与分派", "写错的一行", "网络安全")):
        if number:
            clerk.page.get_by_role("button", name="添加一行").click()
        row = {"course_at": f"{day(20)}T{9 + number:02}:00", "course_content": content, "course_teacher": "赵磊"}
        clerk.fill(**{f"courses-{number}-{key}": text for key, text in row.items()})
    table.get_by_role("button", name="删除 第 2 行", exact=True).click()
    expect(table.get_by_role("row")).to_have_count(3)


def decide(visitor: Visitor, decision: str, comment: str = "") -> None:
    visitor.choose(decision, of="意见")
    if comment:
        visitor.page.get_by_label("批示").fill(comment)
    visitor.press("提交")


def letter_text(visitor: Visitor, name: str) -> str:
    """Wait until the page itself shows that the letter is ready, download it, read it."""
    papers = visitor.page.get_by_role("region", name="文书")
    with visitor.page.expect_download() as download:
        papers.get_by_role("link", name=f"下载 {name}", exact=True).click()
    assert download.value.suggested_filename.endswith(".docx")
    document = docx.Document(BytesIO(Path(download.value.path()).read_bytes()))
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def return_for_changes(office: Visitor) -> None:
    office.take_from_list("本科室待领", TITLE)
    office.sees("为什么到这里", "科室待领的任务", "规范录入 A&B <c>")
    decide(office, "退回修改")
    expect(office.page.get_by_role("alert")).to_contain_text("批示")
    expect(office.page.get_by_role("radio", name="退回修改")).to_be_checked()
    office.page.get_by_label("批示").fill("人数超过会场容量，请压缩。")
    office.submit("办公室审核")
    office.sees("意见：退回修改", "陈静")


def revise(clerk: Visitor) -> None:
    clerk.take_from_list("待我办", TITLE)
    clerk.sees("人数超过会场容量，请压缩。")
    expect(clerk.field("training_name")).to_have_value(TITLE)
    expect(clerk.field("courses-1-course_content")).to_have_value("网络安全")
    expect(clerk.page.get_by_role("radio", name="培训", exact=True)).to_be_checked()
    clerk.fill(people_count="60")
    clerk.submit("形成培训方案")


def carry_out(clerk: Visitor) -> None:
    clerk.open_place("发布培训通知")
    clerk.fill(notice_on=day(), notice_text="请各单位按时参加")
    clerk.choose("内网公告", "工作群")
    clerk.submit("发布培训通知")
    clerk.open_step("组织培训签到")
    clerk.fill(held_on=day(), attended="58")
    clerk.field("sign_in_files").set_input_files(paper("签到表.pdf"))
    clerk.submit("组织培训签到")
    clerk.open_step("开展培训评价")
    clerk.fill(evaluation_score="96.5")
    clerk.submit("开展培训评价")
    clerk.open_step("提交培训资料")
    clerk.field("material_files").set_input_files([paper("课件一.pdf"), paper("课件二.pdf")])
    clerk.submit("提交培训资料")
    clerk.open_step("撰写培训总结")
    clerk.fill(summary="培训达到预期效果")
    clerk.submit("撰写培训总结")
    clerk.open_step("归档培训材料")
    clerk.fill(archive_number="2026-PX-001", archived_on=day(), archive_place="档案室3柜2层")
    clerk.field("retention").select_option(label="10年")
    clerk.submit("归档培训材料")


@pytest.mark.slow
def test_a_training_plan_is_returned_revised_approved_carried_out_and_archived(sign_in: Callable[..., Any]) -> None:
    names = ("chen.jing", "wang.jianguo", "li.guoqiang")
    clerk, office, leader = map(sign_in, names)
    start_plan(clerk)
    hand_in_unfinished(clerk)
    fill_plan(clerk)
    fill_courses(clerk)
    clerk.submit("形成培训方案")
    clerk.sees("办公室审核", "办公室审核员（待领）")

    return_for_changes(office)
    revise(clerk)
    office.take_from_list("本科室待领", TITLE)
    decide(office, "同意")
    office.heading("已提交：办公室审核")
    leader.take_from_list("本科室待领", TITLE)
    decide(leader, "同意", "请抓好落实")
    leader.heading("已提交：领导审批")

    leader.follow("查看事项")
    text = letter_text(leader, "培训方案（附审批表）")
    for words in (TITLE, "规范录入 A&B <c>", "60", "登记与分派", "网络安全", "请抓好落实", "李国强"):
        assert words in text, words
    assert "写错的一行" not in text

    clerk.take_from_list("我发起", TITLE)
    carry_out(clerk)
    clerk.sees("事项已经结束", "已归档")

    head = sign_in("liu.fang")
    head.go("/cases")
    head.page.get_by_role("searchbox", name="搜索").fill(TITLE)
    head.press("筛选")
    head.follow(TITLE)
    head.sees("已归档", "签到表.pdf", "课件二.pdf", "归档培训材料")


def test_a_head_of_the_centre_suspends_and_resumes_a_case(sign_in: Callable[..., Any], backstage: Any) -> None:
    case = start_training(backstage, training_name="中止后恢复的培训")
    head, office = sign_in("liu.fang"), sign_in("wang.jianguo")
    head.go(f"/cases/{case}")
    steer(head, "中止", "等待场地落实")
    head.sees("事项已中止，恢复之前不能办理。", "已中止", "等待场地落实")
    office.go(f"/tasks/{backstage.open_task(case).id}")
    office.sees("事项已中止", "恢复之前不能办理。中止的原因见办理记录。")
    expect(office.page.get_by_role("button", name="提交")).to_have_count(0)
    steer(head, "恢复", "场地已落实")
    office.page.reload()
    decide(office, "同意")
    office.heading("已提交：办公室审核")


def steer(head: Visitor, action: str, reason: str) -> None:
    head.page.locator("summary", has_text=action).click()
    head.page.get_by_role("textbox", name="理由").filter(visible=True).fill(reason)
    head.press(f"确定{action}")
