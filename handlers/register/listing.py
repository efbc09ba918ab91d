"""The register as a list: narrowed by the address line, a page at a time, each letter with where it stands.

The page's ids are found first, on the narrow table and its indexes, and only their rows are read whole: a case's row
carries its facts and its state, and 150,000 of those would fill any cache.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, insert, or_, select

from handlers.cases.case_file import STATES, Place, places, sees_all, visible_ids
from handlers.cases.inbox import PAGE_SIZES
from handlers.files.folding import comparable
from handlers.people.actors import Actor
from handlers.store.states import OPEN_STATES
from handlers.store.tables import instance, personal, register, register_export
from handlers.time_source import BEIJING

TYPES = {"complaint": "投诉", "report": "举报", "enquiry": "咨询", "other": "其他"}
PERSON = "person_name"
BATCH = 500


@dataclass(frozen=True, slots=True)
class Search:
    """What the person asked to see; every field comes from the address line. Unknown words fall back.

    `since` and `until` are ISO days, both inclusive, of the receipt.
    """

    q: str = ""
    type: str = ""
    channel: str = ""
    unit: str = ""
    category: str = ""
    state: str = ""
    since: str = ""
    until: str = ""
    page: int = 1
    size: int = PAGE_SIZES[0]

    @property
    def filtered(self) -> bool:
        """Whether anything narrows the list."""
        return any((self.q, self.type, self.channel, self.unit, self.category, self.state, self.since, self.until))

    def filters(self) -> dict[str, str]:
        """The filters that are set, by name."""
        names = ("q", "type", "channel", "unit", "category", "state", "since", "until")
        return {name: getattr(self, name) for name in names if getattr(self, name)}


@dataclass(frozen=True, slots=True)
class Entry:
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


@dataclass(frozen=True, slots=True)
class Register:
    """One page of the register. `total` counts all that match."""

    search: Search
    total: int
    rows: tuple[Entry, ...]

    @property
    def pages(self) -> int:
        """Number of pages, at least one."""
        return max(1, -(-self.total // self.search.size))


def list_register(connection: Connection, actor: Actor, search: Search) -> Register:
    """The wanted page, latest receipt first. Five statements."""
    wanted = _wanted(actor, search)
    page = _ordered(wanted.with_only_columns(register.c.instance_id))
    ids = connection.scalars(page.limit(search.size).offset((search.page - 1) * search.size)).all()
    return Register(search, count(connection, actor, search), tuple(_entries(connection, ids)))


def count(connection: Connection, actor: Actor, search: Search) -> int:
    """How many letters match. One statement."""
    counting = _wanted(actor, search).with_only_columns(func.count())
    return int(connection.execute(counting).scalar_one())


def portions(connection: Connection, actor: Actor, search: Search) -> Iterator[tuple[Entry, ...]]:
    """All that match, in the order of the list, so many at a time."""
    ids = connection.scalars(_ordered(_wanted(actor, search).with_only_columns(register.c.instance_id))).all()
    for start in range(0, len(ids), BATCH):
        yield tuple(_entries(connection, ids[start : start + BATCH]))


def note_export(connection: Connection, actor: Actor, search: Search, rows: int, now: datetime) -> None:
    """Write down who took how much of the register out, and by which filters (R123)."""
    row = {"account_id": actor.account_id, "filters": search.filters(), "rows": rows, "exported_at": now}
    connection.execute(insert(register_export).values(row))


def _wanted(actor: Actor, search: Search) -> Select[Any]:
    """The register, joined with its cases only where a condition asks about them."""
    conditions, of_case = _narrowing(search), _of_case(search)
    if not sees_all(actor):
        conditions.append(register.c.instance_id.in_(visible_ids(actor)))
    table: Any = register.join(instance, instance.c.id == register.c.instance_id) if of_case else register
    return select(register.c.instance_id).select_from(table).where(*conditions, *of_case)


def _narrowing(search: Search) -> list[ColumnElement[bool]]:
    columns = {
        register.c.case_type: search.type,
        register.c.channel: search.channel,
        register.c.unit: search.unit,
        register.c.category: search.category,
    }
    found: list[ColumnElement[bool]] = [column == value for column, value in columns.items() if value]
    if since := _day(search.since):
        found.append(register.c.received_at >= _beginning(since))
    if until := _day(search.until):
        found.append(register.c.received_at < _beginning(until + timedelta(days=1)))
    found.extend(_matches(word) for word in search.q.split()[:5])
    return found


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


def _of_case(search: Search) -> list[ColumnElement[bool]]:
    if search.state == "open":
        return [instance.c.status.in_(OPEN_STATES)]
    return [instance.c.status == search.state] if search.state in STATES else []


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _beginning(day: date) -> datetime:
    return datetime.combine(day, time(), BEIJING)


def _ordered(statement: Select[Any]) -> Select[Any]:
    return statement.order_by(register.c.received_at.desc(), register.c.instance_id.desc())


def _entries(connection: Connection, ids: Sequence[int]) -> Iterator[Entry]:
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
    found = {row.instance_id: row for row in rows}
    standing = places(connection, ids)
    for number in ids:
        yield _entry(found[number], standing.get(number, ()))


def _entry(row: Any, standing: tuple[Place, ...]) -> Entry:
    return Entry(
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
