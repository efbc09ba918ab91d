"""The calendar in the database: the SQL of it, and nothing else.

Overrides are rows of `calendar_day`. Notices imported after this version shipped are JSON in `setting`, together with a
number that every change raises, so that a process notices with one small query that its calendar is out of date.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from threading import Lock
from typing import Any

from sqlalchemy import Connection, ScalarSelect, delete, insert, select, update

from handlers.clocks.calendar import Calendar, CalendarChange, Override, compare, import_notice
from handlers.clocks.holiday_notices import Notice, notice_json, parse_notice, shipped_notices
from handlers.store.prepared import Prepared
from handlers.store.tables import calendar_day, setting

VERSION = "calendar.version"
NOTICES = "calendar.notices"
SETTLED = "calendar.settled"
_VERSION = Prepared(select(setting.c.value).where(setting.c.name == VERSION))


def load_calendar(connection: Connection) -> Calendar:
    """The calendar in force: shipped notices, imported notices, overrides. Two queries; prefer CalendarCache."""
    imported = [parse_notice(content) for content in _setting(connection, NOTICES) or ()]
    rows = connection.execute(select(calendar_day).order_by(calendar_day.c.day))
    overrides = tuple(Override(row.day, row.working, row.name, row.reason) for row in rows)
    return _calendar((*shipped_notices(), *imported), overrides)


@lru_cache(maxsize=8)
def _calendar(notices: tuple[Notice, ...], overrides: tuple[Override, ...]) -> Calendar:
    """By content: what a calendar has worked out of its years serves whoever reads the same rows again."""
    return Calendar(notices, overrides)


class CalendarCache:
    """The calendar of one process: one query per use, rebuilt only when somebody changed it. Safe between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: tuple[int, Calendar] | None = None

    def get(self, connection: Connection, version: int | None = None) -> Calendar:
        """The calendar as this transaction sees it; who knows its version already saves the query."""
        if version is None:
            version = calendar_version(connection)
        known = self._known
        if known is not None and known[0] == version:
            return known[1]
        calendar = load_calendar(connection)
        with self._lock:
            self._known = (version, calendar)
        return calendar


def version_column() -> ScalarSelect[Any]:
    """How often the calendar was changed here, as a column of another query; NULL for never."""
    return select(setting.c.value).where(setting.c.name == VERSION).scalar_subquery()


def calendar_version(connection: Connection) -> int:
    """How often the calendar was changed here."""
    row = _VERSION.one(connection, {})
    return row.value if row else 0


def save_notice(connection: Connection, notice: Notice) -> CalendarChange:
    """Keep `notice` beside the shipped ones; what the calendar becomes, and the days it changes."""
    change = import_notice(load_calendar(connection), notice)
    _put_setting(connection, NOTICES, [*(_setting(connection, NOTICES) or ()), notice_json(notice)])
    _raise_version(connection)
    return change


def save_override(connection: Connection, override: Override, *, set_by: int, set_at: datetime) -> CalendarChange:
    """Set one day by hand, in place of an earlier override of it. Raises ValueError (Chinese) without a reason."""
    if not override.reason.strip() or not override.name.strip():
        raise ValueError("调整工作日必须写明名称和理由")
    before = load_calendar(connection)
    connection.execute(delete(calendar_day).where(calendar_day.c.day == override.day))
    values = {"day": override.day, "working": override.working, "name": override.name, "reason": override.reason}
    connection.execute(insert(calendar_day).values(**values, set_by=set_by, set_at=set_at))
    return _changed(connection, before, override.day)


def remove_override(connection: Connection, day: date) -> CalendarChange:
    """Let the notice decide about `day` again."""
    before = load_calendar(connection)
    connection.execute(delete(calendar_day).where(calendar_day.c.day == day))
    return _changed(connection, before, day)


def with_override(connection: Connection, override: Override) -> CalendarChange:
    """What setting one day by hand would change. Nothing is written."""
    before = load_calendar(connection)
    after = before.with_overrides([override])
    return CalendarChange(after, compare(before, after, (override.day.year,)))


def without_override(connection: Connection, day: date) -> CalendarChange:
    """What leaving `day` to the notice again would change. Nothing is written."""
    before = load_calendar(connection)
    after = Calendar(before.notices, (override for override in before.overrides.values() if override.day != day))
    return CalendarChange(after, compare(before, after, (day.year,)))


def settled_version(connection: Connection) -> int:
    """The calendar's version with which all running limits agree."""
    return _setting(connection, SETTLED) or 0


def mark_settled(connection: Connection, version: int) -> None:
    """All running limits agree with the calendar of this version."""
    _put_setting(connection, SETTLED, version)


def _changed(connection: Connection, before: Calendar, day: date) -> CalendarChange:
    _raise_version(connection)
    after = load_calendar(connection)
    return CalendarChange(after, compare(before, after, (day.year,)))


def _raise_version(connection: Connection) -> None:
    _put_setting(connection, VERSION, calendar_version(connection) + 1)


def _setting(connection: Connection, name: str) -> Any:
    return connection.execute(select(setting.c.value).where(setting.c.name == name)).scalar_one_or_none()


def _put_setting(connection: Connection, name: str, value: object) -> None:
    changed = connection.execute(update(setting).where(setting.c.name == name).values(value=value))
    if changed.rowcount == 0:
        connection.execute(insert(setting).values(name=name, value=value))
