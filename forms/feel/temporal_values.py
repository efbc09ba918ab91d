"""Dates, times, moments and durations as FEEL knows them: every year, nanoseconds, offsets and zones kept apart."""

from __future__ import annotations

from dataclasses import dataclass

from forms.feel.day_numbers import DAY, SECOND, civil, zone_offset


@dataclass(frozen=True, slots=True)
class Date:
    """A day, counted from 1970-01-01."""

    days: int

    def __str__(self) -> str:
        year, month, day = civil(self.days)
        return f"{'-' if year < 0 else ''}{abs(year):04d}-{month:02d}-{day:02d}"


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day in nanoseconds; `offset` in seconds where one is known, `zone` by name where it was written so."""

    nanoseconds: int
    offset: int | None = None
    zone: str = ""

    def __str__(self) -> str:
        return _clock(self.nanoseconds) + _place(self.offset, self.zone)


@dataclass(frozen=True, slots=True)
class Moment:
    """A date and time: local, at an offset (seconds), or in a named zone."""

    days: int
    nanoseconds: int
    offset: int | None = None
    zone: str = ""

    @property
    def seconds_east(self) -> int | None:
        """The offset that holds at this moment; None for a local one."""
        return zone_offset(self.zone, self.days, self.nanoseconds) if self.zone else self.offset

    @property
    def instant(self) -> int:
        """Nanoseconds since 1970-01-01 UTC; a local moment is taken as it stands."""
        return self.days * DAY + self.nanoseconds - (self.seconds_east or 0) * SECOND

    @property
    def date(self) -> Date:
        """Its day."""
        return Date(self.days)

    def shifted(self, nanoseconds: int) -> Moment:
        """Later by that much, at the same offset or in the same zone."""
        days, rest = divmod(self.nanoseconds + nanoseconds, DAY)
        return Moment(self.days + days, rest, self.offset, self.zone)

    def __str__(self) -> str:
        return f"{Date(self.days)}T{_clock(self.nanoseconds)}{_place(self.offset, self.zone)}"


@dataclass(frozen=True, slots=True)
class Months:
    """A duration of years and months."""

    months: int

    def __str__(self) -> str:
        years, months = divmod(abs(self.months), 12)
        text = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
        return f"{'-' if self.months < 0 else ''}P{text or '0M'}"


@dataclass(frozen=True, slots=True)
class Span:
    """A duration of days and time, in nanoseconds."""

    nanoseconds: int

    def parts(self) -> tuple[int, int, int, int, int]:
        """Days, hours, minutes, seconds, nanoseconds, all without sign."""
        seconds, rest = divmod(abs(self.nanoseconds), SECOND)
        minutes, second = divmod(seconds, 60)
        hours, minute = divmod(minutes, 60)
        days, hour = divmod(hours, 24)
        return days, hour, minute, second, rest

    def __str__(self) -> str:
        days, hours, minutes, seconds, rest = self.parts()
        second = f"{seconds}{_fraction(rest)}S" if seconds or rest else ""
        clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "") + second
        text = (f"{days}D" if days else "") + (f"T{clock}" if clock else "")
        return f"{'-' if self.nanoseconds < 0 else ''}P{text or 'T0S'}"


def _fraction(nanoseconds: int) -> str:
    return f".{nanoseconds:09d}".rstrip("0").rstrip(".")


def _clock(nanoseconds: int) -> str:
    seconds, rest = divmod(nanoseconds, SECOND)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{_fraction(rest)}"


def _place(offset: int | None, zone: str) -> str:
    if zone:
        return f"@{zone}"
    if offset is None:
        return ""
    if offset == 0:
        return "Z"
    sign, seconds = ("-" if offset < 0 else "+"), abs(offset)
    text = f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}"
    return text + (f":{seconds % 60:02d}" if seconds % 60 else "")
