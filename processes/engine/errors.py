"""What can go wrong while a case runs, and what a command refuses.

The kernel raises StepFailed and its kin; commands turn them into incidents. The others are answers to a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from handlers.store.states import TaskState


class CompileError(Exception):
    """A diagram set cannot be made runnable; the text is a Chinese sentence."""


class StepFailed(Exception):
    """An automatic step failed: a handler, an expression, a decision. `reason` is a Chinese sentence."""

    def __init__(self, scope: str, node: str, node_name: str, reason: str) -> None:
        super().__init__(f"{scope}/{node} {node_name}: {reason}")
        self.scope = scope
        self.node = node
        self.node_name = node_name
        self.reason = reason


class StepLimit(StepFailed):
    """A command ran more automatic steps than allowed: the diagram goes round without ever waiting for anybody."""


class CommandRefused(Exception):
    """A command was not carried out; the text is a Chinese sentence for the person who gave it. Nothing changed."""


class NotFound(CommandRefused):
    """There is no such task or case, or none that this person may know of."""


class NotYours(CommandRefused):
    """The task or case is on somebody else's desk."""


class Refused(CommandRefused):
    """The case's state, or a rule such as four eyes, forbids it."""


class AlreadyDone(CommandRefused):
    """Somebody was faster. Not an error of the loser's: the page tells what happened.

    `by` is the name of who did it, `by_id` the account, `at` when (aware), `outcome` the label chosen, if any.
    """

    def __init__(self, by: str, by_id: int | None, at: datetime | None, outcome: str | None, *, state: str) -> None:
        super().__init__(f"此任务已由{by}办理" if state == TaskState.DONE else "此任务已取消，不再需要办理")
        self.by = by
        self.by_id = by_id
        self.at = at
        self.outcome = outcome
        self.state = state


class NothingToDo(Exception):
    """A command of the system's own that somebody else has carried out, or that has become needless."""


@contextmanager
def refusing(what: str) -> Iterator[None]:
    """A step that fails inside is a refusal: `what` (such as 不能恢复) cannot be done, and the case stays as it was."""
    try:
        yield
    except StepFailed as failure:
        raise Refused(f"{what}：“{failure.node_name}”这一步出错：{failure.reason}") from failure
