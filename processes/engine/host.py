"""What a running case may ask of the world during one command: the time, a service function, a legal limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from handlers.calendar import Calendar
from handlers.calendar_store import CalendarCache
from handlers.clocks import Due
from handlers.limits import Limit, limit_from_row, working_days_limit
from handlers.registry import HandlerContext, find_service
from processes.engine.compile import Release
from processes.engine.errors import StepFailed
from processes.engine.model import Node
from processes.engine.publish import LIMITS_TABLE
from processes.engine.unit_of_work import Case, ClockStart


@dataclass(frozen=True, slots=True)
class CountedLimit:
    """A limit and when it ends if it starts now."""

    limit: Limit
    due: Due


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
    ) -> None:
        self.now = now
        self.started_clocks: list[ClockStart] = []
        self._connection = connection
        self._case = case
        self._release = release
        self._calendars = calendars
        self._limits: dict[str, CountedLimit] = {}
        self._calendar: Calendar | None = None
        self._seal_key = seal_key

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
        )
        return find_service(handler)(context, **parameters)

    def _keep(self, values: Mapping[str, object]) -> None:
        self._case.facts = {**self._case.facts, **values}

    def clock(self, code: str) -> datetime:
        """Start the limit `code` now; the moment its last day ends (24:00 Beijing time)."""
        counted = self.limit(code)
        limit, due = counted.limit, counted.due
        # Nothing suspends a clock that starts now, so both are known.
        assert due.ends_at is not None  # noqa: S101
        assert due.estimated_on is not None  # noqa: S101
        self.started_clocks.append(
            ClockStart(code, limit.name, limit.amount, limit.unit, due.estimated_on, due.provisional, limit.basis)
        )
        return due.ends_at

    def limit(self, code: str) -> CountedLimit:
        """The limit `code` of the release's own table, counted from now. Raises StepFailed."""
        if code not in self._limits:
            self._limits[code] = self._look_up(code)
        return self._limits[code]

    def _look_up(self, code: str) -> CountedLimit:
        table = self._release.tables.get(LIMITS_TABLE)
        decided = table.decide({"code": code}) if table else None
        if decided is None or not decided.outputs.get("amount"):
            reason = f"期限表中没有“{code}”这一行，请流程负责人在 {LIMITS_TABLE} 表中补上"
            raise StepFailed(self._release.process, "", code, reason)
        try:
            return self._count(limit_from_row(code, decided.outputs))
        except ValueError as error:
            raise StepFailed(self._release.process, "", code, str(error)) from error

    def days(self, amount: int) -> CountedLimit:
        """A limit of `amount` working days from now, as a row of an approval chain gives it."""
        return self._count(working_days_limit(amount, "审批期限"))

    def _count(self, limit: Limit) -> CountedLimit:
        if self._calendar is None:
            self._calendar = self._calendars.get(self._connection, self._case.calendar_version)
        return CountedLimit(limit, limit.due(self.now, self._calendar))
