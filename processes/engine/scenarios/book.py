"""Reading scenario files (`*.scenarios.yaml`), refusing with a sentence whatever the player would not honour.

How to write one stands at the top of processes/approval/approval_chain.scenarios.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import yaml

from forms.beijing import BEIJING

_DEEDS = frozenset({"does", "gives_back", "acts", "opens", "wait_until"})
_STEP_KEYS = _DEEDS | {"at", "who", "case", "values", "refused", "open", "clocks"}
_GIVEN_KEYS = frozenset({"opening", "earlier", "at", "who", "values", "people", "change", "refused"})
_EARLIER_KEYS = frozenset({"at", "who", "values"})
_OPENING_KEYS = frozenset({"given", "steps"})
_END_KEYS = frozenset({"path", "outcome", "letters", "delivered", "history"})
_EXPECT_KEYS = _END_KEYS | {"cases"}
_BOOK_KEYS = frozenset({"procedure", "values", "tables", "openings", "scenarios"})

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Ten times quicker where PyYAML was built with libyaml, as its wheels are."""
_REQUIREMENT = re.compile(r"R[0-9]{3}")


class ScenarioError(Exception):
    """A scenario file cannot be used; the text is a Chinese sentence."""


@dataclass(frozen=True, slots=True)
class ScenarioStep:
    """One thing that happens: somebody does a task or puts it back into the pool, carries out an action (`acts`),
    starts a linked case (`opens`), or time passes (`wait_until`).

    `case`: the process in whose newest case it happens; empty: the case that the scenario began with.
    """

    label: str
    at: str | None
    who: str
    case: str
    does: str
    gives_back: str
    acts: str
    opens: str
    values: Mapping[str, Any]
    wait_until: str | None
    refused: str | bool
    open: Sequence[Mapping[str, Any]] | None
    clocks: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One story from an empty bureau to its expected end."""

    title: str
    given: Mapping[str, Any]
    steps: tuple[ScenarioStep, ...]
    expect: Mapping[str, Any]
    shows: tuple[str, ...] = ()
    """Ids of the requirements that the story shows, such as R013."""


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
        raw = yaml.load(data, _Loader)  # noqa: S506 - both are safe loaders
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{filename}：不是正确的 YAML：{error}") from error
    if not isinstance(raw, dict) or ("procedure" not in raw and (raw.get("scenarios") or not raw.get("tables"))):
        raise ScenarioError(f"{filename}：缺少 procedure（由人发起的流程）")
    _known(raw, _BOOK_KEYS, filename)
    openings = {name: _opening(item, f"{filename} 开头“{name}”") for name, item in (raw.get("openings") or {}).items()}
    scenarios = tuple(
        _scenario(item, openings, f"{filename} 第{n}个情形") for n, item in enumerate(raw.get("scenarios") or [], 1)
    )
    return Book(filename, raw.get("procedure", ""), raw.get("values") or {}, raw.get("tables") or {}, scenarios)


def _opening(raw: Any, where: str) -> Mapping[str, Any]:
    """A beginning that several scenarios share."""
    if not isinstance(raw, dict) or not isinstance(raw.get("given"), dict):
        raise ScenarioError(f"{where}：缺少 given")
    _known(raw, _OPENING_KEYS, where)
    _known(raw["given"], _GIVEN_KEYS - {"opening"}, f"{where} given")
    return raw


def _scenario(raw: Any, openings: Mapping[str, Mapping[str, Any]], where: str) -> Scenario:
    if not isinstance(raw, dict) or not raw.get("title") or not isinstance(raw.get("given"), dict):
        raise ScenarioError(f"{where}：缺少 title 或 given")
    where = f"{where}“{raw['title']}”"
    _known(raw, frozenset({"title", "shows", "given", "steps", "expect"}), where)
    _known(raw["given"], _GIVEN_KEYS, f"{where} given")
    expect = raw.get("expect") or {}
    _known(expect, _EXPECT_KEYS, f"{where} expect")
    for process, end in (expect.get("cases") or {}).items():
        _known(end or {}, _END_KEYS, f"{where} expect cases {process}")
    name = raw["given"].get("opening")
    if name is not None and name not in openings:
        raise ScenarioError(f"{where}：没有开头“{name}”，请写在文件的 openings 里")
    opening = openings[name] if name is not None else {"given": {}}
    given = {**opening["given"], **{key: value for key, value in raw["given"].items() if key != "opening"}}
    steps = [*_steps(opening.get("steps"), where, f"开头“{name}”"), *_steps(raw.get("steps"), where, "")]
    if not {"at", "who"} <= given.keys():
        raise ScenarioError(f"{where}：given 里缺少 at（发起时间）或 who（发起人）")
    for other in given.get("earlier") or ():
        _known(other, _EARLIER_KEYS, f"{where} earlier")
    return Scenario(raw["title"], given, tuple(steps), expect, _shows(raw.get("shows") or [], where))


def _shows(raw: Any, where: str) -> tuple[str, ...]:
    if not isinstance(raw, list) or not all(isinstance(id_, str) and _REQUIREMENT.fullmatch(id_) for id_ in raw):
        raise ScenarioError(f"{where} shows：应写要求编号的列表，例如 [R001, R013]")
    return tuple(raw)


def _steps(raw: Any, where: str, part: str) -> list[ScenarioStep]:
    return [_step(item, where, f"{part}第{n}步") for n, item in enumerate(raw or [], 1)]


def _step(raw: Any, where: str, label: str) -> ScenarioStep:
    where = f"{where} {label}"
    if not isinstance(raw, dict):
        raise ScenarioError(f"{where}：不是“名称: 内容”的写法")
    _known(raw, _STEP_KEYS, where)
    if len(raw.keys() & _DEEDS) != 1:
        raise ScenarioError(
            f"{where}：应写 who 和 does（办理）、gives_back（放回）、acts（操作）、opens（发起关联事项）之一，"
            "或者只写 wait_until"
        )
    return ScenarioStep(
        label,
        raw.get("at"),
        raw.get("who", ""),
        raw.get("case", ""),
        raw.get("does", ""),
        raw.get("gives_back", ""),
        raw.get("acts", ""),
        raw.get("opens", ""),
        raw.get("values") or {},
        raw.get("wait_until"),
        raw.get("refused", False),
        raw.get("open"),
        raw.get("clocks") or (),
    )


def _known(raw: Mapping[Any, Any], allowed: frozenset[str], where: str) -> None:
    # YAML 1.1 reads a bare `on`, `yes` or `no` as true or false; the sentence should say so, not merely "unknown True".
    for key in raw:
        if key not in allowed:
            hint = "（on、yes、no 等词要加引号）" if isinstance(key, bool) else ""
            raise ScenarioError(f"{where}：不认识“{key}”{hint}，可用的有：{'、'.join(sorted(allowed))}")


def read_moment(text: date | str) -> datetime:
    """`2026-03-02 09:30`, Beijing time. Raises ScenarioError."""
    if isinstance(text, datetime):
        return text.replace(tzinfo=BEIJING)
    if isinstance(text, date):
        return datetime(text.year, text.month, text.day, tzinfo=BEIJING)
    try:
        return datetime.strptime(str(text), "%Y-%m-%d %H:%M").replace(tzinfo=BEIJING)
    except ValueError as error:
        raise ScenarioError(f"时间“{text}”应写成 2026-03-02 09:30") from error
