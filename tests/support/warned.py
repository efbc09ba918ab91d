"""督办 in small: an answer and a check of it. A further warning begins them anew, a high one with the leader."""

from __future__ import annotations

from processes.engine.publishing.publish import Source
from tests.support.bureau import Bureau
from tests.support.linked import ENTRY
from tests.unit.check.drawing import diagram, element, end, flow, form, line, start, user

_AGAIN = '<bpmn:messageEventDefinition messageRef="m_again"/>'
_WARN = '<banli:task form="again_any" role="\'centre_clerk\'"/>'
_TOLD = '<banli:task form="again_any"/>'


def publish_warned(bureau: Bureau) -> None:
    """Add the procedure `warned` to what is published."""
    steps = (
        start("in"),
        element("exclusiveGateway", "high_question", name="级别高？", default="high_question_told"),
        user("lead", _TOLD),
        element("exclusiveGateway", "told", name="汇合"),
        user("answer", _TOLD),
        user("check", _TOLD),
        end("out"),
        flow("high_question", "lead", "subject == '高'"),
        flow("high_question", "told", name="否"),
        line("in", "high_question"),
        line("lead", "told", "answer", "check", "out"),
    )
    drawn = diagram(
        start(),
        user("fill", ENTRY.format("again_any")),
        element("exclusiveGateway", "merge", name="汇合"),
        element("subProcess", "work", "".join(steps)),
        element("boundaryEvent", "again", _AGAIN, _WARN, attachedToRef="work", name="再次预警"),
        end(),
        line("start", "fill", "merge", "work", "end"),
        line("again", "merge"),
        key="warned",
        case='<banli:case title="subject" prefix="督"/>',
        outside='<bpmn:message id="m_again" name="warned_again"/>',
    )
    anything = form("again_any", {"type": "textfield", "key": "subject", "label": "内容"})
    bureau.publish(Source("process", "warned", drawn), Source("form", "again_any", anything))
