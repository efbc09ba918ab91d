"""The list of cases: narrowed, ordered, a page at a time, each case with where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, func, select

from handlers.cases.case_file import STATES, Place, case_rows, places, visible
from handlers.people.actors import Actor
from handlers.store.paging import ListQuery, Paged, equal_where_asked, search_condition
from handlers.store.states import OPEN_STATES, WAITING_STATES
from handlers.store.tables import instance, release, task

SORTS = {"newest": "最近发起在前", "oldest": "最早发起在前", "number": "按编号", "due": "先到期在前"}


@dataclass(frozen=True, slots=True)
class CaseQuery(ListQuery):
    """The cases of a procedure, a department, a state, or that stand on a step (`scope:node`)."""

    process: str = ""
    step: str = ""
    department: str = ""
    state: str = ""
    sort: str = "newest"


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One row of the list."""

    id: int
    number: str
    title: str
    process: str
    status: str
    department: str
    started_by: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str
    places: tuple[Place, ...]

    @property
    def due_on(self) -> date | None:
        """The earliest limit of its open tasks."""
        return min((place.due_on for place in self.places if place.due_on), default=None)

    @property
    def resting(self) -> bool:
        """Whether there is none because excluded time rests on it."""
        return self.due_on is None and any(place.resting for place in self.places)


def list_cases(connection: Connection, actor: Actor, query: CaseQuery) -> Paged[CaseQuery, CaseRow]:
    """A page of the cases that the person may see. Three statements: count, rows, and where those rows stand."""
    conditions = [visible(actor), *_conditions(query)]
    total = connection.execute(select(func.count()).select_from(instance).where(*conditions)).scalar_one()
    statement = case_rows().where(*conditions).order_by(*_order(query.sort))
    rows = connection.execute(query.window(statement)).all()
    standing = places(connection, [row.id for row in rows])
    return Paged(query, total, tuple(_case_row(row, standing) for row in rows))


def steps_in_use(connection: Connection, process: str) -> list[tuple[str, str]]:
    """(`scope:node`, name) of every step on which an open case of `process` stands, to choose from."""
    if not process:
        return []
    rows = connection.execute(
        select(task.c.scope, task.c.node, func.min(task.c.name).label("name"))
        .join(instance, instance.c.id == task.c.instance_id)
        .where(instance.c.process == process, task.c.state.in_(WAITING_STATES))
        .group_by(task.c.scope, task.c.node)
        .order_by(task.c.scope, task.c.node)
    )
    return [(f"{row.scope}:{row.node}", row.name) for row in rows]


def newest_releases(connection: Connection, today: date) -> list[tuple[str, int]]:
    """(process, release id) of the newest release of every procedure that is in force on `today`, by process."""
    rows = connection.execute(
        select(release.c.process, release.c.id)
        .where(release.c.effective_on <= today)
        .order_by(release.c.process, release.c.number)
    )
    return list({row.process: row.id for row in rows}.items())


def _conditions(query: CaseQuery) -> list[ColumnElement[bool]]:
    conditions = [
        search_condition(query.q, instance.c.number, instance.c.title),
        *equal_where_asked({instance.c.process: query.process, instance.c.department: query.department}),
        *status_conditions(query.state),
    ]
    if query.step:
        scope, _, node = query.step.partition(":")
        here = (task.c.instance_id == instance.c.id, task.c.scope == scope, task.c.node == node)
        conditions.append(exists().where(*here, task.c.state.in_(WAITING_STATES)))
    return conditions


def status_conditions(state: str) -> list[ColumnElement[bool]]:
    """What a list's filter by state asks of `instance`: one of `STATES`, or `open` for all of a case that goes on."""
    if state == "open":
        return [instance.c.status.in_(OPEN_STATES)]
    return [instance.c.status == state] if state in STATES else []


def _order(sort: str) -> list[ColumnElement[Any]]:
    if sort == "oldest":
        return [instance.c.started_at.asc(), instance.c.id.asc()]
    if sort == "number":
        return [instance.c.process.asc(), instance.c.id.asc()]
    if sort == "due":
        due_on = (
            select(func.min(task.c.due_on))
            .where(task.c.instance_id == instance.c.id, task.c.state.in_(WAITING_STATES))
            .scalar_subquery()
        )
        return [due_on.is_(None).asc(), due_on.asc(), instance.c.id.asc()]
    return [instance.c.started_at.desc(), instance.c.id.desc()]


def _case_row(row: Any, standing: dict[int, tuple[Place, ...]]) -> CaseRow:
    return CaseRow(
        id=row.id,
        number=row.number,
        title=row.title,
        process=row.process,
        status=row.status,
        department=row.department,
        started_by=row.starter,
        started_at=row.started_at,
        ended_at=row.ended_at,
        outcome=row.outcome or "",
        places=standing.get(row.id, ()),
    )
