"""Small diagrams and tables, put together from parts, for the tests of the check."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from processes.engine.check import Finding, check_bundle

SERVICES = frozenset({"sample.count", "letters.issue"})
ROLES = frozenset({"centre_clerk", "centre_head"})
NAMESPACES = (
    'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" '
    'xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:banli="urn:banli:bpmn:1"'
)
CARD_NAMES = ("number", "name", "basis", "agency", "boundary", "flow", "documents", "duties", "supervision")
CARD = "<banli:card>" + "".join(f"<banli:{n}>有</banli:{n}>" for n in CARD_NAMES) + "</banli:card>"
CASE = '<banli:case title="subject" prefix="样"/>'
ENTRY = '<banli:task form="sample" entry="true"/>'


def element(tag: str, id_: str, inside: str = "", extension: str = "", *, basis: bool = True, **attributes: Any) -> str:
    """A flow node with its clause."""
    name = attributes.pop("name", f"做{id_}")
    rest = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    clause = "<banli:basis>S1:1 某条</banli:basis>" if basis else ""
    extensions = f"<bpmn:extensionElements>{extension}{clause}</bpmn:extensionElements>" if extension or basis else ""
    return f'<bpmn:{tag} id="{id_}" name={quoteattr(name)}{rest}>{extensions}{inside}</bpmn:{tag}>'


def start(id_: str = "start", inside: str = "") -> str:
    """A start event."""
    return element("startEvent", id_, inside)


def end(id_: str = "end", inside: str = "", **attributes: Any) -> str:
    """An end event."""
    return element("endEvent", id_, inside, **attributes)


def user(id_: str, settings: str = '<banli:task form="decide"/>', inside: str = "", **attributes: Any) -> str:
    """A user task."""
    return element("userTask", id_, inside, settings, **attributes)


def gateway(id_: str, kind: str = "exclusive", **attributes: Any) -> str:
    """A gateway of the given kind."""
    return element(f"{kind}Gateway", id_, **attributes)


def flow(source: str, target: str, condition: str = "", name: str = "是", id_: str = "") -> str:
    """A sequence flow; its id is `source_target` unless given."""
    text = f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{escape(condition)}</bpmn:conditionExpression>'
    ends = f'sourceRef="{source}" targetRef="{target}"'
    return (
        f'<bpmn:sequenceFlow id="{id_ or f"{source}_{target}"}" name="{name}" {ends}>'
        f"{text if condition else ''}</bpmn:sequenceFlow>"
    )


def line(*nodes: str) -> str:
    """Sequence flows from node to node."""
    return "".join(flow(a, b, name="") for a, b in pairwise(nodes))


def timer(text: str, kind: str = "timeDate") -> str:
    """A timer's definition."""
    moment = f'<bpmn:{kind} xsi:type="bpmn:tFormalExpression">{escape(text)}</bpmn:{kind}>'
    return f"<bpmn:timerEventDefinition>{moment}</bpmn:timerEventDefinition>"


def diagram(
    *parts: str,
    key: str = "sample",
    card: str = CARD,
    case: str = CASE,
    role: str = "centre_clerk",
    lane: bool = True,
    outside: str = "",
    drawn: bool = True,
) -> bytes:
    """A whole diagram: one lane of clerks that holds every node, a card, and a drawing of everything."""
    body = "".join(parts)
    top = re.sub(r"(<bpmn:subProcess [^>]*>).*?(</bpmn:subProcess>)", r"\1\2", body, flags=re.DOTALL)
    inside = re.findall(r'<bpmn:\w+(?:Event|Task|task|Gateway|Activity|subProcess|Process) id="([^"]+)"', top)
    references = "".join(f"<bpmn:flowNodeRef>{id_}</bpmn:flowNodeRef>" for id_ in inside)
    role_of = f'<bpmn:extensionElements><banli:role code="{role}"/></bpmn:extensionElements>' if role else ""
    lanes = (
        f'<bpmn:laneSet id="lanes"><bpmn:lane id="lane" name="经办">{role_of}{references}</bpmn:lane></bpmn:laneSet>'
    )
    shapes = "".join(_shape(id_) for id_ in re.findall(r'<bpmn:(?!sequenceFlow)\w+ id="([^"]+)" name', body))
    edges = "".join(_edge(id_) for id_ in re.findall(r'<bpmn:sequenceFlow id="([^"]+)"', body))
    plane = f'<bpmndi:BPMNPlane id="plane" bpmnElement="{key}">{shapes}{edges}</bpmndi:BPMNPlane>'
    drawing = f'<bpmndi:BPMNDiagram id="picture">{plane}</bpmndi:BPMNDiagram>' if drawn else ""
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<bpmn:definitions {NAMESPACES} id="d" targetNamespace="t">{outside}'
        f'<bpmn:process id="{key}" name="样例" isExecutable="true">'
        f"<bpmn:extensionElements>{card}{case}</bpmn:extensionElements>{lanes if lane else ''}{body}"
        f"</bpmn:process>{drawing}</bpmn:definitions>"
    )
    return text.encode()


def _shape(id_: str) -> str:
    bounds = '<dc:Bounds x="0" y="0" width="10" height="10"/>'
    return f'<bpmndi:BPMNShape id="{id_}_di" bpmnElement="{id_}">{bounds}</bpmndi:BPMNShape>'


def _edge(id_: str) -> str:
    points = '<di:waypoint x="0" y="0"/><di:waypoint x="1" y="1"/>'
    return f'<bpmndi:BPMNEdge id="{id_}_di" bpmnElement="{id_}">{points}</bpmndi:BPMNEdge>'


def process(*parts: str, **options: Any) -> bytes:
    """A diagram that begins with `start` and the entry task `fill`; `parts` go on from `fill`."""
    return diagram(start(), user("fill", ENTRY), line("start", "fill"), *parts, **options)


def between(*parts: str, name: str = "middle", **options: Any) -> bytes:
    """A diagram with one node, called `name`, between `fill` and `end`."""
    return process(*parts, end(), line("fill", name, "end"), **options)


def form(key: str, *components: Mapping[str, object]) -> bytes:
    """A form file."""
    content = {"type": "default", "id": key, "schemaVersion": 18, "components": components}
    return json.dumps(content, ensure_ascii=False).encode()


def _choices(*values: str) -> list[dict[str, str]]:
    return [{"value": value, "label": value} for value in values]


FORMS = {
    "sample": form(
        "sample",
        {"type": "textfield", "key": "subject", "label": "标题", "validate": {"required": True}},
        {"type": "number", "key": "amount", "label": "金额"},
        {"type": "radio", "key": "kind", "label": "类型", "values": _choices("a", "b"), "validate": {"required": True}},
        {"type": "checkbox", "key": "urgent", "label": "紧急"},
    ),
    "decide": form(
        "decide",
        {"type": "radio", "key": "decision", "label": "意见", "values": _choices("agree", "refuse")}
        | {"properties": {"opinion": "true"}},
    ),
}


def table(
    rows: Sequence[Sequence[str]],
    inputs: Sequence[str] = ("kind",),
    outputs: Sequence[str] = ("level",),
    *,
    key: str = "levels",
    policy: str = "UNIQUE",
    types: Sequence[str] = (),
    values: str = "",
    namespace: str = "https://www.omg.org/spec/DMN/20191111/MODEL/",
) -> bytes:
    """A decision table; each row is its input cells followed by its output cells."""
    kinds = [*types, *("string" for _ in inputs)]
    allowed = f'<inputValues id="values"><text>{escape(values)}</text></inputValues>' if values else ""
    columns = "".join(
        f'<input id="in{n}" label="{name}"><inputExpression id="ex{n}" typeRef="{kinds[n]}"><text>{name}</text>'
        f"</inputExpression>{allowed if n == 0 else ''}</input>"
        for n, name in enumerate(inputs)
    )
    columns += "".join(f'<output id="out{n}" name="{name}" label="{name}"/>' for n, name in enumerate(outputs))
    rules = ""
    for number, row in enumerate(rows, 1):
        cells = "".join(
            f'<{tag} id="c{number}_{n}"><text>{escape(text)}</text></{tag}>'
            for n, text in enumerate(row)
            for tag in ["inputEntry" if n < len(inputs) else "outputEntry"]
        )
        rules += f'<rule id="r{number}"><description>第{number}种</description>{cells}</rule>'
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<definitions xmlns="{namespace}" id="d" name="d" namespace="n">'
        f'<decision id="{key}" name="分级"><decisionTable id="t" hitPolicy="{policy}">{columns}{rules}'
        f"</decisionTable></decision></definitions>"
    ).encode()


LIMITS = table(
    [['"reply"', '"答复"', "3", '"WD"']], ("code",), ("name", "amount", "unit"), key="time_limits", policy="UNIQUE"
)


def check(*files: bytes, forms: Mapping[str, bytes] | None = FORMS, **named: bytes) -> list[Finding]:
    """Findings for one diagram called `sample` and other files given by key; tables end in `_dmn`."""
    every = {"sample.bpmn": files[0]} if files else {}
    for key, data in named.items():
        every[f"{key.removesuffix('_dmn')}.dmn" if key.endswith("_dmn") else f"{key}.bpmn"] = data
    return check_bundle(every, forms=forms, services=SERVICES, roles=ROLES, letters={"notice": None})


def places(findings: Sequence[Finding], code: str) -> list[str]:
    """Ids of the elements that findings with this code name. Every sentence must be Chinese and on one line."""
    for finding in findings:
        assert re.search("[\u4e00-\u9fff]{3}", finding.sentence), finding
        assert "\n" not in finding.sentence
    return [finding.element_id for finding in findings if finding.code == code]


def errors(findings: Sequence[Finding]) -> list[str]:
    """Codes of the errors."""
    return [finding.code for finding in findings if finding.is_error]
