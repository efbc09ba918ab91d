"""The commands on a case as a whole: suspend, resume, cancel. All three want a reason, which stays in the history."""

from __future__ import annotations

from handlers.cases.case_file import STATES
from handlers.clocks.limit_table import LimitKind
from handlers.people.actors import Actor
from handlers.store.states import EventKind, may_happen
from processes.engine.cases import case_row, clock_rows, task_writes
from processes.engine.cases.work import Work, entry
from processes.engine.commands.concluding import conclude
from processes.engine.commands.sending import deliver_buffered
from processes.engine.errors import NotYours, Refused, refusing


def must_steer(actor: Actor, reason: str) -> None:
    """Raises: NotYours; Refused, without a reason."""
    if not actor.has("cases.steer"):
        raise NotYours("只有投诉举报机构负责人或系统管理员可以中止、恢复或撤销事项")
    if not reason.strip():
        raise Refused("请写明理由")


def suspend(work: Work, actor: Actor, reason: str) -> None:
    """Stop work on a case: its tasks stay where they are but cannot be completed.

    Not while a legal limit is open: what must happen when it ends would not happen, and S2:27-30 knows three reasons
    only for time that is not counted, with a document and an approval. Raises Refused.
    """
    limits = clock_rows.open_clocks(work.connection, work.case.id)
    if legal := dict.fromkeys(row.name for row in limits if row.kind == LimitKind.LEGAL):
        raise Refused(
            f"法定期限“{'、'.join(legal)}”还没有结束，不能中止：中止不停法定期限，到期应当做的也不会发生。"
            "确有检验检测、鉴定等法定事由的，请从本件的页面发起“期限扣除”"
        )
    _change(work, actor, EventKind.SUSPENDED, reason)
    work.save()


def resume(work: Work, actor: Actor, reason: str) -> None:
    """Go on with a suspended case. Raises Refused."""
    with refusing("不能恢复"):
        _change(work, actor, EventKind.RESUMED, reason)
        deliver_buffered(work)
        conclude(work)


def cancel(work: Work, actor: Actor, reason: str) -> None:
    """End a case before its time. Nothing is deleted. Raises Refused."""
    over = list(work.case.live_tokens().values())
    _must_be_possible(work, EventKind.CANCELLED)
    work.live.cancel()
    _change(work, actor, EventKind.CANCELLED, reason)
    work.case.ended_at, work.case.outcome, work.case.next_due_at = work.now, "已撤销", None
    work.case.state = work.live.dump()
    task_writes.close_tasks(work.connection, over, work.now)
    clock_rows.stop_clocks(work.connection, work.case.id, work.now)
    case_row.close_incidents(work.connection, work.case.id, actor.account_id, work.now)
    work.save()


def _change(work: Work, actor: Actor, kind: EventKind, reason: str) -> None:
    _must_be_possible(work, kind)
    work.case.change(kind)
    work.entries.append(entry(actor, kind, comment=reason.strip(), detail=work.walked()))


def _must_be_possible(work: Work, kind: EventKind) -> None:
    if not may_happen(work.case.status, kind):
        raise Refused(f"此事项现在的状态是“{STATES[work.case.status]}”，不能进行这项操作")
