"""Commands that change the legal limits of one case: excluded time, extensions, a calendar that became another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from handlers.people.actors import Actor
from processes.engine.cases.work import Work
from processes.engine.commands.concluding import save_moved
from processes.engine.errors import NotYours
from processes.engine.limits.messages import apply_limit_message, record_moves
from processes.engine.limits.running import Moved, settle


def must_steer(actor: Actor | None) -> None:
    """Raises NotYours, for a person who may not move limits; the system may."""
    if actor is not None and not actor.has("cases.steer"):
        raise NotYours("只有投诉举报机构负责人或系统管理员可以扣除或延长期限")


def change_limits(work: Work, actor: Actor | None, name: str, payload: Mapping[str, Any]) -> bool:
    """Apply a limit message without a linked case; False: it was refused. Raises KeyError, for another name."""
    done = apply_limit_message(work, name, payload, None, actor=actor)
    save_moved(work)
    return done


def recount(work: Work, reason: str, actor: Actor | None) -> Sequence[Moved]:
    """Work the case's limits out by the calendar now in force; those that moved."""
    moved = settle(work)
    if moved:
        record_moves(work, reason, moved, actor=actor)
        save_moved(work)
    return moved
