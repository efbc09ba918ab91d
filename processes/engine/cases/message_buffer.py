"""Messages that a case was given: kept until an event of its diagram takes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from handlers.store.tables import message

_WAITING_MESSAGES = (
    select(message.c.id, message.c.name, message.c.payload)
    .where(
        message.c.instance_id == bindparam("instance_id"),
        message.c.consumed_at.is_(None),
        message.c.name.in_(bindparam("names", expanding=True)),
    )
    .order_by(message.c.id)
)


def waiting_messages(connection: Connection, instance_id: int, names: Iterable[str]) -> list[Row[Any]]:
    """Buffered messages with one of `names` that nobody has taken yet, oldest first."""
    parameters = {"instance_id": instance_id, "names": sorted(names)}
    return list(connection.execute(_WAITING_MESSAGES, parameters))


def buffer_message(
    connection: Connection, instance_id: int, name: str, payload: Mapping[str, Any], now: datetime, *, consumed: bool
) -> None:
    """Keep a message; one that nobody waits for yet is delivered when somebody does."""
    connection.execute(
        insert(message).values(
            instance_id=instance_id,
            name=name,
            payload=dict(payload),
            received_at=now,
            consumed_at=now if consumed else None,
        )
    )


def consume_message(connection: Connection, message_id: int, now: datetime) -> None:
    """A buffered message has been delivered."""
    connection.execute(update(message).where(message.c.id == message_id).values(consumed_at=now))
