"""The append-only history of cases, each case a chain of keyed hashes.

An event's hash covers its own fields and the hash before it, keyed with the audit key, so that whoever can write to the
database but does not hold the key can neither change, drop, reorder nor forge a row unseen. The instance row carries
the length and the head of its chain under a seal, so a chain cannot be cut short either; case numbers have no gaps,
so a whole case cannot vanish. What people submitted is vouched for by a digest in the event. Not covered: the current
values of a case, its tasks and letters, all of which can be made again from the history; and a database that is put
back as a whole to an earlier state, for which there is `anchor`.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Row, bindparam, insert, select

from handlers.store.counters import tampered_counters
from handlers.store.prepared import Prepared
from handlers.store.states import EventKind
from handlers.store.tables import counter, event, instance, submission

GENESIS = "0" * 64
"""The hash before a case's first event."""

_HASHED = (
    "kind",
    "actor_id",
    "actor_name",
    "on_behalf_of",
    "task_id",
    "scope",
    "node",
    "node_name",
    "outcome",
    "comment",
    "detail",
)
_ADD_EVENTS = insert(event)
_ADD_EVENT = Prepared(insert(event).values({c.name: bindparam(c.name) for c in event.c if c.name != "id"}))
_NUMBER = re.compile(r"^(?P<series>.+〔\d{4}〕)(?P<n>\d+)号$")


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One thing that happened, before it is chained."""

    kind: EventKind
    actor_id: int | None
    actor_name: str
    on_behalf_of: str | None = None
    task_id: int | None = None
    scope: str | None = None
    node: str | None = None
    node_name: str | None = None
    outcome: str | None = None
    comment: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Head:
    """Where a case's chain stands: its length, and the hash of its newest event."""

    count: int = 0
    hash: str = GENESIS


@dataclass(frozen=True, slots=True)
class AuditProblem:
    """Something the audit found: the case, the event (0: the case as a whole), and a Chinese sentence."""

    number: str
    position: int
    sentence: str


def _digest(key: bytes, *parts: bytes) -> str:
    return hmac.digest(key, b"\x1f".join(parts), "sha256").hex()


def _event_hash(
    key: bytes, previous: str, instance_id: int, position: int, at: datetime, row: Mapping[str, Any]
) -> str:
    body = orjson.dumps([row[name] for name in _HASHED], option=orjson.OPT_SORT_KEYS)
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    return _digest(key, previous.encode(), f"{instance_id}:{position}:{moment}".encode(), body)


def digest(values: Mapping[str, Any]) -> str:
    """SHA-256 of what was submitted, kept in the event: so the chain vouches for the table `submission` as well."""
    return hashlib.sha256(orjson.dumps(dict(values), option=orjson.OPT_SORT_KEYS)).hexdigest()


def seal(key: bytes, instance_id: int, head: Head) -> str:
    """Keyed hash over a chain's length and head."""
    return _digest(key, b"head", f"{instance_id}:{head.count}:{head.hash}".encode())


def append(
    connection: Connection, key: bytes, instance_id: int, head: Head, at: datetime, entries: Sequence[HistoryEntry]
) -> Head:
    """Write `entries` behind `head` in one statement and return the new head. The caller holds the instance row."""
    rows = []
    for entry in entries:
        row: dict[str, Any] = {name: getattr(entry, name) for name in _HASHED}
        row["detail"] = dict(entry.detail)
        position = head.count + 1
        head = Head(position, _event_hash(key, head.hash, instance_id, position, at, row))
        rows.append(row | {"instance_id": instance_id, "position": position, "at": at, "hash": head.hash})
    if len(rows) == 1:
        _ADD_EVENT.run(connection, rows[0])
    elif rows:
        connection.execute(_ADD_EVENTS, rows)
    return head


def verify(connection: Connection, key: bytes) -> Iterator[AuditProblem]:
    """Go through every chain and every series of case numbers; yield what does not hold, naming the row."""
    cases = connection.execute(
        select(
            instance.c.id,
            instance.c.number,
            instance.c.event_count,
            instance.c.event_head,
            instance.c.event_seal,
        ).order_by(instance.c.id)
    ).all()
    for case in cases:
        yield from _verify_case(connection, key, case)
    yield from _verify_numbers(connection, key, [case.number for case in cases])
    known = {case.id for case in cases}
    orphans = connection.execute(select(event.c.instance_id).distinct().order_by(event.c.instance_id)).scalars()
    for instance_id in orphans:
        if instance_id not in known:
            yield AuditProblem(f"#{instance_id}", 0, "有办理记录而没有事项：事项已被删除")


def anchor(connection: Connection) -> str:
    """One value for all histories as they are now. Noted outside the system, it shows later whether the database was
    put back to an earlier state as a whole, which no chain inside can show."""
    heads = connection.execute(select(instance.c.id, instance.c.event_head).order_by(instance.c.id))
    return hashlib.sha256("\n".join(f"{row.id} {row.event_head}" for row in heads).encode()).hexdigest()


def _verify_case(connection: Connection, key: bytes, case: Row[Any, Any, Any, Any, Any]) -> Iterator[AuditProblem]:
    head = Head()
    submitted = {
        row.task_id: row._mapping["values"]
        for row in connection.execute(select(submission).where(submission.c.instance_id == case.id))
    }
    rows = connection.execute(select(event).where(event.c.instance_id == case.id).order_by(event.c.position))
    for row in rows.mappings():
        expected = head.count + 1
        if row["position"] != expected:
            missing = f"第{expected}条" if row["position"] == expected + 1 else f"第{expected}至{row['position'] - 1}条"
            yield AuditProblem(case.number, expected, f"{missing}记录缺失")
        elif row["hash"] != _event_hash(key, head.hash, case.id, row["position"], row["at"], dict(row)):
            yield AuditProblem(
                case.number, row["position"], f"第{row['position']}条记录（编号{row['id']}）被改动或调换过次序"
            )
        elif "submission" in row["detail"] and row["detail"]["submission"] != digest(submitted.get(row["task_id"], {})):
            yield AuditProblem(case.number, row["position"], f"第{row['position']}条记录所提交的表单内容被改动或删除")
        # Go on from what is stored, so that one changed row is named once and not all that follow it.
        head = Head(row["position"], row["hash"])
    stored = Head(case.event_count, case.event_head)
    if case.event_seal != seal(key, case.id, stored):
        yield AuditProblem(case.number, 0, "事项上的记录条数或封签被改动")
    elif head != stored:
        yield AuditProblem(
            case.number, head.count + 1, f"应有{stored.count}条记录，实有{head.count}条：末尾记录被删除或添加"
        )


def _verify_numbers(connection: Connection, key: bytes, numbers: Sequence[str]) -> Iterator[AuditProblem]:
    for name in tampered_counters(connection, key):
        yield AuditProblem(name, 0, "编号计数器被改动")
    used: dict[str, set[int]] = {}
    for number in numbers:
        if match := _NUMBER.match(number):
            used.setdefault(match["series"], set()).add(int(match["n"]))
    for row in connection.execute(select(counter.c.name, counter.c.value).where(counter.c.name.startswith("case:"))):
        series = row.name.removeprefix("case:")
        for n in range(1, row.value + 1):
            if n not in used.get(series, ()):
                yield AuditProblem(f"{series}{n}号", 0, "编号中断：此事项的记录已被整体删除")
