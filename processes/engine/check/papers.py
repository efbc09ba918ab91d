"""What people need to find in a diagram: its card, names, the clause of each step, and a complete drawing; and the
index of its letters."""

from __future__ import annotations

from collections.abc import Iterator

from handlers.letters.index import LetterIndexError, read_index
from processes.engine.check.bundle import Bundle, Diagram
from processes.engine.check.finding import ERROR, Finding
from processes.engine.check.flows import ACTIVITIES
from processes.engine.diagrams.model import BANLI, BPMN, CARD_LABELS

_UNDRAWN = {
    "flow": "文件里有这条顺序流，图上没有画出来，看图的人不知道案件会这样走；请补上连线，或从文件里删除它",
    "node": "文件里有这个节点，图上没有画出来，流程设计器里也选不到它；请补上它的图形，或从文件里删除",
}
_MAY_BE_EMPTY = frozenset({"documents"})
"""The source document leaves 运行要件 blank where a procedure needs no papers."""


def check(diagram: Diagram, _bundle: Bundle) -> Iterator[Finding]:
    """All rules about what people read."""
    yield from _card(diagram)
    process = diagram.process
    if not process.name:
        yield diagram.error(None, "name_missing", "流程没有名称，请写上")
    if not process.executable:
        yield diagram.error(None, "not_executable", "流程没有标为可执行，请勾选「可执行」")
    for node in process.nodes.values():
        if not node.name and node.kind in ACTIVITIES:
            yield diagram.error(node, "name_missing", "任务没有名称，请写成「动词＋对象」，例如「审核材料」")
        elif not node.name and node.kind == "endEvent" and not node.parent:
            yield diagram.notice(node, "name_missing", "结束事件没有名称，请写上办理结果，它会显示为案件的结论")
        if not node.basis:
            sentence = "没有写依据条款，请用 banli:basis 写明来源文件和条款"
            finding = diagram.error if node.kind in ACTIVITIES else diagram.notice
            yield finding(node, "basis_missing", sentence)
    yield from _drawing(diagram)


def check_index(content: bytes | None) -> Iterator[Finding]:
    """Whether the index of the letters can be read."""
    if content is not None:
        try:
            read_index(content)
        except LetterIndexError as error:
            yield Finding("letters.yaml", "", "", "letter_index", ERROR, str(error))


def _drawing(diagram: Diagram) -> Iterator[Finding]:
    process = diagram.process
    undrawn = diagram.file.undrawn
    if len(undrawn) == len(process.nodes) + len(process.flows):
        yield diagram.notice(None, "not_drawn", "文件里只有流程没有图，请在流程设计器里摆放好再保存")
        return
    for id_ in undrawn:
        # People decide by what they see: a line or a box that runs and is not drawn is refused where the rest is drawn.
        place = process.nodes.get(id_) or process.flows[id_]
        yield diagram.error(place, "not_drawn", _UNDRAWN["flow" if id_ in process.flows else "node"])


def _card(diagram: Diagram) -> Iterator[Finding]:
    process = diagram.process
    if not (process.title or process.number_prefix):
        return
    path = f"{{{BPMN}}}process/{{{BPMN}}}extensionElements/{{{BANLI}}}card"
    card = diagram.file.root.find(path)
    if card is None:
        yield diagram.error(None, "card", "由人发起的流程没有信息表，请用 banli:card 写明九项内容")
        return
    for name in CARD_LABELS:
        entry = card.find(f"{{{BANLI}}}{name}")
        if entry is None or not (process.card[name] or name in _MAY_BE_EMPTY):
            yield diagram.error(None, "card", f"信息表缺少「{CARD_LABELS[name]}」（banli:{name}），请补上")
