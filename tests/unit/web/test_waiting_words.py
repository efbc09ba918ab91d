"""What a case waits for, in the words of its page."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import files

import pytest

from processes.engine.diagrams.model import CATCHING, Node, TaskSettings
from processes.engine.diagrams.reader import read_bpmn
from processes.engine.kernel.waiting import Wait
from webapp.cases.waiting import Awaited, in_words

DUE = datetime(2026, 3, 11, 16, 0, tzinfo=UTC)
"""Midnight that begins 12 March in Beijing."""


def event(name: str, kind: str, **more: object) -> Node:
    return Node("e", name, "intermediateCatchEvent", "p", event=kind, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wait", "step", "people"),
    [
        (Wait(event("满10日", "timer"), DUE), "等待“满10日”", "2026-03-12 到时继续"),
        (Wait(event("满10日", "timer")), "等待“满10日”", "期限扣除中，到时的日期未定"),
        (Wait(event("", "timer"), DUE), "等待“到期”", "2026-03-12 到时继续"),
        (Wait(event("收到回函", "message", task=TaskSettings("f"))), "等待“收到回函”", "由办理人登记后继续"),
        (Wait(event("等待处罚案件办结", "message", message="m")), "等待处罚案件办结", "等 立案〔2026〕3号 办出结果"),
        (Wait(event("", "message", message="other")), "等待“消息”", "收到其他事项的消息时继续"),
    ],
)
def test_each_kind_of_event_is_said_in_words(wait: Wait, step: str, people: str) -> None:
    senders = {"m": ["立案〔2026〕3号"]}
    assert in_words(wait, lambda message: senders.get(message, [])) == Awaited(step, people)


def test_every_event_that_a_shipped_diagram_waits_for_has_a_name() -> None:
    for path in files("processes").iterdir():
        for file in path.iterdir() if path.is_dir() else ():
            if file.name.endswith(".bpmn"):
                (process,) = read_bpmn(file.read_bytes(), file.name).processes
                assert [node.id for node in process.of_kind(*CATCHING) if not node.name] == []
