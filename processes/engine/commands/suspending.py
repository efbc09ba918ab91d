"""The commands on a case as a whole: suspend, resume, cancel."""

from __future__ import annotations

from handlers.cases.case_file import STATES
from handlers.people.actors import Actor
from processes.engine.cases import case_row as uow
from processes.engine.cases import clock_rows
from processes.engine.cases.work import Result, Work, entry
from processes.engine.commands.transaction import Workshop
from processes.engine.errors import NotYours, Refused, StepFailed


class CaseCommands(Workshop):
    """Whether a case goes on. All three want a reason, which stays in the history."""

    def suspend(self, actor: Actor, instance_id: int, reason: str) -> Result:
        """Stop work on a case: its tasks stay where they are but cannot be completed, its timers do not fire.

        Raises: NotFound, NotYours, Refused.
        """
        return self._change(actor, instance_id, reason, {"active"}, "suspended", "suspended")

    def resume(self, actor: Actor, instance_id: int, reason: str) -> Result:
        """Go on with a suspended case. Timers that fell due meanwhile fire at the next sweep.

        Raises: NotFound, NotYours, Refused.
        """
        try:
            return self._change(actor, instance_id, reason, {"suspended"}, "active", "resumed")
        except StepFailed as failure:
            raise Refused(f"不能恢复：“{failure.node_name}”这一步出错：{failure.reason}") from failure

    def cancel(self, actor: Actor, instance_id: int, reason: str) -> Result:
        """End a case before its time. Nothing is deleted. Raises: NotFound, NotYours, Refused."""
        return self._change(actor, instance_id, reason, {"active", "suspended", "incident"}, "cancelled", "cancelled")

    def _change(self, actor: Actor, instance_id: int, reason: str, allowed: set[str], status: str, kind: str) -> Result:
        if not actor.has("cases.steer"):
            raise NotYours("只有投诉举报机构负责人或系统管理员可以中止、恢复或撤销事项")
        if not reason.strip():
            raise Refused("请写明理由")
        with self._working(instance_id=instance_id) as work:
            if work.case.status not in allowed:
                raise Refused(f"此事项现在的状态是“{STATES[work.case.status]}”，不能进行这项操作")
            work.case.status = status
            if status == "cancelled":
                self._end(work, actor)
            work.entries.append(entry(actor, kind, comment=reason.strip(), detail=work.walked()))
            if status == "active":
                self._deliver_buffered(work)
                self._conclude(work)
            else:
                work.case.save(work.connection, self._seal_key, work.now, work.entries)
        return work.result()

    @staticmethod
    def _end(work: Work, actor: Actor) -> None:
        work.live.cancel()
        work.case.ended_at, work.case.outcome, work.case.next_due_at = work.now, "已撤销", None
        work.case.state = work.live.dump()
        uow.close_tasks(work.connection, [row.id for row in work.case.live_tokens().values()], work.now)
        clock_rows.stop_clocks(work.connection, work.case.id, work.now)
        uow.close_incidents(work.connection, work.case.id, actor.account_id, work.now)
