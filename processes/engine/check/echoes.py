"""Messages that come back: a branch that sends, before anybody can act, the very message that begins it.

Its event does not interrupt, so it hears the message again, and the branch is walked until the step limit ends it in an
incident. Only what is certain is refused: not what a gateway may turn away from, nor what may end the activity.
"""

from __future__ import annotations

from collections.abc import Iterator

from processes.engine.check.bundle import Bundle, Diagram
from processes.engine.check.finding import Finding
from processes.engine.diagrams.model import CATCHING, THROWING, Node, Process

_BY_ITSELF = frozenset({"boundaryEvent", "startEvent", "intermediateThrowEvent", "serviceTask", "businessRuleTask"})


def check(diagram: Diagram, bundle: Bundle) -> Iterator[Finding]:
    """The events of one diagram that send what their own branch begins with."""
    for event in diagram.process.of_kind("boundaryEvent"):
        if event.event != "message" or event.interrupting or not event.message:
            continue
        branch = _at_once(diagram.process, event)
        senders = [node for node in branch if node.kind in THROWING and node.event == "message"]
        if _may_end(diagram, event) or any(_interrupts(bundle, diagram.process.id, node.message) for node in senders):
            continue
        sentence = (
            f"这里发出的消息「{event.message}」正是「{event.name or event.id}」等着的，中间没有人办理，"
            "这条分支会一遍遍重走直到出错；请改发另一个消息，或把那个边界事件改成中断型"
        )
        yield from (
            diagram.error(sender, "message_echo", sentence) for sender in senders if sender.message == event.message
        )


def _at_once(process: Process, event: Node) -> list[Node]:
    """The nodes that a token at `event` is sure to reach before anybody or any time is waited for."""
    reached: list[Node] = []
    pending = [event]
    while pending:
        node = pending.pop()
        if node not in reached:
            reached.append(node)
            pending.extend(_next(process, node))
    return reached


def _next(process: Process, node: Node) -> Iterator[Node]:
    outgoing = process.outgoing(node.id)
    merges = node.kind == "exclusiveGateway" and len(outgoing) == 1
    splits = node.kind == "parallelGateway" and len(process.incoming(node.id)) == 1
    if node.kind in _BY_ITSELF or merges or splits:
        yield from (process.nodes[flow.target] for flow in outgoing if flow.target in process.nodes)
    if node.kind == "subProcess" and not node.multi_instance:
        yield from (start for start in process.of_kind("startEvent") if start.parent == node.id)


def _may_end(diagram: Diagram, event: Node) -> bool:
    """Whether the branch may end everything around it."""
    return any(diagram.process.nodes[id_].event == "terminate" for id_ in diagram.after(event.id))


def _interrupts(bundle: Bundle, key: str, message: str) -> bool:
    """Whether an event of the same case that waits for `message` may thereby end the activity of another."""
    waiting = (
        node
        for process_id in _called_and_calling(bundle, key)
        for node in bundle.diagrams[process_id].process.nodes.values()
    )
    return any(node.message == message and node.kind in CATCHING and node.interrupting for node in waiting)


def _called_and_calling(bundle: Bundle, key: str) -> set[str]:
    """The processes that run in one case with `key`, as far as they are here."""
    keys: set[str] = set()
    pending = [key]
    while pending:
        process_id = pending.pop()
        if process_id in bundle.diagrams and process_id not in keys:
            keys.add(process_id)
            pending.extend(node.called for node in bundle.diagrams[process_id].process.of_kind("callActivity"))
            pending.extend(caller.process.id for caller, _ in bundle.callers(process_id))
    return keys
