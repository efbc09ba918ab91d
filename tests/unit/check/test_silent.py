"""What ran otherwise than it looked, without a word: lanes, lines, spellings and attributes of the standard."""

from __future__ import annotations

import re
from typing import Any

import pytest

from processes.engine.check import Finding
from processes.engine.diagrams.normalise import normalised
from processes.engine.diagrams.reader import read_bpmn
from tests.unit.check.drawing import (
    between,
    check,
    diagram,
    element,
    end,
    errors,
    flow,
    gateway,
    line,
    places,
    process,
    start,
    user,
)

PLAIN = between(user("middle")).decode()
SECOND_LANE = '<bpmn:lane id="other" name="局领导">{}</bpmn:lane></bpmn:laneSet>'


def with_second_lane(*nodes: str, role: str = "centre_head", name: str = "局领导") -> bytes:
    """The plain diagram with one more lane that names `nodes`."""
    inside = f'<bpmn:extensionElements><banli:role code="{role}"/></bpmn:extensionElements>'
    inside += "".join(f"<bpmn:flowNodeRef>{node}</bpmn:flowNodeRef>" for node in nodes)
    lane = SECOND_LANE.format(inside).replace("局领导", name)
    return PLAIN.replace("</bpmn:laneSet>", lane).encode()


def sentences(findings: list[Finding], code: str) -> list[str]:
    return [finding.sentence for finding in findings if finding.code == code]


def test_a_task_in_two_lanes_is_refused_and_both_lanes_are_named() -> None:
    findings = check(with_second_lane("middle"))
    assert places(findings, "lane_twice") == ["middle"]
    assert "「经办」和「局领导」两个泳道" in sentences(findings, "lane_twice")[0]


@pytest.mark.parametrize("node", ["start", "end", "fill"])
def test_every_kind_of_element_stands_in_one_lane_only(node: str) -> None:
    assert places(check(with_second_lane(node)), "lane_twice") == [node]


def test_a_lane_that_names_what_is_not_there_is_refused() -> None:
    findings = check(with_second_lane("midle"))
    assert places(findings, "lane_stranger") == ["other"]
    assert "「midle」不存在" in sentences(findings, "lane_stranger")[0]


def test_two_lanes_of_one_name_are_refused_for_the_role_is_looked_up_by_it() -> None:
    assert places(check(with_second_lane(name="经办")), "lane_name") == ["sample"]


def test_a_node_outside_all_lanes_is_refused_although_the_machine_would_run_it() -> None:
    text = PLAIN.replace("<bpmn:flowNodeRef>end</bpmn:flowNodeRef>", "").encode()
    assert places(check(text), "lane_missing") == ["end"]


def test_what_stands_in_a_divided_lane_and_in_its_part_stands_in_one_lane() -> None:
    inner = PLAIN[PLAIN.index('<bpmn:lane id="lane"') : PLAIN.index("</bpmn:laneSet>")]
    outer = '<bpmn:lane id="whole" name="中心"><bpmn:flowNodeRef>middle</bpmn:flowNodeRef>'
    outer += f'<bpmn:childLaneSet id="parts">{inner}'
    divided = PLAIN.replace(inner, f"{outer}</bpmn:childLaneSet></bpmn:lane>")
    assert errors(check(divided.encode())) == []


def test_inside_a_sub_process_the_lane_of_the_sub_process_holds() -> None:
    inside = f"{start('s2')}{user('inner')}{end('e2')}{line('s2', 'inner', 'e2')}"
    assert errors(check(between(element("subProcess", "middle", inside)))) == []


# --- the drawing ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "id_"), [("BPMNEdge", "fill_middle"), ("BPMNShape", "middle")])
def test_what_runs_and_is_not_drawn_is_refused_where_the_rest_is_drawn(kind: str, id_: str) -> None:
    drawn = re.sub(rf'<bpmndi:{kind} id="{id_}_di".*?</bpmndi:{kind}>', "", PLAIN)
    assert drawn != PLAIN
    findings = check(drawn.encode())
    assert places(findings, "not_drawn") == [id_]
    assert errors(findings) == ["not_drawn"]


def test_a_file_without_any_drawing_is_only_told_so() -> None:
    findings = check(between(user("middle"), drawn=False))
    assert errors(findings) == []
    assert places(findings, "not_drawn") == ["sample"]


# --- several faults of one element in one pass ------------------------------------------------------------------------


def test_a_task_without_settings_and_without_a_lane_is_told_both_at_once() -> None:
    bare = element("userTask", "middle")
    findings = check(between(bare, lane=False))
    assert "middle" in places(findings, "task_settings")
    assert "middle" in places(findings, "lane_missing")


# --- spellings of the standard ----------------------------------------------------------------------------------------

WAIT = '<bpmn:messageEventDefinition messageRef="{}"/>'
MESSAGE = '<bpmn:message id="Message_1" name="papers_came"/>'


def boundary(**attributes: Any) -> bytes:
    waiting = element("boundaryEvent", "came", WAIT.format("Message_1"), attachedToRef="middle", **attributes)
    after = end("other")
    return process(
        user("middle"), waiting, after, end(), line("fill", "middle", "end"), line("came", "other"), outside=MESSAGE
    )


def interrupting(data: bytes) -> bool:
    return read_bpmn(data, "sample.bpmn").processes[0].nodes["came"].interrupting


@pytest.mark.parametrize(("spelt", "expected"), [("1", True), ("0", False), (" true ", True), ("false", False)])
def test_every_spelling_of_a_truth_value_is_read_as_the_standard_reads_it(spelt: str, expected: bool) -> None:
    data = boundary(cancelActivity=spelt)
    assert interrupting(data) is expected
    assert errors(check(data)) == []


def test_a_sequential_multi_instance_written_with_1_does_not_slip_past_its_rule() -> None:
    loop = (
        '<bpmn:multiInstanceLoopCharacteristics isSequential="{}"><bpmn:loopDataInputRef>kind</bpmn:loopDataInputRef>'
        '<bpmn:inputDataItem id="person"/></bpmn:multiInstanceLoopCharacteristics>'
    )
    held = '<bpmn:dataObject id="kind"/>'
    told = [errors(check(between(user("middle", inside=loop.format(v)), held))) for v in ("true", "1")]
    assert told[0] == told[1]
    assert "multi_instance" in told[1]


def test_a_reference_with_the_files_own_prefix_is_the_same_reference() -> None:
    data = boundary().decode().replace('messageRef="Message_1"', 'messageRef="own:Message_1"')
    data = data.replace("<bpmn:definitions ", '<bpmn:definitions xmlns:own="t" ')
    assert errors(check(data.encode())) == []


def test_a_reference_into_another_file_finds_nothing_and_is_refused() -> None:
    data = boundary().decode().replace('messageRef="Message_1"', 'messageRef="far:Message_1"')
    data = data.replace("<bpmn:definitions ", '<bpmn:definitions xmlns:far="urn:far" ')
    assert places(check(data.encode()), "message_name") == ["came"]


def test_a_diagram_in_plain_spelling_is_kept_byte_for_byte() -> None:
    plain = boundary(cancelActivity="false")
    assert normalised(plain, "sample.bpmn") == plain


def test_another_spelling_is_written_plainly_and_then_stays_as_it_is() -> None:
    once = normalised(boundary(cancelActivity="1"), "sample.bpmn")
    assert b'cancelActivity="true"' in once
    assert normalised(once, "sample.bpmn") == once
    assert interrupting(once)


# --- attributes that would be passed over -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("startQuantity", "2"),
        ("completionQuantity", "3"),
        ("implementation", "http://example.org/send"),
        ("operationRef", "op"),
        ("somethingNew", "x"),
    ],
)
def test_an_attribute_whose_meaning_nothing_carries_out_is_refused(attribute: str, value: str) -> None:
    given: dict[str, Any] = {attribute: value}
    node = element("userTask", "middle", "", '<banli:task form="decide"/>', **given)
    findings = check(between(node))
    assert places(findings, "ignored_attribute") == ["middle"]
    assert attribute in sentences(findings, "ignored_attribute")[0]


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("startQuantity", "1"),
        ("completionQuantity", " 1 "),
        ("startQuantity", "+1"),
        ("implementation", "##unspecified"),
    ],
)
def test_what_says_only_what_holds_anyway_is_taken(attribute: str, value: str) -> None:
    given: dict[str, Any] = {attribute: value}
    node = element("userTask", "middle", "", '<banli:task form="decide"/>', **given)
    assert errors(check(between(node))) == []


def test_a_condition_in_another_language_is_refused_by_its_attribute() -> None:
    choice = gateway("middle", default="middle_end")
    nodes = (choice, end(), end("other"), line("fill", "middle"), flow("middle", "end"))
    other = flow("middle", "other", "kind == 'a'")
    plain = process(*nodes, other)
    assert errors(check(plain)) == []
    spoken = process(
        *nodes, other.replace("<bpmn:conditionExpression ", '<bpmn:conditionExpression language="groovy" ')
    )
    assert errors(check(spoken)) == ["ignored_attribute"]


def test_a_whole_file_in_another_expression_language_is_refused() -> None:
    spoken = PLAIN.replace("<bpmn:definitions ", '<bpmn:definitions expressionLanguage="http://www.java.com/java" ')
    assert errors(check(spoken.encode())) == ["ignored_attribute"]
    common = PLAIN.replace("<bpmn:definitions ", '<bpmn:definitions expressionLanguage="http://www.w3.org/1999/XPath" ')
    assert errors(check(common.encode())) == []


# --- what an editor would lose ----------------------------------------------------------------------------------------


def test_the_list_of_a_multi_instance_needs_a_data_object_that_holds_it() -> None:
    loop = (
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopDataInputRef>kind</bpmn:loopDataInputRef>"
        '<bpmn:inputDataItem id="person"/></bpmn:multiInstanceLoopCharacteristics>'
    )
    inside = user("middle", inside=loop)
    findings = check(between(inside))
    assert errors(findings) == ["list_not_held"]
    assert '<bpmn:dataObject id="kind"/>' in sentences(findings, "list_not_held")[0]
    assert errors(check(between(inside, '<bpmn:dataObject id="kind"/>'))) == []


def test_a_message_that_no_event_uses_is_told() -> None:
    findings = check(between(user("middle"), outside='<bpmn:message id="Message_9" name="left_over"/>'))
    assert errors(findings) == []
    assert places(findings, "message_unused") == ["Message_9"]


def test_a_message_start_is_a_way_to_begin() -> None:
    begin = start("begun", WAIT.format("Message_1"))
    body = (start(), user("fill"), end(), begin, user("read"), end("e2"), line("start", "fill", "end"))
    data = diagram(*body, line("begun", "read", "e2"), card="", case="", outside=MESSAGE)
    assert "nobody_starts" not in errors(check(data))
