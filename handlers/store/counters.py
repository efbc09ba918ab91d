"""Numbers without gaps: case numbers and letter numbers 文号.

A gap in a register has to be explained to an auditor, so a number is taken in the transaction that uses it: if that
rolls back, the number was never taken. A keyed seal shows when somebody set a counter by hand.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from handlers.service_registry import HandlerRefused
from handlers.store.tables import counter


class CounterTampered(HandlerRefused):
    """A counter's seal does not fit its value."""


def seal(key: bytes, *parts: str | int) -> str:
    """Keyed hash (HMAC-SHA256, hex) over `parts`; the lengths count too, so ("ab", "c") differs from ("a", "bc")."""
    texts = [str(part).encode() for part in parts]
    message = b"".join(len(text).to_bytes(8, "big") + text for text in texts)
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def next_value(connection: Connection, key: bytes, name: str) -> int:
    """Take the next number of the series `name`: 1, 2, 3 ...; others wait until the caller's transaction ends.

    Two SQL statements. Raises: CounterTampered, if the value was changed by other means.
    """
    insert = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
    taken = connection.execute(
        insert(counter)
        .values(name=name, value=1, seal="")
        .on_conflict_do_update(index_elements=["name"], set_={"value": counter.c.value + 1})
        .returning(counter.c.value, counter.c.seal)
    ).one()
    value: int = taken.value
    # RETURNING shows the new value beside the seal of the one before it.
    if not hmac.compare_digest(taken.seal, _seal_of(key, name, value - 1)):
        raise CounterTampered(f"编号“{name}”的计数被改动过，不能继续编号。请系统管理员运行 banli audit verify 核查。")
    connection.execute(update(counter).where(counter.c.name == name).values(seal=_seal_of(key, name, value)))
    return value


def tampered_counters(connection: Connection, key: bytes) -> Iterator[str]:
    """Names of the counters whose seal does not fit."""
    for row in connection.execute(select(counter).order_by(counter.c.name)):
        if not hmac.compare_digest(row.seal, _seal_of(key, row.name, row.value)):
            yield row.name


def _seal_of(key: bytes, name: str, value: int) -> str:
    return seal(key, "counter", name, value) if value else ""
