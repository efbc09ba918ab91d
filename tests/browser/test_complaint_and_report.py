"""A complaint and a report from the file that the national platform exports to the archive, under their clocks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.town import Official, Town
from tests.browser.visitor import paper
from tests.support.registers import PLATFORM_ROW, as_csv

Desk = Callable[[str], Official]
"""Who sits at a desk, by user name."""
COMPLAINT = {
    **PLATFORM_ROW,
    "登记编号": "1120000020260803000001",
    "登记时间": "2026-08-03 09:00",
    "购买日期": "2026年7月28日",
    "所属街道": "塘沽街道",
    "主体电话": "022-65432100",
}
REPORT = {
    **COMPLAINT,
    "登记编号": "1120000020260803000002",
    "业务类型": "举报",
    "提供方姓名": "李春梅",
    "提供方电话": "13900139000",
    "涉及主体名称": "滨海兴旺食品超市",
    "主体地址": "滨海新区塘沽街道永安里30号",
    "业务类别": "食品",
    "商品服务名称": "面包",
    "内容": "货架上有超过保质期三天的面包十余袋，仍在销售。",
    "诉求": "",
}


@pytest.fixture(scope="module")
def sessions() -> dict[str, Any]:
    """Nobody has a session here yet."""
    return {}


@pytest.fixture
def server(sqlite_template: Path, tmp_path: Path) -> Iterator[Town]:
    """In place of the running product: the same pages over a clock that the test moves."""
    from webapp.assets.build import build

    build()
    town = Town(sqlite_template, tmp_path)
    yield town
    town.close()


@pytest.fixture
def desk(server: Town, new_window: Callable[..., Any]) -> Desk:
    """A person at their desk; always the same window."""
    desks: dict[str, Official] = {}

    def sit_down(username: str) -> Official:
        if username not in desks:
            desks[username] = Official(server, new_window(), username)
        return desks[username]

    return sit_down


def bring_in(receiver: Official) -> None:
    """The receiver hands the file in, looks at what would happen, and lets it happen."""
    receiver.go("/register/import")
    receiver.page.get_by_label("来源", exact=True).select_option(label="全国12315平台")
    receiver.page.locator("#import-file").set_input_files(paper("八月三日.csv", as_csv([COMPLAINT, REPORT])))
    receiver.visitor.press("检查")
    receiver.page.wait_for_url(re.compile(r"/import/\d+$"))
    receiver.town.work()
    receiver.page.reload()
    receiver.reads("检查结果", "将登记为新件2 行", "有错，不能登记0 行")
    receiver.visitor.press("导入这 2 行")
    receiver.town.work()
    receiver.page.reload()
    receiver.reads("导入结果", "登记为新件2 行")


def received(desk: Desk, town: Town, row: dict[str, str]) -> str:
    """The file is imported and the centre has reviewed this letter of it; the address of its case."""
    town.at("2026-08-03 09:30")
    receiver = desk("he.min")
    bring_in(receiver)
    case = find(receiver, row["涉及主体名称"])
    town.at("2026-08-03 10:00")
    desk("lin.tao").does(case, "初步审核", complete_elements="是", urgency="一般", important="否")
    return case


def find(receiver: Official, respondent: str) -> str:
    """The address of the case about this respondent, by the register."""
    receiver.go("/register")
    link = receiver.page.get_by_role("row").filter(has_text=respondent).get_by_role("link").first
    return str(link.get_attribute("href"))


def to_the_unit(desk: Desk, case: str) -> None:
    """The centre has reviewed it and sends it to the unit, which signs for it."""
    reviewer, clerk = desk("lin.tao"), desk("ma.hui")
    reviewer.does(case, "分派", handling_way="分办")
    reviewer.town.at("2026-08-03 14:00")
    clerk.does(case, "承办签收", sign_decision="签收")


def accept(desk: Desk, case: str) -> None:
    """First contact, and the decision on acceptance after a reminder."""
    town, clerk = desk("ma.hui").town, desk("ma.hui")
    town.at("2026-08-03 15:00")
    clerk.does(
        case,
        "首次联系",
        contact_at="2026-08-03T14:30",
        contact_way="电话",
        contact_result="已联系",
        contact_text="核实了购买经过，告知程序和期限。",
        injury="否",
        people_involved=1,
        media="否",
        tech_question="是",
        attempts=1,
    )
    answer_reminder(desk, case)
    town.at("2026-08-10 16:00")
    clerk.does(
        case,
        "受理审查（建议等级：疑难）",
        accept_decision="受理",
        grade="一般（15个工作日）",
        onsite_requested="否",
        decision_way="平台告知",
    )
    clerk.does(case, "说明调整理由", grade_reason="商品已在检测，双方愿意协商。")
    clerk.does(case, "送达受理决定书", notice_on="2026-08-10", notice_way="平台告知")


def answer_reminder(desk: Desk, case: str) -> None:
    """Two working days before the end of the limit the sweep reminds the unit, which answers."""
    clerk, supervisor = desk("ma.hui"), desk("lin.tao")
    clerk.town.at("2026-08-10 08:30")
    reminder = clerk.linked(case, "督办")
    clerk.does(
        reminder,
        "承办单位答复",
        supervision_progress="已与投诉人约定时间。",
        supervision_cause="件数多、人手不足",
        supervision_expected_on="2026-08-11",
        supervision_measures="专人办理，明日前作出决定。",
    )
    supervisor.does(reminder, "中心核对答复", supervision_verdict="措施可行，跟踪至办结")


def begin_mediation(desk: Desk, case: str) -> None:
    """Both sides agree to mediation, and are told when and where."""
    clerk = desk("ma.hui")
    clerk.town.at("2026-08-11 09:00")
    clerk.does(
        case,
        "征求双方意愿",
        mediation_result="双方同意调解",
        consent_on="2026-08-11",
        consent_way="电话",
        consent_text="双方同意先检测再调解。",
    )
    clerk.does(
        case,
        "安排调解",
        mediation_at="2026-09-02T09:30",
        mediation_place="塘沽所二楼调解室",
        mediator="马慧",
        mediator_phone="022-66300000",
        mediation_bring="身份证件、购物凭证",
        recuse_by="2026-09-01",
    )
    clerk.sees_limit(case, "调解", "2026-10-09")  # 60 days from the 10th of August
    clerk.sees_limit(case, "一般投诉办结", "2026-08-31")  # 15 working days


def suspend_and_resume(desk: Desk, case: str) -> None:
    """The time of an inspection is not counted: 15 days, 11 of them working days."""
    clerk, head = desk("ma.hui"), desk("tang.wei")
    clerk.town.at("2026-08-12 10:00")
    pause = clerk.opens(
        case,
        "期限扣除（中止与恢复）",
        suspension_reason="检验检测",
        suspension_starts_on="2026-08-12",
        suspension_expected_on="2026-08-27",
        suspension_body="天津市产品质量监督检测技术研究院",
        suspension_document="委托检验书（津检委〔2026〕15号）",
        suspension_files=["委托检验书.pdf"],
    )
    head.does(pause, "审批扣除申请", decision="同意")
    clerk.town.at("2026-08-28 09:00")
    clerk.sees_limit(case, "调解", "扣除中")
    clerk.acts(
        pause,
        "登记恢复",
        suspension_ends_on="2026-08-27",
        suspension_result_document="检验报告（2026）第218号",
        suspension_result="内胆涂层不合格",
        suspension_result_files=["检验报告.pdf"],
    )
    clerk.sees("已恢复计算")
    clerk.sees_limit(case, "调解", "2026-10-26")  # the 24th is a Saturday
    clerk.sees_limit(case, "一般投诉办结", "2026-09-15")


def extend(desk: Desk, case: str) -> None:
    """Ten more working days for the general grade; 20 September is worked for the Mid-Autumn holiday."""
    clerk, head = desk("ma.hui"), desk("tang.wei")
    clerk.town.at("2026-09-08 10:00")
    extension = clerk.opens(
        case,
        "延期审批",
        extension_code="一般投诉办结期限",
        extension_days=10,
        extension_reason="检验结果刚出，已约定再次调解。",
    )
    head.does(extension, "审批延期申请", decision="同意")
    clerk.sees_limit(case, "一般投诉办结", "2026-09-29")
    clerk.reads("办理记录", "2026-09-15 → 2026-09-29")


def let_the_mediation_expire(desk: Desk, case: str) -> None:
    """The grade ends first: the consumer is told why it takes longer. Then the mediation ends by itself."""
    clerk = desk("ma.hui")
    clerk.town.at("2026-09-30 09:00")
    clerk.does(
        case,
        "说明未办结理由",
        notice_work="组织调解一次。",
        notice_reason="双方对赔偿金额分歧较大。",
        notice_next="继续调解",
    )
    clerk.does(case, "送达情况告知书", notice_on="2026-09-30", notice_way="电话告知")
    clerk.town.at("2026-10-26 23:00")
    clerk.go(case)
    clerk.reads("现在在哪里", "主持调解并记录")
    clerk.town.at("2026-10-27 09:00")
    clerk.go(case)
    clerk.reads("现在在哪里", "说明终止理由")
    clerk.reads("办理记录", "期限届满")


def terminate(desk: Desk, case: str) -> None:
    """The reasons are written into the decision, which goes to both sides."""
    clerk = desk("ma.hui")
    clerk.does(
        case,
        "说明终止理由",
        termination_ground="（五）自投诉受理之日起六十日未达成调解协议",
        termination_note="双方对赔偿金额分歧较大，六十日内未达成协议。",
        terminated_on="2026-10-27",
    )
    clerk.town.at("2026-10-28 09:00")
    clerk.does(
        case,
        "送达双方",
        consumer_served_on="2026-10-28",
        consumer_served_way="邮寄送达",
        respondent_served_on="2026-10-28",
        respondent_served_way="直接送达",
        termination_files=["送达回执.pdf"],
    )


def verify(desk: Desk, case: str) -> None:
    """The head of the unit names two officers, who verify."""
    head, clerk = desk("tang.wei"), desk("ma.hui")
    head.town.at("2026-08-04 09:00")
    clerk.sees_limit(case, "核查并决定是否立案（内部目标）", "2026-08-12")  # 7 working days
    clerk.sees_limit(case, "法定期限", "2026-08-24")  # 15 working days
    head.does(case, "指派核查人员", verifiers=["马慧", "郭强"], onsite_needed="否", verify_plan="查进货台账。")
    clerk.town.at("2026-08-05 16:30")
    clerk.does(
        case,
        "登记核查结论",
        verifiers=["马慧", "郭强"],
        verified_at="2026-08-05T16:00",
        verify_ways=["现场检查", "调取资料"],
        verified_facts="货架上有过期面包一袋，已当场下架，没有售出。",
        verify_files=["现场检查笔录.pdf"],
        crime_suspected="否",
        own_jurisdiction="是",
        evidence_found="是",
        penalty_due="是",
        within_time="是",
        exemption="初次违法且危害后果轻微并及时改正",
    )


def refuse_to_file(desk: Desk, case: str) -> None:
    """Not filed: proposed by the second officer, approved by the head of the bureau alone."""
    second, bureau_head = desk("guo.qiang"), desk("zheng.hong")
    second.does(
        case,
        "提出处理建议",
        proposal="不予立案",
        non_filing_ground="初次违法且危害后果轻微并及时改正",
        proposal_reason="首次违法，货值十元，已当场改正。",
        check_evidence=True,
        check_nature=True,
        check_proper=True,
        check_procedure=True,
    )
    bureau_head.town.at("2026-08-06 10:00")
    bureau_head.does(case, "审批不予立案", non_filing_decision="同意")


def tell_the_reporter(desk: Desk, case: str) -> None:
    """The reporter gave a name: they are told, within three working days."""
    second = desk("guo.qiang")
    second.town.at("2026-08-07 09:00")
    second.does(
        case,
        "告知举报人",
        notice_way="平台告知",
        notice_on="2026-08-07",
        notice_proof="平台告知截图",
    )


def feed_back(desk: Desk, case: str, moment: str) -> None:
    """The unit says what came of it, and the centre checks that."""
    clerk = desk("ma.hui")
    clerk.town.at(moment)
    clerk.does(case, "反馈办理结果", result_text="已依法办理完毕。", platform_entered="是")
    desk("lin.tao").does(case, "核实办理结果", check_decision="通过")


def archive(desk: Desk, case: str, day: str) -> None:
    """The unit puts the file together, the archivist takes it in."""
    desk("ma.hui").does(case, "整理立卷", archive_year=2026, archive_pages=20, archive_title="2026年第一号卷")
    desk("luo.jie").does(case, "核收入库", store_decision="核收", archive_place="档案室3柜2层", archived_on=day)


@pytest.mark.slow
def test_a_complaint_goes_from_the_imported_file_to_the_archive(desk: Desk, server: Town) -> None:
    case = received(desk, server, COMPLAINT)
    to_the_unit(desk, case)
    accept(desk, case)
    begin_mediation(desk, case)
    suspend_and_resume(desk, case)
    extend(desk, case)
    let_the_mediation_expire(desk, case)
    terminate(desk, case)
    feed_back(desk, case, "2026-10-29 09:00")
    clerk = desk("ma.hui")
    clerk.does(
        case,
        "回复投诉举报人",
        reply_at="2026-10-29T08:50",
        reply_used="平台告知",
        reply_text="未能达成协议，可以申请仲裁或者起诉。",
    )
    archive(desk, case, "2026-10-29")
    clerk.go(case)
    clerk.sees("投诉办结归档")
    clerk.reads(
        "文书",
        "投诉举报分送通知书",
        "投诉登记表",
        "投诉受理决定书",
        "调解通知书",
        "终止调解决定书",
    )
    clerk.reads("办理记录", "林涛办理“初步审核”", "马慧办理“说明终止理由”", "罗洁办理“核收入库”")
    clerk.reads("关联事项", "督办", "已恢复计算", "已延期")


@pytest.mark.slow
def test_a_report_goes_from_the_imported_file_to_the_archive(desk: Desk, server: Town) -> None:
    case = received(desk, server, REPORT)
    deputy = desk("gao.feng")
    deputy.does(case, "分管局长审批", deputy_decision="同意")
    to_the_unit(desk, case)
    verify(desk, case)
    refuse_to_file(desk, case)
    tell_the_reporter(desk, case)
    feed_back(desk, case, "2026-08-10 09:00")
    archive(desk, case, "2026-08-10")  # the notice was the reply
    clerk = desk("ma.hui")
    clerk.go(case)
    clerk.sees("举报办结归档")
    clerk.reads("文书", "投诉举报分送通知书", "举报登记表", "不予立案情况记录", "不予立案告知书")
    clerk.reads(
        "办理记录",
        "高峰办理“分管局长审批”：同意",
        "唐伟办理“指派核查人员”",
        "郭强办理“提出处理建议”：不予立案",
        "郑宏办理“审批不予立案”：同意",
        "郭强办理“告知举报人”",
        "罗洁办理“核收入库”",
    )
