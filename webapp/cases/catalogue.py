"""The procedures in force, as menus and cards show them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from handlers.people.actors import Actor
from processes.engine.commands.starting import entry_node
from processes.engine.diagrams.model import Node, Process
from processes.engine.language.decision_tables import DecisionError
from processes.engine.language.expressions import ExpressionError, compile_expression
from processes.engine.publishing.library import Startable
from webapp.extensions import services

CHAIN = "approval_chain"
"""The called process that runs an approval, and the table that lists its levels."""


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure with the release that a new case would run."""

    release_id: int
    process: Process
    entry: Node
    approval: str = ""
    """The levels of approval that its table lists, or nothing where that cannot be said beforehand."""

    @property
    def form_key(self) -> str:
        """The form of the first step."""
        return self.entry.task.form if self.entry.task else ""

    def may_start(self, actor: Actor) -> bool:
        """Whether the person holds the role of the first step."""
        return self.entry.role in actor.roles


def procedures() -> dict[str, Procedure]:
    """The procedures that people can start by themselves today, by key."""
    return _procedures(services().engine.library.startable(services().today()))


def linked_procedures(process: str) -> dict[str, Procedure]:
    """The procedures that people can start from a case of `process` today, by key."""
    return _procedures(services().engine.library.linked_to(process, services().today()))


def procedure_names() -> dict[str, str]:
    """Names of all procedures with cases of their own that are in force, by key."""
    return {item.process.id: item.process.name for item in services().engine.library.in_force(services().today())}


def _procedures(startable: Iterable[Startable]) -> dict[str, Procedure]:
    result = {}
    for item in startable:
        release = services().engine.library.release(item.release_id)
        process = release.processes[item.process.id]
        levels = approval_levels(release, process)
        result[process.id] = Procedure(item.release_id, process, entry_node(process), levels)
    return result


def approval_levels(release: Any, process: Process) -> str:
    """The steps of every approval that `process` calls, such as 办公室审核→领导审批, by the release's own table."""
    chains = [_levels(release, node) for node in process.nodes.values() if node.called == CHAIN]
    return "；".join(dict.fromkeys(chain for chain in chains if chain))


def _levels(release: Any, node: Node) -> str:
    given = {binding.name: binding.value for binding in node.inputs}
    matter = _constant(given.get("matter", ""))
    table = release.tables.get(CHAIN)
    if not matter or table is None:
        return ""
    try:
        # A kind that the form asks for is not known yet: what holds for any kind is shown.
        decision = table.decide({"matter": matter, "kind": _constant(given.get("kind", ""))})
        return "→".join(level["step"] for level in decision.outputs["levels"]) if decision else ""
    except (DecisionError, ExpressionError, KeyError, TypeError):  # a table that needs more than is known beforehand
        return ""


def _constant(expression: str) -> str:
    """The text that the expression always gives, or nothing."""
    try:
        value = compile_expression(expression).evaluate({})
    except ExpressionError:
        return ""
    return value if isinstance(value, str) else ""
