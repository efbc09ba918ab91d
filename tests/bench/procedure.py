"""The benchmark diagram as a procedure of the bureau: its forms, its services, its limits, and who does its tasks.

The files in `diagrams` are what both engines run. A bureau wants more of a procedure than the documented way does (a
case number, roles, forms, limits), so that is added here, at publication, and costs only us.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib.resources import files
from typing import Any

from handlers.registry import HandlerContext, service
from lxml import etree
from processes.engine.publish import BEGINNING, Source, publish
from sqlalchemy import Connection

from tests.bench.engine_cpu import DIAGRAMS, SERVICES

PROCESS = "bench_case"
ENTRY = "register"
ROLE = "centre_clerk"
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
BANLI = "{urn:banli:bpmn:1}"
LIMITS = {"sign_in": 3, "acceptance": 7, "approval": 3, "mediation": 60}
"""Codes and working days of the limits that the diagram's timers name."""
OUTCOMES = {"decide": "decision", "office_review": "opinion", "leader_approval": "opinion", "mediation": "settlement"}
TASK_LIMITS = {"decide": "acceptance", "office_review": "approval", "leader_approval": "approval"}


def _choice(key: str, label: str, **values: str) -> dict[str, Any]:
    offered = [{"label": text, "value": value} for value, text in values.items()]
    return {"type": "radio", "key": key, "label": label, "values": offered, "validate": {"required": True}}


OPINION = _choice("opinion", "意见", **{"agree": "同意", "return": "退回修改"})
COMMENT = {"type": "textarea", "key": "comment", "label": "说明", "validate": {"maxLength": 1000}}
FIELDS: Mapping[str, tuple[dict[str, Any], ...]] = {
    "register": (
        _choice("kind", "类别", food="食品", goods="商品", service="服务"),
        {"type": "number", "key": "amount", "label": "金额", "validate": {"required": True, "min": 0, "max": 1_000_000}},
        {"type": "checkbox", "key": "reply_wanted", "label": "要求回复"},
    ),
    "decide": (_choice("decision", "是否受理", accept="受理", refuse="不予受理"),),
    "office_review": (OPINION,),
    "leader_approval": (OPINION,),
    "mediation": (_choice("settlement", "达成一致", yes="是", no="否"),),
}
"""What each task's form asks for beside a comment."""


def form_file(key: str) -> bytes:
    """The form of a task."""
    components = [{"id": f"Field_{field['key']}", **field} for field in (*FIELDS.get(key, ()), COMMENT)]
    content = {"type": "default", "id": key, "name": key, "schemaVersion": 18, "components": components}
    return json.dumps(content, ensure_ascii=False).encode()


def posted(values: Mapping[str, object]) -> dict[str, str]:
    """The values of an action as a browser posts them."""
    texts = {name: "on" if value is True else str(value) for name, value in values.items() if value is not False}
    return texts | {"comment": "材料齐全，情况属实。"}


def _publishable(content: bytes, key: str) -> bytes:
    root = etree.fromstring(content)
    for node in root.iter(f"{BPMN}userTask"):
        task = node.find(f"{BPMN}extensionElements/{BANLI}task")
        task.set("role", f"'{ROLE}'")
        for name, table in (("outcome", OUTCOMES), ("limit", TASK_LIMITS)):
            if node.get("id") in table:
                task.set(name, table[node.get("id")])
        if node.get("id") == ENTRY:
            task.set("entry", "true")
    if key == PROCESS:
        _make_startable(root.find(f"{BPMN}process"))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _make_startable(process: Any) -> None:
    lanes = etree.Element(f"{BPMN}laneSet", id="lanes")
    lane = etree.SubElement(lanes, f"{BPMN}lane", id="lane_clerk", name="中心经办人")
    etree.SubElement(etree.SubElement(lane, f"{BPMN}extensionElements"), f"{BANLI}role", code=ROLE)
    etree.SubElement(lane, f"{BPMN}flowNodeRef").text = ENTRY
    extensions = etree.Element(f"{BPMN}extensionElements")
    etree.SubElement(extensions, f"{BANLI}case", title="'基准事项'", prefix="基准")
    process.insert(0, lanes)
    process.insert(0, extensions)


def _limits_table() -> bytes:
    """The shipped table with the diagram's own limits before its rows."""
    shipped = (files("processes") / "approval" / "time_limits.dmn").read_text(encoding="utf-8")
    place = shipped.index("<rule ")
    return (shipped[:place] + "".join(_limit_rows()) + shipped[place:]).encode()


def _limit_rows() -> Iterator[str]:
    for code, days in LIMITS.items():
        yield f'<rule id="bench_{code}"><inputEntry id="bench_{code}_in"><text>"{code}"</text></inputEntry>'
        for place, text in enumerate((days, '"WD"', f'"{code}"', '"基准"')):
            yield f'<outputEntry id="bench_{code}_out{place}"><text>{text}</text></outputEntry>'
        yield "</rule>"


def sources() -> Iterator[Source]:
    """Everything to publish."""
    forms = set()
    for path in sorted(DIAGRAMS.glob("*.bpmn")):
        content = _publishable(path.read_bytes(), path.stem)
        forms |= {task.get("form") for task in etree.fromstring(content).iter(f"{BANLI}task")}
        yield Source("process", path.stem, content)
    for path in sorted(DIAGRAMS.glob("*.dmn")):
        yield Source("table", path.stem, path.read_bytes())
    yield Source("table", "time_limits", _limits_table())
    for key in sorted(forms):
        yield Source("form", key, form_file(key))


def install(connection: Connection, now: datetime) -> None:
    """Publish the benchmark procedure in a bureau that is set up."""
    publish(connection, sources(), author="基准", note="基准流程", effective_on=BEGINNING, now=now)


def _register(name: str) -> None:
    function = SERVICES[name]

    def run(context: HandlerContext, **parameters: Any) -> dict[str, object]:
        return function(**parameters)

    service(name)(run)


for _name in SERVICES:
    _register(_name)
