"""An enterprise's application: papers asked for again, an opinion, a leader's refusal, the letter, the notice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.test_training import decide, letter_text
from tests.browser.visitor import Visitor, day, paper

COMPANY = "滨海示范家居装饰有限公司"
CONDITIONS = (
    "固定办公场所",
    "一名以上专门工作人员",
    "能上互联网的电脑",
    "专用投诉电话",
    "成文的消费投诉处理制度",
    "及时处理消费投诉承诺书",
)


def register(clerk: Visitor) -> None:
    clerk.go("/cases/new")
    clerk.follow("填写", within=clerk.page.get_by_role("region", name="ODR企业申请审核"))
    recommender = clerk.page.get_by_label("推荐单位")
    expect(recommender).to_be_hidden()
    clerk.choose("单位推荐")
    recommender.fill("滨海新区消费者协会")
    clerk.choose("是", of="有固定办公场所")
    clerk.choose("是", of="有能上互联网的电脑")
    clerk.field("industry").select_option(label="家居装饰")
    clerk.fill(
        applied_on=day(),
        company_name=COMPANY,
        credit_code="91120116MA05DEM013",
        company_address="滨海新区示范路9号",
        legal_person="王示范",
        contact_person="李示范",
        contact_phone="13800000000",
        contact_email="demo@example.com",
        staff_count="2",
        complaint_phone="022-60000000",
    )
    for key, name in (("application", "申请书"), ("commitment", "承诺书"), ("licence", "营业执照"), ("rules", "制度")):
        clerk.field(f"{key}_file").set_input_files(paper(f"{name}.pdf"))


def correct_the_credit_code(clerk: Visitor) -> None:
    # The last sign of the code is a check digit; the uploaded files must survive the error.
    clerk.press("提交")
    expect(clerk.page.get_by_role("alert")).to_contain_text("统一社会信用代码")
    for name in ("申请书.pdf", "承诺书.pdf", "营业执照.pdf", "制度.pdf"):
        expect(clerk.page.get_by_role("link", name=name)).to_be_visible()
    clerk.fill(credit_code="91120116MA05DEM012")
    clerk.submit("登记申请或推荐")


def review(clerk: Visitor, *, rules: str) -> None:
    for condition in CONDITIONS:
        clerk.choose(rules if condition == "成文的消费投诉处理制度" else "符合", of=condition)
    clerk.choose("未列入", of="列入经营异常名录或者严重违法失信名单")


def ask_for_correction(clerk: Visitor) -> None:
    review(clerk, rules="不符合")
    clerk.press("提交")
    expect(clerk.page.get_by_role("alert")).to_contain_text("须补正的内容")
    clerk.page.get_by_label("须补正的内容").fill("制度没有写明处理时限。")
    clerk.submit("审核申请材料")
    clerk.open_step("通知企业补正")
    clerk.fill(correction_notified_on=day(), correction_demand="请在5个工作日内补交盖章的制度。")
    clerk.field("correction_notify_way").select_option(label="电话")
    clerk.submit("通知企业补正")


def receive_correction(colleague: Visitor) -> None:
    colleague.take_from_list("本科室待领", COMPANY)
    colleague.heading("登记补正材料")
    colleague.fill(correction_received_on=day(), correction_content="已补充处理时限")
    colleague.field("correction_files").set_input_files(paper("制度（修订）.pdf"))
    colleague.submit("登记补正材料")
    colleague.open_step("审核申请材料")
    review(colleague, rules="符合")
    colleague.submit("审核申请材料")
    colleague.open_step("拟定审核意见")
    colleague.choose("拟准予开通")
    colleague.fill(opinion_reason="六项条件齐备")
    colleague.submit("拟定审核意见")


def refuse(leader: Visitor) -> None:
    leader.take_from_list("本科室待领", COMPANY)
    leader.heading("领导审批")
    decide(leader, "否决")
    expect(leader.page.get_by_role("alert")).to_contain_text("批示")
    leader.page.get_by_label("批示").fill("专用电话长期无人接听，不宜开通。")
    leader.submit("领导审批")
    leader.sees("意见：否决")


@pytest.mark.slow
def test_an_application_is_corrected_and_refused_by_a_leader(sign_in: Callable[..., Any]) -> None:
    names = ("zhao.lei", "chen.jing", "sun.yue", "zhou.min")
    clerk, colleague, office, leader = (sign_in(name).without_drawings() for name in names)
    register(clerk)
    correct_the_credit_code(clerk)
    clerk.open_step("审核申请材料")
    ask_for_correction(clerk)
    receive_correction(colleague)
    office.take_from_list("本科室待领", COMPANY)
    decide(office, "同意")
    office.heading("已提交：办公室审核")
    refuse(leader)

    clerk.take_from_list("本科室待领", COMPANY)
    clerk.heading("通知企业")
    clerk.sees("专用电话长期无人接听，不宜开通。")
    clerk.fill(result_notified_on=day(), result_recipient="李示范")
    clerk.field("result_notify_way").select_option(label="书面送达")
    clerk.submit("通知企业")
    clerk.sees("事项已经结束", "不予开通")
    clerk.follow("查看事项")
    clerk.sees("不予开通", "制度（修订）.pdf")
    text = letter_text(clerk, "ODR企业申请审核结果通知书")
    assert COMPANY in text
    assert "不予" in text
