"""A small procedure whose forms ask for personal data: receive a visitor, verify, write to them, close."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from typing import Any

import docx
from sqlalchemy import Connection, select

from handlers.store.tables import personal
from handlers.time_source import beijing_date
from processes.engine.publishing.publish import Source, publish
from tests.support.bureau import Bureau
from tests.unit.check.drawing import element, end, form, line, process, user

NAME, PHONE, CARD, ADDRESS = "王小明", "13812345678", "11010519491231002X", "天津市滨海新区新港街道示范里3号楼101室"
MASKED = {
    "person_name": "王*明",
    "person_phone": "138****5678",
    "person_id": "1101**********002X",
    "person_address": "天津市滨海新区新港街道****",
}
VISIT: dict[str, Any] = {
    "subject": "饮水机漏电",
    "no_contact": False,
    "person_name": NAME,
    "person_phone": PHONE,
    "person_id": CARD,
    "person_address": ADDRESS,
    "respondent_name": "示范商贸有限公司",
    "visit_proof": [],
}
"""The first form filled in."""


def _field(kind: str, key: str, label: str, **properties: Any) -> dict[str, Any]:
    hidden = {"hide": "=no_contact"} if properties.pop("hides", False) else {}
    return {"type": kind, "key": key, "label": label, "properties": properties} | (
        {"conditional": hidden} if hidden else {}
    )


def _form(key: str, *components: dict[str, Any]) -> Source:
    return Source("form", key, form(key, *components))


@cache
def _sources() -> list[Source]:
    """Everything that the procedure needs. Once: a Word file carries its time, and what changed is checked anew."""
    required = {"validate": {"required": True}}
    phone = _field("textfield", "person_phone", "联系电话", format="phone", personal="phone", hides=True)
    subject = _field("textfield", "subject", "事由") | required
    letter = BytesIO()
    document = docx.Document()
    document.add_paragraph(
        "{{ labels.person_name }}：您（{{ facts.person_phone }}）反映的“{{ labels.subject }}”已收悉。"
    )
    document.save(letter)
    issue = '<banli:handler name="letters.issue"/><banli:in name="template" value="\'visit_notice\'"/>'
    diagram = process(
        user("verify", '<banli:task form="visit_verify"/>'),
        element("serviceTask", "notify", "", issue),
        user("finish", '<banli:task form="visit_finish"/>'),
        end(name="已办结"),
        line("fill", "verify", "notify", "finish", "end"),
        element(
            "boundaryEvent",
            "contact",
            '<bpmn:messageEventDefinition messageRef="m_contact"/>',
            '<banli:task form="visit_contact"/>',
            attachedToRef="verify",
            name="补充联系方式",
        ),
        element("serviceTask", "confirm", "", issue),
        end("told", name="已答复"),
        line("contact", "confirm", "told"),
        key="visit",
        outside='<bpmn:message id="m_contact" name="contact_given"/>',
        case='<banli:case title="person_name + subject" prefix="来访" register="true"/>',
    ).replace(b'form="sample"', b'form="visit_entry"')
    return [
        Source("process", "visit", diagram),
        Source("letter", "visit_notice", letter.getvalue()),
        _form(
            "visit_entry",
            subject,
            _field("checkbox", "no_contact", "无联系方式"),
            _field("textfield", "person_name", "姓名", personal="name"),
            phone,
            _field("textfield", "person_id", "身份证号码", format="id_card", personal="id_card"),
            _field("textarea", "person_address", "住址", personal="address"),
            _field("textfield", "respondent_name", "被反映单位"),
            {"type": "filepicker", "key": "visit_proof", "label": "证据材料", "multiple": True},
        ),
        _form("visit_verify", _field("checkbox", "no_contact", "无联系方式"), phone, subject),
        _form("visit_contact", _field("textfield", "person_phone", "联系电话", format="phone", personal="phone")),
        _form("visit_finish", _field("textarea", "result_text", "办理结果") | required),
    ]


def install_visit(connection: Connection, bureau: Bureau) -> None:
    """Publish the procedure for all."""
    now = bureau.time.now()
    publish(connection, _sources(), author="测试", note="来访", effective_on=beijing_date(now), now=now)


def start_visit(bureau: Bureau, who: str = "chen.jing", **changes: Any) -> int:
    """Receive a visitor; the case id. `verify` is in the centre's pool afterwards."""
    return bureau.engine.start(bureau.actor(who), "visit", VISIT | changes).instance_id


def do(bureau: Bureau, instance_id: int, who: str = "chen.jing", **values: Any) -> Any:
    """Complete the case's only open task."""
    return bureau.engine.complete(bureau.actor(who), bureau.open_task(instance_id).id, values)


def give_contact(bureau: Bureau, instance_id: int, phone: str, who: str = "chen.jing") -> Any:
    """The action 补充联系方式, as long as `verify` is open."""
    return bureau.engine.act(bureau.actor(who), instance_id, "visit", "contact", {"person_phone": phone})


def kept(bureau: Bureau, instance_id: int) -> dict[str, str]:
    """The real values that are held of a case."""
    with bureau.database.read() as connection:
        rows = connection.execute(
            select(personal.c.field, personal.c.value).where(personal.c.instance_id == instance_id)
        )
        return {row.field: row.value for row in rows}
