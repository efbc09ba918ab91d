"""The inbox: what a person must do, may claim, has done and has started.

One statement counts, one lists. Both are built on `ix_task_assignee`, `ix_task_pool`, `ix_task_done` and
`ix_instance_started_by`, so they stay quick whatever is open elsewhere in the bureau.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    func,
    or_,
    select,
    true,
)

from handlers.clocks.urgency import is_resting
from handlers.people.actors import Actor, assigned_to, claimable_by, may_do
from handlers.people.task import Task
from handlers.store.states import WAITING_STATES, TaskState
from handlers.store.tables import account, department, instance, task

TABS = {"mine": "待我办", "pool": "本科室待领", "done": "我已办", "started": "我发起"}
PAGE_SIZES = (20, 50, 100)
SOON_DAYS = 3
"""A task due within three days is shown as due soon. A matter of display: no legal limit depends on it."""

URGENCIES = {"overdue": "已过期", "soon": "三天内到期", "later": "三天后到期", "none": "没有期限"}
SORTS = {"urgent": "先急后缓", "newest": "最近到的在前", "oldest": "最早到的在前", "number": "按编号"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the person asked to see; every field comes from the address line. Unknown words fall back."""

    tab: str = "mine"
    q: str = ""
    process: str = ""
    urgency: str = ""
    sort: str = "urgent"
    page: int = 1
    size: int = PAGE_SIZES[0]

    @property
    def filtered(self) -> bool:
        """Whether anything narrows the tab."""
        return bool(self.q or self.process or self.urgency)


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
class Inbox:
    """One page of one tab, with the counts of all tabs. `total` is of the tab after filtering."""

    wanted: Wanted
    counts: dict[str, int]
    total: int
    items: tuple[Item, ...]

    @property
    def pages(self) -> int:
        """Number of pages, at least one."""
        return max(1, -(-self.total // self.wanted.size))


def inbox(connection: Connection, actor: Actor, wanted: Wanted, today: date) -> Inbox:
    """The wanted page of the inbox. `today` is the Beijing date that urgency is measured from. Two statements."""
    counts, total = _count(connection, actor, wanted, today)
    rows = connection.execute(_listing(actor, wanted, today)).all()
    return Inbox(wanted, counts, total, tuple(_item(row, actor, today) for row in rows))


def next_task(connection: Connection, actor: Actor, today: date, *, after: int | None = None) -> Item | None:
    """The most urgent task on the person's own desk, other than `after`. One statement."""
    statement = _listing(actor, Wanted(size=PAGE_SIZES[0]), today)
    if after is not None:
        statement = statement.where(task.c.id != after)
    row = connection.execute(statement.where(task.c.state == TaskState.OPEN).limit(1)).first()
    return _item(row, actor, today) if row else None


def search_condition(q: str, *columns: ColumnElement[Any]) -> ColumnElement[bool]:
    """Rows where every word of `q` is found in at least one of `columns`."""
    words = q.split()[:5]
    return and_(true(), *(or_(*(column.icontains(word, autoescape=True) for column in columns)) for word in words))


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


def _narrowing(wanted: Wanted, today: date) -> ColumnElement[bool]:
    found = [search_condition(wanted.q, instance.c.number, instance.c.title, *_step_columns(wanted.tab))]
    if wanted.process:
        found.append(instance.c.process == wanted.process)
    if wanted.urgency in URGENCIES and wanted.tab != "started":
        found.append(_urgency_condition(wanted.urgency, today))
    return and_(true(), *found)


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


def _count(connection: Connection, actor: Actor, wanted: Wanted, today: date) -> tuple[dict[str, int], int]:
    numbers = {tab: _number_of(tab, actor).scalar_subquery().label(tab) for tab in TABS}
    if wanted.filtered:
        narrowed = _number_of(wanted.tab, actor, joined=True).where(_narrowing(wanted, today))
        numbers["total"] = narrowed.scalar_subquery().label("total")
    row = connection.execute(select(*numbers.values())).one()._mapping
    return {tab: row[tab] for tab in TABS}, row["total" if wanted.filtered else wanted.tab]


def _number_of(tab: str, actor: Actor, *, joined: bool = False) -> Select[int]:
    table = instance if tab == "started" else task
    statement = select(func.count()).select_from(table)
    if joined and table is task:
        statement = select(func.count()).select_from(task.join(instance, instance.c.id == task.c.instance_id))
    return statement.where(_tab_condition(tab, actor))


def _listing(actor: Actor, wanted: Wanted, today: date) -> Select[Any]:
    case_columns = (
        instance.c.id.label("instance_id"),
        instance.c.number,
        instance.c.title,
        instance.c.process,
        instance.c.status,
        department.c.name.label("unit"),
    )
    if wanted.tab == "started":
        statement = select(*case_columns, instance.c.started_at.label("since"), instance.c.outcome).select_from(
            instance.join(department, department.c.code == instance.c.department)
        )
    else:
        statement = select(*case_columns, *_task_columns(wanted.tab)).select_from(
            task.join(instance, instance.c.id == task.c.instance_id)
            .join(department, department.c.code == instance.c.department)
            .outerjoin(account, account.c.id == task.c.on_behalf_of)
        )
    return (
        statement.where(_tab_condition(wanted.tab, actor), _narrowing(wanted, today))
        .order_by(*_order(wanted))
        .limit(wanted.size)
        .offset((wanted.page - 1) * wanted.size)
    )


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


def _order(wanted: Wanted) -> list[ColumnElement[Any]]:
    since = {"started": instance.c.started_at, "done": task.c.completed_at}.get(wanted.tab, task.c.created_at)
    identity = instance.c.id if wanted.tab == "started" else task.c.id
    if wanted.sort == "number":
        return [instance.c.process.asc(), instance.c.id.asc(), identity.asc()]
    if wanted.sort == "oldest":
        return [since.asc(), identity.asc()]
    if wanted.sort == "newest" or wanted.tab in ("done", "started"):
        return [since.desc(), identity.desc()]
    return [task.c.due_on.is_(None).asc(), task.c.due_on.asc(), task.c.created_at.asc(), task.c.id.asc()]


def _item(row: Any, actor: Actor, today: date) -> Item:
    found = row._mapping
    due_on = found.get("due_on")
    open_now = found.get("state") in WAITING_STATES
    return Item(
        instance_id=found["instance_id"],
        number=found["number"],
        title=found["title"],
        process=found["process"],
        status=found["status"],
        task_id=found.get("task_id"),
        step=found.get("step") or "",
        state=found.get("state") or "",
        since=found["since"],
        due_on=due_on,
        urgency=urgency_of(due_on, today) if open_now else "none",
        behalf=_behalf(row, actor) if open_now else (found.get("absent") or ""),
        outcome=found["outcome"] or "",
        department=found["unit"],
        resting=open_now and is_resting(found["why"]),
    )


def _behalf(row: Any, actor: Actor) -> str:
    permit = may_do(actor, Task(row.role, row.department, row.assignee_id, frozenset(row.excluded)))
    return (permit.on_behalf_of_name or "") if permit else ""
