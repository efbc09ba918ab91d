"""Commands that change the legal limits of one case: excluded time, extensions, a calendar that became another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from handlers.people.actors import Actor
from processes.engine.cases.work import Work
from processes.engine.commands.transaction import Workshop
from processes.engine.errors import NotYours
from processes.engine.limits.messages import apply_limit_message, record_moves
from processes.engine.limits.running import Moved, settle


class LimitCommands(Workshop):
    """What becomes of limits that run already."""

    def change_limits(self, actor: Actor | None, instance_id: int, name: str, payload: Mapping[str, Any]) -> bool:
        """Apply `clock_suspended`, `clock_resumed` or `limit_extended` without a linked case; False: it was refused.

        The history says why. Raises: NotFound; NotYours; KeyError, for another name.
        """
        if actor is not None and not actor.has("cases.steer"):
            raise NotYours("只有投诉举报机构负责人或系统管理员可以扣除或延长期限")
        with self._working(instance_id=instance_id) as work:
            done = apply_limit_message(work, name, payload, None, actor=actor)
            self._save_limits(work)
        return done

    def recount_limits(self, instance_id: int, reason: str, *, actor: Actor | None = None) -> Sequence[Moved]:
        """Work the case's limits out by the calendar now in force; those that moved. Raises NotFound."""
        with self._working(instance_id=instance_id) as work:
            moved = settle(work)
            if moved:
                record_moves(work, reason, moved, actor=actor)
                self._save_limits(work)
        return moved

    def _save_limits(self, work: Work) -> None:
        work.case.state = work.live.dump()
        work.case.save(work.connection, self._seal_key, work.now, work.entries)
