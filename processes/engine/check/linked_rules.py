"""Cases that belong together: messages find somebody, linked processes name processes that there are."""

from __future__ import annotations

from collections.abc import Iterator

from handlers.cases.posts import LIMIT_MESSAGES
from processes.engine.check.bundle import Bundle, Diagram
from processes.engine.check.finding import Finding
from processes.engine.diagrams.model import THROWING


def check(diagram: Diagram, bundle: Bundle) -> Iterator[Finding]:
    """All rules about what goes on between the cases of different processes."""
    yield from _beginning(diagram, bundle)
    yield from _linked(diagram, bundle)
    yield from _message_starts(diagram, bundle)
    yield from _thrown(diagram, bundle)


def _beginning(diagram: Diagram, bundle: Bundle) -> Iterator[Finding]:
    """A procedure begins by a person, by a message, or by another that calls it."""
    process = diagram.process
    if process.title or process.number_prefix or process.start_messages or bundle.callers(process.id):
        return
    if bundle.lacks_diagrams:
        return  # the one that cannot be read may call it
    sentence = (
        "没有人能发起这个流程：它没有 banli:case，不由消息启动，也没有别的流程调用它；"
        "请给流程写上 banli:case（标题和编号前缀），或让一个流程用调用活动调用它"
    )
    yield diagram.error(None, "nobody_starts", sentence)


def _linked(diagram: Diagram, bundle: Bundle) -> Iterator[Finding]:
    for key in diagram.process.linked:
        if key in bundle.broken:
            continue
        if key not in bundle.diagrams:
            sentence = f"banli:case 的 linked 写了不存在的流程「{key}」，请改正或先做好 {key}.bpmn"
            yield diagram.error(None, "linked_unknown", sentence)
        elif not bundle.diagrams[key].process.number_prefix:
            sentence = f"linked 里的流程「{key}」没有自己的事项（它只被别的流程调用），请改成调用它的流程"
            yield diagram.error(None, "linked_unknown", sentence)


def _message_starts(diagram: Diagram, bundle: Bundle) -> Iterator[Finding]:
    process = diagram.process
    if process.start_messages and bundle.callers(process.id):
        sentence = "被调用的流程不能由消息启动，请改成普通开始事件，或让调用它的流程由消息启动"
        yield diagram.error(None, "message_start", sentence)
    elif process.start_messages and not process.number_prefix:
        sentence = "由消息启动的流程要有 banli:case（标题和编号前缀），否则建不了事项"
        yield diagram.error(None, "message_start", sentence)
    for message in sorted(process.start_messages):
        others = [d.process.id for d in bundle.diagrams.values() if message in d.process.start_messages]
        if len(others) > 1:
            sentence = f"消息「{message}」会同时启动 {'、'.join(sorted(others))}，只能启动一个流程，请改用不同的消息"
            yield diagram.error(None, "message_start", sentence)
    messages = [n.message for n in process.of_kind("startEvent") if n.event == "message"]
    for message in sorted({m for m in messages if messages.count(m) > 1}):
        yield diagram.error(None, "message_start", f"有两个开始事件等同一个消息「{message}」，请删除一个")


def _thrown(diagram: Diagram, bundle: Bundle) -> Iterator[Finding]:
    if bundle.lacks_diagrams:
        return  # the one that cannot be read may take it
    everybody = [other.process for other in bundle.diagrams.values()]
    caught = LIMIT_MESSAGES.union(*(process.caught_messages | process.start_messages for process in everybody))
    for node in diagram.process.of_kind(*THROWING):
        if node.event == "message" and node.message and node.message not in caught:
            sentence = f"发出的消息「{node.message}」没有任何流程接收，请检查名称，或在接收的流程里画出等待它的事件"
            yield diagram.notice(node, "message_nobody", sentence)
