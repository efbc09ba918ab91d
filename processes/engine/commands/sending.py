"""Messages given to a case: one that nobody waits for yet is kept until somebody does."""

from __future__ import annotations

from handlers.people.actors import Actor
from handlers.store.states import OPEN_STATES, CaseStatus, EventKind
from processes.engine.cases import message_buffer
from processes.engine.cases.work import Work, entry
from processes.engine.commands.admission import must_be_active
from processes.engine.commands.command import Message


def send(work: Work, actor: Actor | None, command: Message) -> None:
    """Give the case a message. Raises Refused, StepFailed."""
    name, payload = command.name, command.payload
    if work.case.status not in OPEN_STATES:
        must_be_active(work.case)
    # A case that rests takes its post when it goes on: who sent it may never send it again.
    active = work.case.status == CaseStatus.ACTIVE
    taken = active and work.live.send(name, payload, work.host)
    message_buffer.buffer_message(work.connection, work.case.id, name, payload, work.now, consumed=taken)
    detail = {"message": name, "buffered": not taken, **work.walked()}
    work.entries.append(entry(actor, EventKind.MESSAGE, detail=detail))
    if active:
        deliver_buffered(work)


def deliver_buffered(work: Work) -> None:
    """Hand over messages that came before anybody waited for them, oldest first, until none fits. Raises StepFailed."""
    while waiting := work.live.waiting_messages():
        for kept in message_buffer.waiting_messages(work.connection, work.case.id, waiting):
            if work.live.send(kept.name, kept.payload, work.host):
                message_buffer.consume_message(work.connection, kept.id, work.now)
                detail = {"message": kept.name, "buffered": True, **work.walked()}
                work.entries.append(entry(None, EventKind.MESSAGE, detail=detail))
                break
        else:
            return
