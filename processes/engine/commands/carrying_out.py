"""One command, whatever its kind: carrying it out, and what becomes of it when a step fails.

A new kind of command that is forgotten here is a type error.
"""

from __future__ import annotations

from typing import NamedTuple, assert_never

from handlers.people.actors import Actor
from processes.engine.cases.row_shapes import TaskRow
from processes.engine.cases.work import Work
from processes.engine.commands import acting, completing, firing, receiving, sending
from processes.engine.commands.command import Act, Command, Complete, FireDue, Message, Post


class HeldCommand(NamedTuple):
    """A command as its incident keeps it, and the task that waits for it, if there is one."""

    command: Command
    row: TaskRow | None = None


def carry_out(work: Work, command: Command, giver: Actor | None, *, again: bool = False) -> None:
    """Carry `command` out in the name of `giver` (None: the system). `again`: it is what an incident kept.

    Raises: NotYours, AlreadyDone, Refused, StepFailed; NothingToDo, the first time, where it changes nothing.
    """
    match command:
        case Complete():
            completing.complete(work, _person(giver), command, again=again)
        case Act():
            acting.act(work, _person(giver), command)
        case Message():
            sending.send(work, giver, command)
        case Post():
            receiving.receive(work, command, again=again)
        case FireDue():
            firing.fire(work, again=again)
        case _:
            assert_never(command)


def hold(work: Work, command: Command) -> HeldCommand:
    """Make the case ready to wait until `command` can be carried out again. Raises AlreadyDone."""
    match command:
        case Complete():
            return HeldCommand(*completing.hold(work, command))
        case Act():
            return HeldCommand(acting.hold(work, command))
        case Post():
            return HeldCommand(receiving.hold(work, command))
        case Message() | FireDue():
            return HeldCommand(command)
        case _:
            assert_never(command)


def _person(giver: Actor | None) -> Actor:
    if giver is None:
        raise ValueError("the system does not fill in forms")
    return giver
