"""A notice on holidays as a file: the JSON of `parse_notice`, or a table of days as people type it (CSV).

The table:

    年度,2027
    通知,国务院办公厅关于2027年部分节假日安排的通知（国办发明电〔2026〕8号）
    印发日期,2026-11-05
    日期,安排,名称
    2027-01-01,放假,元旦
    2027-01-03,上班,元旦
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date
from typing import Any

from handlers.clocks.holiday_notices import ONE_DAY, Notice, NoticeError, parse_notice

MAX_BYTES = 200_000
"""A notice has some forty days; more than this is another file."""
_HEAD = {"年度": "year", "通知": "notice", "印发日期": "issued"}
_OFF, _WORK = "放假", "上班"


def read_notice_file(data: bytes, filename: str) -> Notice:
    """The notice in a .json or .csv file. Raises NoticeError with every mistake found, in Chinese sentences."""
    if len(data) > MAX_BYTES:
        raise NoticeError(["文件太大，不像是一份放假通知"])
    if filename.lower().endswith(".csv"):
        return parse_notice(_from_table(_text(data)))
    if filename.lower().endswith(".json"):
        return parse_notice(data)
    raise NoticeError(["只能导入 .json 或 .csv 文件"])


def _text(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NoticeError(["文件的编码看不懂，请另存为 UTF-8 编码的 CSV"])


def _from_table(text: str) -> dict[str, Any]:
    content: dict[str, Any] = {"off": [], "work": []}
    problems: list[str] = []
    off: list[tuple[date, str]] = []
    for number, row in enumerate(csv.reader(io.StringIO(text)), 1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or cells[0] == "日期":
            continue
        if cells[0] in _HEAD:
            content[_HEAD[cells[0]]] = cells[1] if len(cells) > 1 else ""
            continue
        try:
            day, arrangement, name = _day_row(cells)
        except ValueError as error:
            problems.append(f"第 {number} 行：{error}")
            continue
        if arrangement == _OFF:
            off.append((day, name))
        else:
            content["work"].append({"day": day.isoformat(), "name": name})
    problems += [f"缺少“{label}”一行" for label, key in _HEAD.items() if not content.get(key)]
    if problems:
        raise NoticeError(problems)
    content["off"] = list(_holidays(off))
    return content


def _day_row(cells: list[str]) -> tuple[date, str, str]:
    if len(cells) < 3 or cells[1] not in (_OFF, _WORK):
        raise ValueError("应依次写日期、安排（放假或上班）、名称")
    try:
        day = date.fromisoformat(cells[0].replace("/", "-"))
    except ValueError as error:
        raise ValueError(f"日期“{cells[0]}”应写成 2027-01-01") from error
    return day, cells[1], cells[2]


def _holidays(days: Iterable[tuple[date, str]]) -> Iterable[dict[str, str]]:
    """Days off in a row under one name are one holiday."""
    holidays: list[tuple[date, date, str]] = []
    for day, name in sorted(days):
        if holidays and holidays[-1][2] == name and holidays[-1][1] + ONE_DAY == day:
            holidays[-1] = (holidays[-1][0], day, name)
        else:
            holidays.append((day, day, name))
    return ({"name": name, "start": first.isoformat(), "end": last.isoformat()} for first, last, name in holidays)
