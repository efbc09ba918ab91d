"""A message of another case arrives: it moves limits, or an event of the diagram takes it."""

from __future__ import annotations

from handlers.cases import links, posts
from handlers.store.states import OPEN_STATES, CaseStatus, EventKind
from processes.engine.cases import message_buffer
from processes.engine.cases.work import Work, entry
from processes.engine.commands.command import Post
from processes.engine.commands.sending import deliver_buffered
from processes.engine.errors import NothingToDo
from processes.engine.limits.messages import apply_limit_message


def receive(work: Work, command: Post, *, again: bool = False) -> None:
    """Let the case have the message, exactly once. `again`: an incident held it, so it is the case's already.

    Raises: NothingToDo, where the case has it, or has ended; StepFailed.
    """
    if not again:
        _take(work, command)
    name, payload, sender = command.name, command.payload, command.sender
    if name in posts.LIMIT_MESSAGES and links.is_parent(work.connection, work.case.id, sender["id"]):
        apply_limit_message(work, name, payload, sender["id"])
    active, taken = work.case.status == CaseStatus.ACTIVE, False
    if name in work.release.caught_messages:
        taken = active and work.live.send(name, payload, work.host)
        message_buffer.buffer_message(work.connection, work.case.id, name, payload, work.now, consumed=taken)
    detail = {"message": name, "sender": sender, "buffered": not taken, **work.walked()}
    event = work.release.message_event(name, thrown=False)
    work.entries.append(entry(None, EventKind.RECEIVED, node=event, detail=detail))
    if active:
        deliver_buffered(work)


def hold(work: Work, command: Post) -> Post:
    """A step after the message failed: the incident has the message now, so nobody is to bring it again."""
    kept = posts.find(work.connection, command.post_id, lock=True)
    if kept is not None:
        posts.note_receiver(work.connection, kept, work.case.id)
    return command


def _take(work: Work, command: Post) -> None:
    row = posts.find(work.connection, command.post_id, lock=True)
    if row is None or posts.is_settled(row) or work.case.id in (row.receivers or ()):
        raise NothingToDo
    if work.case.status not in OPEN_STATES:
        raise NothingToDo
    posts.note_receiver(work.connection, row, work.case.id)
