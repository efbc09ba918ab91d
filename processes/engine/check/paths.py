"""Ways through a diagram that miss certain nodes: is a variable set on every way to where it is read?"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from processes.engine.check.bundle import Diagram
from processes.engine.diagrams.model import Node


def can_miss(diagram: Diagram, makers: AbstractSet[str], node: Node) -> bool:
    """Whether some way from the start opens `node` before any of `makers` has completed.

    Conditions are not looked at, so the way may be one that no case ever takes.
    """
    scope = node.parent
    if node.id not in _opened(diagram, makers, scope):
        return False
    owner = diagram.process.nodes.get(scope)
    return owner is None or can_miss(diagram, makers, owner)


def _opened(diagram: Diagram, makers: AbstractSet[str], scope: str) -> set[str]:
    """The nodes of a scope that can open without any maker having completed before, counted from the scope's start."""
    nodes = diagram.process.nodes
    pending = [n.id for n in nodes.values() if n.kind == "startEvent" and n.parent == scope]
    opened: set[str] = set()
    left: set[str] = set()
    while pending:
        id_ = pending.pop()
        if id_ in opened or not _opens(diagram, nodes[id_], left):
            continue
        opened.add(id_)
        if _passes(diagram, makers, nodes[id_]):
            left.add(id_)
            pending.extend(diagram.following[id_])
        else:
            # It need not complete for its boundary events to fire.
            pending.extend(later for later in diagram.following[id_] if nodes[later].attached_to == id_)
    return opened


def _opens(diagram: Diagram, node: Node, left: set[str]) -> bool:
    """A parallel join waits for all branches, so one branch that sets the variable is enough."""
    if node.kind != "parallelGateway":
        return True
    return all(flow.source in left for flow in diagram.process.incoming(node.id))


def _passes(diagram: Diagram, makers: AbstractSet[str], node: Node) -> bool:
    """Whether `node` can complete without setting the variable."""
    if node.id in makers:
        return False
    if node.kind != "subProcess":
        return True
    inner = _opened(diagram, makers, node.id)
    return any(diagram.process.nodes[id_].kind == "endEvent" for id_ in inner)
