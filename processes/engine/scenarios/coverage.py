"""What no scenario walks: flows, boundary events, message starts and table rows of the given diagrams and tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from processes.engine.diagrams.model import Process
from processes.engine.language.decision_tables import DecisionTable
from processes.engine.scenarios.play import Report

Walked = AbstractSet[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Gap:
    """A place that no scenario has walked: `kind` is flow, boundary, start or row; `place` names it for people."""

    kind: str
    scope: str
    element: str
    place: str


def gaps(
    processes: Iterable[Process],
    tables: Iterable[DecisionTable],
    reports: Iterable[Report],
    checked_rows: Mapping[str, set[int]],
) -> Iterator[Gap]:
    """All places that were not walked. `checked_rows`: rows checked one by one in the scenario files' `tables`."""
    done = list(reports)
    flows = set().union(*(report.flows for report in done))
    nodes = set().union(*(report.nodes for report in done))
    rows = set().union(*(report.rows for report in done))
    for process in processes:
        yield from _of_process(process, flows, nodes)
    for table in tables:
        for rule in table.rules:
            if (table.key, rule.row) not in rows and rule.row not in checked_rows.get(table.key, set()):
                yield Gap("row", table.key, str(rule.row), f"决策表“{table.name}”第{rule.row}行：{rule.annotation}")


def _of_process(process: Process, flows: Walked, nodes: Walked) -> Iterator[Gap]:
    for flow in process.flows.values():
        if (process.id, flow.id) not in flows:
            ends = f"{_name(process, flow.source)} → {_name(process, flow.target)}"
            yield Gap("flow", process.id, flow.id, f"{process.name}：流向“{flow.name or flow.id}”（{ends}）")
    for node in process.of_kind("boundaryEvent"):
        if (process.id, node.id) not in nodes:
            yield Gap("boundary", process.id, node.id, f"{process.name}：边界事件“{node.name or node.id}”")
    for node in process.of_kind("startEvent"):
        if node.event == "message" and (process.id, node.id) not in nodes:
            yield Gap("start", process.id, node.id, f"{process.name}：由消息启动“{node.name or node.id}”")


def _name(process: Process, node_id: str) -> str:
    node = process.nodes[node_id]
    return node.name or node.id
