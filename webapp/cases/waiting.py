"""Where a case stands that is on nobody's desk: what it waits for, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Row

from handlers.cases.links import linked_rows
from handlers.store.states import OPEN_STATES
from handlers.time_source import beijing_date
from processes.engine.kernel.waiting import Wait
from webapp.extensions import services


@dataclass(frozen=True, slots=True)
class Awaited:
    """One thing that is waited for, shown where open tasks are: `people` says from whom, or until when."""

    step: str
    people: str


def awaited(instance_ids: Iterable[int]) -> dict[int, tuple[Awaited, ...]]:
    """By case, what it waits for; to be asked of cases without an open task. Two statements, however many cases."""
    cases = list(instance_ids)
    if not cases:
        return {}
    waits: dict[int, list[Wait]] = services().engine.waits(cases)
    with services().database.read() as connection:
        linked = linked_rows(connection, waits)
    senders = {number: partial(_senders, rows) for number, rows in linked.items()}
    words = {number: tuple(in_words(wait, senders[number]) for wait in of_case) for number, of_case in waits.items()}
    return {number: items for number, items in words.items() if items}


def in_words(wait: Wait, senders_of: Callable[[str], Sequence[str]]) -> Awaited:
    """One event; `senders_of` gives the numbers of the cases that may send a message."""
    name = wait.node.name or ("到期" if wait.node.event == "timer" else "消息")
    return Awaited(name if name.startswith("等待") else f"等待“{name}”", _from_whom(wait, senders_of))


def _from_whom(wait: Wait, senders_of: Callable[[str], Sequence[str]]) -> str:
    if wait.node.event == "timer":
        return f"{beijing_date(wait.due_at).isoformat()} 到时继续" if wait.due_at else "期限扣除中，到时的日期未定"
    if wait.node.task:
        return "由办理人登记后继续"
    senders = "、".join(senders_of(wait.node.message))
    return f"等 {senders} 办出结果" if senders else "收到其他事项的消息时继续"


def _senders(linked: Sequence[Row[Any]], message: str) -> list[str]:
    """The open cases among the linked ones that can still send it."""
    library = services().engine.library
    still_open = (row for row in linked if row.status in OPEN_STATES)
    return [row.number for row in still_open if message in library.release(row.release_id).thrown_messages]
