"""What an extension or a supervision has to know of the case it belongs to: its running limits, and who handles it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Row, select

from forms.wording import chinese_date
from handlers.clocks.calendar_store import load_calendar
from handlers.clocks.counting import Clock, Pause, RollOver, Unit, compute_due
from handlers.clocks.urgency import urgency
from handlers.owners_words import end, facts, relies_on
from handlers.people.actors import department_names
from handlers.service_registry import HandlerContext, HandlerRefused, service
from handlers.store.tables import case_link, clock, instance, letter, pause

EXTENSION = "extension"
EXTENDED = "已延期"
"""Name of the end event of `extension.bpmn` that is reached when the extension was granted."""

NOTICE = "supervision_notice"
STAGES = ("first", "second")
CENTRE_ROLE, CENTRE = "reviewer", "centre"
WARNED_WORKING_DAYS = 2
"""A supervision notice names limits that end so soon: the first level of the table `warning_levels` begins there."""

relies_on("第几次延期、由谁批准的判断", end(EXTENSION, EXTENDED), *facts(EXTENSION, "extension_code"))


@service("limits.find")
def find_limit(context: HandlerContext, code: str, days: int) -> Mapping[str, Any]:
    """The limit `code` of the case above, as it would be if it were extended by `days` of its own unit.

    Gives `limit_open` (still counted or resting, last day not over, and no other application for it pending),
    `limit_name`, `limit_unit`, `limit_amount` (days at first), `limit_total` (with earlier extensions), `limit_due` and
    `limit_new_due` (in words, for the letter) and `extension_stage` (`first`, `second` or `later`).
    Source: S2:37 最长不超过60个工作日; an extension must be asked for before the limit expires.
    Raises: HandlerRefused, if the case belongs to no other.
    """
    parent_id = _parent(context).id
    granted, pending = _earlier(context, parent_id, code)
    row = _newest_clock(context, parent_id, code)
    stage = STAGES[granted] if granted < len(STAGES) else "later"
    if row is None:
        return {"limit_open": False, "extension_stage": stage} | dict.fromkeys(_ABOUT_A_LIMIT)
    in_time = row.due_on is None or row.due_on >= context.today
    return {
        "limit_open": in_time and not pending,
        "limit_name": row.name,
        "limit_amount": row.amount - row.extended,
        "limit_total": row.amount,
        "limit_unit": Unit(row.unit).label,
        "limit_due": _words(row.due_on),
        "limit_new_due": _words(_due_with(context, row, days)),
        "extension_stage": stage,
    }


@service("supervision.prepare")
def prepare_supervision(context: HandlerContext, role: str, level: int) -> Mapping[str, Any]:
    """Who answers a supervision, and about what.

    Gives `answer_role`, `answer_department`, `answer_unit`, `pressing`, `notice_needed` (`no`, if the newest notice of
    this supervision says the same at the same level: two limits that are warned of in one minute need one letter) and
    `leader_asked` (`yes`, if a notice went out at this level: where a leader has to instruct, they did so before it).

    The unit that has the case today (it may have been sent elsewhere since the warning) with the given role; as long as
    no unit has it, the centre's own reviewer. `answer_unit` is the name, `pressing` the limits that are over or nearly
    so, a line each.
    Source: S1:90 对即将到期未进行处理反馈的投诉举报及时对承办部门进行督办.
    Raises: HandlerRefused, if the case belongs to no other.
    """
    parent = _parent(context)
    unit = parent.facts.get("unit")
    department = unit or CENTRE
    pressing = "\n".join(_pressing(context, parent.id))
    told = _told(context)
    return {
        "answer_role": role if unit else CENTRE_ROLE,
        "answer_department": department,
        "answer_unit": department_names(context.connection).get(department, department),
        "pressing": pressing,
        "notice_needed": "no" if told == (level, pressing) else "yes",
        "leader_asked": "yes" if told and told[0] == level else "no",
    }


def _told(context: HandlerContext) -> tuple[Any, Any] | None:
    """Level and limits of the newest notice of this supervision."""
    notices = letter.c.instance_id == context.instance_id, letter.c.template == NOTICE
    newest = select(letter.c.context).where(*notices).order_by(letter.c.id.desc())
    said = context.connection.execute(newest).scalar()
    return said and (said["parameters"]["level"], said["parameters"]["pressing"])


def _pressing(context: HandlerContext, parent_id: int) -> Iterator[str]:
    running = clock.c.instance_id == parent_id, clock.c.state == "running", clock.c.due_on.is_not(None)
    rows = context.connection.execute(select(clock).where(*running).order_by(clock.c.due_on, clock.c.id))
    calendar = load_calendar(context.connection)
    for row in rows:
        near = urgency(calendar, context.today, row.due_on)
        if near.overdue or near.working_days <= WARNED_WORKING_DAYS:
            yield f"{row.name}：{chinese_date(row.due_on)}到期，{near.text.replace(' ', '')}"


_ABOUT_A_LIMIT = ("limit_name", "limit_amount", "limit_total", "limit_unit", "limit_due", "limit_new_due")


def _parent(context: HandlerContext) -> Row[int, Any]:
    """The case above: id and current facts."""
    above = case_link.c.parent_id == instance.c.id
    statement = select(instance.c.id, instance.c.facts).join(case_link, above)
    row = context.connection.execute(statement.where(case_link.c.child_id == context.instance_id)).first()
    if row is None:
        raise HandlerRefused("本件没有关联的投诉举报或者案件，无法核对期限。请从有关事项的页面重新发起")
    return row


def _newest_clock(context: HandlerContext, parent_id: int, code: str) -> Row[Any] | None:
    running = clock.c.instance_id == parent_id, clock.c.code == code, clock.c.state.in_(("running", "paused"))
    return context.connection.execute(select(clock).where(*running).order_by(clock.c.id.desc())).first()


def _earlier(context: HandlerContext, parent_id: int, code: str) -> tuple[int, bool]:
    """How many extensions of the limit were granted, and whether another application for it is still open."""
    siblings = (
        select(instance.c.facts, instance.c.outcome, instance.c.ended_at)
        .join(case_link, case_link.c.child_id == instance.c.id)
        .where(
            case_link.c.parent_id == parent_id, instance.c.process == EXTENSION, instance.c.id != context.instance_id
        )
    )
    rows = [row for row in context.connection.execute(siblings) if row.facts.get("extension_code") == code]
    return sum(row.outcome == EXTENDED for row in rows), any(row.ended_at is None for row in rows)


def _due_with(context: HandlerContext, row: Row[Any], days: int) -> date | None:
    """The last day of the limit with `days` more; None while it rests."""
    rests = context.connection.execute(select(pause).where(pause.c.instance_id == row.instance_id))
    longer = Clock(
        code=row.code,
        started_at=row.started_at,
        amount=row.amount + days,
        unit=Unit(row.unit),
        roll=RollOver(row.roll),
        pauses=tuple(Pause(rest.starts_on, rest.ends_on) for rest in rests if row.code in rest.stops),
    )
    return compute_due(longer, load_calendar(context.connection)).estimated_on


def _words(due_on: date | None) -> str:
    return chinese_date(due_on) if due_on else "扣除中，恢复计算后确定"
