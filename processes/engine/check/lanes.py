"""Lanes: every element in one of them, and in one only; none that names what is not there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from lxml import etree

from processes.engine.check.bundle import Bundle, Diagram
from processes.engine.check.finding import Finding
from processes.engine.diagrams.model import BPMN


def check(diagram: Diagram, _bundle: Bundle) -> Iterator[Finding]:
    """All rules about who stands where. Inside a sub-process the lane of the sub-process holds."""
    lanes = [lane for lane in diagram.file.root.iter(f"{{{BPMN}}}lane") if _is_leaf(lane)]
    yield from _same_names(diagram, lanes)
    yield from _strangers(diagram)
    places: dict[str, list[str]] = {}
    for lane in lanes:
        for reference in _references(lane):
            places.setdefault(reference, []).append(_name(lane))
    for node in diagram.process.nodes.values():
        own = list(dict.fromkeys(places.get(node.id, ())))
        if len(own) > 1:
            names = "、".join(f"「{name}」" for name in own[:-1]) + f"和「{own[-1]}」"
            sentence = f"同时在{names}{_count(len(own))}泳道里，不知道由谁办理，请只留一个"
            yield diagram.error(node, "lane_twice", sentence)
        elif lanes and not own and not node.parent and node.kind != "userTask" and not node.task:
            sentence = "不在任何泳道里，图上看不出归谁；请在流程设计器里把它拖进一个泳道"
            yield diagram.error(node, "lane_missing", sentence)


def _same_names(diagram: Diagram, lanes: list[etree._Element]) -> Iterator[Finding]:
    for name, times in Counter(_name(lane) for lane in lanes).items():
        if times > 1:
            sentence = f"有 {times} 个泳道都叫「{name}」，任务归谁按名称查找，分不清；请改成不同的名称，或合成一个泳道"
            yield diagram.error(None, "lane_name", sentence)


def _strangers(diagram: Diagram) -> Iterator[Finding]:
    """What a lane names and is not there; lanes that are divided included."""
    for lane in diagram.file.root.iter(f"{{{BPMN}}}lane"):
        for reference in dict.fromkeys(_references(lane)):
            if reference not in diagram.process.nodes:
                where = f"泳道「{_name(lane)}」里写着的元素「{reference}」不存在"
                sentence = f"{where}，请在泳道的 flowNodeRef 里删掉它，或改成现有的编号"
                yield diagram.at(lane, "lane_stranger", sentence)


def _is_leaf(lane: etree._Element) -> bool:
    """A lane that is divided only groups: its parts say who."""
    return lane.find(f"{{{BPMN}}}childLaneSet") is None


def _references(lane: etree._Element) -> list[str]:
    return [(reference.text or "").strip() for reference in lane.iterfind(f"{{{BPMN}}}flowNodeRef")]


def _name(lane: etree._Element) -> str:
    return str(lane.get("name") or lane.get("id", ""))


def _count(number: int) -> str:
    return "两个" if number == 2 else f" {number} 个"
