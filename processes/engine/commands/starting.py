"""Opening a case: by a person who fills in the form of its first step, or by a message of another case."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from handlers.cases import links
from handlers.cases.case_file import OPEN_STATES, STATES, may_see, may_work
from handlers.cases.drafts import drop_draft
from handlers.cases.start_marks import started_with
from handlers.people.actors import Actor, Permit
from handlers.people.profiles import active_profile, role_name
from handlers.personal import kept_apart
from handlers.store import counters
from handlers.time_source import beijing_date
from processes.engine.cases import case_row as uow
from processes.engine.cases import personal_answers
from processes.engine.cases.work import Result, Work, entry
from processes.engine.commands.completing import RunningCommands
from processes.engine.commands.transaction import unexpected
from processes.engine.diagrams.model import Node, Process
from processes.engine.errors import NotFound, NotYours, Refused, StepFailed
from processes.engine.kernel.live import LiveInstance
from processes.engine.limits.running import rule_set_of
from processes.engine.publishing.library import Startable

log = logging.getLogger(__name__)


class StartingCommands(RunningCommands):
    """From nothing to the first wait of a new case."""

    def start(
        self, actor: Actor, process: str, values: Mapping[str, Any], *, parent: int | None = None, mark: str = ""
    ) -> Result:
        """Open a case of `process` with its entry form filled in: start and first task are one transaction.

        `parent`: the case it is started from, for a process that is linked to others (`banli:case linked`).
        `mark`: of the submit; whoever comes with the same one a second time gets the case that the first one started.
        Raises: NotFound, NotYours, Refused (also where the first automatic step fails: there is no case to keep yet).
        """
        chosen = self._startable(process, linked=parent is not None)
        department = self._starting_department(actor, entry_node(chosen.process))
        try:
            if parent is None:
                with self.database.write() as connection:
                    work, task_id = self._begin(connection, actor, chosen, department, values, mark=mark)
            else:
                with self._working(instance_id=parent) as origin:
                    _must_lead_to(origin, actor, chosen)
                    self._must_not_disclose(origin, actor, chosen)
                    work, task_id = self._begin(
                        origin.connection, actor, chosen, department, values, mark=mark, parent=origin
                    )
                    opened = {"id": work.case.id, "number": work.case.number}
                    detail = {"procedure": chosen.process.name, "cases": [opened]}
                    origin.entries.append(entry(actor, "opened", detail=detail))
                    origin.case.save(origin.connection, self._seal_key, origin.now, origin.entries)
        except StepFailed as failure:
            log.warning("start of %s refused: %s", process, failure, exc_info=unexpected(failure))
            raise Refused(f"“{failure.node_name}”这一步无法进行：{failure.reason}") from failure
        except IntegrityError:  # the other of two submits at the same moment was faster
            earlier = self.started(mark)
            if earlier is None:
                raise
            return earlier
        self._cache.put(work.case.id, work.case.version, work.live)
        return work.result(task_id)

    def started(self, mark: str) -> Result | None:
        """What the submit with this mark has started, or None. Changes nothing."""
        with self.database.read() as connection:
            row = started_with(connection, mark) if mark else None
        return None if row is None else Result(row.id, row.number, row.title, row.entry, again=True)

    def _must_not_disclose(self, origin: Work, actor: Actor, chosen: Startable) -> None:
        """Whoever starts a case works on it and may see the personal data that it takes over.

        Raises: NotYours, for a person who only sees the case that it would be taken from.
        """
        if may_work(origin.connection, actor, origin.case.id):
            return
        if kept_apart.held(origin.connection, origin.case.id, self.library.mentioned(chosen.release_id)):
            raise NotYours(f"“{chosen.process.name}”会带出此事项中的个人信息，只有经办此事项的人和负责人可以由它发起")

    def _starting_department(self, actor: Actor, first: Node) -> str:
        """The department for which `actor` can start a case whose first step is `first`. Raises NotYours."""
        for role, department in sorted(actor.grants):
            if role == first.role:
                return department
        with self.database.read() as connection:
            label = role_name(active_profile(connection), first.role)
        raise NotYours(f"只有“{label}”可以发起此流程")

    def _startable(self, process: str, *, linked: bool) -> Startable:
        in_force = self.library.in_force(beijing_date(self.time.now()))
        chosen = next((one for one in in_force if one.process.id == process), None)
        if chosen is None:
            raise NotFound("没有这个流程，或它尚未生效")
        if chosen.process.linked and not linked:
            raise Refused(f"“{chosen.process.name}”只能从关联的事项发起：请打开该事项，在“由本件发起”里选择")
        return chosen

    def _begin(
        self,
        connection: Connection,
        actor: Actor,
        chosen: Startable,
        department: str,
        values: Mapping[str, Any],
        *,
        mark: str,
        parent: Work | None = None,
    ) -> tuple[Work, int]:
        """The new case with its entry task done, and that task's id."""
        now = self.time.now()
        first = entry_node(chosen.process)
        form = self.library.form(chosen.release_id, first.task.form if first.task else "")
        known = personal_answers.shown(form, values)
        by = actor.account_id
        work = self._open(connection, now, actor, chosen, department, known, started_by=by, mark=mark, parent=parent)
        self._sync_desks(work)
        row = next(row for row in work.case.tasks.values() if row.node == first.id)
        self._finish_task(work, actor, row, Permit(), values)
        drop_draft(connection, by, start_draft(chosen.process.id, parent.case.id if parent else None))
        self._conclude(work)
        return work, row.id

    def _open(
        self,
        connection: Connection,
        now: datetime,
        actor: Actor | None,
        chosen: Startable,
        department: str,
        values: Mapping[str, Any],
        *,
        started_by: int,
        mark: str = "",
        parent: Work | None = None,
        message: str = "",
    ) -> Work:
        """A new case, run to its first wait. `parent` and `message` are what it came from, where it is linked."""
        release = self.library.release(chosen.release_id)
        taken = {} if parent is None else self._taken_over(parent, chosen)
        facts = {**taken, **values}
        series = chosen.process.series(beijing_date(now).year)
        number = counters.next_value(connection, self._seal_key, f"case:{series}")
        case = uow.insert_case(
            connection,
            self._seal_key,
            {
                "release_id": chosen.release_id,
                "process": chosen.process.id,
                "number": f"{series}{number}号",
                "title": release.case_title(facts),
                "facts": facts,
                "rule_set": rule_set_of(release, facts, now),
                "decisions": {},
                "department": department,
                "started_by": started_by,
                "started_at": now,
                "start_mark": mark or None,
            },
        )
        origin: dict[str, Any] = {"message": message} if message else {}
        if parent is not None:
            origin["parent"] = {"id": parent.case.id, "number": parent.case.number}
            links.link(connection, parent.case.id, case.id, message or chosen.process.id, now)
            kept_apart.copy(connection, parent.case.id, case.id, taken, now)
        host = self._host(connection, case, release, now)
        given = {**taken, **values} if message else taken  # a person's values come with their task
        given = {**given, "initiator": started_by, "rule_set": case.rule_set}
        if message:
            self._keep_register(connection, case, release, now)
        live = LiveInstance.start(release, given, host, message=message)
        work = Work(connection, now, case, release, live, host)
        work.limits_before = frozenset()
        detail = {"release_id": chosen.release_id, **origin, **work.walked()}
        work.entries.append(entry(actor, "started", detail=detail))
        return work

    def _taken_over(self, parent: Work, chosen: Startable) -> dict[str, Any]:
        """What a linked case knows of the case it came from: the facts that its own diagrams or forms mention."""
        mentioned = self.library.mentioned(chosen.release_id)
        known = {key: value for key, value in parent.case.facts.items() if key in mentioned}
        return {**known, "parent_number": parent.case.number, "parent_title": parent.case.title}


def entry_node(process: Process) -> Node:
    """The user task whose form starts a case. Raises Refused where the diagram marks none."""
    if process.entry is None:
        raise Refused(f"流程“{process.name}”没有标明由哪一步发起，请流程负责人修改流程图")
    return process.entry


def start_draft(process: str, parent: int | None = None) -> str:
    """The subject of a draft of the form that starts a case of `process`, from case `parent` if given."""
    return f"start:{process}" if parent is None else f"open:{parent}:{process}"


def _must_lead_to(origin: Work, actor: Actor, chosen: Startable) -> None:
    """Raises: NotFound, where the person may not know of the case; Refused, where nothing is started from it."""
    if not may_see(origin.connection, actor, origin.case.id):
        raise NotFound("没有找到此事项，或您无权查看")
    if origin.release.process not in chosen.process.linked:
        raise Refused(f"此事项不能发起“{chosen.process.name}”")
    if origin.case.status not in OPEN_STATES:
        raise Refused(f"此事项{STATES[origin.case.status]}，不能再由它发起“{chosen.process.name}”")
