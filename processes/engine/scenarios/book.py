"""Reading scenario files (`*.scenarios.yaml`), refusing with a sentence whatever the player would not honour.

How to write one stands at the top of processes/approval/approval_chain.scenarios.yaml.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import yaml

from handlers.time_source import BEIJING

_STEP_KEYS = frozenset({"at", "who", "does", "gives_back", "values", "wait_until", "refused", "open"})
_GIVEN_KEYS = frozenset({"at", "who", "values", "people", "change", "refused"})
_EXPECT_KEYS = frozenset({"path", "outcome", "letters", "history"})
_BOOK_KEYS = frozenset({"procedure", "values", "tables", "scenarios"})


class ScenarioError(Exception):
    """A scenario file cannot be used; the text is a Chinese sentence."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens: somebody does a task or puts it back into the pool, or time passes (`wait_until`)."""

    at: str | None
    who: str
    does: str
    gives_back: str
    values: Mapping[str, Any]
    wait_until: str | None
    refused: str | bool
    open: Sequence[Mapping[str, Any]] | None


@dataclass(frozen=True, slots=True)
class Scenario:
    """One story from an empty bureau to its expected end."""

    title: str
    given: Mapping[str, Any]
    steps: tuple[Step, ...]
    expect: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Book:
    """One file: the procedure, usual values by step, rows of tables to check, and the scenarios.

    A file that only checks tables names no procedure and tells no scenario.
    """

    filename: str
    procedure: str
    values: Mapping[str, Mapping[str, Any]]
    tables: Mapping[str, Sequence[Mapping[str, Any]]]
    scenarios: tuple[Scenario, ...]


def read_book(data: bytes, filename: str) -> Book:
    """Read one scenario file. Raises ScenarioError."""
    try:
        raw = yaml.safe_load(data)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{filename}：不是正确的 YAML：{error}") from error
    if not isinstance(raw, dict) or ("procedure" not in raw and (raw.get("scenarios") or not raw.get("tables"))):
        raise ScenarioError(f"{filename}：缺少 procedure（由人发起的流程）")
    _known(raw, _BOOK_KEYS, filename)
    scenarios = tuple(
        _scenario(item, f"{filename} 第{n}个情形") for n, item in enumerate(raw.get("scenarios") or [], 1)
    )
    return Book(filename, raw.get("procedure", ""), raw.get("values") or {}, raw.get("tables") or {}, scenarios)


def _scenario(raw: Any, where: str) -> Scenario:
    if not isinstance(raw, dict) or not raw.get("title") or not isinstance(raw.get("given"), dict):
        raise ScenarioError(f"{where}：缺少 title 或 given")
    where = f"{where}“{raw['title']}”"
    _known(raw, frozenset({"title", "given", "steps", "expect"}), where)
    _known(raw["given"], _GIVEN_KEYS, f"{where} given")
    _known(raw.get("expect") or {}, _EXPECT_KEYS, f"{where} expect")
    steps = tuple(_step(item, f"{where} 第{n}步") for n, item in enumerate(raw.get("steps") or [], 1))
    return Scenario(raw["title"], raw["given"], steps, raw.get("expect") or {})


def _step(raw: Any, where: str) -> Step:
    if not isinstance(raw, dict):
        raise ScenarioError(f"{where}：不是“名称: 内容”的写法")
    _known(raw, _STEP_KEYS, where)
    if len(raw.keys() & {"wait_until", "does", "gives_back"}) != 1:
        raise ScenarioError(f"{where}：应写 who 和 does，或者 who 和 gives_back，或者只写 wait_until")
    return Step(
        raw.get("at"),
        raw.get("who", ""),
        raw.get("does", ""),
        raw.get("gives_back", ""),
        raw.get("values") or {},
        raw.get("wait_until"),
        raw.get("refused", False),
        raw.get("open"),
    )


def _known(raw: Mapping[Any, Any], allowed: frozenset[str], where: str) -> None:
    # YAML 1.1 reads a bare `on`, `yes` or `no` as true or false; the sentence should say so, not merely "unknown True".
    for key in raw:
        if key not in allowed:
            hint = "（on、yes、no 等词要加引号）" if isinstance(key, bool) else ""
            raise ScenarioError(f"{where}：不认识“{key}”{hint}，可用的有：{'、'.join(sorted(allowed))}")


def read_moment(text: Any) -> datetime:
    """`2026-03-02 09:30`, Beijing time. Raises ScenarioError."""
    if isinstance(text, datetime):
        return text.replace(tzinfo=BEIJING)
    if isinstance(text, date):
        return datetime(text.year, text.month, text.day, tzinfo=BEIJING)
    try:
        return datetime.strptime(str(text), "%Y-%m-%d %H:%M").replace(tzinfo=BEIJING)
    except ValueError as error:
        raise ScenarioError(f"时间“{text}”应写成 2026-03-02 09:30") from error
