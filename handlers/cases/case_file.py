"""The file of one case: who may see it, and everything its pages show.

A person sees the cases they started or worked on, those that now stand on a desk of theirs, and the cases linked with
these. Whoever answers for the whole bureau sees all. The same condition guards the list and the single case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    FromClause,
    Row,
    Select,
    and_,
    bindparam,
    exists,
    false,
    or_,
    select,
    true,
    union,
)

from handlers.clocks.urgency import is_resting
from handlers.letters.delivery import deliveries
from handlers.people.actors import Actor, assigned_to, claimable_by
from handlers.people.profiles import ACTIVE, role_name
from handlers.people.task import Task
from handlers.personal.kept_apart import held
from handlers.store.prepared import Prepared
from handlers.store.states import WAITING_STATES, CaseStatus, TaskState
from handlers.store.tables import (
    account,
    attachment,
    case_link,
    clock,
    department,
    event,
    incident,
    instance,
    letter,
    task,
)

_PROFILE = ACTIVE.scalar_subquery()
SEES_ALL = frozenset(
    {
        "centre_head",
        "supervisor",
        "bureau_leader",
        "deputy_director",
        "bureau_head",
        "observer",
        "administrator",
        "process_owner",
    }
)
STATES: Mapping[str, str] = {
    CaseStatus.ACTIVE: "办理中",
    CaseStatus.SUSPENDED: "已中止",
    CaseStatus.INCIDENT: "处理出错",
    CaseStatus.COMPLETED: "已办结",
    CaseStatus.CANCELLED: "已撤销",
}


_DOER = account.alias("doer")
_TASK = Prepared(
    select(
        task,
        *(instance.c[name] for name in ("release_id", "process", "number", "title", "status", "facts", "started_by")),
        account.c.name.label("assignee"),
        _DOER.c.name.label("doer"),
        department.c.name.label("unit"),
    )
    .select_from(
        task.join(instance, instance.c.id == task.c.instance_id)
        .outerjoin(account, account.c.id == task.c.assignee_id)
        .outerjoin(_DOER, _DOER.c.id == task.c.completed_by)
        .outerjoin(department, department.c.code == task.c.department)
    )
    .where(task.c.id == bindparam("task_id"))
)


@dataclass(frozen=True, slots=True)
class Place:
    """One open task of a case: where it stands."""

    task_id: int
    instance_id: int
    scope: str
    node: str
    step: str
    people: str
    assignee_id: int | None
    role: str
    department: str | None
    excluded: tuple[int, ...]
    since: datetime
    due_on: date | None
    state: str
    resting: bool = False
    """Whether it has no due day because excluded time rests on its limit."""

    @property
    def task(self) -> Task:
        """Who may do it."""
        who = frozenset(self.excluded)
        return Task(self.role, self.department, self.assignee_id, who, self.task_id, self.scope, self.node, self.step)


@dataclass(frozen=True, slots=True)
class CaseFile:
    """Everything kept about one case. `case` is the instance row with the names of its department and its starter."""

    case: Any
    events: Sequence[Any]
    places: tuple[Place, ...]
    letters: Sequence[Any]
    attachments: Sequence[Any]
    incidents: Sequence[Any]
    clocks: Sequence[Any]
    deliveries: Mapping[int, Sequence[Any]]
    """By letter."""
    personal: Mapping[str, str]
    """Masked texts of the personal data that is held apart, by field key."""
    can_work: bool
    """Whether this person works on the case and does not only see it."""


def sees_all(actor: Actor) -> bool:
    """Whether the person answers for the whole bureau."""
    return not SEES_ALL.isdisjoint(actor.roles)


def visible(actor: Actor) -> ColumnElement[bool]:
    """The condition on `instance` rows that this person may see."""
    if sees_all(actor):
        return true()
    return or_(_own(actor, instance), *(_linked_with_own(actor, *ends) for ends in (_UPWARDS, _DOWNWARDS)))


def may_work(connection: Connection, actor: Actor, instance_id: int) -> bool:
    """Whether the person works on the case: started it, did a step, has one to do, or steers all cases.

    Less than seeing it: who only looks (查询) keeps no notes and sees no personal data.
    """
    mine = true() if actor.has("cases.steer") else _own(actor, instance)
    return connection.execute(select(instance.c.id).where(instance.c.id == instance_id, mine)).first() is not None


_UPWARDS = case_link.c.child_id, case_link.c.parent_id
_DOWNWARDS = case_link.c.parent_id, case_link.c.child_id


def _own(actor: Actor, cases: FromClause) -> ColumnElement[bool]:
    me = actor.account_id
    worked_on = exists().where(task.c.instance_id == cases.c.id, or_(task.c.completed_by == me, _on_desk_of(actor)))
    return or_(cases.c.started_by == me, worked_on)


def _linked_with_own(actor: Actor, here: ColumnElement[int], there: ColumnElement[int]) -> ColumnElement[bool]:
    other = instance.alias("other")
    return exists().where(here == instance.c.id, there == other.c.id, _own(actor, other)).correlate(instance)


def visible_ids(actor: Actor) -> CompoundSelect[Any]:
    """The rule of `visible` as a list of case ids, for one who does not see all.

    Gathered once by the indexes over people, where `visible` would ask of each case of a long list.
    """
    me = actor.account_id
    own = union(
        select(instance.c.id).where(instance.c.started_by == me),
        select(task.c.instance_id).where(task.c.completed_by == me),
        select(task.c.instance_id).where(_on_desk_of(actor)),
    ).cte("own")
    up, down = (select(there).join(own, own.c.id == here) for here, there in (_UPWARDS, _DOWNWARDS))
    return union(select(own.c.id), up, down)


def _on_desk_of(actor: Actor) -> ColumnElement[bool]:
    return and_(task.c.state.in_(WAITING_STATES), or_(assigned_to(actor), claimable_by(actor)))


def places(connection: Connection, instance_ids: Iterable[int]) -> dict[int, tuple[Place, ...]]:
    """Open tasks by case. One statement, none for no cases."""
    ids = list(instance_ids)
    if not ids:
        return {}
    rows = connection.execute(
        select(task, account.c.name.label("assignee"), department.c.name.label("unit"), _PROFILE.label("profile"))
        .select_from(
            task.outerjoin(account, account.c.id == task.c.assignee_id).outerjoin(
                department, department.c.code == task.c.department
            )
        )
        .where(task.c.instance_id.in_(ids), task.c.state.in_(WAITING_STATES))
        .order_by(task.c.id)
    )
    by_case: dict[int, tuple[Place, ...]] = {}
    for row in rows:
        by_case[row.instance_id] = (*by_case.get(row.instance_id, ()), _place(row))
    return by_case


def pool_name(label: str, unit: str | None) -> str:
    """A pool in words, such as 办公室审核员（待领）."""
    return f"{desk_name(label, unit)}（待领）"


def desk_name(label: str, unit: str | None) -> str:
    """A role, by its name, in a department; the department is left out where the role's name begins with it."""
    return label if unit is None or label.startswith(unit) else f"{unit}·{label}"


def case_file(connection: Connection, actor: Actor, instance_id: int) -> CaseFile | None:
    """The whole file of a case, or None where there is none or the person may not know of it. Ten statements."""
    case = connection.execute(case_rows(facts=True).where(instance.c.id == instance_id, visible(actor))).one_or_none()
    if case is None:
        return None
    letters = _of_case(connection, select(letter), letter, instance_id)
    return CaseFile(
        case=case,
        events=connection.execute(
            select(event).where(event.c.instance_id == instance_id).order_by(event.c.position)
        ).all(),
        places=places(connection, [instance_id]).get(instance_id, ()),
        letters=letters,
        attachments=_of_case(
            connection,
            select(attachment, account.c.name.label("by")).join(account, account.c.id == attachment.c.uploaded_by),
            attachment,
            instance_id,
        ),
        incidents=_of_case(connection, select(incident), incident, instance_id),
        clocks=_of_case(connection, select(clock), clock, instance_id),
        deliveries=deliveries(connection, [row.id for row in letters]),
        personal={field: item.masked for field, item in held(connection, instance_id).items()},
        can_work=may_work(connection, actor, instance_id),
    )


def may_see(connection: Connection, actor: Actor, instance_id: int) -> bool:
    """Whether the case exists and this person may know of it."""
    condition = and_(instance.c.id == instance_id, visible(actor))
    return connection.execute(select(instance.c.id).where(condition)).first() is not None


def task_row(connection: Connection, task_id: int) -> Row[Any] | None:
    """A task with the names around it and its case's own columns; the caller checks who may see it. One statement."""
    row: Row[Any] | None = _TASK.one(connection, {"task_id": task_id})
    return row


def done_forms(connection: Connection, instance_id: int) -> list[tuple[str, str, str]]:
    """(scope, node, form) of every task of the case that was done, first done first, for the summary."""
    rows = connection.execute(
        select(task.c.scope, task.c.node, task.c.form)
        .where(task.c.instance_id == instance_id, task.c.state == TaskState.DONE)
        .order_by(task.c.completed_at, task.c.id)
    )
    return [(row.scope, row.node, row.form) for row in rows]


def attachment_row(connection: Connection, attachment_id: int) -> Row[Any] | None:
    """An uploaded file's record."""
    return connection.execute(select(attachment).where(attachment.c.id == attachment_id)).one_or_none()


def nameable_attachments(connection: Connection, actor: Actor, instance_id: int | None) -> list[Row[Any]]:
    """Uploaded files that the person may name in a form: those of the case, and their own not yet submitted ones."""
    own = and_(attachment.c.instance_id.is_(None), attachment.c.uploaded_by == actor.account_id)
    of_case = attachment.c.instance_id == instance_id if instance_id is not None else false()
    return list(connection.execute(select(attachment).where(or_(own, of_case)).order_by(attachment.c.id)))


def letter_row(connection: Connection, letter_id: int) -> Row[Any] | None:
    """A letter's record."""
    return connection.execute(select(letter).where(letter.c.id == letter_id)).one_or_none()


def case_rows(*, facts: bool = False) -> Select[Any]:
    """Instance rows with the names of their department and their starter; the facts only where asked for."""
    columns: list[ColumnElement[Any]] = [
        column for column in instance.c if column.name not in ("state", "facts", "department")
    ]
    if facts:
        columns += [instance.c.facts, instance.c.department.label("department_code")]
    return select(*columns, department.c.name.label("department"), account.c.name.label("starter")).select_from(
        instance.join(department, department.c.code == instance.c.department).join(
            account, account.c.id == instance.c.started_by
        )
    )


def _place(row: Any) -> Place:
    return Place(
        task_id=row.id,
        instance_id=row.instance_id,
        scope=row.scope,
        node=row.node,
        step=row.name,
        people=row.assignee or pool_name(role_name(row.profile, row.role), row.unit),
        assignee_id=row.assignee_id,
        role=row.role,
        department=row.department,
        excluded=tuple(row.excluded),
        since=row.created_at,
        due_on=row.due_on,
        state=row.state,
        resting=is_resting(row.why),
    )


def _of_case(connection: Connection, statement: Select[Any], table: Any, instance_id: int) -> Sequence[Row[Any]]:
    return connection.execute(statement.where(table.c.instance_id == instance_id).order_by(table.c.id)).all()
