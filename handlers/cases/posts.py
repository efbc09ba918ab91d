"""Messages from one case to others, on their way.

A message is a row written in the action's own transaction, with the job that delivers it. Who gets it is decided when
it is delivered, by the engine; this is only the letter box.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from handlers.jobs import queue
from handlers.jobs.queue import JobContext, job
from handlers.store.database import Database
from handlers.store.tables import instance, post

LIMIT_MESSAGES = frozenset({"clock_suspended", "clock_resumed", "limit_extended"})
"""Messages that the engine applies to the clocks of the case above, whether or not its diagram waits for them."""
STUCK_AFTER = timedelta(minutes=10)
"""Far longer than a delivery takes: a post still on its way then has lost its job."""

_ON_ITS_WAY = post.c.delivered_at.is_(None), post.c.problem.is_(None)


def send(
    connection: Connection, sender_id: int, name: str, payload: Mapping[str, Any], *, by: int | None, now: datetime
) -> int:
    """Post a message of case `sender_id` to the cases linked with it; the post's id.

    The caller holds the sender's row. `by`: account id of whose action sent it, None for the system. Three statements.
    """
    row = {"sender_id": sender_id, "name": name, "payload": dict(payload), "actor_id": by, "sent_at": now}
    post_id: int = connection.execute(insert(post).values(row).returning(post.c.id)).scalar_one()
    queue.enqueue(connection, "posts.deliver", post_id)
    return post_id


@job("posts.deliver")
def deliver(context: JobContext, post_id: int) -> None:
    """Let the engine deliver a post. One that has been delivered stays as it is, whoever asks again."""
    context.engine.deliver(post_id)


def find(connection: Connection, post_id: int, *, lock: bool = False) -> Row[Any] | None:
    """The post. `lock`: nobody else may change it in the meantime; the caller holds a case's row already."""
    statement = select(post).where(post.c.id == post_id)
    return connection.execute(statement.with_for_update() if lock else statement).one_or_none()


def is_settled(row: Row[Any]) -> bool:
    """Whether nothing is left to do: it was delivered, or could not be."""
    return row.delivered_at is not None or row.problem is not None


def on_their_way(connection: Connection, *, sender_id: int | None = None, before: int | None = None) -> Sequence[int]:
    """Ids of the posts still to be delivered, oldest first: all, or those that a case sent before another post."""
    statement = select(post.c.id).where(*_ON_ITS_WAY)
    if sender_id is not None:
        statement = statement.where(post.c.sender_id == sender_id)
    if before is not None:
        statement = statement.where(post.c.id < before)
    return connection.execute(statement.order_by(post.c.id)).scalars().all()


def note_receiver(connection: Connection, row: Row[Any], instance_id: int) -> None:
    """Case `instance_id` has the message of the locked post `row` now."""
    receivers = [*(row.receivers or []), instance_id]
    connection.execute(update(post).where(post.c.id == row.id).values(receivers=receivers))


def settle(
    connection: Connection, post_id: int, receivers: Sequence[int], now: datetime, *, problem: str | None
) -> None:
    """All who were to get it have it; or nobody could, and `problem` says why."""
    done = {"receivers": list(receivers), "problem": problem, "delivered_at": None if problem else now}
    connection.execute(update(post).where(post.c.id == post_id).values(**done))


def stranded(connection: Connection, now: datetime) -> list[Row[Any]]:
    """(id, name, sent_at, problem, number of the sender) of posts that nobody took, or that are late; oldest first."""
    columns = post.c.id, post.c.name, post.c.sent_at, post.c.problem, instance.c.number
    late = post.c.delivered_at.is_(None) & (post.c.problem.is_not(None) | (post.c.sent_at < now - STUCK_AFTER))
    statement = select(*columns).join(instance, instance.c.id == post.c.sender_id).where(late)
    return list(connection.execute(statement.order_by(post.c.id)))


def resend(connection: Connection, post_id: int) -> None:
    """Have a post delivered again that nobody took, or that is late. One that was delivered stays as it is."""
    open_again = update(post).where(post.c.id == post_id, post.c.delivered_at.is_(None)).values(problem=None)
    if connection.execute(open_again).rowcount:
        queue.enqueue(connection, "posts.deliver", post_id)


def requeue_stuck(database: Database, now: datetime) -> int:
    """Leave a new job for every post that has been on its way for too long, one an hour at most; how many posts."""
    stuck = select(post.c.id).where(*_ON_ITS_WAY, post.c.sent_at < now - STUCK_AFTER)
    return queue.requeue(database, "posts.deliver", stuck, now)
