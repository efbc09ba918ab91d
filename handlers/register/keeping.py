"""The register 台账: one row per letter of a citizen, kept in step with the facts of its case.

It holds what lists, searches and the look for duplicates need as columns of their own, and nothing personal: of the
person only a keyed hash, which says "the same" without saying who. Source: S1:44 (R016).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, or_, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import IntegrityError

from handlers.files.folding import comparable
from handlers.owners_words import facts, keys, relies_on
from handlers.service_registry import HandlerRefused
from handlers.store.counters import seal
from handlers.store.tables import case_link, instance, personal, register
from handlers.time_source import read_moment

PLATFORM = "platform"
"""Source code of the national 12315 platform: a number from there is the same number, typed or imported."""
IMPORT_SOURCE, IMPORT_NUMBER = "import_source", "import_number"
"""Facts that an import adds to those of the form: the source's code, and the case's number over there."""
IMPORT_NOTE = "import_note"
"""Fact that an import adds for the reviewer: what the file did not say, and what was inferred."""
PERSON_FIELDS = ("person_phone", "person_id")
_READ = ("received_at", "channel", "respondent_name", "respondent_code", "order_no", "category", "platform_no")
_WISHES = {"wants_compensation": "complaint", "reports_violation": "report", "asks_only": "enquiry"}
"""Box of the registration form to the type of letter that it asks for."""
relies_on(
    "投诉举报登记册的登记、查询和来件去重",
    *keys("case_register", *_READ, *PERSON_FIELDS, *_WISHES),
    *facts("intake", "case_type", "unit"),
)


def keep(connection: Connection, key: bytes, instance_id: int, facts: Mapping[str, Any], now: datetime) -> None:
    """Write the case's row anew from its facts. Two statements; two more to look at a number from another system.

    `key`: of the seals. `now`: for a case without a moment of receipt. The person is taken from what is held apart of
    the case, because the facts know only masked texts.
    Raises: HandlerRefused, if another case has the same number from the same system (F01: 平台编号唯一).
    """
    row = _row(facts) | _numbers(connection, instance_id, facts)
    row["person_digest"] = person_digest(key, _held(connection, instance_id))
    received_at = moment(facts.get("received_at"))
    kept = row | ({"received_at": received_at} if received_at else {})
    insert = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
    statement = insert(register).values({"instance_id": instance_id, "received_at": received_at or now, **row})
    try:
        connection.execute(statement.on_conflict_do_update(index_elements=["instance_id"], set_=kept))
    except IntegrityError as error:  # somebody registered it in the same moment
        raise HandlerRefused(f"编号“{row['source_number']}”刚刚由他人登记，请刷新后查看那一件") from error


def _held(connection: Connection, instance_id: int) -> dict[str, str]:
    conditions = personal.c.instance_id == instance_id, personal.c.field.in_(PERSON_FIELDS)
    return {
        row.field: row.value
        for row in connection.execute(select(personal.c.field, personal.c.value).where(*conditions))
    }


def person_digest(key: bytes, values: Mapping[str, Any]) -> str | None:
    """The keyed hash by which the same person is known again: of the telephone, else of the identity number.

    Nearly everybody gives a telephone and few an identity number, so the telephone comes first. None without either.
    """
    for name in PERSON_FIELDS:
        value = re.sub(r"[\s-]+", "", unicodedata.normalize("NFKC", str(values.get(name) or ""))).upper()
        if value:
            return seal(key, "person", value)
    return None


def moment(value: Any) -> datetime | None:
    """An ISO moment of the facts as an aware one; without a zone it is Beijing time. None for anything else."""
    try:
        return read_moment(value)
    except ValueError:
        return None


def holder(connection: Connection, source: str, number: str, *, besides: int | None = None) -> Any | None:
    """(id, number, started_at, received_at) of the case that came from `source` under `number`.

    A number of the national platform is also known from a case that came another way and was entered there since.
    """
    has_number: ColumnElement[bool] = (register.c.source == source) & (register.c.source_number == number)
    if source == PLATFORM:
        has_number = or_(has_number, register.c.platform_no == number)
    columns = (instance.c.id, instance.c.number, instance.c.started_at, register.c.received_at)
    statement = select(*columns).join(register, register.c.instance_id == instance.c.id)
    others = statement.where(has_number, instance.c.id != (besides or 0))
    return connection.execute(others.order_by(instance.c.id)).first()


def _row(facts: Mapping[str, Any]) -> dict[str, Any]:
    def text(name: str, length: int) -> str:
        return str(facts.get(name) or "")[:length]

    return {
        "case_type": text("case_type", 20) or _type_by_wish(facts),
        "channel": text("channel", 40),
        "respondent": text("respondent_name", 200),
        "respondent_key": comparable(facts.get("respondent_name")),
        "respondent_code": text("respondent_code", 18),
        "order_no": comparable(facts.get("order_no"))[:80],
        "category": text("category", 40),
        "unit": text("unit", 40),
    }


def _type_by_wish(given: Mapping[str, Any]) -> str:
    """The type before anybody has judged it: what the person asked for. A mixed letter is a complaint until split."""
    return next((kind for wish, kind in _WISHES.items() if given.get(wish)), "")


def _numbers(connection: Connection, instance_id: int, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers of other systems, each held by one case; a case opened from another one leaves them to that one."""
    platform_no = str(facts.get("platform_no") or "")[:80]
    source = str(facts.get(IMPORT_SOURCE) or (PLATFORM if platform_no else ""))[:40]
    number = str(facts.get(IMPORT_NUMBER) or platform_no)[:80]
    for system, system_number in dict.fromkeys([(source, number), (PLATFORM, platform_no)]):
        other = holder(connection, system, system_number, besides=instance_id) if system_number else None
        if other is None:
            continue
        if facts.get("parent_number") or _linked(connection, instance_id, other.id):
            return {"source": "", "source_number": None, "platform_no": ""}
        raise HandlerRefused(f"编号“{system_number}”已经登记为 {other.number}。请核对编号；是同一件的，请到该件办理")
    return {"source": source, "source_number": number or None, "platform_no": platform_no}


def _linked(connection: Connection, left_id: int, right_id: int) -> bool:
    pair = ((case_link.c.parent_id == left_id) & (case_link.c.child_id == right_id)) | (
        (case_link.c.parent_id == right_id) & (case_link.c.child_id == left_id)
    )
    return bool(connection.execute(select(exists().where(pair))).scalar())
