"""Attributes to which the standard gives a meaning that nothing here carries out.

An element that is not on the whitelist is refused; an attribute that would be passed over in silence is refused alike,
unless it says only what holds anyway.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml import etree

from processes.engine.check.bundle import Diagram
from processes.engine.check.finding import Finding
from processes.engine.diagrams.reader import local

_NOTHING = frozenset[str]()
_FEEL = frozenset({"feel", "http://www.omg.org/spec/FEEL/20140401", "https://www.omg.org/spec/DMN/20191111/FEEL/"})
_XPATH = "http://www.w3.org/1999/XPath"
"""What the standard takes where nothing is said, and many tools write out."""
_UNSPECIFIED = frozenset({"##unspecified", "##Unspecified", "##WebService", ""})

_KNOWN = frozenset(
    {
        *("id", "name", "targetNamespace", "exporter", "exporterVersion", "typeLanguage", "isExecutable", "isClosed"),
        *("processType", "processRef", "sourceRef", "targetRef", "default", "isImmediate", "attachedToRef"),
        *("cancelActivity", "calledElement", "messageRef", "triggeredByEvent", "isForCompensation"),
        *("parallelMultiple", "isSequential", "behavior", "instantiate", "eventGatewayType", "gatewayDirection"),
        *("isCollection", "itemSubjectRef", "dataObjectRef", "categoryValueRef", "associationDirection"),
        *("textFormat", "itemKind", "structureRef", "evaluatesToTypeRef", "value"),
    }
)
"""Read here, refused elsewhere with a sentence of their own, or without a meaning for a run."""
_SAYS_NOTHING: Mapping[str, frozenset[str]] = {
    "startQuantity": frozenset({"1"}),
    "completionQuantity": frozenset({"1"}),
    "isInterrupting": frozenset({"true"}),
    "cancelRemainingInstances": frozenset({"true"}),
    "implementation": _UNSPECIFIED,
    "expressionLanguage": _FEEL | {_XPATH},
    "language": _FEEL,
}
"""Values that say only what holds anyway."""
_INSTEAD: Mapping[str, str] = {
    "startQuantity": "任务总是一到就办，不会等够几个令牌；请删除，或用并行网关汇合",
    "completionQuantity": "任务办完只往下走一次；请删除，或用多实例任务",
    "implementation": "请用 banli:handler 或 banli:decision 指定，并删除它",
    "expressionLanguage": "条件只按本系统的写法读；请删除，并核对每个条件",
    "language": "条件只按本系统的写法读；请删除，并核对这个条件",
    "partitionElementRef": "请在泳道上用 banli:role 写明角色，并删除它",
    "noneBehaviorEventRef": "多实例不抛出事件；请改用完成条件，并删除它",
    "oneBehaviorEventRef": "多实例不抛出事件；请改用完成条件，并删除它",
    "operationRef": "请用 banli:handler 指定服务函数，并删除它",
}


def check(diagram: Diagram, element: etree._Element) -> Iterator[Finding]:
    """The element's own attributes of the standard that would be ignored."""
    for attribute, value in element.attrib.items():
        foreign = attribute.startswith("{")
        if not foreign and attribute not in _KNOWN and value.strip() not in _SAYS_NOTHING.get(attribute, _NOTHING):
            instead = _INSTEAD.get(attribute, "请删除")
            sentence = f"{local(element)} 的属性 {attribute} 在这里不起作用，{instead}"
            yield diagram.at(element, "ignored_attribute", sentence)
