"""Delivering messages between cases, exactly once: to the open linked cases that can catch them, or to a new one.

Every receiver is one transaction that locks its row first and the post second; the sender is the last one, and a case
that the message starts is written in the sender's transaction. So no two deliveries wait for each other in a circle,
and one that was cut off goes on where it was: the post lists who has the message already.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from handlers.cases import links, posts
from handlers.cases.case_file import OPEN_STATES
from handlers.time_source import beijing_date
from processes.engine.cases import case_row as uow
from processes.engine.cases.work import Work, entry
from processes.engine.commands.starting import StartingCommands
from processes.engine.commands.transaction import unexpected
from processes.engine.errors import Refused, StepFailed
from processes.engine.limits.messages import apply_limit_message

log = logging.getLogger(__name__)

_NOBODY = "没有关联的在办事项在等待此消息，也没有由它启动的流程"


class PostCommands(StartingCommands):
    """What happens to a message after the transaction that sent it."""

    def deliver(self, post_id: int) -> None:
        """Deliver a post, after those that the same case sent before it. Nothing happens where that has been done.

        Safe to call at once in several processes, and again after any crash.
        """
        with self.database.read() as connection:
            row = posts.find(connection, post_id)
            if row is None or posts.is_settled(row):
                return
            earlier = posts.on_their_way(connection, sender_id=row.sender_id, before=post_id)
        for other in (*earlier, post_id):
            self._deliver_one(other)

    def _deliver_one(self, post_id: int) -> None:
        with self.database.read() as connection:
            row = posts.find(connection, post_id)
            if row is None or posts.is_settled(row):
                return
            receivers = self._receivers(connection, row)
            sender = links.numbers(connection, [row.sender_id])[0]
        for instance_id in receivers:
            self._hand_over(row, sender, instance_id)
        try:
            self._settle(row)
        except StepFailed as failure:
            log.warning("message %s starts no case: %s", row.name, failure, exc_info=unexpected(failure))
            self._settle(row, problem=f"由此消息启动事项时，“{failure.node_name}”这一步出错：{failure.reason}")
        except Refused as refused:
            self._settle(row, problem=f"由此消息启动事项时被拒绝：{refused}")

    def _receivers(self, connection: Connection, row: Row[Any]) -> list[int]:
        """The open linked cases that the message is for."""
        return [
            case.id
            for case in links.linked_with(connection, row.sender_id)
            if case.status in OPEN_STATES
            and (
                row.name in self.library.release(case.release_id).caught_messages
                or (row.name in posts.LIMIT_MESSAGES and case.is_parent)
            )
        ]

    def _hand_over(self, row: Row[Any], sender: Mapping[str, Any], instance_id: int) -> None:
        command = {
            "kind": "post",
            "instance_id": instance_id,
            "actor_id": None,
            "post_id": row.id,
            "name": row.name,
            "payload": row.payload,
            "sender": sender,
        }
        with suppress(_NotWanted):
            self._guarded(None, command, lambda work: self._receive_once(work, command))

    def _receive_once(self, work: Work, command: Mapping[str, Any]) -> None:
        row = posts.find(work.connection, command["post_id"], lock=True)
        if row is None or posts.is_settled(row) or work.case.id in (row.receivers or ()):
            raise _NotWanted
        if work.case.status not in OPEN_STATES:
            raise _NotWanted
        posts.note_receiver(work.connection, row, work.case.id)
        self._receive(work, command)

    def _receive(self, work: Work, command: Mapping[str, Any]) -> None:
        """Let the case have the message. Where its step fails, the incident holds it, and `retry` comes back here."""
        name, payload, sender = command["name"], command["payload"], command["sender"]
        if name in posts.LIMIT_MESSAGES and links.is_parent(work.connection, work.case.id, sender["id"]):
            apply_limit_message(work, name, payload, sender["id"])
        active, taken = work.case.status == "active", False
        if name in work.release.caught_messages:
            taken = active and work.live.send(name, payload, work.host)
            uow.buffer_message(work.connection, work.case.id, name, payload, work.now, consumed=taken)
        detail = {"message": name, "sender": sender, "buffered": not taken, **work.walked()}
        event = work.release.message_event(name, thrown=False)
        work.entries.append(entry(None, "received", node=event, detail=detail))
        if active:
            self._deliver_buffered(work)

    def _settle(self, row: Row[Any], *, problem: str | None = None) -> None:
        """Close the post and tell the sender's history who has it; start a case where nobody else took it."""
        child: Work | None = None
        with self._working(instance_id=row.sender_id) as work:
            current = posts.find(work.connection, row.id, lock=True)
            if current is None or posts.is_settled(current):
                return
            receivers = current.receivers or []
            if not receivers and problem is None:
                child = self._start_linked(work, current)
                receivers = [child.case.id] if child else []
                problem = None if child or self._may_pass_unheard(row.name, work.now) else _NOBODY
            posts.settle(work.connection, row.id, receivers, work.now, problem=problem)
            if not receivers and problem is None:
                return
            detail: dict[str, Any] = {"message": row.name, "cases": links.numbers(work.connection, receivers)}
            event = work.release.message_event(row.name, thrown=True)
            work.entries.append(entry(None, "sent", node=event, comment=problem, detail=detail))
            work.case.save(work.connection, self._seal_key, work.now, work.entries)
        if child is not None:
            self._cache.put(child.case.id, child.case.version, child.live)

    def _may_pass_unheard(self, message: str, now: datetime) -> bool:
        """Whether a message that nobody takes is news that nobody needed: some procedure waits for it at times."""
        if message in posts.LIMIT_MESSAGES:
            return False
        in_force = self.library.in_force(beijing_date(now))
        return any(message in self.library.release(one.release_id).caught_messages for one in in_force)

    def _start_linked(self, sender: Work, row: Row[Any]) -> Work | None:
        """A case of the procedure that the message starts, in the sender's transaction. Raises StepFailed."""
        chosen = self.library.started_by(row.name, beijing_date(sender.now))
        if chosen is None:
            return None
        work = self._open(
            sender.connection,
            sender.now,
            None,
            chosen,
            sender.case.department,
            row.payload,
            started_by=row.actor_id or sender.case.started_by,
            parent=sender,
            message=row.name,
        )
        self._conclude(work)
        return work


class _NotWanted(Exception):
    """The case has the message already, or has ended."""
