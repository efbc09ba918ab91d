"""What the frame around every page needs to know."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Flask, current_app, request

from forms.beijing import BEIJING
from forms.wording import chinese_date
from handlers.clocks.urgency import urgency
from handlers.letters.delivery import WAYS
from handlers.people.demo_people import DEMO_PASSWORD, DEMO_PEOPLE
from webapp.access import may_visit
from webapp.extensions import actor_or_none, request_calendar, services
from webapp.handbook.chapter_links import help_address


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One entry of the top bar."""

    endpoint: str
    label: str
    icon: str
    prefixes: tuple[str, ...]

    @property
    def is_current(self) -> bool:
        """Whether the page shown belongs to this entry."""
        return (request.endpoint or "").startswith(self.prefixes)


MENU = (
    MenuItem("inbox.index", "待办", "inbox", ("inbox.",)),
    MenuItem("cases.index", "事项", "folders", ("cases.index", "cases.show", "cases.letter", "cases.limit")),
    MenuItem("register.index", "台账", "list-details", ("register.",)),
    MenuItem("cases.new_choose", "新建", "square-plus", ("cases.new", "cases.start")),
    MenuItem("admin.people", "管理", "settings", ("admin.",)),
)
LINE_MARK = re.compile(r"（S\d+:[S:\d、，,\-–]+）")
ADMIN_MENU = (
    MenuItem("admin.people", "人员", "users", ("admin.people", "admin.person", "admin.new_person", "admin.reset")),
    MenuItem("admin.substitutions", "代理", "arrows-exchange", ("admin.substitution", "admin.revoke")),
    MenuItem("admin.departments", "科室", "building", ("admin.departments",)),
    MenuItem(
        "admin.holidays", "节假日安排", "calendar", ("admin.holidays", "admin.check_", "admin.import_", "admin.set_day")
    ),
    MenuItem("admin.profile", "单位信息", "id-badge-2", ("admin.profile",)),
    MenuItem("admin.disclosures", "个人信息查看", "eye", ("admin.disclosures",)),
)


def visible(items: tuple[MenuItem, ...]) -> list[MenuItem]:
    """The entries that exist here and that this person may open."""
    actor = actor_or_none()
    return [item for item in items if item.endpoint in current_app.view_functions and may_visit(item.endpoint, actor)]


def first_page() -> str:
    """The endpoint that a person lands on."""
    items = visible(MENU)
    return items[0].endpoint if items else "admin.substitutions"


def install(app: Flask) -> None:
    """Give every template the frame's variables and the filters for dates."""
    app.template_filter("beijing")(beijing_time)
    app.template_filter("day")(day_or_dash)
    app.template_filter("role")(lambda code: services().profile.role_name(code))
    app.template_filter("way")(lambda code: WAYS.get(code, code))
    app.template_filter("clause")(clause_words)

    @app.context_processor
    def _frame() -> dict[str, Any]:
        return {
            "profile": services().profile,
            "actor": actor_or_none(),
            "menu": visible(MENU),
            "admin_menu": visible(ADMIN_MENU),
            "demo": services().settings.demo,
            "demo_people": DEMO_PEOPLE if services().settings.demo else (),
            "demo_password": DEMO_PASSWORD if services().settings.demo else "",
            "today": services().today(),
            "now": services().now(),
            "urgency": lambda due_on: urgency(request_calendar(), services().today(), due_on),
            "help_address": help_address,
            "may_visit": lambda endpoint: may_visit(endpoint, actor_or_none()),
        }


def beijing_time(at: datetime | None, seconds: bool = False) -> str:
    """An aware moment as people here read it, or a dash."""
    if at is None:
        return "—"
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")


def clause_words(text: str | None) -> str:
    """A clause without the line marks of the source texts, such as （S1:230）: they serve those who check a diagram."""
    return LINE_MARK.sub("", text or "")


def day_or_dash(on: date | None) -> str:
    """A date as 2026年3月5日, or a dash."""
    return "—" if on is None else chinese_date(on)
