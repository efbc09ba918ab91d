"""Notices of the State Council on holidays: reading, validating, and what the law alone gives without one.

A notice says which days of one year are off and which weekend days are worked in exchange. It may reach back into the
last days of December before (2023-12-30 stands in the notice of 2024). An amending notice (`amends`) changes single
days of a year that already has one: the extension of Spring Festival 2020 is such a notice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

ONE_DAY = timedelta(days=1)
LONGEST_HOLIDAY_DAYS = 16
"""More days off in one row than any notice ever gave: a slip of the pen, not a holiday."""


class NoticeError(Exception):
    """A notice that cannot be right. `problems` are Chinese sentences, one per mistake."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("；".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Holiday:
    """Days off in a row, both ends included."""

    name: str
    starts_on: date
    ends_on: date

    def days(self) -> list[date]:
        """Every day of it."""
        return [self.starts_on + timedelta(days=i) for i in range((self.ends_on - self.starts_on).days + 1)]


@dataclass(frozen=True, slots=True)
class MakeUpDay:
    """A Saturday or Sunday that is worked for the sake of the holiday `name` (调休上班)."""

    day: date
    name: str


@dataclass(frozen=True, slots=True)
class Notice:
    """One published notice. `amends`: it changes single days and leaves the rest of its year alone."""

    year: int
    title: str
    issued_on: date
    off: tuple[Holiday, ...]
    work: tuple[MakeUpDay, ...]
    amends: bool


def parse_notice(content: str | bytes | Mapping[str, Any]) -> Notice:
    """A notice from its JSON: year, notice (its title), issued, off [{name, start, end}], work [{day, name}], amends.

    Raises: NoticeError with every mistake found, in Chinese sentences.
    """
    if not isinstance(content, Mapping):
        try:
            content = json.loads(content)
        except ValueError as error:  # UnicodeDecodeError is one, too
            raise NoticeError([f"通知文件不是有效的 JSON：{error}"]) from error
    if not isinstance(content, Mapping):
        raise NoticeError(["通知文件应是一个 JSON 对象，含 year、notice、issued、off、work 五项"])
    try:
        notice = _read(content)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NoticeError(
            [f"通知文件缺项或格式不对（{type(error).__name__}: {error}），日期应写成 2027-01-01"]
        ) from error
    problems = _problems(notice)
    if problems:
        raise NoticeError(problems)
    return notice


def notice_json(notice: Notice) -> dict[str, Any]:
    """The JSON of a notice, as `parse_notice` reads it."""
    return {
        "year": notice.year,
        "amends": notice.amends,
        "notice": notice.title,
        "issued": notice.issued_on.isoformat(),
        "off": [{"name": h.name, "start": h.starts_on.isoformat(), "end": h.ends_on.isoformat()} for h in notice.off],
        "work": [{"day": w.day.isoformat(), "name": w.name} for w in notice.work],
    }


def _read(content: Mapping[str, Any]) -> Notice:
    return Notice(
        year=int(content["year"]),
        title=content["notice"].strip(),
        issued_on=date.fromisoformat(content["issued"]),
        off=tuple(
            Holiday(row["name"].strip(), date.fromisoformat(row["start"]), date.fromisoformat(row["end"]))
            for row in content["off"]
        ),
        work=tuple(_read_make_up(row) for row in content["work"]),
        amends=bool(content.get("amends", False)),
    )


def _read_make_up(row: str | Mapping[str, str]) -> MakeUpDay:
    if isinstance(row, str):  # a list of bare dates, as other collections of the notices write it
        return MakeUpDay(date.fromisoformat(row), "")
    return MakeUpDay(date.fromisoformat(row["day"]), row.get("name", "").strip())


def _problems(notice: Notice) -> list[str]:
    problems = [] if notice.title else ["通知没有标题和文号"]
    for holiday in notice.off:
        if not holiday.name:
            problems.append(f"{holiday.starts_on} 开始的假期没有名称")
        if not 0 <= (holiday.ends_on - holiday.starts_on).days < LONGEST_HOLIDAY_DAYS:
            problems.append(f"{holiday.name}的起止日期不对：{holiday.starts_on} 至 {holiday.ends_on}")
    if problems:
        return problems
    return _day_problems(notice)


def _day_problems(notice: Notice) -> list[str]:
    off = [day for holiday in notice.off for day in holiday.days()]
    work = [make_up.day for make_up in notice.work]
    earliest, latest = date(notice.year - 1, 12, 20), date(notice.year, 12, 31)
    problems = [f"{day} 不在 {notice.year} 年内" for day in (*off, *work) if not earliest <= day <= latest]
    problems += [f"{day} 写了两次" for day in sorted({day for day in off if off.count(day) > 1})]
    problems += [f"{day} 既放假又上班" for day in sorted(set(off) & set(work))]
    problems += [f"{day} 本来就是工作日，不能是调休上班日" for day in work if day.weekday() < 5]
    if not notice.amends:
        missing = sorted(set(statutory_days(notice.year)) - set(off))
        problems += [f"{day}（{statutory_days(notice.year)[day]}）是法定节假日，通知里却没有放假" for day in missing]
    return problems


# --- what ships with the program --------------------------------------------------------------------------------------


@cache
def shipped_notices() -> tuple[Notice, ...]:
    """The notices in `notices`, typed from the official texts."""
    folder = files("handlers.clocks").joinpath("notices")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.startswith("notice_"))
    return tuple(parse_notice(folder.joinpath(name).read_bytes()) for name in names)


@cache
def _statutory_tables() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(files("handlers.clocks").joinpath("notices/statutory_days.json").read_bytes())
    return content


def statutory_rule(year: int) -> Mapping[str, Any]:
    """The version of 《全国年节及纪念日放假办法》 that governs `year`: from_year, basis, days."""
    rules = _statutory_tables()["rules"]
    chosen: Mapping[str, Any] = next((rule for rule in reversed(rules) if rule["from_year"] <= year), rules[0])
    return chosen


@cache
def statutory_days(year: int) -> Mapping[date, str]:
    """Holidays of `year` by law alone, without the exchange of days that only a notice can order.

    Beyond the table of lunar dates only the fixed ones (1 January, 1 May, 1 October) are known.
    """
    first_days: Mapping[str, str] = _statutory_tables()["first_days"].get(str(year), {})
    days: dict[date, str] = {}
    for row in statutory_rule(year)["days"]:
        start = first_days.get(row["start"], row["start"])
        if start in ("春节", "清明节", "端午节", "中秋节"):
            continue
        first = date.fromisoformat(f"{year:04}-{start}") + row["offset"] * ONE_DAY
        for i in range(row["days"]):
            days.setdefault(first + i * ONE_DAY, row["name"])
    return days


def lunar_dates_known(year: int) -> bool:
    """Whether the table of lunar dates reaches `year`."""
    return str(year) in _statutory_tables()["first_days"]
