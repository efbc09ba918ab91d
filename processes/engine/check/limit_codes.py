"""Limits: the codes of their table, and the activities that they run with."""

from __future__ import annotations

from collections.abc import Iterator

from processes.engine.check.bundle import Bundle, Diagram
from processes.engine.check.finding import Finding
from processes.engine.diagrams.model import Node
from processes.engine.language.decision_tables import LIMITS_TABLE
from processes.engine.language.unary_tests import Exactly

_HOLDERS = frozenset({"userTask", "subProcess", "callActivity"})


def check(diagram: Diagram, bundle: Bundle) -> Iterator[Finding]:
    """All rules about `banli:limit`; that `from` compiles and knows its variables is held against it elsewhere."""
    for node in diagram.process.nodes.values():
        if node.limits and node.kind not in _HOLDERS:
            sentence = "banli:limit 只能写在用户任务、子流程和调用活动上，请移到期限所管的那一步"
            yield diagram.error(node, "limit_place", sentence)
        yield from _codes(diagram, bundle, node)


def _codes(diagram: Diagram, bundle: Bundle, node: Node) -> Iterator[Finding]:
    codes = [limit.code for limit in node.limits]
    for code in sorted(set(codes)):
        if not code:
            yield diagram.error(node, "limit_unknown", "banli:limit 没有写期限编号，请填写 code")
        elif not code.startswith("=") and code not in limit_codes(bundle) and LIMITS_TABLE not in bundle.broken:
            sentence = f"期限「{code}」不在期限表 {LIMITS_TABLE} 里，请先在表里加一行"
            yield diagram.error(node, "limit_unknown", sentence)
        elif codes.count(code) > 1:
            yield diagram.error(node, "limit_twice", f"期限「{code}」在这一步写了不止一次，请删除多余的")


def limit_codes(bundle: Bundle) -> frozenset[str]:
    """The codes that rows of the table name in its first column, whatever the rule set."""
    if LIMITS_TABLE not in bundle.tables:
        return frozenset()
    table = bundle.tables[LIMITS_TABLE][1]
    choices = (choice for rule in table.rules for cell in rule.cells[:1] for choice in cell.choices)
    return frozenset(c.value for c in choices if isinstance(c, Exactly) and isinstance(c.value, str))
