"""The whitelist of BPMN elements, and for everything else the way to say it here.

SpiffWorkflow passes many elements through without a word: a link, a signal end event, a condition on the wrong flow.
What is not on the list is refused, so a diagram never does something else than it shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields

from lxml import etree

from processes.engine.check import attributes
from processes.engine.check.bundle import Bundle, Diagram
from processes.engine.check.finding import Finding
from processes.engine.diagrams.model import BANLI, BPMN, CARD_LABELS, TaskSettings
from processes.engine.diagrams.reader import local

# Data objects and the lines to them are drawn for people only; the compiler leaves them out.
ALLOWED = frozenset(
    {
        "definitions",
        "documentation",
        "extensionElements",
        "process",
        "collaboration",
        "participant",
        "laneSet",
        "lane",
        "flowNodeRef",
        "childLaneSet",
        "startEvent",
        "endEvent",
        "intermediateCatchEvent",
        "intermediateThrowEvent",
        "boundaryEvent",
        "userTask",
        "serviceTask",
        "businessRuleTask",
        "callActivity",
        "subProcess",
        "exclusiveGateway",
        "parallelGateway",
        "inclusiveGateway",
        "eventBasedGateway",
        "sequenceFlow",
        "incoming",
        "outgoing",
        "conditionExpression",
        "multiInstanceLoopCharacteristics",
        "loopDataInputRef",
        "loopDataOutputRef",
        "inputDataItem",
        "outputDataItem",
        "completionCondition",
        "timerEventDefinition",
        "timeDate",
        "timeDuration",
        "messageEventDefinition",
        "terminateEventDefinition",
        "message",
        "textAnnotation",
        "text",
        "association",
        "group",
        "category",
        "categoryValue",
        "categoryValueRef",
        "dataObject",
        "dataObjectReference",
        "dataInputAssociation",
        "dataOutputAssociation",
        "sourceRef",
        "targetRef",
        "property",
    }
)
ADVICE: Mapping[str, str] = {
    "task": "没有指定任务类型，请改成用户任务、服务任务或业务规则任务",
    "manualTask": "人工任务不会出现在任何人的待办里，请改成带表单的用户任务",
    "scriptTask": "不运行脚本任务，请改用业务规则任务（决策表）或服务任务",
    "sendTask": "不支持发送任务，请改用消息抛出事件或服务任务",
    "receiveTask": "不支持接收任务，请改用消息捕获事件",
    "complexGateway": "不支持复杂网关，请改用排他、并行或包容网关",
    "transaction": "不支持事务子流程，请改用普通子流程",
    "adHocSubProcess": "不支持自由子流程，请把其中的任务用网关连成明确的顺序",
    "standardLoopCharacteristics": "不支持任务上的循环标记，请用排他网关画出返回线",
    "loopCardinality": "多实例不支持写固定次数，请填写要逐项办理的列表（loopDataInputRef）",
    "timeCycle": "不支持循环定时，周期性工作由系统的定时作业完成，请改用日期或时长",
    "signalEventDefinition": "不支持信号事件，请改用消息事件",
    "errorEventDefinition": "不支持错误事件，请让服务任务给出结果变量，再用排他网关分开处理",
    "escalationEventDefinition": "不支持升级事件，请改用定时边界事件或消息事件",
    "compensateEventDefinition": "不支持补偿事件，请把撤销的步骤画成普通任务",
    "cancelEventDefinition": "不支持取消事件，请用排他网关走到单独的结束事件",
    "conditionalEventDefinition": "不支持条件事件，请用排他网关判断",
    "linkEventDefinition": "不支持链接事件，流程会停住不动，请直接用顺序流连接",
    "dataStoreReference": "不支持数据存储，请用文字注释或数据对象示意",
    "dataStore": "不支持数据存储，请删除",
    "ioSpecification": "不支持输入输出定义，请用 banli:in 和 banli:out 传值",
    "script": "不运行脚本，请删除",
    "messageFlow": "消息流不会执行，请删除，改在事件上指定消息",
    "potentialOwner": "办理人由泳道的角色决定，请删除并把任务放进对应泳道",
    "humanPerformer": "办理人由泳道的角色决定，请删除并把任务放进对应泳道",
    "performer": "办理人由泳道的角色决定，请删除并把任务放进对应泳道",
    "resourceRole": "办理人由泳道的角色决定，请删除并把任务放进对应泳道",
    "import": "不支持引用其他文件，请删除",
}
EXTENSIONS: Mapping[str, frozenset[str]] = {
    "card": frozenset(),
    "basis": frozenset(),
    **{name: frozenset() for name in CARD_LABELS},
    "case": frozenset({"title", "prefix", "linked", "register"}),
    "role": frozenset({"code"}),
    "task": frozenset(field.name for field in fields(TaskSettings)),
    "decision": frozenset({"key"}),
    "handler": frozenset({"name"}),
    "limit": frozenset({"code", "from"}),
    "in": frozenset({"name", "value"}),
    "out": frozenset({"name", "value"}),
}
_FOREIGN_ADVICE: Mapping[str, str] = {
    "formKey": "请在任务里用 banli:task 的 form 指定表单",
    "formData": "请用表单编辑器做成 .form 文件，再用 banli:task 的 form 指定",
    "formDefinition": "请用 banli:task 的 form 指定表单",
    "formRef": "请用 banli:task 的 form 指定表单",
    "assignee": "请把任务放进对应角色的泳道，需要指定到人时用 banli:task 的 assignee",
    "candidateGroups": "请把任务放进对应角色的泳道",
    "candidateUsers": "请把任务放进对应角色的泳道",
    "assignmentDefinition": "请把任务放进对应角色的泳道",
    "class": "请用 banli:handler 指定已登记的服务函数",
    "expression": "请用 banli:handler 指定已登记的服务函数",
    "delegateExpression": "请用 banli:handler 指定已登记的服务函数",
    "topic": "请用 banli:handler 指定已登记的服务函数",
    "type": "请用 banli:handler 指定已登记的服务函数",
    "taskDefinition": "请用 banli:handler 指定已登记的服务函数",
    "decisionRef": "请用 banli:decision 的 key 指定决策表",
    "calledDecision": "请用 banli:decision 的 key 指定决策表",
    "calledDecisionId": "请用 banli:decision 的 key 指定决策表",
    "inputOutput": "请用 banli:in 和 banli:out 传值",
    "ioMapping": "请用 banli:in 和 banli:out 传值",
    "dueDate": "请用 banli:task 的 limit 指定期限",
}
_TOOLS: Mapping[str, str] = {
    "camunda.org/schema/zeebe": "Camunda 8",
    "camunda.org": "Camunda",
    "flowable": "Flowable",
    "activiti": "Activiti",
    "spiffworkflow": "SpiffWorkflow",
    "drools": "jBPM",
    "bonitasoft": "Bonita",
    "signavio": "Signavio",
}
# Colours and the editor's own notes change nothing in a run.
_HARMLESS = (
    "bpmn.io/schema/bpmn/biocolor",
    "BPMN/non-normative/color",
    "camunda.org/schema/modeler",
    "XMLSchema-instance",
)


def check(diagram: Diagram, _bundle: Bundle) -> Iterator[Finding]:
    """Every element and attribute of the file against the whitelist."""
    for element in diagram.file.root.iter():
        tag = etree.QName(element)
        if tag.namespace == BPMN:
            yield from _bpmn(diagram, element)
            yield from attributes.check(diagram, element)
            yield from _foreign_attributes(diagram, element)
        elif tag.namespace == BANLI:
            yield from _banli(diagram, element)
        elif _inside_model(element):
            yield from _foreign_element(diagram, element)


def _bpmn(diagram: Diagram, element: etree._Element) -> Iterator[Finding]:
    name = local(element)
    if name not in ALLOWED:
        yield diagram.at(element, "element", ADVICE.get(name, f"不支持 BPMN 元素 {name}，请删除或改用支持的元素"))
    if name == "subProcess" and element.get("triggeredByEvent") == "true":
        yield diagram.at(element, "event_subprocess", "不支持事件子流程，请改用任务或子流程上的边界事件")
    if element.get("isForCompensation") == "true":
        yield diagram.at(element, "compensation", "不支持补偿处理，请把撤销的步骤画成普通任务")
    if name == "multiInstanceLoopCharacteristics":
        yield from _multi_instance(diagram, element)
    if name == "eventBasedGateway" and (
        element.get("instantiate") == "true" or element.get("eventGatewayType") == "Parallel"
    ):
        yield diagram.at(element, "event_gateway_kind", "事件网关不能用来启动流程，也不能并行等待，请改用普通事件网关")
    yield from _event(diagram, element, name)


def _multi_instance(diagram: Diagram, loop: etree._Element) -> Iterator[Finding]:
    if loop.get("behavior", "All") != "All":
        yield diagram.at(loop, "multi_instance", "多实例不支持抛出事件的方式（behavior），请改用完成条件")
    present = {local(child) for child in loop}
    if "loopDataInputRef" not in present and "loopCardinality" not in present:
        yield diagram.at(loop, "multi_instance", "多实例没有写明逐项办理的列表，请填写 loopDataInputRef")
    if ("loopDataOutputRef" in present) != ("outputDataItem" in present):
        sentence = "多实例的汇总列表（loopDataOutputRef）和每项结果（outputDataItem）要同时填写或同时不填"
        yield diagram.at(loop, "multi_instance", sentence)
    sequential = loop.get("isSequential") == "true"
    if sequential and "inputDataItem" in present and "outputDataItem" not in present:
        sentence = (
            "依次办理的多实例只有每项输入、没有每项结果，办到第二项会出错，请补上 loopDataOutputRef 和 outputDataItem"
        )
        yield diagram.at(loop, "multi_instance", sentence)
    host = loop.getparent()
    if local(host) not in {"userTask", "subProcess", "callActivity"}:
        yield diagram.at(loop, "multi_instance", "多实例只能用在用户任务、子流程和调用活动上，请改放到其中一种")


def _event(diagram: Diagram, element: etree._Element, name: str) -> Iterator[Finding]:
    allowed = {
        "startEvent": {"message"},
        "endEvent": {"message", "terminate"},
        "intermediateCatchEvent": {"timer", "message"},
        "intermediateThrowEvent": {"message"},
        "boundaryEvent": {"timer", "message"},
    }
    if name not in allowed:
        return
    definitions = [local(c).removesuffix("EventDefinition") for c in element if local(c).endswith("EventDefinition")]
    references = [c for c in element if local(c) == "eventDefinitionRef"]
    if len(definitions) > 1 or element.get("parallelMultiple") == "true" or references:
        yield diagram.at(element, "event_definition", "一个事件只能有一种触发方式，请拆成多个事件")
    for definition in definitions:
        # Kinds that exist nowhere here are already refused as elements.
        if definition not in allowed[name] and f"{definition}EventDefinition" in ALLOWED:
            yield diagram.at(element, "event_definition", _misplaced(name, definition))
    if not definitions and name in {"intermediateCatchEvent", "boundaryEvent"}:
        yield diagram.at(element, "event_definition", "这个事件没有指定等什么，请改成定时事件或消息事件")


def _misplaced(name: str, definition: str) -> str:
    what = {"timer": "定时", "message": "消息", "terminate": "终止"}[definition]
    if name == "startEvent" and definition == "timer":
        return "不支持定时启动，周期性工作由系统的定时作业完成，请改成普通开始事件"
    return f"{what}不能用在这种事件上，请换成支持的事件类型"


def _banli(diagram: Diagram, element: etree._Element) -> Iterator[Finding]:
    name = local(element)
    if name not in EXTENSIONS:
        yield diagram.at(element, "extension", f"不认识扩展元素 banli:{name}，请检查拼写")
        return
    for attribute in element.attrib:
        if attribute not in EXTENSIONS[name]:
            yield diagram.at(element, "extension", f"banli:{name} 没有「{attribute}」这个属性，请检查拼写")
    if name in {"in", "out"} and not (element.get("name") and element.get("value")):
        yield diagram.at(element, "extension", f"banli:{name} 要同时写 name 和 value")


def _inside_model(element: etree._Element) -> bool:
    """Whether the nearest BPMN ancestor is part of the model, not of the drawing."""
    parent = element.getparent()
    return parent is not None and etree.QName(parent).namespace == BPMN and local(parent) != "definitions"


def _foreign_element(diagram: Diagram, element: etree._Element) -> Iterator[Finding]:
    tag = etree.QName(element)
    if not any(part in (tag.namespace or "") for part in _HARMLESS):
        yield _foreign(diagram, element, tag)


def _foreign_attributes(diagram: Diagram, element: etree._Element) -> Iterator[Finding]:
    if local(element) == "definitions":
        return
    for attribute in element.attrib:
        tag = etree.QName(attribute)
        if tag.namespace and tag.namespace != BPMN and not any(part in tag.namespace for part in _HARMLESS):
            yield _foreign(diagram, element, tag)


def _foreign(diagram: Diagram, element: etree._Element, tag: etree.QName) -> Finding:
    namespace = tag.namespace or ""
    tool = next((tool for part, tool in _TOOLS.items() if part in namespace.lower()), "其他工具")
    advice = _FOREIGN_ADVICE.get(tag.localname, "请删除")
    return diagram.at(element, "foreign_extension", f"{tool}的扩展「{tag.localname}」在这里不起作用，{advice}")
