"""What a running case may ask of the world during one command: the time, a service function, a legal limit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from forms.form_file import FormFile
from handlers.clocks.calendar import Calendar
from handlers.clocks.calendar_store import CalendarCache
from handlers.clocks.counting import Due, Pause
from handlers.clocks.limit_table import Limit, working_days_limit
from handlers.service_registry import HandlerContext, find_service
from processes.engine.cases import clock_rows
from processes.engine.cases.case_row import Case
from processes.engine.cases.clock_rows import ClockStart
from processes.engine.diagrams.model import Node
from processes.engine.kernel.release import Release


@dataclass(frozen=True, slots=True)
class CountedLimit:
    """A limit and when it ends. `extended`: days of its amount that an extension has added."""

    limit: Limit
    due: Due
    extended: int = 0


class CommandHost:
    """The world as one command sees it. Everything happens inside the command's transaction."""

    def __init__(
        self,
        connection: Connection,
        case: Case,
        release: Release,
        now: datetime,
        calendars: CalendarCache,
        seal_key: bytes,
        form: Callable[[str], FormFile],
    ) -> None:
        self.now = now
        self.started_clocks: list[ClockStart] = []
        self.kept = False
        """Whether a service has made facts, which others must hear of before the command ends."""
        self._connection = connection
        self._case = case
        self._release = release
        self._calendars = calendars
        self._calendar: Calendar | None = None
        self._excluded: list[Any] | None = None
        self._seal_key = seal_key
        self._form = form

    def call(self, handler: str, parameters: Mapping[str, object], node: Node) -> Mapping[str, object]:
        """Run the service function `handler`."""
        context = HandlerContext(
            connection=self._connection,
            now=self.now,
            instance_id=self._case.id,
            number=self._case.number,
            title=self._case.title,
            release_id=self._case.release_id,
            department=self._case.department,
            started_by=self._case.started_by,
            facts=self._case.facts,
            seal_key=self._seal_key,
            keep=self._keep,
            form=self._form,
        )
        return find_service(handler)(context, **parameters)

    def _keep(self, values: Mapping[str, object]) -> None:
        self._case.facts = {**self._case.facts, **values}
        self.kept = True

    def clock(self, code: str, start: datetime, *, token: str) -> datetime | None:
        """Count the limit `code` from `start` for the timer `token`; the moment its last day ends (24:00 Beijing time).

        None while excluded time without an end rests on it. Raises StepFailed.
        """
        counted = self.counted(code, start)
        self.started_clocks.append(ClockStart(token, counted.limit, start, counted.due, counted.extended))
        return counted.due.ends_at

    def limit(self, code: str) -> CountedLimit:
        """The limit `code` of the release's own table, counted from now. Raises StepFailed."""
        limit = self._release.limit(code, self._case.rule_set)
        return CountedLimit(limit, limit.due(self.now, self.calendar))

    def counted(self, code: str, start: datetime) -> CountedLimit:
        """The limit `code` counted from `start`, with the excluded time and the extension it has in this case.

        Raises: StepFailed.
        """
        limit, extended = self._release.limit(code, self._case.rule_set), 0
        if self._case.limits_touched:
            extended = clock_rows.extension_of(self._connection, self._case.id, code, start)
            limit = replace(limit, amount=limit.amount + extended)
        return CountedLimit(limit, limit.due(start, self.calendar, self._resting(code)), extended)

    def days(self, amount: int) -> CountedLimit:
        """A limit of `amount` working days from now, as a row of an approval chain gives it."""
        limit = working_days_limit(amount, "审批期限")
        return CountedLimit(limit, limit.due(self.now, self.calendar))

    @property
    def calendar(self) -> Calendar:
        """The calendar in force."""
        if self._calendar is None:
            self._calendar = self._calendars.get(self._connection, self._case.calendar_version)
        return self._calendar

    def _resting(self, code: str) -> tuple[Pause, ...]:
        if not self._case.limits_touched:
            return ()
        if self._excluded is None:
            self._excluded = list(clock_rows.pauses_of(self._connection, self._case.id))
        return clock_rows.resting(self._excluded, code)
