"""What time it is. Injected everywhere, so that scenarios and tests move time instead of sleeping."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

from forms.beijing import BEIJING


class TimeSource(Protocol):
    """Anything that can say what time it is."""

    def now(self) -> datetime:
        """The present moment, aware, UTC."""


class SystemTime:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment, aware, UTC."""
        return datetime.now(UTC)


class ManualTime:
    """A clock that stands still until it is told to move."""

    def __init__(self, at: datetime) -> None:
        self.at = at.astimezone(UTC)

    def now(self) -> datetime:
        """The moment last set, aware, UTC."""
        return self.at

    def move_to(self, at: datetime) -> None:
        """Jump to `at` (aware), forwards or backwards."""
        self.at = at.astimezone(UTC)

    def advance(self, delta: timedelta) -> None:
        """Move by `delta`."""
        self.at += delta


def read_moment(value: object) -> datetime:
    """The aware moment that ISO text names; a date is its midnight, and what says no zone is Beijing time.

    Raises: ValueError with a Chinese sentence.
    """
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None:
        raise ValueError(
            f"“{value if value is not None else ''}”不是日期或时刻，应写成 2026-03-02 或 2026-03-02T09:30:00+08:00"
        )
    return moment if moment.tzinfo else moment.replace(tzinfo=BEIJING)


def beijing_date(at: datetime) -> date:
    """The calendar day in Beijing of an aware moment: the day that legal time limits are counted from."""
    return at.astimezone(BEIJING).date()


def beginning_of(day: date) -> datetime:
    """The first moment of a calendar day in Beijing, 0:00."""
    return datetime.combine(day, time(), BEIJING)
