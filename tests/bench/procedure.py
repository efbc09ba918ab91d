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

from lxml import etree
from sqlalchemy import Connection

from handlers.service_registry import HandlerContext, service
from processes.engine.publishing.publish import BEGINNING, Source, publish
from tests.bench.engine_cpu import CASE, DIAGRAMS, SERVICES

PROCESS = "bench_case"
ENTRY = "register"
ROLE = "centre_clerk"
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
BANLI = "{urn:banli:bpmn:1}"
SPIFF = "{http://spiffworkflow.org/bpmn/schema/1.0/core}"
ACTIVITIES = ("userTask", "serviceTask", "businessRuleTask", "callActivity", "subProcess")
CARD = ("number", "name", "basis", "agency", "boundary", "flow", "documents", "duties", "supervision")
LIMITS = {"sign_in": 3, "acceptance": 7, "approval": 3, "mediation": 60}
"""Codes and working days of the limits that the diagram's timers name."""
OUTCOMES = {"decide": "decision", "office_review": "opinion", "leader_approval": "opinion", "mediation": "settlement"}
TASK_LIMITS = {"decide": "acceptance", "office_review": "approval", "leader_approval": "approval"}


def _choice(key: str, label: str, **values: str) -> dict[str, Any]:
    offered = [{"label": text, "value": value} for value, text in values.items()]
    return {"type": "radio", "key": key, "label": label, "values": offered, "validate": {"required": True}}


KEPT = {"properties": {"opinion": "kept"}}
"""Both ways keep every answer."""
OPINION = _choice("opinion", "意见", **{"agree": "同意", "return": "退回修改"}) | KEPT
COMMENT = {
    "type": "textarea",
    "key": "comment",
    "label": "说明",
    "validate": {"maxLength": 1000},
    **KEPT,
}
ANSWERS: Mapping[str, str] = {
    "complainant": "张示范",
    "phone": "13800000000",
    "address": "天津市滨海新区示范街道示范小区1号楼2门301室",
    "company": "天津滨海示范商业有限公司",
    "credit_code": "91120116MA06ABCD12",
    "company_address": "天津市滨海新区示范路1号",
    "bought_on": "2026年2月14日",
    "order_number": "20260214-000123",
    "goods": "预包装食品（糕点礼盒）两盒，单价1300元",
    "description": "本人于店内购买上述商品，开封后发现其中一盒已超过保质期，另一盒包装内有异物，当场向店员反映未果。"
    * 12,
    "demand": "要求退还货款并依照法律规定予以赔偿，同时要求经营者书面说明进货查验情况。" * 6,
    "evidence": "购物小票照片一张、商品照片六张、通话录音一段，均已上传。" * 3,
}
"""What a register holds about a complaint beside what decides its way: with the comments 3.3 KB in all."""
COMMENT_TEXT = "材料齐全，情况属实。"
FIELDS: Mapping[str, tuple[dict[str, Any], ...]] = {
    "register": (
        _choice("kind", "类别", food="食品", goods="商品", service="服务"),
        {
            "type": "number",
            "key": "amount",
            "label": "金额",
            "validate": {"required": True, "min": 0, "max": 1_000_000},
        },
        {"type": "checkbox", "key": "reply_wanted", "label": "要求回复"},
        *({"type": "textarea", "key": key, "label": key, "validate": {"maxLength": 4000}} for key in ANSWERS),
    ),
    "decide": (_choice("decision", "是否受理", accept="受理", refuse="不予受理") | KEPT,),
    "office_review": (OPINION,),
    "leader_approval": (OPINION,),
    "mediation": (_choice("settlement", "达成一致", yes="是", no="否"),),
}
"""What each task's form asks for beside a comment."""


def _with_answers(node: str, values: Mapping[str, object]) -> dict[str, object]:
    return {**(ANSWERS if node == ENTRY else {}), **values, "comment": COMMENT_TEXT}


ACTIONS = [(node, _with_answers(node, values)) for node, values in CASE]
"""A whole case. Both ways are given the same answers: the documented one keeps them in its tasks' data."""


def form_file(key: str) -> bytes:
    """The form of a task."""
    components = [{"id": f"Field_{field['key']}", **field} for field in (*FIELDS.get(key, ()), COMMENT)]
    content = {"type": "default", "id": key, "name": key, "schemaVersion": 18, "components": components}
    return json.dumps(content, ensure_ascii=False).encode()


def posted(values: Mapping[str, object]) -> dict[str, str]:
    """The values of an action as a browser posts them."""
    return {name: "on" if value is True else str(value) for name, value in values.items() if value is not False}


def _publishable(content: bytes, key: str) -> bytes:
    root = etree.fromstring(content)
    for foreign in list(root.iter(f"{SPIFF}*")):  # what the documented way reads; the checker refuses it
        foreign.getparent().remove(foreign)
    process = root.find(f"{BPMN}process")
    _give_to_clerk(process)
    for node in root.iter(*(f"{BPMN}{tag}" for tag in ACTIVITIES)):
        _complete_settings(node)
    if key == PROCESS:
        _make_startable(process)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _complete_settings(node: Any) -> None:
    id_ = node.get("id")
    node.set("name", node.get("name") or id_)
    if node.find(f"{BPMN}extensionElements") is None:
        node.insert(0, etree.Element(f"{BPMN}extensionElements"))
    extensions = node.find(f"{BPMN}extensionElements")
    etree.SubElement(extensions, f"{BANLI}basis").text = "基准"
    for task in extensions.iterfind(f"{BANLI}task"):
        for name, given in (("outcome", OUTCOMES), ("limit", TASK_LIMITS), ("entry", {ENTRY: "true"})):
            if id_ in given:
                task.set(name, given[id_])


def _make_startable(process: Any) -> None:
    extensions = etree.Element(f"{BPMN}extensionElements")
    card = etree.SubElement(extensions, f"{BANLI}card")
    for name in CARD:
        etree.SubElement(card, f"{BANLI}{name}").text = "基准"
    etree.SubElement(extensions, f"{BANLI}case", title="'基准事项'", prefix="基准")
    process.insert(0, extensions)


def _give_to_clerk(process: Any) -> None:
    """One lane for everything: one person does the whole case."""
    ids = [node.get("id") for node in process if node.tag != f"{BPMN}sequenceFlow"]
    lanes = etree.Element(f"{BPMN}laneSet", id="lanes")
    lane = etree.SubElement(lanes, f"{BPMN}lane", id="lane_clerk", name="中心经办人")
    etree.SubElement(etree.SubElement(lane, f"{BPMN}extensionElements"), f"{BANLI}role", code=ROLE)
    for id_ in ids:
        etree.SubElement(lane, f"{BPMN}flowNodeRef").text = id_
    process.insert(0, lanes)


def _limits_table() -> bytes:
    """The shipped table with the diagram's own limits before its rows."""
    shipped = (files("processes") / "limits" / "time_limits.dmn").read_text(encoding="utf-8")
    place = shipped.index("<rule ")
    return (shipped[:place] + "".join(_limit_rows()) + shipped[place:]).encode()


def _limit_rows() -> Iterator[str]:
    for code, days in LIMITS.items():
        yield f'<rule id="bench_{code}"><inputEntry id="bench_{code}_in"><text>"{code}"</text></inputEntry>'
        yield f'<inputEntry id="bench_{code}_in2"><text>-</text></inputEntry>'
        for place, text in enumerate((days, '"WD"', f'"{code}"', '"基准"', '"target"', '"non-working"')):
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
