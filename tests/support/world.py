"""A world for the kernel alone: test diagrams compiled once, a host without a database, and a driver for a case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from processes.engine.diagrams.model import Node
from processes.engine.kernel.compile import compile_release
from processes.engine.kernel.live import LiveInstance
from processes.engine.kernel.release import Parts, Release

HERE = Path(__file__).parent.parent
DIAGRAMS = HERE / "engine" / "diagrams"
SHIPPED = HERE.parent / "processes"
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)

Service = Callable[..., Mapping[str, object]]


def parts(*folders: Path) -> Parts:
    """Every diagram and table below the folders."""
    return Parts(
        {path.stem: path.read_bytes() for folder in folders for path in sorted(folder.rglob("*.bpmn"))},
        {path.stem: path.read_bytes() for folder in folders for path in sorted(folder.rglob("*.dmn"))},
    )


@cache
def diagram_parts() -> Parts:
    """The small diagrams of the kernel's tests."""
    return parts(DIAGRAMS)


@cache
def compiled(process: str) -> Release:
    """A test diagram, compiled once for all tests, as a server would."""
    return compile_release(process, diagram_parts())


class World:
    """A host: a clock that stands still, limits in days, and services by name."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now
        self.days: dict[str, int] = {}
        self.calls: list[tuple[str, dict[str, object]]] = []
        self.services: dict[str, Service] = {
            "test.add": lambda left, right: {"sum": left + right},
            "test.count": lambda count: {"count": count + 1},
        }

    def call(self, handler: str, parameters: Mapping[str, object], node: Node) -> Mapping[str, object]:
        """Run the service and remember the call."""
        self.calls.append((handler, dict(parameters)))
        return self.services[handler](**parameters)

    def clock(self, code: str, start: datetime, *, token: str) -> datetime:
        """So many days from the start; five if nothing else was said."""
        return start + self.days.get(code, 5) * DAY


class Player:
    """Drives one case; saves and loads it after every step unless `hot`."""

    def __init__(self, release: Release, data: Mapping[str, object] | None = None, *, hot: bool = False) -> None:
        self.world = World()
        self.release = release
        self.hot = hot
        self.steps: list[Any] = []
        self.decisions: list[Any] = []
        self.live = LiveInstance.start(release, data or {}, self.world)
        self._after()

    def _after(self) -> None:
        steps, decisions = self.live.drain()
        self.steps += steps
        self.decisions += decisions
        self.state = self.live.dump()
        if not self.hot:
            self.live = LiveInstance.load(self.release, self.state)

    def open(self) -> list[str]:
        """Ids of the nodes that wait for somebody, sorted."""
        return sorted(task.node.id for task in self.live.open_tasks())

    def token(self, node: str) -> str:
        """Token of the oldest open task of a node."""
        return next(task.token for task in self.live.open_tasks() if task.node.id == node)

    def data(self, node: str) -> dict[str, Any]:
        """What the oldest open task of a node sees."""
        return next(task.data for task in self.live.open_tasks() if task.node.id == node)

    def do(self, node: str, **values: object) -> None:
        """Complete the oldest open task of a node."""
        self.live.complete(self.token(node), values, self.world)
        self._after()

    def send(self, message: str, **payload: object) -> bool:
        """Deliver a message."""
        taken = self.live.send(message, payload, self.world)
        self._after()
        return taken

    def wait(self, delta: timedelta) -> int:
        """Let time pass and the sweep run."""
        self.world.now += delta
        fired = self.live.fire_due(self.world)
        self._after()
        return fired

    def path(self, kind: str = "done") -> list[str]:
        """Nodes of steps of one kind, in order."""
        return [step.node for step in self.steps if step.kind == kind]

    def flows(self) -> list[str]:
        """Ids of the sequence flows taken, in order."""
        return [flow for step in self.steps for flow in step.flows]

    def task_count(self) -> int:
        """Tasks in the trees of the case."""
        workflow: Any = self.live._workflow
        return len(workflow.tasks) + sum(len(inner.tasks) for inner in workflow.subprocesses.values())
