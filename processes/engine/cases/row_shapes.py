"""What commands read of rows, however the row was fetched: by SQLAlchemy, or by a prepared statement."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Protocol

from handlers.people.task import TaskColumns


class TaskRow(TaskColumns, Protocol):
    """A row of `task`."""

    instance_id: int
    token: str
    form: str
    state: str
    why: Mapping[str, Any]
    created_at: datetime
    claimed_at: datetime | None
    due_on: date | None
    completed_at: datetime | None
    completed_by: int | None
    outcome: str | None


class ClockRow(Protocol):
    """A row of `clock`: a limit that runs or rests."""

    id: int
    token: str
    code: str
    name: str
    started_at: datetime
    amount: int
    unit: str
    due_on: date | None
    provisional: bool
    state: str
    basis: str
    rule_set: str
    roll: str
    kind: str
    extended: int
