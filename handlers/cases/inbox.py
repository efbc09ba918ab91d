"""The inbox: what a person must do, may claim, has done and has started.

One statement counts, one lists. Both are built on `ix_task_assignee`, `ix_task_pool`, `ix_task_done` and
`ix_instance_started_by`, so they stay quick whatever is open elsewhere in the bureau.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select

from handlers.clocks.urgency import is_resting
from handlers.people.actors import Actor, assigned_to, claimable_by, may_do
from handlers.people.task import Task
from handlers.store.paging import ListQuery, Paged, equal_where_asked, search_condition
from handlers.store.states import WAITING_STATES, TaskState
from handlers.store.tables import account, department, instance, task

TABS = {"mine": "待我办", "pool": "本科室待领", "done": "我已办", "started": "我发起"}
SOON_DAYS = 3
"""A task due within three days is shown as due soon. A matter of display: no legal limit depends on it."""

URGENCIES = {"overdue": "已过期", "soon": "三天内到期", "later": "三天后到期", "none": "没有期限"}
SORTS = {"urgent": "先急后缓", "newest": "最近到的在前", "oldest": "最早到的在前", "number": "按编号"}


@dataclass(frozen=True, slots=True)
class InboxQuery(ListQuery):
    """One tab of the inbox, narrowed and ordered."""

    tab: str = "mine"
    process: str = ""
    urgency: str = ""
    sort: str = "urgent"


@dataclass(frozen=True, slots=True)
class Item:
    """One row of the inbox."""

    instance_id: int
    number: str
    title: str
    process: str
    status: str
    task_id: int | None
    step: str
    state: str
    since: datetime
    due_on: date | None
    urgency: str
    behalf: str
    outcome: str
    department: str
    resting: bool = False


@dataclass(frozen=True, slots=True)
class Inbox(Paged[InboxQuery, Item]):
    """One page of one tab, with the counts of all tabs. `total` is of the tab after filtering."""

    counts: dict[str, int]


def inbox(connection: Connection, actor: Actor, query: InboxQuery, today: date) -> Inbox:
    """A page of the inbox. `today` is the Beijing date that urgency is measured from. Two statements."""
    counts, total = _count(connection, actor, query, today)
    rows = connection.execute(query.window(_listing(actor, query, today))).all()
    return Inbox(query, total, tuple(_item(row, actor, today) for row in rows), counts)


def next_task(connection: Connection, actor: Actor, today: date, *, after: int | None = None) -> Item | None:
    """The most urgent task on the person's own desk, other than `after`. One statement."""
    statement = _listing(actor, InboxQuery(), today)
    if after is not None:
        statement = statement.where(task.c.id != after)
    row = connection.execute(statement.where(task.c.state == TaskState.OPEN).limit(1)).first()
    return _item(row, actor, today) if row else None


def urgency_of(due_on: date | None, today: date) -> str:
    """overdue, soon, later or none."""
    if due_on is None:
        return "none"
    if due_on < today:
        return "overdue"
    return "soon" if due_on <= today + timedelta(days=SOON_DAYS) else "later"


def _tab_condition(tab: str, actor: Actor) -> ColumnElement[bool]:
    if tab == "mine":
        return and_(task.c.state.in_(WAITING_STATES), assigned_to(actor))
    if tab == "pool":
        return and_(task.c.state == TaskState.OPEN, claimable_by(actor))
    if tab == "done":
        return and_(task.c.state == TaskState.DONE, task.c.completed_by == actor.account_id)
    return instance.c.started_by == actor.account_id


def _conditions(query: InboxQuery, today: date) -> list[ColumnElement[bool]]:
    conditions = [
        search_condition(query.q, instance.c.number, instance.c.title, *_step_columns(query.tab)),
        *equal_where_asked({instance.c.process: query.process}),
    ]
    if query.urgency in URGENCIES and query.tab != "started":
        conditions.append(_urgency_condition(query.urgency, today))
    return conditions


def _step_columns(tab: str) -> list[ColumnElement[Any]]:
    return [] if tab == "started" else [task.c.name]


def _urgency_condition(urgency: str, today: date) -> ColumnElement[bool]:
    last_soon = today + timedelta(days=SOON_DAYS)
    return {
        "overdue": task.c.due_on < today,
        "soon": task.c.due_on.between(today, last_soon),
        "later": task.c.due_on > last_soon,
        "none": task.c.due_on.is_(None),
    }[urgency]


def _count(connection: Connection, actor: Actor, query: InboxQuery, today: date) -> tuple[dict[str, int], int]:
    numbers = {tab: _number_of(tab, actor).scalar_subquery().label(tab) for tab in TABS}
    if query.filtered:
        narrowed = _number_of(query.tab, actor, joined=True).where(*_conditions(query, today))
        numbers["total"] = narrowed.scalar_subquery().label("total")
    row = connection.execute(select(*numbers.values())).one()._mapping
    return {tab: row[tab] for tab in TABS}, row["total" if query.filtered else query.tab]


def _number_of(tab: str, actor: Actor, *, joined: bool = False) -> Select[int]:
    table = instance if tab == "started" else task
    statement = select(func.count()).select_from(table)
    if joined and table is task:
        statement = select(func.count()).select_from(task.join(instance, instance.c.id == task.c.instance_id))
    return statement.where(_tab_condition(tab, actor))


def _listing(actor: Actor, query: InboxQuery, today: date) -> Select[Any]:
    case_columns = (
        instance.c.id.label("instance_id"),
        instance.c.number,
        instance.c.title,
        instance.c.process,
        instance.c.status,
        department.c.name.label("unit"),
    )
    if query.tab == "started":
        statement = select(*case_columns, instance.c.started_at.label("since"), instance.c.outcome).select_from(
            instance.join(department, department.c.code == instance.c.department)
        )
    else:
        statement = select(*case_columns, *_task_columns(query.tab)).select_from(
            task.join(instance, instance.c.id == task.c.instance_id)
            .join(department, department.c.code == instance.c.department)
            .outerjoin(account, account.c.id == task.c.on_behalf_of)
        )
    conditions = _tab_condition(query.tab, actor), *_conditions(query, today)
    return statement.where(*conditions).order_by(*_order(query))


def _task_columns(tab: str) -> list[ColumnElement[Any]]:
    return [
        task.c.id.label("task_id"),
        task.c.name.label("step"),
        task.c.state,
        (task.c.completed_at if tab == "done" else task.c.created_at).label("since"),
        task.c.due_on,
        task.c.why,
        task.c.assignee_id,
        task.c.role,
        task.c.department,
        task.c.excluded,
        task.c.outcome,
        account.c.name.label("absent"),
    ]


def _order(query: InboxQuery) -> list[ColumnElement[Any]]:
    since = {"started": instance.c.started_at, "done": task.c.completed_at}.get(query.tab, task.c.created_at)
    identity = instance.c.id if query.tab == "started" else task.c.id
    if query.sort == "number":
        return [instance.c.process.asc(), instance.c.id.asc(), identity.asc()]
    if query.sort == "oldest":
        return [since.asc(), identity.asc()]
    if query.sort == "newest" or query.tab in ("done", "started"):
        return [since.desc(), identity.desc()]
    return [task.c.due_on.is_(None).asc(), task.c.due_on.asc(), task.c.created_at.asc(), task.c.id.asc()]


def _item(row: Any, actor: Actor, today: date) -> Item:
    values = row._mapping
    due_on = values.get("due_on")
    open_now = values.get("state") in WAITING_STATES
    return Item(
        instance_id=values["instance_id"],
        number=values["number"],
        title=values["title"],
        process=values["process"],
        status=values["status"],
        task_id=values.get("task_id"),
        step=values.get("step") or "",
        state=values.get("state") or "",
        since=values["since"],
        due_on=due_on,
        urgency=urgency_of(due_on, today) if open_now else "none",
        behalf=_behalf(row, actor) if open_now else (values.get("absent") or ""),
        outcome=values["outcome"] or "",
        department=values["unit"],
        resting=open_now and is_resting(values["why"]),
    )


def _behalf(row: Any, actor: Actor) -> str:
    permit = may_do(actor, Task(row.role, row.department, row.assignee_id, frozenset(row.excluded)))
    return (permit.on_behalf_of_name or "") if permit else ""
