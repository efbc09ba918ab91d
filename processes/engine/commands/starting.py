"""Starting a case: a person fills in the form of its first step, and start and first task are one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from handlers.cases.case_file import STATES, may_see, may_work
from handlers.cases.drafts import drop_draft
from handlers.cases.start_marks import started_with
from handlers.people.actors import Actor, Permit
from handlers.people.profiles import active_profile, role_name
from handlers.personal import kept_apart
from handlers.store.database import Database
from handlers.store.states import OPEN_STATES, EventKind
from handlers.time_source import beijing_date
from processes.engine.cases import personal_answers
from processes.engine.cases.desk_sync import sync_desks
from processes.engine.cases.work import Result, Shared, Work, entry
from processes.engine.commands.completing import finish_task
from processes.engine.commands.concluding import conclude
from processes.engine.commands.new_case import Opening, open_case
from processes.engine.commands.transaction import Transactions, log_failure
from processes.engine.diagrams.model import Node, Process
from processes.engine.errors import NotFound, NotYours, Refused, StepFailed
from processes.engine.publishing.library import Startable


@dataclass(frozen=True, slots=True)
class Start:
    """A person starts a case of `process` with its entry form filled in. It is never kept: there is no case to keep.

    `parent`: the case it is started from, for a process that is linked to others. `mark`: of the submit.
    """

    process: str
    values: Mapping[str, Any]
    parent: int | None = None
    mark: str = ""


def start(transactions: Transactions, actor: Actor, command: Start) -> Result:
    """Open the case. Whoever comes with the same mark a second time gets the case that the first one started.

    Raises: NotFound, NotYours, Refused (also where the first automatic step fails).
    """
    shared, database = transactions.shared, transactions.database
    chosen = _startable(shared, transactions.time.now(), command)
    department = _starting_department(database, actor, entry_node(chosen.process))
    try:
        if command.parent is None:
            with database.write() as connection:
                now = transactions.time.now()
                work, task_id = _begin(connection, now, shared, actor, _opening(actor, chosen, department, command))
        else:
            with transactions.on_case(instance_id=command.parent) as origin:
                work, task_id = _begin_from(origin, actor, _opening(actor, chosen, department, command, origin))
    except StepFailed as failure:
        log_failure(f"the start of {command.process}", failure)
        raise Refused(f"“{failure.node_name}”这一步无法进行：{failure.reason}") from failure
    except IntegrityError:  # the other of two submits at the same moment was faster
        earlier = started(database, command.mark)
        if earlier is None:
            raise
        return earlier
    transactions.keep(work)
    return work.result(task_id)


def started(database: Database, mark: str) -> Result | None:
    """What the submit with this mark has started, or None. Changes nothing."""
    with database.read() as connection:
        row = started_with(connection, mark) if mark else None
    return None if row is None else Result(row.id, row.number, row.title, row.entry, again=True)


def entry_node(process: Process) -> Node:
    """The user task whose form starts a case. Raises Refused where the diagram marks none."""
    if process.entry is None:
        raise Refused(f"流程“{process.name}”没有标明由哪一步发起，请流程负责人修改流程图")
    return process.entry


def start_draft(process: str, parent: int | None = None) -> str:
    """The subject of a draft of the form that starts a case of `process`, from case `parent` if given."""
    return f"start:{process}" if parent is None else f"open:{parent}:{process}"


def _opening(actor: Actor, chosen: Startable, department: str, command: Start, parent: Work | None = None) -> Opening:
    return Opening(chosen, department, command.values, actor.account_id, actor, command.mark, parent)


def _begin_from(origin: Work, actor: Actor, opening: Opening) -> tuple[Work, int]:
    """The new case, told in the history of the one it is started from."""
    _must_lead_to(origin, actor, opening.chosen)
    _must_not_disclose(origin, actor, opening.chosen)
    work, task_id = _begin(origin.connection, origin.now, origin.shared, actor, opening)
    opened = {"id": work.case.id, "number": work.case.number}
    detail = {"procedure": opening.chosen.process.name, "cases": [opened]}
    origin.entries.append(entry(actor, EventKind.OPENED, detail=detail))
    origin.save()
    return work, task_id


def _begin(connection: Connection, now: datetime, shared: Shared, actor: Actor, opening: Opening) -> tuple[Work, int]:
    """The new case with its entry task done, and that task's id."""
    chosen, parent = opening.chosen, opening.parent
    first = entry_node(chosen.process)
    form = shared.library.form(chosen.release_id, first.task.form if first.task else "")
    known = replace(opening, values=personal_answers.shown(form, opening.values))
    work = open_case(connection, now, shared, known)
    sync_desks(work)
    row = next(row for row in work.case.tasks.values() if row.node == first.id)
    finish_task(work, actor, row, Permit(), opening.values)
    drop_draft(connection, actor.account_id, start_draft(chosen.process.id, parent.case.id if parent else None))
    conclude(work)
    return work, row.id


def _startable(shared: Shared, now: datetime, command: Start) -> Startable:
    in_force = shared.library.in_force(beijing_date(now))
    chosen = next((startable for startable in in_force if startable.process.id == command.process), None)
    if chosen is None:
        raise NotFound("没有这个流程，或它尚未生效")
    if chosen.process.linked and command.parent is None:
        raise Refused(f"“{chosen.process.name}”只能从关联的事项发起：请打开该事项，在“由本件发起”里选择")
    return chosen


def _starting_department(database: Database, actor: Actor, first: Node) -> str:
    """The department for which `actor` can start a case whose first step is `first`. Raises NotYours."""
    for role, department in sorted(actor.grants):
        if role == first.role:
            return department
    with database.read() as connection:
        label = role_name(active_profile(connection), first.role)
    raise NotYours(f"只有“{label}”可以发起此流程")


def _must_lead_to(origin: Work, actor: Actor, chosen: Startable) -> None:
    """Raises: NotFound, where the person may not know of the case; Refused, where nothing is started from it."""
    if not may_see(origin.connection, actor, origin.case.id):
        raise NotFound("没有找到此事项，或您无权查看")
    if origin.release.process not in chosen.process.linked:
        raise Refused(f"此事项不能发起“{chosen.process.name}”")
    if origin.case.status not in OPEN_STATES:
        raise Refused(f"此事项{STATES[origin.case.status]}，不能再由它发起“{chosen.process.name}”")


def _must_not_disclose(origin: Work, actor: Actor, chosen: Startable) -> None:
    """Whoever starts a case works on it and may see the personal data that it takes over.

    Raises: NotYours, for a person who only sees the case that it would be taken from.
    """
    if may_work(origin.connection, actor, origin.case.id):
        return
    if kept_apart.held(origin.connection, origin.case.id, origin.shared.library.mentioned(chosen.release_id)):
        raise NotYours(f"“{chosen.process.name}”会带出此事项中的个人信息，只有经办此事项的人和负责人可以由它发起")
