"""What a version of a procedure is: its diagrams and tables, compiled, with everything that it calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from handlers.clocks.limit_table import Limit, limit_from_row
from handlers.store.tables import instance, room_of
from processes.engine.diagrams.model import CATCHING, THROWING, Node, Process
from processes.engine.errors import StepFailed
from processes.engine.language.decision_tables import LIMITS_TABLE, DecisionTable
from processes.engine.language.expressions import CompiledExpression, ExpressionError, compile_expression


@dataclass(frozen=True)
class Parts:
    """What a release is made of, by key: diagrams, decision tables, and the names of the forms there are."""

    processes: Mapping[str, bytes]
    tables: Mapping[str, bytes]
    forms: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class Release:
    """A compiled process with everything it calls. Never changed once made, but for what it has worked out."""

    process: str
    processes: Mapping[str, Process]
    tables: Mapping[str, DecisionTable]
    variables: frozenset[str]
    """Every name that an expression, a binding, a decision or a multi-instance of the release mentions."""
    own_variables: frozenset[str]
    """The same of the process alone, without those it calls."""
    caught_messages: frozenset[str]
    """Messages that some event of the process, or of one it calls, can wait for."""
    thrown_messages: frozenset[str]
    """Messages that one of them can send."""
    expressions: Mapping[str, CompiledExpression] = field(repr=False)
    main_ends: frozenset[str] = field(repr=False)
    """End events of the process that are reached without a non-interrupting boundary event."""
    limited: bool
    """Whether limits run with any of its activities."""
    spec: Any = field(repr=False)
    subprocess_specs: Mapping[str, Any] = field(repr=False)
    _limits: dict[tuple[str, str], Limit] = field(default_factory=dict, init=False, repr=False)

    def node(self, scope: str, node_id: str) -> Node:
        """The node `node_id` of process `scope`. Raises KeyError."""
        return self.processes[scope].nodes[node_id]

    def message_event(self, message: str, *, thrown: bool) -> Node | None:
        """The event that throws, or waits for, `message`; the first if there are several."""
        kinds = THROWING if thrown else CATCHING
        events = (node for process in self.processes.values() for node in process.of_kind(*kinds))
        return next((node for node in events if node.event == "message" and node.message == message), None)

    def case_title(self, facts: Mapping[str, Any]) -> str:
        """What people call a case, by the diagram's title expression; the procedure's name if that gives nothing."""
        process = self.processes[self.process]
        try:
            title = str(compile_expression(process.title).evaluate(facts) or "") if process.title else ""
        except ExpressionError:
            title = ""
        return (title or process.name)[: room_of(instance.c.title)]

    def limit(self, code: str, rule_set: str) -> Limit:
        """The limit `code` by its own table, looked up once: every case asks for the same few. Raises StepFailed."""
        key = code, rule_set
        if key not in self._limits:
            self._limits[key] = self._limit(code, rule_set)
        return self._limits[key]

    def _limit(self, code: str, rule_set: str) -> Limit:
        table = self.tables.get(LIMITS_TABLE)
        decided = table.decide({"code": code, "rule_set": rule_set}) if table else None
        if decided is None or not decided.outputs.get("amount"):
            reason = f"期限表中没有“{code}”这一行，请流程负责人在 {LIMITS_TABLE} 表中补上"
            raise StepFailed(self.process, "", code, reason)
        try:
            return limit_from_row(code, {**decided.outputs, "rule_set": rule_set})
        except ValueError as error:
            raise StepFailed(self.process, "", code, str(error)) from error
