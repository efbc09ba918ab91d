"""What the diagram editors of the field would lose at the next save, or never show, though the engine runs it."""

from __future__ import annotations

from collections.abc import Iterator

from processes.engine.check.bundle import Bundle, Diagram
from processes.engine.check.finding import NOTICE, Finding
from processes.engine.diagrams.model import BPMN, Node

_DATA = ("dataObject", "dataObjectReference", "property", "dataInput", "dataOutput")


def check(diagram: Diagram, _bundle: Bundle) -> Iterator[Finding]:
    """Lists of multi-instances that nothing holds, and messages that no event uses."""
    held = {element.get("id") for name in _DATA for element in diagram.file.root.iter(f"{{{BPMN}}}{name}")}
    for node in diagram.process.nodes.values():
        yield from _lists(diagram, node, held)
    yield from _unused_messages(diagram)


def _lists(diagram: Diagram, node: Node, held: set[str | None]) -> Iterator[Finding]:
    """To the standard the list is a reference to a data object: an editor that finds none drops it without a word."""
    for name in dict.fromkeys((node.multi_instance, node.collected)):
        if name.isidentifier() and name not in held:
            sentence = (
                f"多实例的列表「{name}」没有同名的数据对象，流程设计器一保存就会丢掉它；"
                f'请在流程里加一个数据对象，编号写成 {name}（<bpmn:dataObject id="{name}"/>）'
            )
            yield diagram.error(node, "list_not_held", sentence)


def _unused_messages(diagram: Diagram) -> Iterator[Finding]:
    root = diagram.file.root
    used = {definition.get("messageRef") for definition in root.iter(f"{{{BPMN}}}messageEventDefinition")}
    for message in root.iterfind(f"{{{BPMN}}}message"):
        if message.get("id") not in used:
            name = message.get("name") or message.get("id", "")
            sentence = (
                f"消息「{name}」没有任何事件使用，流程设计器里看不到它，也不会随事件删除；"
                "请选中一个消息事件，在属性栏的消息列表里删除它，或从文件里删掉这一行"
            )
            yield Finding(diagram.path, message.get("id", ""), name, "message_unused", NOTICE, sentence)
