"""Comparing what has become of a case with what a scenario expects; every difference is a Chinese sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, select

from handlers.store.states import EventKind
from handlers.store.tables import clock, delivery, event, letter
from processes.engine.diagrams.model import CATCHING
from processes.engine.kernel.release import Release
from processes.engine.scenarios.stage import Stage


def desk_names(stage: Stage, case: int) -> str:
    """The case's open tasks in words."""
    return "、".join(row.name for row in stage.open_tasks(case)) or "无"


def desks(stage: Stage, case: int, expected: Sequence[Mapping[str, Any]], where: str) -> Iterator[str]:
    """Differences between the case's open tasks and `open` of a step."""
    rows = stage.open_tasks(case)
    if sorted(row.name for row in rows) != sorted(str(item["task"]) for item in expected):
        names = "、".join(str(item["task"]) for item in expected) or "无"
        yield f"{where} 之后桌上应当有：{names}；实际：{desk_names(stage, case)}"
        return
    left = list(rows)
    for item in expected:
        match = next((row for row in left if not list(_differences(stage, row, item))), None)
        if match is not None:
            left.remove(match)
            continue
        closest = next(row for row in left if row.name == item["task"])
        for difference in _differences(stage, closest, item):
            yield f"{where} 之后“{item['task']}”{difference}"


def _differences(stage: Stage, row: Row[Any], item: Mapping[str, Any]) -> Iterator[str]:
    if row.name != item["task"]:
        yield f"是“{row.name}”"
    if "may" in item and stage.able(row) != sorted(item["may"]):
        yield f"应由 {sorted(item['may'])} 办理，实际 {stage.able(row)}"
    if "due" in item and str(row.due_on) != str(item["due"]):
        yield f"应于 {item['due']} 到期，实际 {row.due_on}"


def clocks(stage: Stage, case: int, expected: Sequence[Mapping[str, Any]], where: str) -> Iterator[str]:
    """Differences between the newest clock of each limit that `clocks` of a step names and what it says of it."""
    if not expected:
        return
    with stage.database.read() as connection:
        rows = connection.execute(select(clock).where(clock.c.instance_id == case).order_by(clock.c.id)).all()
    newest = {row.code: row for row in rows}
    for item in expected:
        row = newest.get(item["code"])
        if row is None:
            yield f"{where} 之后应有期限“{item['code']}”；实际：{'、'.join(newest) or '无'}"
            continue
        if "due" in item and str(row.due_on) != str(item["due"]):
            yield f"{where} 之后期限“{item['code']}”应于 {item['due']} 届满，实际 {row.due_on}"
        if "state" in item and row.state != item["state"]:
            yield f"{where} 之后期限“{item['code']}”应为 {item['state']}，实际 {row.state}"


def end(stage: Stage, case: int, expect: Mapping[str, Any]) -> Iterator[str]:
    """Differences between a case and `expect` of a scenario: path, outcome, letters, delivered, history."""
    with stage.database.read() as connection:
        events = connection.execute(select(event).where(event.c.instance_id == case).order_by(event.c.position)).all()
        letters = select(letter.c.template).where(letter.c.instance_id == case).order_by(letter.c.id)
        templates = list(connection.scalars(letters))
        reached = list(connection.scalars(letters.where(letter.c.id.in_(select(delivery.c.letter_id)))))
    if "path" in expect:
        release = stage.engine().library.release(events[0].detail["release_id"])
        yield from _same("走过的步骤", expect["path"], list(_path(events, release)))
    ended = [row.outcome for row in events if row.kind == "ended"]
    yield from _same("办理结果", expect.get("outcome"), ended[0] if ended else None)
    if "letters" in expect:
        yield from _same("文书", expect["letters"], templates)
    if "delivered" in expect:
        yield from _same("登记了送达的文书", expect["delivered"], reached)
    yield from _history(expect.get("history") or [], events)


def _same(what: str, expected: object, actual: object) -> Iterator[str]:
    if expected != actual:
        yield f"{what}应为 {expected}，实际 {actual}"


def _history(expected: Sequence[str], events: Sequence[Row[Any]]) -> Iterator[str]:
    lines = iter([" ".join(filter(None, (row.actor_name, row.node_name, row.outcome))) for row in events])
    for line in expected:
        # Membership in an iterator consumes it, so the lines must come in this order.
        if line not in lines:
            yield f"经过里没有依次出现“{line}”"
            return


def _path(events: Sequence[Row[Any]], release: Release) -> Iterator[str]:
    for row in events:
        if row.kind == EventKind.COMPLETED:
            yield row.node
        for scope, node_id, kind in row.detail.get("path", ()):
            node = release.node(scope, node_id)
            caught = node.kind in CATCHING and kind != "cancelled"
            ended = node.kind == "endEvent" and scope == release.process and not node.parent
            if caught or ended:
                yield node_id
