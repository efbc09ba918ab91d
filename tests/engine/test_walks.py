"""Random walks over every diagram: the kernel, saved and loaded after each step, must match SpiffWorkflow's own way.

Three runs side by side: the kernel cold (codec and compaction after every step), the kernel hot (never saved), and the
documented way (official serialiser after every step). Compared after every step: open tasks and all they see, running
timers, messages waited for, completion, outcome.
"""

from __future__ import annotations

import ast
import os
import random
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

import pytest

from processes.engine.diagrams.model import Node
from processes.engine.errors import StepFailed, StepLimit
from processes.engine.kernel.compile import compile_release
from processes.engine.kernel.live import LiveInstance, OpenTask
from processes.engine.kernel.release import Parts, Release
from processes.engine.kernel.timers import running
from processes.engine.kernel.variables import visible
from tests.support.random_diagrams import RandomDiagram
from tests.support.reference import Reference, ReferenceParser
from tests.support.world import DIAGRAMS, SHIPPED, World, parts

SEEDS = int(os.environ.get("BANLI_WALKS", "6"))
MOST_SEEDS = 60
"""A large diagram is walked more often, until most of it has been reached."""
DIAGRAMS_PER_GROUP = SEEDS
STEPS = 25
STEP_LIMIT = 300
DIFFERENT_ON_PURPOSE = {
    "loop_join": "SpiffWorkflow's join fires early from the second round of a loop",
    "endless": "never waits",
    "gather": "SpiffWorkflow's inclusive join does not see tokens in sub-processes and multi-instances",
    "once": "SpiffWorkflow leaves the sub-processes of a cancelled multi-instance behind, still waiting for messages",
}
SPECIAL: Mapping[str, list[Any]] = {
    "duplicate_numbers": [["12315〔2026〕1号"], []],
    "rest_until": ["2026-03-09T00:00:00+08:00", "2026-04-01T00:00:00+08:00"],
    "station_inspected_on": ["2026-03-02", "2024-03-01"],
    "amount": [0, 50, 97, 98, 500],
    "total": [0, 100],
    "number": [1, 2],
    "count": [1, 2],
    "rounds": [3],
    "onsite_officers": [[1, 2]],
    "accepted_at": ["2026-03-02T09:00:00+08:00"],
    "grade_words": ["一般"],
    "grade": ["urgent", "general", "difficult"],
    "proposed_grade": ["general"],
    "missing": ["签名的现场笔录"],
}


def diagrams() -> list[str]:
    """Every diagram that is shipped and every test diagram."""
    return sorted(set(parts(DIAGRAMS, SHIPPED).processes) - set(DIFFERENT_ON_PURPOSE))


@cache
def releases(process: str) -> tuple[Release, Release]:
    """The same diagram for the kernel and for the documented way."""
    whole = parts(DIAGRAMS, SHIPPED)
    return compile_release(process, whole), compile_release(process, whole, ReferenceParser)


@cache
def pools(process: str) -> dict[str, list[Any]]:
    """For every variable values that make its conditions and table rows go one way and the other."""
    release = releases(process)[0]
    found: dict[str, set[Any]] = {}
    lists: set[str] = {n.multi_instance for p in release.processes.values() for n in p.nodes.values()}
    lists |= {n.collected for p in release.processes.values() for n in p.nodes.values()}
    for expression in release.expressions.values():
        _learn(expression.tree, found)
    for key, data in parts(DIAGRAMS, SHIPPED).tables.items():
        if key in {n.decision for p in release.processes.values() for n in p.nodes.values()}:
            text = data.decode()
            for column in release.tables[key].inputs:
                values = found.setdefault(column.expression.text, set())
                values.update(re.findall(r"<(?:\w+:)?inputEntry[^>]*>\s*<(?:\w+:)?text>\"([^\"]+)\"", text))
                values.update({True, False} if re.search(r"<(?:\w+:)?text>\s*(?:true|false)\s*<", text) else ())
    result = {
        name: [[1], [1, 2], [1, 2, 3], []] if name in lists else _pool(found.get(name)) for name in release.variables
    }
    return {**result, **{name: values for name, values in SPECIAL.items() if name in result}}


def _pool(values: set[Any] | None) -> list[Any]:
    return sorted(values, key=repr) if values else [True, False]


def _learn(tree: ast.AST, found: dict[str, set[Any]]) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and isinstance(node.left, ast.Name):
            for other in node.comparators:
                constants = [c.value for c in ast.walk(other) if isinstance(c, ast.Constant)]
                found.setdefault(node.left.id, set()).update(constants)
                if constants and isinstance(constants[0], str):
                    found[node.left.id].add("else")
                if constants and isinstance(constants[0], bool):
                    found[node.left.id].update((True, False))


class ChanceWorld(World):
    """A host whose services answer by chance, but the same for the same question at the same step of a walk."""

    def __init__(self, values: dict[str, list[Any]], seed: int) -> None:
        super().__init__()
        self.values = values
        self.seed = seed
        self.step = 0

    def call(self, handler: str, parameters: Mapping[str, object], node: Node) -> Mapping[str, object]:
        chance = random.Random(f"{self.seed} {self.step} {node.id} {sorted(parameters.items())!r}")
        return {binding.value: chance.choice(self.values[binding.name]) for binding in node.outputs}


class Walk:
    """Three runs of one case."""

    def __init__(self, both: tuple[Release, Release], values: dict[str, list[Any]], seed: int) -> None:
        self.release, official = both
        self.pools = {name: given for name, given in values.items() if name in self.release.variables}
        self.chance = random.Random(f"{self.release.process} {seed}")
        self.reached: set[tuple[str, str]] = set()
        self.worlds = [ChanceWorld(values, seed) for _ in range(3)]
        data = self.values()
        self.cold = LiveInstance.start(self.release, data, self.worlds[0])
        self.hot = LiveInstance.start(self.release, data, self.worlds[1])
        self.hot.step_limit = STEP_LIMIT
        self.reference = Reference(official, data, self.worlds[2])
        self.reload()

    def values(self) -> dict[str, Any]:
        return {name: self.chance.choice(values) for name, values in sorted(self.pools.items())}

    def reload(self) -> None:
        steps, decisions = self.cold.drain()
        assert (steps, decisions) == self.hot.drain()
        self.reached.update((step.scope, step.node) for step in steps)
        before = _seen(self.cold)
        self.cold = LiveInstance.load(self.release, self.cold.dump())
        self.cold.step_limit = STEP_LIMIT
        assert _seen(self.cold) == before

    def step(self) -> None:
        """One action, the same for all three."""
        for world in self.worlds:
            world.step += 1
        actions = ["complete"] * 4 * bool(self.cold.open_tasks())
        actions += ["send"] * bool(self.cold.waiting_messages()) + ["wait"] * (self.cold.next_due() is not None)
        getattr(self, self.chance.choice(actions))()
        self.reload()

    def complete(self) -> None:
        position = self.chance.randrange(len(self.cold.open_tasks()))
        values = self.values()
        cold, hot = _in_order(self.cold)[position], _in_order(self.hot)[position]
        desks = sorted(
            self.reference.desks(), key=lambda t: repr((t.task_spec.node.process, t.task_spec.bpmn_id, _data(t)))
        )
        self.together(
            lambda: self.cold.complete(cold.token, values, self.worlds[0]),
            lambda: self.hot.complete(hot.token, values, self.worlds[1]),
            lambda: self.reference.complete(desks[position], values),
        )

    def send(self) -> None:
        name = self.chance.choice(sorted(self.cold.waiting_messages()))
        payload = self.values()
        self.together(
            lambda: self.cold.send(name, payload, self.worlds[0]),
            lambda: self.hot.send(name, payload, self.worlds[1]),
            lambda: self.reference.send(name, payload),
        )

    def together(self, *actions: Callable[[], object]) -> None:
        """Do the same in all three; if the step fails in one, it must fail in all."""
        failures: list[StepFailed] = []
        for action in actions:
            try:
                action()
            except StepLimit:
                raise  # a circle that never waits: SpiffWorkflow believes after a thousand tasks that it is done
            except StepFailed as failure:
                failures.append(failure)
        if failures:
            assert [f.node for f in failures] == [failures[0].node] * 3
            raise failures[0]

    def wait(self) -> None:
        due = self.cold.next_due()
        assert due is not None
        for world in self.worlds:
            world.now = max(due, world.now)
        self.together(
            lambda: self.cold.fire_due(self.worlds[0]),
            lambda: self.hot.fire_due(self.worlds[1]),
            self.reference.fire_due,
        )

    def compare(self) -> None:
        """No difference between the three."""
        cold, hot, official = _summary(self.cold), _summary(self.hot), _reference_summary(self.reference)
        assert cold == hot
        assert cold == official


def _data(task: Any) -> dict[str, Any]:
    return dict(sorted(visible(task).items()))


def _in_order(live: LiveInstance) -> list[OpenTask]:
    return sorted(live.open_tasks(), key=lambda t: repr((t.scope, t.node.id, dict(sorted(t.data.items())))))


def _seen(live: LiveInstance) -> list[Any]:
    return [(t.scope, t.node.id, dict(sorted(t.data.items()))) for t in _in_order(live)]


def _summary(live: LiveInstance) -> dict[str, Any]:
    return {
        "open": _seen(live),
        "timers": sorted(due.isoformat() for due, _ in running(live._workflow)),
        "messages": live.waiting_messages(),
        "completed": live.completed,
        "outcome": live.outcome,
    }


def _reference_summary(reference: Reference) -> dict[str, Any]:
    return {
        "open": reference.seen(),
        "timers": sorted(datetime.fromisoformat(due).isoformat() for due in reference.timers()),
        "messages": reference.messages(),
        "completed": reference.workflow.is_completed(),
        "outcome": reference.outcome(),
    }


def walk(both: tuple[Release, Release], values: dict[str, list[Any]], seed: int) -> set[tuple[str, str]]:
    """One walk, compared at every step; process and id of the nodes it reached."""
    try:
        case = Walk(both, values, seed)
    except StepFailed:
        return set()
    case.compare()
    for _ in range(STEPS):
        if case.cold.completed:
            break
        try:
            case.step()
        except StepFailed:
            break
        case.compare()
    return case.reached


@pytest.mark.parametrize("process", diagrams())
def test_walks_match_the_documented_way(process: str) -> None:
    reached: set[tuple[str, str]] = set()
    # What it calls is walked by itself, from its own beginning.
    nodes = {(process, node) for node in releases(process)[0].processes[process].nodes}
    for seed in range(MOST_SEEDS):
        reached |= walk(releases(process), pools(process), seed)
        missed = nodes - reached
        if seed + 1 >= SEEDS and len(missed) <= 0.4 * len(nodes):
            return
    pytest.fail(f"never reached: {sorted(missed)}; give variables better values")


@pytest.mark.parametrize("group", range(4))
def test_walks_over_random_diagrams_match_the_documented_way(group: int) -> None:
    for number in range(DIAGRAMS_PER_GROUP):
        diagram = RandomDiagram(group * 10_000 + number)
        whole = Parts({"random": diagram.bytes()}, {})
        both = compile_release("random", whole), compile_release("random", whole, ReferenceParser)
        values: dict[str, list[Any]] = {name: [True, False] for name in diagram.variables}
        walk(both, {**values, "items": [[], [1], [1, 2], [1, 2, 3]]}, number)
