"""The limits of a case in the database: starting, stopping, reading and rewriting rows of `clock` and `pause`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, case, func, insert, or_, select, update

from handlers.clocks.counting import Clock, ClockState, Due, Pause, RollOver, Unit
from handlers.clocks.limit_table import Limit
from handlers.store.prepared import Prepared
from handlers.store.tables import clock, pause
from handlers.time_source import beijing_date
from processes.engine.cases.row_shapes import ClockRow


@dataclass(frozen=True, slots=True)
class ClockStart:
    """A limit that began to run during a command, with the activity or timer (`token`) that it runs with.

    `extended`: days of the amount that an extension added when the same limit ran before.
    """

    token: str
    limit: Limit
    started_at: datetime
    due: Due
    extended: int = 0

    @property
    def same(self) -> tuple[str, Any]:
        """What two rows have in common that are one and the same limit: code and day of the start."""
        return self.limit.code, beijing_date(self.started_at)


_COLUMNS = tuple(c.name for c in clock.c if c.name not in ("id", "task_id", "stopped_at"))
_ADD = Prepared(insert(clock).values({name: bindparam(name) for name in _COLUMNS}))
_ADD_ALL = insert(clock)
_IS_OPEN = or_(clock.c.state == "running", clock.c.state == "paused")
_OF_CASE = clock.c.instance_id == bindparam("case_id")
_STOPPED = (
    update(clock)
    .where(_OF_CASE, _IS_OPEN)
    .values(
        state=case(((clock.c.state == "running") & (clock.c.due_on < bindparam("today")), "missed"), else_="met"),
        stopped_at=bindparam("at"),
    )
)
_STOP_ALL = Prepared(_STOPPED)
# Rows from before tokens were kept are known by their code.
_STOP_ONE = Prepared(
    _STOPPED.where(
        clock.c.code == bindparam("of"),
        or_(clock.c.token == bindparam("with_token"), clock.c.token.is_(None)),
    )
)
_OPEN = Prepared(select(clock).where(_OF_CASE, _IS_OPEN).order_by(clock.c.id))
_PAUSES = select(pause).order_by(pause.c.starts_on, pause.c.id)
_SAVE = (
    update(clock)
    .where(clock.c.id == bindparam("clock_id"))
    .values(
        due_on=bindparam("new_due_on"),
        provisional=bindparam("new_provisional"),
        state=bindparam("new_state"),
        amount=bindparam("new_amount"),
        extended=bindparam("new_extended"),
    )
)


def start_clocks(connection: Connection, instance_id: int, started: Sequence[ClockStart]) -> None:
    """Write down the limits that began to run."""
    rows = [_row(instance_id, item) for item in started]
    if len(rows) == 1:
        _ADD.run(connection, rows[0])
    elif rows:
        connection.execute(_ADD_ALL, rows)


def _row(instance_id: int, item: ClockStart) -> dict[str, Any]:
    limit = item.limit
    return {
        "instance_id": instance_id,
        "token": item.token,
        "code": limit.code,
        "name": limit.name,
        "started_at": item.started_at,
        "amount": limit.amount,
        "unit": limit.unit.value,
        "due_on": item.due.estimated_on,
        "provisional": item.due.provisional,
        "state": (ClockState.PAUSED if item.due.paused else ClockState.RUNNING).value,
        "basis": limit.basis,
        "rule_set": limit.rule_set,
        "roll": limit.roll.value,
        "kind": limit.kind.value,
        "extended": item.extended,
    }


def stop_clocks(
    connection: Connection, instance_id: int, now: datetime, of: Iterable[tuple[str, str]] | None = None
) -> None:
    """Limits that nothing waits for any more: those of the given (token, code), or all.

    One whose last day is over was missed.
    """
    values = {"case_id": instance_id, "today": beijing_date(now), "at": now}
    if of is None:
        _STOP_ALL.run(connection, values)
        return
    for token, code in sorted(of):
        _STOP_ONE.run(connection, values | {"of": code, "with_token": token})


def open_clocks(connection: Connection, instance_id: int) -> list[ClockRow]:
    """The limits of the case that run or rest, oldest row first."""
    return _OPEN.rows(connection, {"case_id": instance_id})


def pauses_of(connection: Connection, instance_id: int) -> list[Row[Any]]:
    """All excluded time of the case, as recorded."""
    return list(connection.execute(_PAUSES.where(pause.c.instance_id == instance_id)))


def resting(rows: Iterable[Any], code: str) -> tuple[Pause, ...]:
    """What of the excluded time is excluded from the limit `code`."""
    return tuple(Pause(r.starts_on, r.ends_on, r.reason, r.document) for r in rows if code in r.stops)


def clock_of(row: ClockRow, pauses: Iterable[Any] = ()) -> Clock:
    """The clock that a row of the table describes, with its share of the case's `pauses`."""
    return Clock(
        code=row.code,
        started_at=row.started_at,
        amount=row.amount,
        unit=Unit(row.unit),
        name=row.name,
        rule_set=row.rule_set,
        roll=RollOver(row.roll),
        pauses=resting(pauses, row.code),
        basis=row.basis,
    )


def extension_of(connection: Connection, instance_id: int, code: str, started_at: datetime) -> int:
    """By how many days this limit was extended when it ran before in this case."""
    same = and_(clock.c.instance_id == instance_id, clock.c.code == code, clock.c.started_at == started_at)
    return connection.execute(select(func.max(clock.c.extended)).where(same)).scalar() or 0


def save_start(connection: Connection, clock_id: int, started_at: datetime) -> None:
    """Let a limit count from another moment; when it ends then is for who changes it to work out."""
    connection.execute(update(clock).where(clock.c.id == clock_id).values(started_at=started_at))


def save_clock(connection: Connection, row: ClockRow, values: Mapping[str, Any]) -> None:
    """Rewrite what can change of a running limit: due_on, provisional, state, amount, extended."""
    names = ("due_on", "provisional", "state", "amount", "extended")
    new = {f"new_{name}": values.get(name, getattr(row, name)) for name in names}
    connection.execute(_SAVE, {"clock_id": row.id, **new})
