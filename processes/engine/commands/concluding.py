"""The end of every command that moved its case: the writing half."""

from __future__ import annotations

from handlers.cases import posts
from handlers.store.states import CaseStatus, EventKind
from processes.engine.cases import case_row, clock_rows
from processes.engine.cases.case_facts import register
from processes.engine.cases.desk_sync import sync_desks
from processes.engine.cases.work import Work, entry
from processes.engine.limits.running import sync_clocks


def conclude(work: Work) -> None:
    """Clocks, desks, end of the case, messages to others, history and row. Raises Refused, StepFailed."""
    sync_clocks(work)
    sync_desks(work)
    if work.host.kept:
        register(work)
    if work.live.completed and work.case.status == CaseStatus.ACTIVE:
        _end(work)
    if work.sent:
        by = next((told.actor_id for told in work.entries if told.actor_id is not None), None)
        for step in work.sent:
            posts.send(work.connection, work.case.id, step.message, step.payload, by=by, now=work.now)
    work.case.next_due_at = work.live.next_due()
    save_moved(work)


def save_moved(work: Work) -> None:
    """Write a case whose live instance was changed, but did not run."""
    work.case.state = work.live.dump()
    work.save()


def _end(work: Work) -> None:
    work.case.change(EventKind.ENDED)
    work.case.ended_at, work.case.outcome = work.now, work.live.outcome[: case_row.OUTCOME_LENGTH]
    clock_rows.stop_clocks(work.connection, work.case.id, work.now)
    work.entries.append(entry(None, EventKind.ENDED, outcome=work.case.outcome))
