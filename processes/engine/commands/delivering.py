"""Delivering messages between cases, exactly once: to the open linked cases that can catch them, or to a new one.

Every receiver is one transaction that locks its row first and the post second; the sender is the last one, and a case
that the message starts is written in the sender's transaction. So no two deliveries wait for each other in a circle,
and one that was cut off goes on where it was: the post lists who has the message already.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from handlers.cases import links, posts
from handlers.store.states import OPEN_STATES, EventKind
from handlers.time_source import beijing_date
from processes.engine.cases.work import Work, entry
from processes.engine.commands.command import Post
from processes.engine.commands.concluding import conclude
from processes.engine.commands.new_case import Opening, open_case
from processes.engine.commands.transaction import Transactions, log_failure
from processes.engine.errors import NothingToDo, Refused, StepFailed
from processes.engine.publishing.library import Library

_NOBODY = "没有关联的在办事项在等待此消息，也没有由它启动的流程"


def deliver(transactions: Transactions, post_id: int) -> None:
    """Deliver a post, after those that the same case sent before it. Nothing happens where that has been done."""
    with transactions.database.read() as connection:
        row = posts.find(connection, post_id)
        if row is None or posts.is_settled(row):
            return
        earlier = posts.on_their_way(connection, sender_id=row.sender_id, before=post_id)
    for other in (*earlier, post_id):
        _deliver_one(transactions, other)


def _deliver_one(transactions: Transactions, post_id: int) -> None:
    with transactions.database.read() as connection:
        row = posts.find(connection, post_id)
        if row is None or posts.is_settled(row):
            return
        receivers = _receivers(connection, transactions.shared.library, row)
        sender = links.numbers(connection, [row.sender_id])[0]
    for instance_id in receivers:
        with suppress(NothingToDo):
            transactions.carry_out(Post(instance_id, row.id, row.name, row.payload, sender), None)
    try:
        _settle(transactions, row)
    except StepFailed as failure:
        log_failure(f"the case that message {row.name} starts", failure)
        reason = f"由此消息启动事项时，“{failure.node_name}”这一步出错：{failure.reason}"
        _settle(transactions, row, problem=reason)
    except Refused as refused:
        _settle(transactions, row, problem=f"由此消息启动事项时被拒绝：{refused}")


def _receivers(connection: Connection, library: Library, row: Row[Any]) -> list[int]:
    """The open linked cases that the message is for."""
    return [
        case.id
        for case in links.linked_with(connection, row.sender_id)
        if case.status in OPEN_STATES
        and (
            row.name in library.release(case.release_id).caught_messages
            or (row.name in posts.LIMIT_MESSAGES and case.is_parent)
        )
    ]


def _settle(transactions: Transactions, row: Row[Any], *, problem: str | None = None) -> None:
    """Close the post and tell the sender's history who has it; start a case where nobody else took it."""
    child: Work | None = None
    with transactions.on_case(instance_id=row.sender_id) as work:
        current = posts.find(work.connection, row.id, lock=True)
        if current is None or posts.is_settled(current):
            return
        receivers = current.receivers or []
        if not receivers and problem is None:
            child = _start_linked(work, current)
            receivers = [child.case.id] if child else []
            problem = None if child or _may_pass_unheard(work.shared.library, row.name, work.now) else _NOBODY
        posts.settle(work.connection, row.id, receivers, work.now, problem=problem)
        if not receivers and problem is None:
            return
        detail: dict[str, Any] = {"message": row.name, "cases": links.numbers(work.connection, receivers)}
        event = work.release.message_event(row.name, thrown=True)
        work.entries.append(entry(None, EventKind.SENT, node=event, comment=problem, detail=detail))
        work.save()
    if child is not None:
        transactions.keep(child)


def _may_pass_unheard(library: Library, message: str, now: datetime) -> bool:
    """Whether a message that nobody takes is news that nobody needed: some procedure waits for it at times."""
    if message in posts.LIMIT_MESSAGES:
        return False
    in_force = library.in_force(beijing_date(now))
    return any(message in library.release(procedure.release_id).caught_messages for procedure in in_force)


def _start_linked(sender: Work, row: Row[Any]) -> Work | None:
    """A case of the procedure that the message starts, in the sender's transaction. Raises StepFailed."""
    chosen = sender.shared.library.started_by(row.name, beijing_date(sender.now))
    if chosen is None:
        return None
    by = row.actor_id or sender.case.started_by
    opening = Opening(chosen, sender.case.department, row.payload, by, parent=sender, message=row.name)
    work = open_case(sender.connection, sender.now, sender.shared, opening)
    conclude(work)
    return work
