"""Diagrams with what the scenarios walked marked on them: green what some scenario walks, red what none does.

The colours are BPMN in Color attributes on the drawing, which every editor built on bpmn.io shows; the diagram itself
stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

from lxml import etree

from processes.engine.diagrams.reader import DI
from processes.engine.diagrams.safe_xml import parse_xml
from processes.engine.scenarios.coverage import Gap
from processes.engine.scenarios.play import Report

WALKED, MISSED = "#1e8e3e", "#d93025"
_COLOUR = "http://www.omg.org/spec/BPMN/non-normative/color/1.0"
_BIOC = "http://bpmn.io/schema/bpmn/biocolor/1.0"


def marked(
    diagrams: Iterable[tuple[str, bytes]], reports: Iterable[Report], gaps: Iterable[Gap]
) -> Iterator[tuple[str, bytes]]:
    """(process id, diagram with colours) for each (process id, XML)."""
    done, missed = list(reports), {(gap.scope, gap.element) for gap in gaps}
    walked = set().union(*(report.nodes | report.flows for report in done))
    for process, content in diagrams:
        ids = {element for scope, element in walked if scope == process}
        yield process, _coloured(content, process, ids, {element for scope, element in missed if scope == process})


def _coloured(content: bytes, process: str, walked: AbstractSet[str], missed: AbstractSet[str]) -> bytes:
    root = parse_xml(content, f"{process}.bpmn")
    for drawn in root.iter(f"{{{DI}}}BPMNShape", f"{{{DI}}}BPMNEdge"):
        element = drawn.get("bpmnElement", "")
        colour = MISSED if element in missed else WALKED if element in walked else ""
        if colour:
            drawn.set(f"{{{_COLOUR}}}border-color", colour)
            drawn.set(f"{{{_BIOC}}}stroke", colour)
    result: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return result
