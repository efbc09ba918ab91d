"""A case on its diagram: marks and step table from walked paths."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from processes.engine.diagrams.model import Flow, Node, Process
from processes.engine.diagrams.picture import (
    called_scopes,
    current_drawing,
    marks,
    step_table,
    walking_order,
)
from processes.engine.diagrams.trail import Standing, Walked, trail

AT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


def process(key: str, nodes: list[Node], flows: list[tuple[str, str]]) -> Process:
    return Process(
        id=key,
        name=key,
        card={},
        title="",
        number_prefix="",
        nodes={node.id: node for node in nodes},
        flows={f"{a}_{b}": Flow(f"{a}_{b}", "", a, b) for a, b in flows},
    )


OUTER = process(
    "outer",
    [
        Node("end", "办结", "endEvent", "outer"),
        Node("start", "开始", "startEvent", "outer"),
        Node("plan", "拟方案", "userTask", "outer", basis="第一条"),
        Node("call", "审批", "callActivity", "outer", called="inner"),
        Node("work", "落实", "subProcess", "outer"),
        Node("work_start", "", "startEvent", "outer", parent="work"),
        Node("notice", "发通知", "userTask", "outer", parent="work"),
    ],
    [("start", "plan"), ("plan", "call"), ("call", "work"), ("work", "end"), ("work_start", "notice")],
)
INNER = process(
    "inner",
    [Node("asked", "送审", "startEvent", "inner"), Node("decide", "审批", "userTask", "inner")],
    [("asked", "decide")],
)
PROCESSES = {"outer": OUTER, "inner": INNER}


def walked(path: list[tuple[str, str, str]], flows: list[tuple[str, str]], who: str = "陈静") -> Walked:
    detail: dict[str, Any] = {"path": [list(item) for item in path], "flows": [list(item) for item in flows]}
    return Walked(AT, who, detail)


STARTED = walked([("outer", "start", "done")], [("outer", "start_plan")])
PLANNED = walked(
    [("outer", "plan", "done"), ("inner", "asked", "done")], [("outer", "plan_call"), ("inner", "asked_decide")]
)
ON_DESK = Standing("inner", "decide", "王建国", AT, date(2026, 3, 5))


def states(found: Any, scope: str) -> dict[str, str]:
    return {step.node: step.state for step in step_table(found, PROCESSES, scope)}


def test_steps_are_listed_as_a_case_walks_them_and_a_sub_process_before_what_follows_it() -> None:
    assert [node.id for node in walking_order(OUTER)] == [
        "start",
        "plan",
        "call",
        "work",
        "work_start",
        "notice",
        "end",
    ]


def test_a_call_is_current_while_somebody_stands_inside_it() -> None:
    found = trail([STARTED, PLANNED], [ON_DESK], running=True)
    assert states(found, "outer") == {
        "start": "done",
        "plan": "done",
        "call": "current",
        "work": "ahead",
        "work_start": "ahead",
        "notice": "ahead",
        "end": "ahead",
    }
    assert states(found, "inner") == {"asked": "done", "decide": "current"}
    assert current_drawing(found, PROCESSES, "outer") == "inner"
    assert marks(found, PROCESSES, "inner")["current"] == [{"node": "decide", "people": "王建国"}]
    assert marks(found, PROCESSES, "outer")["flows"] == ["start_plan", "plan_call"]


def test_a_returned_case_stands_on_the_earlier_step_and_counts_its_rounds() -> None:
    back = walked([("inner", "decide", "done"), ("outer", "call", "done")], [], "王建国")
    again = [STARTED, PLANNED, back, PLANNED, back]
    found = trail(again, [Standing("outer", "plan", "陈静", AT)], running=True)
    assert states(found, "outer")["plan"] == "current"
    assert states(found, "outer")["call"] == "done"
    assert found.visits["inner", "decide"].times == 2


def test_a_multi_instance_task_names_everybody_who_did_a_part_and_counts_once() -> None:
    first = walked([("inner", "decide", "instance")], [], "周敏")
    second = walked([("inner", "decide", "instance"), ("inner", "decide", "done")], [], "李国强")
    found = trail([STARTED, PLANNED, first, second], [], running=True)
    visit = found.visits["inner", "decide"]
    assert (visit.times, visit.who) == (1, "周敏、李国强")


def test_a_sub_process_is_current_with_the_task_inside_it() -> None:
    found = trail([STARTED], [Standing("outer", "notice", "赵磊", AT)], running=True)
    assert states(found, "outer")["work"] == "current"


def test_nothing_waits_in_a_case_that_has_ended() -> None:
    found = trail([STARTED, PLANNED], [], running=False)
    assert "current" not in states(found, "outer").values()


def test_an_incident_marks_the_node_that_failed() -> None:
    found = trail([STARTED], [], running=True, failed=[("outer", "call")])
    step = next(step for step in step_table(found, PROCESSES, "outer") if step.node == "call")
    assert step.state_name == "出错"


def test_what_was_taken_back_is_told_from_what_was_never_reached() -> None:
    found = trail([walked([("inner", "decide", "cancelled")], [])], [], running=True)
    assert states(found, "inner") == {"asked": "ahead", "decide": "skipped"}


def test_called_diagrams_are_found_once_even_when_they_call_each_other() -> None:
    loop = process("inner", [Node("c", "", "callActivity", "inner", called="outer")], [])
    assert called_scopes({"outer": OUTER, "inner": loop}, "outer") == ["outer", "inner"]
