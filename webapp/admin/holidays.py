"""节假日安排: the years with their notices, single days, and importing a notice; always first what would move."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from handlers.clocks.calendar import Calendar, Override
from handlers.clocks.holiday_notice_files import MAX_BYTES, read_notice_file
from handlers.clocks.holiday_notices import Notice, NoticeError, notice_json, parse_notice
from handlers.store.tables import account, calendar_day
from processes.engine.commands.recounting import CalendarPlan
from webapp.admin.forms import DayForm
from webapp.admin.views import blueprint
from webapp.extensions import current_actor, request_calendar, services

FIRST_YEAR = 2024
SHOWN = 200
"""Moved limits listed on the page; the rest is counted."""


__all__ = ["blueprint"]


@blueprint.get("/holidays")
def holidays() -> ResponseReturnValue:
    """Years with their notices, the days set by hand, and the two forms."""
    return _page(DayForm())


@blueprint.post("/holidays/notice")
def check_notice() -> ResponseReturnValue:
    """What importing the uploaded notice would do."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return _page(DayForm(), ["请先选择放假通知文件。"])
    try:
        notice = read_notice_file(file.stream.read(MAX_BYTES + 1), file.filename)
    except NoticeError as error:
        return _page(DayForm(), error.problems)
    plan = services().engine.plan_notice(notice)
    content = json.dumps(notice_json(notice), ensure_ascii=False)
    return _plan_page(notice.title, plan, "admin.import_notice", {"notice": content})


@blueprint.post("/holidays/import")
def import_notice() -> ResponseReturnValue:
    """Import the notice that was looked at."""
    try:
        notice: Notice = parse_notice(request.form.get("notice", ""))
    except NoticeError as error:
        return _page(DayForm(), error.problems)
    plan = services().engine.import_notice(current_actor(), notice)
    return _done(f"已导入《{notice.title}》", plan)


@blueprint.post("/holidays/day")
def set_day() -> ResponseReturnValue:
    """Set one day by hand: first what would move, and when that is confirmed, for good."""
    form = DayForm()
    if not form.validate_on_submit():
        return _page(form)
    working = form.working.data == "work"
    override = Override(form.day.data, working, form.name.data.strip(), form.reason.data.strip())
    said = f"调整 {override.day} 为{'上班' if working else '放假'}（{override.name}）"
    fields = {"day": str(override.day), "working": form.working.data, "name": override.name, "reason": override.reason}
    return _carry_out(
        said, "admin.set_day", fields, lambda: services().engine.plan_override(override), lambda: _set(override)
    )


@blueprint.post("/holidays/unset")
def unset_day() -> ResponseReturnValue:
    """Leave a day to its notice again."""
    try:
        day = date.fromisoformat(request.form.get("day", ""))
    except ValueError:
        return _page(DayForm(), ["日期不对，请回到列表重新操作。"])
    said = f"取消 {day} 的单日调整"
    return _carry_out(
        said,
        "admin.unset_day",
        {"day": str(day)},
        lambda: services().engine.plan_removal(day),
        lambda: services().engine.unset_day(current_actor(), day),
    )


def _set(override: Override) -> CalendarPlan:
    return services().engine.set_day(current_actor(), override)


def _carry_out(
    said: str,
    endpoint: str,
    fields: dict[str, str],
    plan: Callable[[], CalendarPlan],
    carry_out: Callable[[], CalendarPlan],
) -> ResponseReturnValue:
    if request.form.get("confirmed") != "yes":
        return _plan_page(said, plan(), endpoint, fields)
    return _done(f"已{said}", carry_out())


def _done(sentence: str, plan: CalendarPlan) -> ResponseReturnValue:
    moved = f"{len(plan.moved)} 个期限随之变动，已记入各事项的办理记录" if plan.moved else "没有期限因此变动"
    flash(f"{sentence}，{moved}。", "success")
    return redirect(url_for("admin.holidays"))


def _plan_page(title: str, plan: CalendarPlan, endpoint: str, fields: dict[str, str]) -> ResponseReturnValue:
    return render_template(
        "admin/holidays_plan.html", title=title, plan=plan, shown=SHOWN, endpoint=endpoint, fields=fields
    )


def _page(form: DayForm, problems: list[str] | None = None) -> ResponseReturnValue:
    with services().database.read() as connection:
        days = connection.execute(
            select(calendar_day, account.c.name.label("by"))
            .join(account, account.c.id == calendar_day.c.set_by)
            .order_by(calendar_day.c.day.desc())
        ).all()
    calendar, today = request_calendar(), services().today()
    html = render_template(
        "admin/holidays.html",
        years=[_year(calendar, year) for year in range(today.year + 2, FIRST_YEAR - 1, -1)],
        ahead=[row for row in days if row.day >= today],
        past=[row for row in days if row.day < today],
        form=form,
        problems=problems or [],
    )
    return html, 422 if problems or form.errors else 200


def _year(calendar: Calendar, year: int) -> dict[str, Any]:
    notices = [notice for notice in calendar.notices if notice.year == year]
    return {
        "year": year,
        "official": calendar.has_notice(year),
        "notices": notices,
        "working_days": sum(kind.working for kind in calendar.days_of(year)),
    }
