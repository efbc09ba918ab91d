"""A handful of running cases for the demo bureau, made by the commands that people use, with the clock moved back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

from sqlalchemy import Row, func, select

from handlers.calendar import shipped_calendar
from handlers.database import Database
from handlers.files import FileStore, attach
from handlers.people import Actor, load_actor
from handlers.records import account, instance, task
from handlers.time_source import BEIJING, ManualTime, TimeSource, beijing_date
from webapp.config import Settings
from webapp.engine import make_engine

AGREE = {"decision": "agree", "comment": ""}
LEADERS = ("li.guoqiang", "zhou.min")
OFFICE = "wang.jianguo"
CLERKS = ("chen.jing", "zhao.lei")


def install_demo_cases(settings: Settings, database: Database, now: TimeSource) -> int:
    """Make the demo's cases if there is none yet; how many were made."""
    with database.read() as connection:
        if connection.execute(select(func.count()).select_from(instance)).scalar():
            return 0
    demo = _Demo(settings, database, now.now())
    for tell in STORIES:
        tell(demo)
    return len(STORIES)


class _Demo:
    """Acts as the demo's people, each step at a time of a working day in the past."""

    def __init__(self, settings: Settings, database: Database, now: datetime) -> None:
        self._database = database
        self._files = FileStore(settings.files)
        self._today = beijing_date(now)
        self._now = now
        self._time = ManualTime(now)
        self._engine = make_engine(database, self._time, settings)
        self._minute = 0

    def day(self, working_days_ago: int) -> date:
        """The date so many working days before today."""
        calendar, day = shipped_calendar(), self._today
        while working_days_ago > 0 or not calendar.is_working(day):
            working_days_ago -= calendar.is_working(day)
            day -= timedelta(days=1)
        return day

    def at(self, working_days_ago: int, hour: int = 9) -> None:
        """Move the clock there; a little later for every step, and never past the real present."""
        self._minute = (self._minute + 7) % 60
        moment = datetime.combine(self.day(working_days_ago), time(hour, self._minute), BEIJING)
        self._time.move_to(min(moment, self._now))

    def actor(self, username: str) -> Actor:
        """The person with this user name."""
        with self._database.read() as connection:
            account_id = connection.execute(select(account.c.id).where(account.c.username == username)).scalar_one()
            found = load_actor(connection, account_id, beijing_date(self._time.now()))
        assert found is not None  # noqa: S101 - the demo's people were installed just before
        return found

    def start(self, who: str, process: str, values: Mapping[str, Any]) -> int:
        """Open a case; its id."""
        return self._engine.start(self.actor(who), process, values).instance_id

    def do(self, case: int, who: str, values: Mapping[str, Any], *, node: str = "") -> None:
        """Complete a task of the case: the one at `node`, or the only one on this person's desk."""
        actor = self.actor(who)
        row = next(row for row in self.tasks(case) if (not node or row.node == node) and _free_for(row, actor))
        self._engine.complete(actor, row.id, values)

    def claim(self, case: int, who: str) -> None:
        """Take the case's open task from the pool."""
        self._engine.claim(self.actor(who), self.tasks(case)[0].id)

    def suspend(self, case: int, reason: str) -> None:
        """Let the head of the centre suspend the case."""
        self._engine.suspend(self.actor("liu.fang"), case, reason)

    def tasks(self, case: int) -> list[Row[Any]]:
        """The case's open tasks, oldest first."""
        wanted = select(task).where(task.c.instance_id == case, task.c.state == "open").order_by(task.c.id)
        with self._database.read() as connection:
            return list(connection.execute(wanted))

    def text_file(self, who: str, field: str, filename: str, text: str) -> list[int]:
        """Upload a small text file; its id as a form holds it."""
        stored = self._files.receive(BytesIO(text.encode()), filename)
        with self._database.write() as connection:
            uploaded_by = self.actor(who).account_id
            new_id = attach(connection, stored, field=field, uploaded_by=uploaded_by, now=self._time.now())
        return [new_id]

    def moment(self, working_days_ahead: int, hour: int) -> str:
        """A date and hour in the future, as a form holds it."""
        day = self._today + timedelta(days=working_days_ahead)
        return datetime.combine(shipped_calendar().working_day_on_or_after(day), time(hour), BEIJING).isoformat()

    def on(self) -> str:
        """The demo's present day, as a form holds it."""
        return beijing_date(self._time.now()).isoformat()


def _free_for(row: Row[Any], actor: Actor) -> bool:
    return row.assignee_id in (None, actor.account_id)


def _plan(demo: _Demo, name: str, *, ahead: int = 20, **changes: Any) -> dict[str, Any]:
    first, last = demo.moment(ahead, 9), demo.moment(ahead, 17)
    person = demo.actor("liu.fang").account_id
    return {
        "training_name": name,
        "training_kind": "training",
        "organiser": "centre",
        "purpose": "提高投诉举报登记、分派和反馈的质量，熟悉平台新功能。",
        "plan_basis": "《关于改革调整区市场监管局所属公益类事业单位有关问题的通知》（滨党编发〔2020〕33号）",
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


def _application(demo: _Demo, who: str, company: str, code: str, **changes: Any) -> dict[str, Any]:
    def paper(field: str, name: str) -> list[int]:
        return demo.text_file(who, field, f"{name}.txt", f"{company}\n{name}（示范材料）\n")

    return {
        "application_source": "apply",
        "applied_on": demo.on(),
        "company_name": company,
        "credit_code": code,
        "company_address": "滨海新区示范路1号",
        "industry": "retail",
        "legal_person": "王示范",
        "contact_person": "李示范",
        "contact_phone": "13800000000",
        "contact_email": "demo@example.com",
        "place_declared": "yes",
        "computer_declared": "yes",
        "staff_count": 2,
        "complaint_phone": "022-60000000",
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


def _new_plan(demo: _Demo) -> None:
    demo.at(1)
    demo.start("chen.jing", "training", _plan(demo, "12315平台新版功能操作培训"))


def _late_plan(demo: _Demo) -> None:
    demo.at(6)
    demo.start("zhao.lei", "training", _plan(demo, "基层所信息化应用技术交流", training_kind="exchange"))


def _returned_plan(demo: _Demo) -> None:
    demo.at(4)
    case = demo.start("zhao.lei", "training", _plan(demo, "数据安全与个人信息保护教育", training_kind="education"))
    demo.at(3)
    demo.do(case, OFFICE, {"decision": "return", "comment": "请补充经费测算依据，并把第二讲改为案例教学。"})


def _plan_with_leaders(demo: _Demo) -> None:
    demo.at(5)
    case = demo.start("chen.jing", "training", _plan(demo, "网络安全法专题教育", training_kind="education"))
    demo.at(3)
    demo.do(case, OFFICE, AGREE)
    demo.at(2)
    demo.do(case, LEADERS[0], AGREE)


def _plan_in_progress(demo: _Demo) -> None:
    demo.at(12)
    case = demo.start("chen.jing", "training", _plan(demo, "投诉举报数据统计分析培训", ahead=3))
    demo.at(10)
    demo.do(case, OFFICE, AGREE)
    demo.at(9)
    demo.do(case, LEADERS[0], AGREE)


def _refused_plan(demo: _Demo) -> None:
    demo.at(15)
    case = demo.start(
        "zhao.lei", "training", _plan(demo, "外地信息化建设考察交流", training_kind="exchange", budget=80000)
    )
    demo.at(13)
    demo.do(case, OFFICE, AGREE)
    demo.at(12)
    demo.do(case, LEADERS[1], {"decision": "refuse", "comment": "今年压减外出考察经费，不予安排。"})


def _new_application(demo: _Demo) -> None:
    demo.at(1, 10)
    demo.start(
        "chen.jing", "odr_application", _application(demo, "chen.jing", "滨海示范百货有限公司", "91120116MA05DEM012")
    )


def _application_in_correction(demo: _Demo) -> None:
    demo.at(4, 10)
    values = _application(demo, "zhao.lei", "滨海示范餐饮管理有限公司", "91120116MA05DEM025", industry="catering")
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


def _application_at_the_office(demo: _Demo) -> None:
    demo.at(5, 14)
    values = _application(demo, "chen.jing", "滨海示范电子商务有限公司", "91120116MA05DEM038", industry="online")
    case = demo.start("chen.jing", "odr_application", values)
    demo.at(4, 14)
    demo.do(case, "chen.jing", _review())
    demo.do(case, "chen.jing", {"opinion": "admit", "opinion_reason": "条件齐备，近一年投诉均按期处理，拟同意开通。"})
    demo.at(2, 14)
    demo.claim(case, "sun.yue")


def _suspended_application(demo: _Demo) -> None:
    demo.at(8, 15)
    values = _application(demo, "zhao.lei", "滨海示范汽车销售服务有限公司", "91120116MA05DEM04B", industry="car")
    case = demo.start("zhao.lei", "odr_application", values)
    demo.at(7, 15)
    demo.suspend(case, "企业正在办理名称变更登记，等待新的营业执照。")


STORIES: tuple[Callable[[_Demo], None], ...] = (
    _refused_plan,
    _plan_in_progress,
    _suspended_application,
    _late_plan,
    _plan_with_leaders,
    _application_at_the_office,
    _returned_plan,
    _application_in_correction,
    _new_plan,
    _new_application,
)
"""What has happened in the demo bureau lately, oldest first."""
