"""A procedure under legal limits, as the tests of clocks need it: acceptance, mediation that ends by law, reply."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select

from handlers.store.tables import clock, event
from processes.engine.publishing.publish import BEGINNING, Source
from tests.support.bureau import Bureau
from tests.unit.check.drawing import diagram, element, end, flow, form, gateway, line, start, timer, user

KEY, MEDIATED = "limited", "mediated"
TALK = '<banli:task form="limited_talk"/>'
ACCEPT = '<banli:task form="limited_any"/><banli:limit code="accept" from="received_at"/>'
GRADE = "='grade_max' if accepted_at else 'grade_general'"
"""A code that is worked out when its activity begins."""
MEDIATION = f'<banli:limit code="mediation" from="accepted_at"/><banli:limit code="{GRADE}" from="accepted_at"/>'
FILL = [
    {"type": "datetime", "subtype": "datetime", "key": "received_at", "label": "收到时间"},
    {"type": "datetime", "subtype": "datetime", "key": "accepted_at", "label": "受理时间"},
]
AGAIN = [{"type": "checkbox", "key": "again", "label": "再次调解"}]


def limited_diagram(key: str = KEY, talk: str = TALK, *withdraw: str, outside: str = "") -> bytes:
    """fill → decide (accept) → mediate (mediation, grade_max; compulsory end by timer) → answer (reply) → end.

    `talk` are the settings of the step inside `mediate`; `withdraw` are further ways out of it.
    """
    inside = "".join(
        [
            start("begin"),
            gateway("more"),
            user("talk", talk),
            gateway("agreed", default="agreed_over"),
            end("over"),
            line("begin", "more", "talk", "agreed"),
            flow("agreed", "more", "again"),
            flow("agreed", "over", name="否"),
        ]
    )
    late = element(
        "boundaryEvent", "late", timer("clock('mediation', accepted_at)"), attachedToRef="mediate", name="期满"
    )
    return diagram(
        start(),
        user("fill", '<banli:task form="limited_fill" entry="true"/>'),
        user("decide", ACCEPT),
        element("subProcess", "mediate", inside, MEDIATION),
        late,
        user("answer", '<banli:task form="limited_any" limit="reply"/>'),
        end(name="办结"),
        end("compulsory", name="期满终止"),
        line("start", "fill", "decide", "mediate", "answer", "end"),
        line("late", "compulsory"),
        *withdraw,
        key=key,
        case='<banli:case title="received_at" prefix="限"/>',
        outside=outside,
    )


def mediated_diagram() -> bytes:
    """The same, with a limit of its own for each talk, and a message 撤诉 that ends the mediation."""
    heard = '<bpmn:messageEventDefinition messageRef="m_withdrawn"/>'
    return limited_diagram(
        MEDIATED,
        '<banli:task form="limited_talk" limit="reply"/>',
        element("boundaryEvent", "withdraw", heard, attachedToRef="mediate", name="撤诉"),
        end("withdrawn", name="撤诉办结"),
        line("withdraw", "withdrawn"),
        outside='<bpmn:message id="m_withdrawn" name="withdrawn"/>',
    )


def publish_limited(bureau: Bureau) -> None:
    """Publish both procedures beside what is shipped."""
    bureau.publish(
        Source("process", KEY, limited_diagram()),
        Source("process", MEDIATED, mediated_diagram()),
        Source("form", "limited_fill", form("limited_fill", *FILL)),
        Source("form", "limited_talk", form("limited_talk", *AGAIN)),
        Source("form", "limited_any", form("limited_any", {"type": "textarea", "key": "note", "label": "说明"})),
        effective_on=BEGINNING,
    )


def start_limited(bureau: Bureau, received_at: str, accepted_at: str = "", *, process: str = KEY) -> int:
    """A new case, at its step `decide`; its id."""
    values = {"received_at": received_at, "accepted_at": accepted_at or received_at}
    return bureau.engine.start(bureau.actor("chen.jing"), process, values).instance_id


def in_mediation(bureau: Bureau, received_at: str, accepted_at: str = "") -> int:
    """A new case whose sub-process has begun; its id."""
    case = start_limited(bureau, received_at, accepted_at)
    do(bureau, case, "decide")
    return case


def do(bureau: Bureau, case: int, node: str, **values: Any) -> None:
    """Complete the open task of a node."""
    row = next(row for row in bureau.open_tasks(case) if row.node == node)
    result = bureau.engine.complete(bureau.actor("chen.jing"), row.id, values)
    assert not result.held, result.held


def clocks(bureau: Bureau, case: int, code: str = "") -> list[Row[Any]]:
    """Rows of `clock` of the case, oldest first."""
    wanted = select(clock).where(clock.c.instance_id == case).order_by(clock.c.id)
    with bureau.database.read() as connection:
        return list(connection.execute(wanted.where(clock.c.code == code) if code else wanted))


def events(bureau: Bureau, case: int, kind: str) -> list[Row[Any]]:
    """Events of one kind, oldest first."""
    wanted = select(event).where(event.c.instance_id == case, event.c.kind == kind).order_by(event.c.position)
    with bureau.database.read() as connection:
        return list(connection.execute(wanted))
