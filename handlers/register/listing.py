"""The register as a list: narrowed by the address line, a page at a time, each letter with where it stands.

The page's ids are found first, on the narrow table and its indexes, and only their rows are read whole: a case's row
carries its facts and its state, and 150,000 of those would fill any cache.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, insert, or_, select

from handlers.cases.case_file import Place, places, sees_all, visible_ids
from handlers.cases.case_list import status_conditions
from handlers.people.actors import Actor
from handlers.register.keeping import comparable
from handlers.store.paging import ListQuery, Paged, equal_where_asked, words_of
from handlers.store.tables import instance, personal, register, register_export
from handlers.time_source import beginning_of

TYPES = {"complaint": "投诉", "report": "举报", "enquiry": "咨询", "other": "其他"}
PERSON = "person_name"
BATCH = 500


@dataclass(frozen=True, slots=True)
class RegisterQuery(ListQuery):
    """Letters of a type, a channel, a unit and so on. `since` and `until` are ISO days of the receipt, inclusive."""

    type: str = ""
    channel: str = ""
    unit: str = ""
    category: str = ""
    state: str = ""
    since: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """One row of the register. `person` is the masked name."""

    id: int
    number: str
    title: str
    type: str
    channel: str
    source_number: str
    received_at: datetime
    person: str
    respondent: str
    respondent_code: str
    category: str
    unit: str
    status: str
    outcome: str
    places: tuple[Place, ...]

    @property
    def due_on(self) -> date | None:
        """The earliest limit of its open tasks."""
        return min((place.due_on for place in self.places if place.due_on), default=None)


def list_register(connection: Connection, actor: Actor, query: RegisterQuery) -> Paged[RegisterQuery, RegisterEntry]:
    """A page of the register, latest receipt first. Five statements."""
    page = _ordered(_matching(actor, query).with_only_columns(register.c.instance_id))
    ids = connection.scalars(query.window(page)).all()
    return Paged(query, count(connection, actor, query), tuple(_entries(connection, ids)))


def count(connection: Connection, actor: Actor, query: RegisterQuery) -> int:
    """How many letters match. One statement."""
    counting = _matching(actor, query).with_only_columns(func.count())
    return int(connection.execute(counting).scalar_one())


def portions(connection: Connection, actor: Actor, query: RegisterQuery) -> Iterator[tuple[RegisterEntry, ...]]:
    """All that match, in the order of the list, so many at a time."""
    ids = connection.scalars(_ordered(_matching(actor, query).with_only_columns(register.c.instance_id))).all()
    for start in range(0, len(ids), BATCH):
        yield tuple(_entries(connection, ids[start : start + BATCH]))


def note_export(connection: Connection, actor: Actor, query: RegisterQuery, rows: int, now: datetime) -> None:
    """Write down who took how much of the register out, and by which filters (R123)."""
    row = {"account_id": actor.account_id, "filters": query.filters(), "rows": rows, "exported_at": now}
    connection.execute(insert(register_export).values(row))


def _matching(actor: Actor, query: RegisterQuery) -> Select[Any]:
    """The register, joined with its cases only where a condition asks about them."""
    conditions, of_case = _conditions(query), status_conditions(query.state)
    if not sees_all(actor):
        conditions.append(register.c.instance_id.in_(visible_ids(actor)))
    table: Any = register.join(instance, instance.c.id == register.c.instance_id) if of_case else register
    return select(register.c.instance_id).select_from(table).where(*conditions, *of_case)


def _conditions(query: RegisterQuery) -> list[ColumnElement[bool]]:
    columns: dict[ColumnElement[Any], str] = {
        register.c.case_type: query.type,
        register.c.channel: query.channel,
        register.c.unit: query.unit,
        register.c.category: query.category,
    }
    conditions = equal_where_asked(columns)
    if since := _day(query.since):
        conditions.append(register.c.received_at >= beginning_of(since))
    if until := _day(query.until):
        conditions.append(register.c.received_at < beginning_of(until + timedelta(days=1)))
    conditions.extend(_matches(word) for word in words_of(query.q))
    return conditions


def _matches(word: str) -> ColumnElement[bool]:
    """A part of the respondent's name, of the case's number here or there, or a whole credit code."""
    numbered = select(instance.c.id).where(instance.c.number.contains(word, autoescape=True))
    return or_(
        register.c.respondent_key.contains(comparable(word) or word, autoescape=True),
        register.c.source_number.contains(word, autoescape=True),
        register.c.platform_no == word,
        register.c.respondent_code == word.upper(),
        register.c.instance_id.in_(numbered),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _ordered(statement: Select[Any]) -> Select[Any]:
    return statement.order_by(register.c.received_at.desc(), register.c.instance_id.desc())


def _entries(connection: Connection, ids: Sequence[int]) -> Iterator[RegisterEntry]:
    if not ids:
        return
    columns = [instance.c[name] for name in ("number", "title", "status", "outcome")]
    masked = personal.c.masked.label("person")
    rows = connection.execute(
        select(register, *columns, masked)
        .join(instance, instance.c.id == register.c.instance_id)
        .outerjoin(personal, (personal.c.instance_id == register.c.instance_id) & (personal.c.field == PERSON))
        .where(register.c.instance_id.in_(ids))
    )
    by_case = {row.instance_id: row for row in rows}
    standing = places(connection, ids)
    for number in ids:
        yield _entry(by_case[number], standing.get(number, ()))


def _entry(row: Any, standing: tuple[Place, ...]) -> RegisterEntry:
    return RegisterEntry(
        id=row.instance_id,
        number=row.number,
        title=row.title,
        type=row.case_type,
        channel=row.channel,
        source_number=row.source_number or row.platform_no,
        received_at=row.received_at,
        person=row.person or "",
        respondent=row.respondent,
        respondent_code=row.respondent_code,
        category=row.category,
        unit=row.unit,
        status=row.status,
        outcome=row.outcome or "",
        places=standing,
    )
