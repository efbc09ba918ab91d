"""Three small procedures whose cases belong together, for the tests of links, messages and actions.

`letter` 来件 is handled in a sub-process; it can be withdrawn (an action), gives rise to `filed` 立案 by the message
`clue_found`, and waits for that one's `clue_filed`. `rest` 中止 is started by a person from a `letter`.
"""

from __future__ import annotations

from typing import Any

from processes.engine.publishing.publish import Source
from tests.support.bureau import Bureau
from tests.unit.check.drawing import diagram, element, end, flow, form, line, start, user

MESSAGES = ("withdrawn", "clue_found", "clue_filed", "clock_suspended", "nobody_waits")
OUTSIDE = "".join(f'<bpmn:message id="m_{name}" name="{name}"/>' for name in MESSAGES)
ENTRY = '<banli:task form="{}" entry="true"/>'


def message(name: str) -> str:
    """The definition of a message event."""
    return f'<bpmn:messageEventDefinition messageRef="m_{name}"/>'


def task(form_key: str, rest: str = "") -> str:
    """The settings of a task or an action."""
    return f'<banli:task form="{form_key}" {rest}/>'


def _case(title: str, prefix: str, rest: str = "") -> str:
    return f'<banli:case title="{title}" prefix="{prefix}" {rest}/>'


def letter() -> bytes:
    """来件."""
    inner = (
        start("in"),
        user("handle", task("linked_handle"), name="办理"),
        element("exclusiveGateway", "found", name="有线索？", default="found_in_end"),
        element(
            "intermediateThrowEvent",
            "tell",
            message("clue_found"),
            '<banli:in name="clue" value="clue"/><banli:in name="note" value="\'来自\' + subject"/>',
            name="移交线索",
        ),
        element(
            "intermediateCatchEvent",
            "wait",
            message("clue_filed"),
            '<banli:out name="filed" value="filed"/>',
            name="回音",
        ),
        user("look", task("linked_look", "title=\"'立案：' + filed\""), name="看结果"),
        end("in_end"),
        flow("found", "tell", "clue != None"),
        flow("found", "in_end", name="否"),
        line("in", "handle", "found"),
        end("in_over"),
        line("tell", "wait", "look", "in_over"),
    )
    return diagram(
        start(),
        user("receive", ENTRY.format("linked_receive"), name="接收"),
        element("subProcess", "work", "".join(inner), name="处理"),
        element(
            "boundaryEvent",
            "withdraw",
            message("withdrawn"),
            task("linked_withdraw", "role=\"'centre_clerk'\""),
            attachedToRef="work",
            name="撤诉",
        ),
        end("over", name="办结"),
        end("gone", name="撤诉办结"),
        line("start", "receive", "work", "over"),
        line("withdraw", "gone"),
        key="letter",
        case=_case("subject", "来"),
        outside=OUTSIDE,
    )


def filed() -> bytes:
    """立案: by the message, or by a person from a letter."""
    return diagram(
        start(),
        element("startEvent", "by_clue", message("clue_found"), '<banli:out name="clue" value="clue"/>', name="线索"),
        user("apply", ENTRY.format("linked_apply"), name="申请"),
        element("exclusiveGateway", "merge", name="汇合"),
        user("decide", task("linked_decide", "title=\"'审批：' + parent_number\""), name="审批"),
        element(
            "endEvent", "tell_back", message("clue_filed"), '<banli:in name="filed" value="filed"/>', name="已告知"
        ),
        line("start", "apply", "merge", "decide", "tell_back"),
        line("by_clue", "merge"),
        key="filed",
        case=_case("'立案 ' + parent_title", "立", 'linked="letter"'),
        outside=OUTSIDE,
    )


def rest() -> bytes:
    """中止: stops the clocks of the letter; at the end it says something that nobody waits for."""
    return diagram(
        start(),
        user("ask", ENTRY.format("linked_apply"), name="申请"),
        element(
            "intermediateThrowEvent",
            "stop",
            message("clock_suspended"),
            '<banli:in name="reason" value="clue"/>',
            name="中止计时",
        ),
        user("again", task("linked_look"), name="恢复"),
        element("endEvent", "bye", message("nobody_waits"), name="无人接收"),
        line("start", "ask", "stop", "again", "bye"),
        key="rest",
        case=_case("'中止 ' + parent_number", "中", 'linked="letter"'),
        outside=OUTSIDE,
    )


def _text(key: str, label: str, *, required: bool = False) -> dict[str, Any]:
    return {"type": "textfield", "key": key, "label": label, "validate": {"required": required}}


FORMS = {
    "linked_receive": form("linked_receive", _text("subject", "标题", required=True), _text("place", "地点")),
    "linked_handle": form("linked_handle", _text("clue", "线索")),
    "linked_look": form("linked_look", _text("seen", "已看")),
    "linked_withdraw": form("linked_withdraw", _text("withdraw_reason", "撤诉原因", required=True)),
    "linked_apply": form("linked_apply", _text("clue", "线索", required=True)),
    "linked_decide": form("linked_decide", _text("filed", "立案号", required=True), _text("place", "地点")),
}


def publish_linked(bureau: Bureau) -> None:
    """Add the three to what is published."""
    processes = {"letter": letter(), "filed": filed(), "rest": rest()}
    sources = [Source("process", key, content) for key, content in processes.items()]
    sources += [Source("form", key, content) for key, content in FORMS.items()]
    bureau.publish(*sources)


def start_letter(bureau: Bureau, subject: str = "一封信") -> int:
    """A letter that 陈静 has received; it is on the desk `handle`."""
    return bureau.engine.start(bureau.actor("chen.jing"), "letter", {"subject": subject, "place": "塘沽"}).instance_id


def do(bureau: Bureau, instance_id: int, node: str, **values: Any) -> None:
    """陈静 does the case's open task `node`."""
    row = next(row for row in bureau.open_tasks(instance_id) if row.node == node)
    bureau.engine.complete(bureau.actor("chen.jing"), row.id, values)
