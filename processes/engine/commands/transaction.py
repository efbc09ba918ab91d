"""What all commands share: lock, load, run, put on desks, write back; and what happens when a step fails."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from handlers.cases import posts
from handlers.cases.drafts import move_drafts
from handlers.clocks.calendar_store import CalendarCache
from handlers.people.actors import Actor, Permit, load_actor, may_do
from handlers.people.roles import ROLES
from handlers.register import keeping
from handlers.service_registry import HandlerRefused
from handlers.store.database import Database
from handlers.store.tables import account, incident, task
from handlers.time_source import TimeSource, beijing_date
from processes.engine.cases import case_row as uow
from processes.engine.cases import clock_rows, personal_answers
from processes.engine.cases.case_row import Case
from processes.engine.cases.live_cache import LiveCache
from processes.engine.cases.task_rows import task_row
from processes.engine.cases.work import Opened, Result, Work, entry
from processes.engine.cases.world import CommandHost
from processes.engine.errors import AlreadyDone, NotFound, NotYours, Refused, StepFailed
from processes.engine.kernel.live import LiveInstance, OpenTask
from processes.engine.kernel.release import Release
from processes.engine.language.expressions import ExpressionError
from processes.engine.limits.running import sync_clocks
from processes.engine.publishing.library import Library

log = logging.getLogger(__name__)

_NOT_ACTIVE = {
    "suspended": "此事项已中止，恢复后才能办理。您填写的内容可以先保存为草稿",
    "incident": "此事项有一步自动处理出错，正等待管理员修复。您填写的内容可以先保存为草稿",
    "completed": "此事项已办结",
    "cancelled": "此事项已撤销",
}


def unexpected(failure: StepFailed) -> bool:
    """Whether a step failed in a way that nobody foresaw, so that the log wants its trace."""
    return not isinstance(failure.__cause__, HandlerRefused | ExpressionError)


class Workshop:
    """The tools of every command. Safe to share between threads."""

    def __init__(self, database: Database, time: TimeSource, *, seal_key: bytes) -> None:
        self.database = database
        self.time = time
        self.library = Library(database)
        self._seal_key = seal_key
        self._calendars = CalendarCache()
        self._cache = LiveCache()

    @contextmanager
    def _working(self, *, instance_id: int | None = None, task_id: int | None = None) -> Iterator[Work]:
        """One command on an existing case, in one transaction. Raises NotFound."""
        with self.database.write() as connection:
            case = Case.lock(connection, instance_id=instance_id, task_id=task_id)
            if case is None:
                raise NotFound("没有找到此任务" if task_id is not None else "没有找到此事项")
            release = self.library.release(case.release_id)
            live = self._cache.take(case.id, case.version) or LiveInstance.load(release, case.state)
            now = self.time.now()
            work = Work(connection, now, case, release, live, self._host(connection, case, release, now))
            yield work
        # Only a committed instance may be used again.
        self._cache.put(work.case.id, work.case.version, work.live)

    def _looking(self, connection: Connection, instance_id: int) -> Work | None:
        """A case as it is, to be asked and not to be changed."""
        case = Case.read(connection, instance_id)
        if case is None:
            return None
        release = self.library.release(case.release_id)
        now = self.time.now()
        live = LiveInstance.load(release, case.state)
        return Work(connection, now, case, release, live, self._host(connection, case, release, now))

    def _host(self, connection: Connection, case: Case, release: Release, now: datetime) -> CommandHost:
        return CommandHost(connection, case, release, now, self._calendars, self._seal_key)

    def _guarded(self, actor: Actor | None, command: Mapping[str, Any], run: Callable[[Work], None]) -> Result:
        """Run one command; if a step of the diagram fails, keep the case as it was and open an incident."""
        try:
            with self._working(instance_id=command.get("instance_id"), task_id=command.get("task_id")) as work:
                run(work)
                self._conclude(work)
        except StepFailed as failure:
            log.warning("step failed in command %s: %s", command["kind"], failure, exc_info=unexpected(failure))
            return self._open_incident(actor, command, failure)
        return work.result(command.get("task_id"))

    # --- desks -------------------------------------------------------------------------------------------------------

    def _permit(self, work: Work, actor: Actor, row: Row[Any]) -> Permit:
        """Leave for `actor` to work on `row`. Raises AlreadyDone, NotYours, Refused."""
        if row.state in ("done", "cancelled"):
            raise self._already_done(work.connection, row)
        permit = may_do(actor, row)
        if permit is None:
            raise NotYours("此任务不在您的办理范围内，或您须回避")
        self._must_be_active(work.case)
        return permit

    @staticmethod
    def _must_be_active(case: Case) -> None:
        if case.status != "active":
            raise Refused(_NOT_ACTIVE[case.status])

    @staticmethod
    def _already_done(connection: Connection, row: Row[Any]) -> AlreadyDone:
        name = connection.execute(select(account.c.name).where(account.c.id == row.completed_by)).scalar()
        return AlreadyDone(name or "系统", row.completed_by, row.completed_at, row.outcome, state=row.state)

    def _sync_desks(self, work: Work) -> None:
        """Make the task rows agree with the engine's open tasks."""
        known = work.case.live_tokens()
        open_tasks = {opened.token: opened for opened in work.live.open_tasks()}
        gone = [row.id for token, row in known.items() if token not in open_tasks]
        uow.close_tasks(work.connection, gone, work.now)
        fresh = [opened for token, opened in open_tasks.items() if token not in known]
        limited = any(opened.around for opened in fresh)
        clocks = clock_rows.open_clocks(work.connection, work.case.id) if limited else []
        rows = [
            task_row(
                work.case,
                work.release,
                opened,
                now=work.now,
                limit_of=work.host.limit,
                days_limit=work.host.days,
                department_of=lambda role: self._department_of(work, role),
                around=[row for row in clocks if row.token in opened.around],
            )
            for opened in fresh
        ]
        for row in rows:
            self._return_to_who_did_it(work, row, open_tasks[row["token"]])
        added = uow.add_tasks(work.connection, rows)
        if gone and added:
            move_drafts(work.connection, [work.case.tasks[task_id] for task_id in gone], added)
        work.case.tasks |= {new.id: new for new in added}
        still_open = [item for item in work.opened if item.id not in gone]
        newly_open = [Opened(new.id, new.name, new.role, new.department, new.assignee_id) for new in added]
        work.opened = (*still_open, *newly_open)

    @staticmethod
    def _return_to_who_did_it(work: Work, row: dict[str, Any], opened: OpenTask) -> None:
        """A step that comes back goes to the desk it came from, as if claimed: a returned plan to its drafter.

        Only where the diagram itself asks who did the step (variable `<node>_by`), and only if that person still may.
        """
        before = opened.data.get(f"{opened.node.id}_by")
        if row["assignee_id"] is not None or not isinstance(before, int):
            return
        person = load_actor(work.connection, before, beijing_date(work.now))
        if person is not None and may_do(person, SimpleNamespace(**row)) is not None:
            row["assignee_id"], row["claimed_at"] = before, work.now

    @staticmethod
    def _department_of(work: Work, role: str) -> str | None:
        known = ROLES.get(role)
        return None if known is None or known.is_bureau_wide else work.case.department

    def _keep_register(self, connection: Connection, case: Case, release: Release, now: datetime) -> None:
        """The row in the register of a case whose diagram asks for one. Raises Refused: its number is taken."""
        if release.processes[release.process].register:
            try:
                keeping.keep(connection, self._seal_key, case.id, case.facts, now)
            except HandlerRefused as refused:
                raise Refused(str(refused)) from refused

    # --- ending a command --------------------------------------------------------------------------------------------

    def _conclude(self, work: Work) -> None:
        """Clocks, desks, end of the case, history and row: the writing half of every command."""
        sync_clocks(work)
        self._sync_desks(work)
        if work.host.kept:
            self._keep_register(work.connection, work.case, work.release, work.now)
        if work.live.completed and work.case.status == "active":
            work.case.status, work.case.ended_at = "completed", work.now
            work.case.outcome = work.live.outcome[: uow.OUTCOME_LENGTH]
            clock_rows.stop_clocks(work.connection, work.case.id, work.now)
            work.entries.append(entry(None, "ended", outcome=work.case.outcome))
        if work.sent:
            by = next((one.actor_id for one in work.entries if one.actor_id is not None), None)
            for step in work.sent:
                posts.send(work.connection, work.case.id, step.message, step.payload, by=by, now=work.now)
        work.case.state = work.live.dump()
        work.case.next_due_at = work.live.next_due()
        work.case.save(work.connection, self._seal_key, work.now, work.entries)

    def _deliver_buffered(self, work: Work) -> None:
        """Hand over messages that came before anybody waited for them, oldest first, until none fits."""
        while waiting := work.live.waiting_messages():
            for kept in uow.waiting_messages(work.connection, work.case.id, waiting):
                if work.live.send(kept.name, kept.payload, work.host):
                    uow.consume_message(work.connection, kept.id, work.now)
                    work.entries.append(
                        entry(None, "message", detail={"message": kept.name, "buffered": True, **work.walked()})
                    )
                    break
            else:
                return

    # --- incidents ---------------------------------------------------------------------------------------------------

    def _open_incident(self, actor: Actor | None, command: Mapping[str, Any], failure: StepFailed) -> Result:
        with self._working(instance_id=command.get("instance_id"), task_id=command.get("task_id")) as work:
            self._must_be_active(work.case)
            row = work.case.tasks.get(command.get("task_id") or 0)
            if row is not None and row.state != "open":
                raise self._already_done(work.connection, row)
            if form := row.form if row is not None else _form_of_action(work.release, command):
                command = personal_answers.locked_away(self.library.form(work.case.release_id, form), command)
            if row is not None:
                work.connection.execute(update(task).where(task.c.id == row.id).values(state="held"))
            incident_id = work.connection.execute(
                insert(incident).returning(incident.c.id),
                {
                    "instance_id": work.case.id,
                    "scope": failure.scope,
                    "node": failure.node,
                    "node_name": failure.node_name[: uow.NAME_LENGTH],
                    "message": failure.reason,
                    "detail": "".join(traceback.format_exception(failure)),
                    "command": dict(command),
                    "attempts": 1,
                    "opened_at": work.now,
                },
            ).scalar_one()
            work.case.status = "incident"
            if command["kind"] == "post":  # the incident has the message now
                kept = posts.find(work.connection, command["post_id"], lock=True)
                if kept is not None:
                    posts.note_receiver(work.connection, kept, work.case.id)
            detail = {"incident_id": incident_id, "node": failure.node, "reason": failure.reason}
            entries = [entry(actor, "incident", row=row, comment=failure.reason, detail=detail)]
            work.case.save(work.connection, self._seal_key, work.now, entries)
        held = f"“{failure.node_name}”这一步自动处理出错：{failure.reason}"
        return Result(work.case.id, work.case.number, work.case.title, command.get("task_id"), held=held)


def _form_of_action(release: Release, command: Mapping[str, Any]) -> str:
    """The form of a command that lets a message event happen; empty for other commands."""
    settings = release.node(command["scope"], command["node"]).task if command["kind"] == "act" else None
    return settings.form if settings else ""
