"""One spelling for each value of the standard, before anybody else reads a diagram.

`cancelActivity="1"`, `isSequential=" true "` and `messageRef="tns:decided"` are valid BPMN. SpiffWorkflow and the
editors of the field read the first as "not interrupting" and do not find the third, without a word: so the file is
written in the one spelling that all of them read alike.
"""

from __future__ import annotations

from lxml import etree

from processes.engine.diagrams.model import BPMN
from processes.engine.diagrams.safe_xml import parse_xml

_DI = frozenset(
    {
        "http://www.omg.org/spec/BPMN/20100524/DI",
        "http://www.omg.org/spec/DD/20100524/DI",
        "http://www.omg.org/spec/DD/20100524/DC",
    }
)
_BOOLEANS = frozenset(
    {
        "isExecutable",
        "isClosed",
        "cancelActivity",
        "isInterrupting",
        "parallelMultiple",
        "triggeredByEvent",
        "isForCompensation",
        "isSequential",
        "instantiate",
        "isCollection",
        "isImmediate",
        "isHorizontal",
        "isExpanded",
        "isMarkerVisible",
        "isMessageVisible",
        "cancelRemainingInstances",
        "testBefore",
    }
)
_INTEGERS = frozenset({"startQuantity", "completionQuantity"})
_REFERENCES = frozenset(
    {
        "sourceRef",
        "targetRef",
        "attachedToRef",
        "default",
        "messageRef",
        "calledElement",
        "processRef",
        "dataObjectRef",
        "itemSubjectRef",
        "categoryValueRef",
        "bpmnElement",
        "choreographyActivityShape",
    }
)
_REFERRING_ELEMENTS = frozenset(
    {
        "incoming",
        "outgoing",
        "flowNodeRef",
        "loopDataInputRef",
        "loopDataOutputRef",
        "sourceRef",
        "targetRef",
        "categoryValueRef",
        "eventDefinitionRef",
    }
)
_TRUTH = {"1": "true", "0": "false"}


def normalise(root: etree._Element) -> bool:
    """Write every boolean, number and reference of the standard in its plainest form; whether anything changed."""
    target = root.get("targetNamespace", "")
    changed = False
    for element in root.iter(etree.Element):
        namespace = etree.QName(element).namespace
        if namespace == BPMN or namespace in _DI:
            changed |= _attributes(element, target)
            changed |= _text(element, target)
    return changed


def normalised(data: bytes, filename: str) -> bytes:
    """The same diagram in the plainest form; byte for byte the same where there is nothing to change.

    Raises: HostileXml, where it cannot be read.
    """
    if not normalise(parse_xml(data, filename)):
        return data
    root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    normalise(root)
    return bytes(etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=True))


def _attributes(element: etree._Element, target: str) -> bool:
    changed = False
    for name, value in element.attrib.items():
        plain = _plain(name, value, element, target)
        if plain != value:
            element.set(name, plain)
            changed = True
    return changed


def _plain(name: str, value: str, element: etree._Element, target: str) -> str:
    if name in _BOOLEANS:
        return _TRUTH.get(value.strip(), value.strip())
    if name in _INTEGERS:
        digits = value.strip().removeprefix("+")
        return str(int(digits)) if digits.isdecimal() and digits.isascii() and len(digits) < 20 else value
    return _local(value, element, target) if name in _REFERENCES else value


def _text(element: etree._Element, target: str) -> bool:
    if etree.QName(element).localname not in _REFERRING_ELEMENTS or not element.text:
        return False
    plain = _local(element.text, element, target)
    if plain == element.text:
        return False
    element.text = plain
    return True


def _local(reference: str, element: etree._Element, target: str) -> str:
    """A reference into this very file without its prefix; one into another file stays, for the check to refuse."""
    plain = reference.strip()
    prefix, colon, name = plain.partition(":")
    return name if colon and target and element.nsmap.get(prefix) == target else plain
