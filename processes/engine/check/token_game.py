"""The token game: every way a case can go is played through, to find where it would wait for ever or do work twice.

A place is a sequence flow; a marking is the set of flows that hold a token. Conditions are not looked at: any way out
of a choosing gateway may be taken, and any boundary event may fire.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product

from processes.engine.check.bundle import Bundle, Diagram
from processes.engine.check.finding import Finding
from processes.engine.diagrams.model import Node

MAX_MARKINGS = 5_000
MAX_WAYS = 6
"""Ways out of an inclusive gateway whose subsets are all tried; of more, only single ways and all of them."""

Marking = frozenset[str]


def check(diagram: Diagram, _bundle: Bundle) -> Iterator[Finding]:
    """Joins that wait for a branch that never comes, and flows that get a second token while the first is under way."""
    for scope in ("", *(n.id for n in diagram.process.of_kind("subProcess"))):
        game = _Game(diagram, scope)
        game.play()
        for id_ in sorted(game.stuck):
            sentence = "有的路线只来一部分分支，这里会一直等不齐，请让分开与汇合用同一种网关，或改用排他网关汇合"
            yield diagram.error(diagram.process.nodes[id_], "never_joined", sentence)
        for id_ in sorted(game.doubled):
            sentence = "同时进行的两条分支都会走到这里，后面的步骤可能办理两次，请先用并行网关汇合"
            yield diagram.notice(diagram.process.nodes[id_], "runs_twice", sentence)


class _Game:
    """All markings of one scope, as far as they are few enough."""

    def __init__(self, diagram: Diagram, scope: str) -> None:
        self.diagram = diagram
        self.nodes = {n.id: n for n in diagram.process.nodes.values() if n.parent == scope}
        ends = self.nodes.keys()
        self.flows = {f.id: f for f in diagram.process.flows.values() if f.source in ends and f.target in ends}
        self.incoming: dict[str, list[str]] = {id_: [] for id_ in self.nodes}
        self.outgoing: dict[str, list[str]] = {id_: [] for id_ in self.nodes}
        for flow in self.flows.values():
            self.outgoing[flow.source].append(flow.id)
            self.incoming[flow.target].append(flow.id)
        self.given: dict[str, tuple[Marking, ...]] = {}
        self.stuck: set[str] = set()
        self.doubled: set[str] = set()

    def play(self) -> None:
        """Fill `stuck` and `doubled`. Given up silently where there are too many markings."""
        # A case begins at one of them: the plain one, or that of the message that started it.
        starts = [id_ for id_, node in self.nodes.items() if node.kind == "startEvent"]
        pending = [frozenset(self.outgoing[id_]) for id_ in starts]
        seen: set[Marking] = set()
        while pending and len(seen) < MAX_MARKINGS:
            marking = pending.pop()
            if marking in seen:
                continue
            seen.add(marking)
            following = list(self._moves(marking))
            targets = {self.flows[flow].target for flow in marking}
            if targets and not any(True for id_ in targets for _ in self._taken(self.nodes[id_], marking)):
                self.stuck |= targets
            pending.extend(following)

    def _moves(self, marking: Marking) -> Iterator[Marking]:
        for id_ in {self.flows[flow].target for flow in marking}:
            node = self.nodes[id_]
            for taken in self._taken(node, marking):
                rest = marking - taken
                if node.event == "terminate":
                    yield frozenset()
                    continue
                for given in self._ways(node):
                    twice = rest & given
                    self.doubled |= {self.flows[flow].target for flow in twice}
                    if not twice:
                        yield rest | given

    def _taken(self, node: Node, marking: Marking) -> Iterator[Marking]:
        """The tokens `node` may take to start."""
        here = frozenset(self.incoming[node.id]) & marking
        if node.kind == "parallelGateway":
            if len(here) == len(self.incoming[node.id]):
                yield here
        elif node.kind == "inclusiveGateway":
            if not self._more_to_come(node, marking - here, here):
                yield here
        else:
            for flow in here:
                yield frozenset({flow})

    def _more_to_come(self, node: Node, others: Marking, here: Marking) -> bool:
        """Whether a token elsewhere can still reach a branch of this join that has none yet."""
        missing = {self.flows[flow].source for flow in self.incoming[node.id] if flow not in here}
        targets = {self.flows[flow].target for flow in others}
        return any(missing & {target, *self.diagram.after(target)} for target in targets)

    def _ways(self, node: Node) -> tuple[Marking, ...]:
        """The same for every marking, so worked out at the first that gets here."""
        if node.id not in self.given:
            self.given[node.id] = tuple(self._given(node))
        return self.given[node.id]

    def _given(self, node: Node) -> Iterator[Marking]:
        """The tokens `node` may leave behind: one set for each way it can go."""
        out = self.outgoing[node.id]
        if node.kind in {"exclusiveGateway", "eventBasedGateway"}:
            ways = [frozenset({flow}) for flow in out]
        elif node.kind == "inclusiveGateway":
            sizes = range(1, len(out) + 1) if len(out) <= MAX_WAYS else (1, len(out))
            ways = [frozenset(some) for size in sizes for some in combinations(out, size)]
        else:
            ways = [frozenset(out)]
        yield from self._with_boundaries(node, ways)

    def _with_boundaries(self, node: Node, ways: list[Marking]) -> Iterator[Marking]:
        events = [n for n in self.nodes.values() if n.attached_to == node.id]
        aside = [frozenset(self.outgoing[n.id]) for n in events if not n.interrupting]
        for extra in product(*((frozenset[str](), some) for some in aside)):
            added: Marking = frozenset().union(*extra)
            for way in ways:
                yield way | added
            for event in events:
                if event.interrupting:
                    yield frozenset(self.outgoing[event.id]) | added
