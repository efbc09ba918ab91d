"""The whitelist: what SpiffWorkflow ignores or gets wrong is refused, with its place and another way to do it."""

from __future__ import annotations

import pytest

from tests.unit.check.drawing import (
    FORMS,
    between,
    check,
    diagram,
    element,
    end,
    errors,
    flow,
    line,
    places,
    process,
    start,
    timer,
    user,
)

MESSAGE = '<bpmn:message id="m" name="paper_received"/>'
ON_MESSAGE = '<bpmn:messageEventDefinition messageRef="m"/>'


def test_a_plain_diagram_has_no_findings() -> None:
    assert check(between(user("middle"))) == []


@pytest.mark.parametrize(
    "tag", ["task", "manualTask", "scriptTask", "sendTask", "receiveTask", "complexGateway", "transaction"]
)
def test_a_kind_of_node_that_is_not_supported_is_refused(tag: str) -> None:
    assert places(check(between(element(tag, "middle"))), "element") == ["middle"]


def test_an_ad_hoc_subprocess_is_refused() -> None:
    findings = check(between(element("adHocSubProcess", "middle", start("s") + end("e") + line("s", "e"))))
    assert places(findings, "element") == ["middle"]


@pytest.mark.parametrize("kind", ["signal", "error", "escalation", "compensate", "cancel"])
def test_an_end_event_that_would_do_nothing_is_refused(kind: str) -> None:
    findings = check(process(end("end", f"<bpmn:{kind}EventDefinition/>"), line("fill", "end")))
    assert places(findings, "element") == ["end"]


@pytest.mark.parametrize("tag", ["intermediateThrowEvent", "intermediateCatchEvent"])
def test_a_link_event_is_refused_because_the_case_would_stop_there(tag: str) -> None:
    findings = check(between(element(tag, "middle", '<bpmn:linkEventDefinition name="x"/>')))
    assert places(findings, "element") == ["middle"]


@pytest.mark.parametrize("definition", ["<bpmn:conditionalEventDefinition/>", "<bpmn:signalEventDefinition/>"])
def test_a_boundary_event_of_a_kind_that_is_not_supported_is_refused(definition: str) -> None:
    late = element("boundaryEvent", "late", definition, attachedToRef="middle")
    findings = check(between(user("middle"), late, end("other"), line("late", "other")))
    assert places(findings, "element") == ["late"]


def test_an_event_subprocess_is_refused() -> None:
    inner = start("s", ON_MESSAGE) + end("e") + line("s", "e")
    findings = check(
        between(user("middle"), element("subProcess", "aside", inner, triggeredByEvent="true"), outside=MESSAGE)
    )
    assert "aside" in places(findings, "event_subprocess")


def test_a_compensation_handler_is_refused() -> None:
    assert places(check(between(user("middle", isForCompensation="true"))), "compensation") == ["middle"]


def test_a_loop_marker_is_refused() -> None:
    findings = check(between(user("middle", inside="<bpmn:standardLoopCharacteristics/>")))
    assert places(findings, "element") == ["middle"]


@pytest.mark.parametrize(
    "loop",
    [
        "<bpmn:multiInstanceLoopCharacteristics/>",
        '<bpmn:multiInstanceLoopCharacteristics isSequential="true"><bpmn:loopDataInputRef>people'
        '</bpmn:loopDataInputRef><bpmn:inputDataItem id="one"/></bpmn:multiInstanceLoopCharacteristics>',
        '<bpmn:multiInstanceLoopCharacteristics behavior="One"><bpmn:loopDataInputRef>people</bpmn:loopDataInputRef>'
        "</bpmn:multiInstanceLoopCharacteristics>",
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopDataInputRef>people</bpmn:loopDataInputRef>"
        "<bpmn:loopDataOutputRef>all</bpmn:loopDataOutputRef></bpmn:multiInstanceLoopCharacteristics>",
    ],
    ids=["no list", "sequential without result", "throws an event", "result list without item"],
)
def test_a_multi_instance_that_would_fail_is_refused(loop: str) -> None:
    assert places(check(between(user("middle", inside=loop))), "multi_instance") == ["middle"]


def test_a_multi_instance_by_number_is_refused() -> None:
    loop = (
        '<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality xsi:type="bpmn:tFormalExpression">3'
        "</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"
    )
    assert places(check(between(user("middle", inside=loop))), "element") == ["middle"]


def test_a_multi_instance_on_a_service_task_is_refused() -> None:
    loop = (
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopDataInputRef>kind</bpmn:loopDataInputRef>"
        "</bpmn:multiInstanceLoopCharacteristics>"
    )
    findings = check(between(element("serviceTask", "middle", loop, '<banli:handler name="sample.count"/>')))
    assert places(findings, "multi_instance") == ["middle"]


def test_a_timer_cycle_is_refused() -> None:
    findings = check(between(element("intermediateCatchEvent", "middle", timer("'R/PT1H'", "timeCycle"))))
    assert places(findings, "element") == ["middle"]


def test_a_start_by_timer_is_refused() -> None:
    findings = check(
        diagram(start("start", timer("'PT1H'", "timeDuration")), user("fill"), end(), line("start", "fill", "end"))
    )
    assert places(findings, "event_definition") == ["start"]


def test_a_catching_event_that_waits_for_nothing_is_refused() -> None:
    assert places(check(between(element("intermediateCatchEvent", "middle"))), "event_definition") == ["middle"]


def test_an_event_with_two_triggers_is_refused() -> None:
    both = ON_MESSAGE + timer("'PT1H'", "timeDuration")
    findings = check(between(element("intermediateCatchEvent", "middle", both), outside=MESSAGE))
    assert places(findings, "event_definition") == ["middle"]


def test_a_data_object_is_only_drawn() -> None:
    data = (
        '<bpmn:dataObject id="o"/><bpmn:dataObjectReference id="paper" dataObjectRef="o"/>'
        '<bpmn:textAnnotation id="note"><bpmn:text>注</bpmn:text></bpmn:textAnnotation>'
        '<bpmn:association id="link" sourceRef="middle" targetRef="note"/>'
    )
    assert errors(check(between(user("middle"), data))) == ["schema"]  # artifacts stand after flow elements
    tidy = diagram(
        start(), user("fill", '<banli:task form="sample" entry="true"/>'), end(), line("start", "fill", "end"), data
    )
    assert errors(check(tidy)) == []


def test_a_data_store_is_refused() -> None:
    findings = check(between(user("middle"), '<bpmn:dataStoreReference id="store" name="库"/>'))
    assert places(findings, "element") == ["store"]


def test_a_misspelt_extension_is_refused() -> None:
    findings = check(between(user("middle", '<banli:taks form="decide"/>')))
    assert places(findings, "extension") == ["middle"]


def test_a_misspelt_attribute_of_an_extension_is_refused() -> None:
    findings = check(between(user("middle", '<banli:task form="decide" asignee="1"/>')))
    assert places(findings, "extension") == ["middle"]


def test_a_diagram_from_camunda_is_told_how_to_say_it_here() -> None:
    camunda = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="http://bpmn.io/schema/bpmn">
  <bpmn:process id="sample" name="报销" isExecutable="true" camunda:historyTimeToLive="30">
    <bpmn:startEvent id="start"/>
    <bpmn:userTask id="review" name="审核" camunda:formKey="embedded:app:form.html" camunda:candidateGroups="clerks"/>
    <bpmn:serviceTask id="pay" name="付款" camunda:class="org.example.Pay">
      <bpmn:extensionElements><camunda:inputOutput/></bpmn:extensionElements>
    </bpmn:serviceTask>
    <bpmn:endEvent id="end"/>
    <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="review"/>
    <bpmn:sequenceFlow id="f2" sourceRef="review" targetRef="pay"/>
    <bpmn:sequenceFlow id="f3" sourceRef="pay" targetRef="end"/>
  </bpmn:process>
</bpmn:definitions>""".encode()
    findings = check(camunda)
    assert places(findings, "foreign_extension") == ["sample", "review", "review", "pay", "pay"]
    sentences = [f.sentence for f in findings if f.code == "foreign_extension"]
    assert any("Camunda" in s and "formKey" in s and "banli:task" in s for s in sentences)
    assert any("class" in s and "banli:handler" in s for s in sentences)
    assert {"task_settings", "handler"} <= set(errors(findings))


def test_colours_of_the_editor_are_no_concern() -> None:
    coloured = between(user("middle")).replace(
        b'bpmnElement="middle"',
        b'bpmnElement="middle" xmlns:bioc="http://bpmn.io/schema/bpmn/biocolor/1.0" bioc:stroke="#000"',
    )
    assert errors(check(coloured)) == []


def test_a_departure_from_the_standard_is_named_with_its_line() -> None:
    findings = check(between(user("middle")).replace(b'<bpmn:endEvent id="end"', b'<bpmn:endEvent wrong="1" id="end"'))
    assert len(places(findings, "schema")) == 1
    assert any("第 2 行" in finding.sentence and "wrong" in finding.sentence for finding in findings)


def test_two_processes_in_one_file_are_refused() -> None:
    other = '<bpmn:process id="other" isExecutable="true"/>'
    assert errors(check(between(user("middle"), outside=other))) == ["one_process"]


def test_a_process_that_is_not_named_like_its_file_is_refused() -> None:
    assert places(check(other=between(user("middle"))), "file_name") == ["sample"]


def test_an_id_used_twice_is_refused_before_anything_else_is_looked_at() -> None:
    assert places(check(between(user("middle"), user("middle"))), "same_id") == ["middle"]


def test_a_node_without_an_id_is_refused() -> None:
    findings = check(between(user("middle")).replace(b'<bpmn:endEvent id="end"', b"<bpmn:endEvent"))
    assert errors(findings) == ["same_id"]


def test_a_form_that_cannot_be_read_is_named_and_not_called_missing() -> None:
    findings = check(between(user("middle")), forms={**FORMS, "decide": b"{"})
    assert errors(findings) == ["form"]
    assert findings[0].file == "decide.form"


def test_a_message_flow_is_refused() -> None:
    pools = (
        '<bpmn:collaboration id="c"><bpmn:participant id="p1" processRef="sample"/><bpmn:participant id="p2"/>'
        '<bpmn:messageFlow id="mf" sourceRef="p1" targetRef="p2"/></bpmn:collaboration>'
    )
    assert places(check(between(user("middle"), outside=pools)), "element") == ["mf"]


def test_every_finding_names_its_file() -> None:
    findings = check(between(element("scriptTask", "middle"), flow("gone", "end")))
    assert {finding.file for finding in findings} == {"sample.bpmn"}
