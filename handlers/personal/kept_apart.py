"""Personal data of the people in a case, held apart from it: the case itself knows only masked texts.

Forms say which of their answers are personal. The real values lie in the table `personal`, one row per case and field;
letters read them, people see them only by `reveal`, which is written down with its purpose.
Source: S2:49 不得向无关人员泄露投诉举报内容 (R123); 个人信息保护法 art. 6 (no more than the purpose needs).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, delete, insert, literal, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from handlers.personal.masks import STAR, mask
from handlers.store.tables import personal, personal_view

PURPOSE_LENGTH: Final = 200
SHORTEST_COVERED: Final = 2
"""A single character would be found in every text."""


class PersonalValue(NamedTuple):
    """One personal value of a case."""

    value: str
    masked: str


class MaskedTextChanged(Exception):
    """A masked text was sent that is not the one now held: somebody corrected the value meanwhile."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def held(connection: Connection, instance_id: int, fields: Iterable[str] | None = None) -> dict[str, PersonalValue]:
    """The case's personal values by field key, of `fields` or all. One statement."""
    statement = select(personal.c.field, personal.c.value, personal.c.masked).where(
        personal.c.instance_id == instance_id
    )
    if fields is not None:
        statement = statement.where(personal.c.field.in_(list(fields)))
    return {
        row.field: PersonalValue(row.value, row.masked)
        for row in connection.execute(statement.order_by(personal.c.field))
    }


def with_real_values(connection: Connection, instance_id: int, facts: Mapping[str, Any]) -> dict[str, Any]:
    """`facts` with each masked text replaced by what it stands for: for letters and digests, never for a screen."""
    known = held(connection, instance_id)
    return {**facts, **{key: item.value for key, item in known.items() if facts.get(key) == item.masked}}


def set_apart(
    connection: Connection,
    instance_id: int,
    kinds: Sequence[tuple[str, str]],
    values: Mapping[str, Any],
    now: datetime,
) -> dict[str, Any]:
    """Keep the personal answers of a form, (key, kind) in `kinds`; gives `values` with masked texts in their place.

    The masked text that is held means "unchanged". An empty answer forgets what was held. Three
    statements at most, one if nothing changed.
    Raises: MaskedTextChanged.
    """
    given = {key: (kind, str(values[key] or "")) for key, kind in kinds if key in values}
    known = held(connection, instance_id, given)
    fresh: dict[str, PersonalValue] = {}
    for key, (kind, text) in given.items():
        item = known.get(key)
        if not text or (item and text in item):
            continue
        if item and STAR in text:
            raise MaskedTextChanged(key)
        fresh[key] = PersonalValue(text, mask(kind, text))
    _keep(connection, instance_id, fresh, now)
    gone = [key for key, (_, text) in given.items() if not text and key in known]
    if gone:
        connection.execute(delete(personal).where(personal.c.instance_id == instance_id, personal.c.field.in_(gone)))
    after = known | fresh
    return {**values, **{key: after[key].masked for key, (_, text) in given.items() if text}}


def copy(connection: Connection, from_id: int, to_id: int, fields: Iterable[str], now: datetime) -> None:
    """Give a new case the personal values of `from_id` in `fields`. One statement.

    To be called before `to_id` receives masked texts copied from `from_id`: they then mean these values.
    """
    conditions = personal.c.instance_id == from_id, personal.c.field.in_(list(fields))
    taken = select(
        literal(to_id), personal.c.field, personal.c.value, personal.c.masked, literal(now, personal.c.changed_at.type)
    )
    columns = ["instance_id", "field", "value", "masked", "changed_at"]
    connection.execute(insert(personal).from_select(columns, taken.where(*conditions)))


def covered(connection: Connection, instance_id: int, text: str) -> str:
    """Free text about a case, with every personal value that is held of it masked. One statement."""
    for item in sorted(held(connection, instance_id).values(), key=lambda item: -len(item.value)):
        if len(item.value) >= SHORTEST_COVERED:
            text = text.replace(item.value, item.masked)
    return text


def reveal(
    connection: Connection, instance_id: int, account_id: int, fields: Sequence[str], purpose: str, now: datetime
) -> None:
    """Write down that a person is shown `fields` of a case, and what for. The caller checks that they may."""
    connection.execute(
        insert(personal_view).values(
            instance_id=instance_id,
            account_id=account_id,
            fields=list(fields),
            purpose=purpose[:PURPOSE_LENGTH],
            viewed_at=now,
        )
    )


def note_download(
    connection: Connection, instance_id: int, account_id: int, file: str, fields: Sequence[str], now: datetime
) -> None:
    """Write down that a person took a file out of a case: `file` says which in words, `fields` what it says of people.

    Evidence shows people whatever its form calls it, so every download counts, each time.
    """
    reveal(connection, instance_id, account_id, fields, f"下载{file}", now)


def _keep(connection: Connection, instance_id: int, items: Mapping[str, PersonalValue], now: datetime) -> None:
    if not items:
        return
    rows = [
        {"instance_id": instance_id, "field": key, "value": item.value, "masked": item.masked, "changed_at": now}
        for key, item in items.items()
    ]
    upsert = (sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert)(personal)
    newer = {name: upsert.excluded[name] for name in ("value", "masked", "changed_at")}
    connection.execute(upsert.on_conflict_do_update(index_elements=["instance_id", "field"], set_=newer), rows)
