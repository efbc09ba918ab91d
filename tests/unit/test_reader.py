"""A diagram as plain data."""

from __future__ import annotations

import pytest

from processes.engine.diagrams.model import Binding
from processes.engine.diagrams.reader import read_bpmn
from processes.engine.diagrams.safe_xml import HostileXml
from tests.unit.check.drawing import (
    between,
    diagram,
    element,
    end,
    flow,
    gateway,
    line,
    process,
    start,
    timer,
    user,
)

MESSAGE = '<bpmn:message id="m" name="paper_received"/>'


def test_process_card_case_and_lanes_are_read() -> None:
    sample = read_bpmn(between(user("middle")), "sample.bpmn").processes[0]
    assert (sample.id, sample.name, sample.title, sample.number_prefix) == ("sample", "样例", "subject", "样")
    assert sample.card["agency"] == "有"
    assert sample.lanes == {"经办": "centre_clerk"}
    assert sample.executable


def test_a_task_carries_its_settings_lane_role_and_clause() -> None:
    settings = '<banli:task form="decide" title="kind" exclude="[1]" limit="reply" outcome="decision" decided_by="t"/>'
    node = read_bpmn(between(user("middle", settings, name="审核")), "x.bpmn").processes[0].nodes["middle"]
    assert (node.kind, node.name, node.lane, node.role, node.basis) == (
        "userTask",
        "审核",
        "经办",
        "centre_clerk",
        "S1:1 某条",
    )
    assert node.task is not None
    assert (node.task.form, node.task.outcome, node.task.decided_by, node.task.entry) == (
        "decide",
        "decision",
        "t",
        False,
    )
    assert node.limit == "reply"


def test_functions_tables_and_calls_are_read_with_their_bindings() -> None:
    bindings = '<banli:in name="of" value="kind"/><banli:out name="total" value="count"/>'
    nodes = (
        read_bpmn(
            process(
                element("serviceTask", "one", "", '<banli:handler name="sample.count"/>' + bindings),
                element("businessRuleTask", "two", "", '<banli:decision key="levels"/>'),
                element("callActivity", "three", "", bindings, calledElement="helper"),
            ),
            "x.bpmn",
        )
        .processes[0]
        .nodes
    )
    assert (nodes["one"].handler, nodes["two"].decision, nodes["three"].called) == ("sample.count", "levels", "helper")
    assert nodes["one"].inputs == nodes["three"].inputs == (Binding("of", "kind"),)
    assert nodes["one"].outputs == (Binding("total", "count"),)


def test_events_are_read_with_what_they_wait_for() -> None:
    late = element(
        "boundaryEvent", "late", timer("'PT2H'", "timeDuration"), attachedToRef="middle", cancelActivity="false"
    )
    wait = element("intermediateCatchEvent", "wait", '<bpmn:messageEventDefinition messageRef="m"/>')
    stop = end("stop", "<bpmn:terminateEventDefinition/>")
    nodes = read_bpmn(process(user("middle"), late, wait, stop, outside=MESSAGE), "x.bpmn").processes[0].nodes
    assert (nodes["late"].event, nodes["late"].timer, nodes["late"].timer_kind) == ("timer", "'PT2H'", "timeDuration")
    assert (nodes["late"].attached_to, nodes["late"].interrupting) == ("middle", False)
    assert (nodes["wait"].event, nodes["wait"].message) == ("message", "paper_received")
    assert (nodes["stop"].event, nodes["start"].event) == ("terminate", "")


def test_nodes_inside_a_subprocess_know_it_and_share_its_lane() -> None:
    inner = start("s") + user("inner") + end("e") + line("s", "inner", "e")
    sample = read_bpmn(between(element("subProcess", "middle", inner)), "x.bpmn").processes[0]
    assert (sample.nodes["inner"].parent, sample.nodes["middle"].parent) == ("middle", "")
    assert (sample.nodes["inner"].lane, sample.nodes["inner"].role) == ("经办", "centre_clerk")
    assert sample.flows["s_inner"].target == "inner"


def test_a_multi_instance_is_read() -> None:
    loop = (
        '<bpmn:multiInstanceLoopCharacteristics isSequential="true"><bpmn:loopDataInputRef>people'
        '</bpmn:loopDataInputRef><bpmn:loopDataOutputRef>all</bpmn:loopDataOutputRef><bpmn:inputDataItem id="one"/>'
        '<bpmn:outputDataItem id="decision"/><bpmn:completionCondition xsi:type="bpmn:tFormalExpression">'
        "decision != 'agree'</bpmn:completionCondition></bpmn:multiInstanceLoopCharacteristics>"
    )
    node = read_bpmn(between(user("middle", inside=loop)), "x.bpmn").processes[0].nodes["middle"]
    assert (node.multi_instance, node.item, node.collected, node.output_item) == ("people", "one", "all", "decision")
    assert node.sequential
    assert node.completion_condition == "decision != 'agree'"


def test_flows_are_read_with_condition_and_default() -> None:
    parts = (gateway("ask", default="ask_end"), end(), line("fill", "ask"))
    sample = read_bpmn(
        process(*parts, flow("ask", "end"), flow("ask", "fill", "kind == 'a'", "退回")), "x.bpmn"
    ).processes[0]
    assert sample.nodes["ask"].default_flow == "ask_end"
    assert (sample.flows["ask_fill"].condition, sample.flows["ask_fill"].name) == ("kind == 'a'", "退回")
    assert [f.id for f in sample.outgoing("ask")] == ["ask_end", "ask_fill"]


def test_what_is_not_drawn_is_told() -> None:
    assert read_bpmn(between(user("middle")), "x.bpmn").undrawn == ()
    assert "middle" in read_bpmn(between(user("middle"), drawn=False), "x.bpmn").undrawn


def test_inner_lanes_win_over_the_lane_that_groups_them() -> None:
    data = diagram(start(), user("middle"), end()).replace(
        b"</bpmn:lane></bpmn:laneSet>",
        '<bpmn:childLaneSet id="c"><bpmn:lane id="l2" name="内"><bpmn:extensionElements>'
        '<banli:role code="centre_head"/>'
        "</bpmn:extensionElements><bpmn:flowNodeRef>middle</bpmn:flowNodeRef></bpmn:lane></bpmn:childLaneSet>"
        "</bpmn:lane></bpmn:laneSet>".encode(),
    )
    sample = read_bpmn(data, "x.bpmn").processes[0]
    assert (sample.nodes["middle"].lane, sample.nodes["middle"].role) == ("内", "centre_head")
    assert sample.nodes["start"].lane == "经办"


def test_something_that_is_no_diagram_is_refused() -> None:
    with pytest.raises(HostileXml, match="BPMN"):
        read_bpmn(b"<html/>", "x.bpmn")
