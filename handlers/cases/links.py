"""Which cases belong together: a case started from another, or by its message, is that one's child."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Row, Select, insert, literal, select, union_all

from handlers.store.states import OPEN_STATES
from handlers.store.tables import case_link, instance, room_of

KIND_LENGTH = room_of(case_link.c.kind)


def link(connection: Connection, parent_id: int, child_id: int, kind: str, now: datetime) -> None:
    """Note that `child_id` came from `parent_id`. The caller holds the parent's row. `kind`: procedure or message."""
    row = {"parent_id": parent_id, "child_id": child_id, "kind": kind[:KIND_LENGTH], "linked_at": now}
    connection.execute(insert(case_link).values(row))


def is_parent(connection: Connection, parent_id: int, child_id: int) -> bool:
    """Whether `child_id` was started from `parent_id`."""
    pair = case_link.c.parent_id == parent_id, case_link.c.child_id == child_id
    return connection.execute(select(case_link.c.kind).where(*pair)).first() is not None


def numbers(connection: Connection, instance_ids: Iterable[int]) -> list[dict[str, Any]]:
    """`id` and `number` of the cases, for an event's detail."""
    rows = connection.execute(
        select(instance.c.id, instance.c.number).where(instance.c.id.in_(list(instance_ids))).order_by(instance.c.id)
    )
    return [{"id": row.id, "number": row.number} for row in rows]


def open_children_with(connection: Connection, instance_id: int, field: str, value: Any) -> list[Row[Any]]:
    """Open cases started from this one whose facts say `value` for `field`: they took it over. One statement."""
    if value in (None, "", []):
        return []
    columns = (instance.c[name] for name in ("id", "number", "title", "facts"))
    started = select(*columns).join(case_link, case_link.c.child_id == instance.c.id)
    conditions = case_link.c.parent_id == instance_id, instance.c.status.in_(OPEN_STATES)
    rows = connection.execute(started.where(*conditions).order_by(instance.c.id))
    return [row for row in rows if row.facts.get(field) == value]


def linked_with(connection: Connection, instance_id: int) -> list[Row[Any]]:
    """The cases linked with this one, parents first, oldest first. One statement."""
    return linked_rows(connection, [instance_id])[instance_id]


def linked_rows(connection: Connection, instance_ids: Iterable[int]) -> dict[int, list[Row[Any]]]:
    """The cases linked with each of these, parents first, oldest first. One statement."""
    by_case: dict[int, list[Row[Any]]] = {number: [] for number in instance_ids}
    above = _ends(case_link.c.child_id, case_link.c.parent_id, by_case, is_parent=True)
    below = _ends(case_link.c.parent_id, case_link.c.child_id, by_case, is_parent=False)
    both = union_all(above, below).subquery()
    for row in connection.execute(select(both).order_by(both.c.is_parent.desc(), both.c.linked_at, both.c.id)):
        by_case[row.here].append(row)
    return by_case


def _ends(here: Column[int], there: Column[int], case_ids: Iterable[int], *, is_parent: bool) -> Select[Any]:
    columns = (instance.c[name] for name in ("id", "number", "title", "process", "release_id", "status", "outcome"))
    said = here.label("here"), literal(is_parent).label("is_parent"), case_link.c.linked_at
    return (
        select(*columns, *said).join_from(case_link, instance, instance.c.id == there).where(here.in_(list(case_ids)))
    )
