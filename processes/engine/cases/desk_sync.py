"""The desks of a case: its task rows made to agree with the engine's open tasks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from handlers.cases.drafts import move_drafts
from handlers.people.actors import load_actor, may_do
from handlers.people.roles import ROLES
from handlers.people.task import Task
from handlers.time_source import beijing_date
from processes.engine.cases import clock_rows, task_writes
from processes.engine.cases.row_shapes import ClockRow
from processes.engine.cases.task_rows import task_row
from processes.engine.cases.work import Opened, Work
from processes.engine.kernel.live import OpenTask


def sync_desks(work: Work) -> None:
    """Take what is over off its desk, put what is new on one. Raises StepFailed."""
    known = work.case.live_tokens()
    open_tasks = {opened.token: opened for opened in work.live.open_tasks()}
    over = [row for token, row in known.items() if token not in open_tasks]
    task_writes.close_tasks(work.connection, over, work.now)
    fresh = [opened for token, opened in open_tasks.items() if token not in known]
    added = task_writes.add_tasks(work.connection, _fresh_rows(work, fresh))
    if over and added:
        move_drafts(work.connection, over, added)
    work.case.tasks |= {new.id: new for new in added}
    closed = {row.id for row in over}
    still_open = [item for item in work.opened if item.id not in closed]
    newly_open = [Opened(new.id, new.name, new.role, new.department, new.assignee_id) for new in added]
    work.opened = (*still_open, *newly_open)


def desk_row(work: Work, opened: OpenTask, around: Sequence[ClockRow] = ()) -> dict[str, Any]:
    """The row of table `task` for an open task, or for an action that is done in the moment it is there.

    `around`: the running limits of the activities it stands in. Raises StepFailed.
    """
    return task_row(work.case, work.host, opened, lambda role: _department_of(work, role), around)


def _fresh_rows(work: Work, fresh: Sequence[OpenTask]) -> list[dict[str, Any]]:
    limited = any(opened.around for opened in fresh)
    clocks = clock_rows.open_clocks(work.connection, work.case.id) if limited else []
    rows = []
    for opened in fresh:
        row = desk_row(work, opened, [clock for clock in clocks if clock.token in opened.around])
        _return_to_who_did_it(work, row, opened)
        rows.append(row)
    return rows


def _return_to_who_did_it(work: Work, row: dict[str, Any], opened: OpenTask) -> None:
    """A step that comes back goes to the desk it came from, as if claimed: a returned plan to its drafter.

    Only where the diagram itself asks who did the step (variable `<node>_by`), and only if that person still may.
    """
    before = opened.data.get(f"{opened.node.id}_by")
    if row["assignee_id"] is not None or not isinstance(before, int):
        return
    person = load_actor(work.connection, before, beijing_date(work.now))
    if person is not None and may_do(person, Task.to_be(row)) is not None:
        row["assignee_id"], row["claimed_at"] = before, work.now


def _department_of(work: Work, role: str) -> str | None:
    known = ROLES.get(role)
    return None if known is None or known.is_bureau_wide else work.case.department
