"""Ten stories of the demo bureau, which the README's tour tells: training plans and ODR applications at every stage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from webapp.demo.bureau import DemoBureau
from webapp.demo.mail import credit_code

AGREE = {"decision": "agree", "comment": ""}
PLAN_BASIS = "《关于改革调整区市场监管局所属公益类事业单位有关问题的通知》（滨党编发〔2020〕33号）"
APPLICANT: Mapping[str, Any] = {
    "industry": "retail",
    "legal_person": "王示范",
    "contact_person": "李示范",
    "contact_phone": "13800000000",
    "contact_email": "demo@example.com",
    "place_declared": "yes",
    "computer_declared": "yes",
    "staff_count": 2,
}
"""What an application for ODR says of whatever company applies."""
LEADERS = ("li.guoqiang", "zhou.min")
OFFICE = "wang.jianguo"


def _plan(demo: DemoBureau, name: str, *, ahead: int = 20, **changes: Any) -> dict[str, Any]:
    first, last = demo.moment(ahead, 9), demo.moment(ahead, 17)
    person = demo.actor("liu.fang").account_id
    return {
        "training_name": name,
        "training_kind": "training",
        "organiser": "centre",
        "purpose": "提高投诉举报登记、分派和反馈的质量，熟悉平台新功能。",
        "plan_basis": demo.profile.worded(PLAN_BASIS),
        "audience": "各市场监督管理所、业务股室投诉举报岗位人员",
        "people_count": 40,
        "start_at": first,
        "end_at": last,
        "place": "局机关三楼会议室",
        "teachers": "信息化技术人员、业务骨干",
        "courses": [
            {"course_at": first, "course_content": "全国12315平台登记与分派", "course_teacher": "赵磊"},
            {"course_at": demo.moment(ahead, 14), "course_content": "数据填报与网络安全", "course_teacher": "陈静"},
        ],
        "budget": 3000,
        "budget_source": "部门年度培训经费",
        "security": "讲课材料一律脱敏，不使用真实投诉人信息；培训机房断开外网。",
        "person_in_charge": person,
        "plan_files": [],
    } | changes


def _application(demo: DemoBureau, who: str, number: int, trade: str, **changes: Any) -> dict[str, Any]:
    here = demo.profile.demo
    company = f"{here['place']}示范{trade}有限公司"

    def paper(field: str, name: str) -> list[int]:
        return demo.text_file(demo.actor(who), field, f"{name}.txt", f"{company}\n{name}（示范材料）\n")

    return {
        "application_source": "apply",
        "applied_on": demo.on(),
        "company_name": company,
        "credit_code": credit_code(f"91{here['region_code']}MA05DEM0{number}"),
        "company_address": f"{demo.profile.streets[0]}示范路1号",
        **APPLICANT,
        "complaint_phone": f"{here['phone']}0000",
        "application_file": paper("application_file", "申请书"),
        "commitment_file": paper("commitment_file", "及时处理消费投诉承诺书"),
        "licence_file": paper("licence_file", "营业执照复印件"),
        "rules_file": paper("rules_file", "消费投诉处理制度"),
        "other_files": [],
    } | changes


def _review(**changes: Any) -> dict[str, Any]:
    conditions = ("place_met", "staff_met", "computer_met", "phone_met", "rules_met", "commitment_met")
    return (
        dict.fromkeys(conditions, "yes")
        | {"abnormal_listed": "no", "correction_items": "", "review_note": ""}
        | changes
    )


def _new_plan(demo: DemoBureau) -> None:
    demo.at(1)
    demo.start("chen.jing", "training", _plan(demo, "12315平台新版功能操作培训"))


def _late_plan(demo: DemoBureau) -> None:
    demo.at(6)
    demo.start("zhao.lei", "training", _plan(demo, "基层所信息化应用技术交流", training_kind="exchange"))


def _returned_plan(demo: DemoBureau) -> None:
    demo.at(4)
    case = demo.start("zhao.lei", "training", _plan(demo, "数据安全与个人信息保护教育", training_kind="education"))
    demo.at(3)
    demo.do(case, OFFICE, {"decision": "return", "comment": "请补充经费测算依据，并把第二讲改为案例教学。"})


def _plan_with_leaders(demo: DemoBureau) -> None:
    demo.at(5)
    case = demo.start("chen.jing", "training", _plan(demo, "网络安全法专题教育", training_kind="education"))
    demo.at(3)
    demo.do(case, OFFICE, AGREE)
    demo.at(2)
    demo.do(case, LEADERS[0], AGREE)


def _plan_in_progress(demo: DemoBureau) -> None:
    demo.at(12)
    case = demo.start("chen.jing", "training", _plan(demo, "投诉举报数据统计分析培训", ahead=3))
    demo.at(10)
    demo.do(case, OFFICE, AGREE)
    demo.at(9)
    demo.do(case, LEADERS[0], AGREE)


def _refused_plan(demo: DemoBureau) -> None:
    demo.at(15)
    case = demo.start(
        "zhao.lei", "training", _plan(demo, "外地信息化建设考察交流", training_kind="exchange", budget=80000)
    )
    demo.at(13)
    demo.do(case, OFFICE, AGREE)
    demo.at(12)
    demo.do(case, LEADERS[1], {"decision": "refuse", "comment": "今年压减外出考察经费，不予安排。"})


def _new_application(demo: DemoBureau) -> None:
    demo.at(1, 10)
    demo.start("chen.jing", "odr_application", _application(demo, "chen.jing", 1, "百货"))


def _application_being_supplemented(demo: DemoBureau) -> None:
    demo.at(4, 10)
    values = _application(demo, "zhao.lei", 2, "餐饮管理", industry="catering")
    case = demo.start("zhao.lei", "odr_application", values)
    demo.at(3, 10)
    demo.do(case, "zhao.lei", _review(rules_met="no", correction_items="请补充经盖章的消费投诉处理制度。"))
    demo.do(
        case,
        "zhao.lei",
        {
            "correction_notified_on": demo.on(),
            "correction_notify_way": "phone",
            "correction_demand": "请在5个工作日内补交经盖章的消费投诉处理制度。",
        },
    )


def _application_at_the_office(demo: DemoBureau) -> None:
    demo.at(5, 14)
    values = _application(demo, "chen.jing", 3, "电子商务", industry="online")
    case = demo.start("chen.jing", "odr_application", values)
    demo.at(4, 14)
    demo.do(case, "chen.jing", _review())
    demo.do(case, "chen.jing", {"opinion": "admit", "opinion_reason": "条件齐备，近一年投诉均按期处理，拟同意开通。"})
    demo.at(2, 14)
    demo.claim(case, "sun.yue")


def _suspended_application(demo: DemoBureau) -> None:
    demo.at(8, 15)
    values = _application(demo, "zhao.lei", 4, "汽车销售服务", industry="car")
    case = demo.start("zhao.lei", "odr_application", values)
    demo.at(7, 15)
    demo.suspend(case, "企业正在办理名称变更登记，等待新的营业执照。")


STORIES: tuple[Callable[[DemoBureau], None], ...] = (
    _refused_plan,
    _plan_in_progress,
    _suspended_application,
    _late_plan,
    _plan_with_leaders,
    _application_at_the_office,
    _returned_plan,
    _application_being_supplemented,
    _new_plan,
    _new_application,
)
"""What has happened in the demo bureau lately, oldest first."""
