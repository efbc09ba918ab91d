"""The transaction of a command: lock the case, carry the command out, conclude; and the incident, if a step fails."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import Connection, insert

from handlers.clocks.calendar_store import CalendarCache
from handlers.people.actors import Actor
from handlers.service_registry import HandlerRefused
from handlers.store.database import Database
from handlers.store.states import EventKind
from handlers.store.tables import incident
from handlers.time_source import TimeSource
from processes.engine.cases.case_row import NAME_LENGTH, Case
from processes.engine.cases.live_cache import LiveCache
from processes.engine.cases.work import Result, Shared, Work, entry
from processes.engine.commands.admission import must_be_active
from processes.engine.commands.carrying_out import carry_out, hold
from processes.engine.commands.command import Command, case_of, task_of
from processes.engine.commands.concluding import conclude
from processes.engine.errors import NotFound, StepFailed
from processes.engine.kernel.live import LiveInstance
from processes.engine.language.expressions import ExpressionError
from processes.engine.publishing.library import Library

log = logging.getLogger(__name__)


class Transactions:
    """Opens and ends what every command runs in. Safe to share between threads."""

    def __init__(self, database: Database, time: TimeSource, library: Library, seal_key: bytes) -> None:
        self.database = database
        self.time = time
        self.shared = Shared(library, CalendarCache(), seal_key)
        self._cache = LiveCache()

    @contextmanager
    def on_case(self, *, instance_id: int | None = None, task_id: int | None = None) -> Iterator[Work]:
        """One command on an existing case, in one transaction. Raises NotFound."""
        with self.database.write() as connection:
            case = Case.lock(connection, instance_id=instance_id, task_id=task_id)
            if case is None:
                raise NotFound("没有找到此任务" if task_id is not None else "没有找到此事项")
            work = self._work(connection, case, self._cache.take(case.id, case.version))
            yield work
        self.keep(work)

    def look(self, connection: Connection, instance_id: int) -> Work | None:
        """A case as it is, to be asked and not to be changed."""
        case = Case.read(connection, instance_id)
        return None if case is None else self._work(connection, case, None)

    def keep(self, work: Work) -> None:
        """Remember the live instance of a committed command; no other may be used again."""
        self._cache.put(work.case.id, work.case.version, work.live)

    def carry_out(self, command: Command, giver: Actor | None) -> Result:
        """Carry out one command; if a step of the diagram fails, the case stays as it was and gets an incident.

        Raises: NotFound, NotYours, AlreadyDone, Refused, NothingToDo.
        """
        try:
            with self._on(command) as work:
                carry_out(work, command, giver)
                conclude(work)
        except StepFailed as failure:
            log_failure(f"command {command.kind}", failure)
            return self._open_incident(command, giver, failure)
        return work.result(task_of(command))

    def _on(self, command: Command) -> AbstractContextManager[Work]:
        return self.on_case(instance_id=case_of(command), task_id=task_of(command))

    def _work(self, connection: Connection, case: Case, live: LiveInstance | None) -> Work:
        release, now = self.shared.library.release(case.release_id), self.time.now()
        live = live or LiveInstance.load(release, case.state)
        return Work(connection, now, self.shared, case, release, live, self.shared.host(connection, case, release, now))

    def _open_incident(self, command: Command, giver: Actor | None, failure: StepFailed) -> Result:
        with self._on(command) as work:
            must_be_active(work.case)
            held = hold(work, command)
            number = _keep_incident(work, held.command, failure)
            work.case.change(EventKind.INCIDENT)
            detail = {"incident_id": number, "node": failure.node, "reason": failure.reason}
            told = entry(giver, EventKind.INCIDENT, row=held.row, comment=failure.reason, detail=detail)
            work.entries.append(told)
            work.save()
        said = f"“{failure.node_name}”这一步自动处理出错：{failure.reason}"
        return work.result(task_of(command), held=said)


def _keep_incident(work: Work, command: Command, failure: StepFailed) -> int:
    row = {
        "instance_id": work.case.id,
        "scope": failure.scope,
        "node": failure.node,
        "node_name": failure.node_name[:NAME_LENGTH],
        "message": failure.reason,
        "detail": "".join(traceback.format_exception(failure)),
        "command": command.to_json(),
        "attempts": 1,
        "opened_at": work.now,
    }
    number: int = work.connection.execute(insert(incident).returning(incident.c.id), row).scalar_one()
    return number


def log_failure(what: str, failure: StepFailed) -> None:
    """A line in the log; with the trace where a step failed in a way that nobody foresaw."""
    unexpected = not isinstance(failure.__cause__, HandlerRefused | ExpressionError)
    log.warning("step failed in %s: %s", what, failure, exc_info=failure if unexpected else None)
