"""What one user action costs the engine, against the documented SpiffWorkflow way.

The same diagram files (50 nodes, 15 of them in a called process; a decision table, a parallel pair in a sub-process,
four timers, two return loops) are driven through the same actions with the same values by three variants in turn,
action by action, in one process:

documented: load the saved JSON, complete the task, run to the next wait, save as JSON (see documented.py);
cold: `LiveInstance.load`, complete, `dump`: the case was not in memory;
hot: complete and `dump` on a `LiveInstance` that is kept, as the live cache does between commands.

Each saves the whole case at each action, and asks which tasks are open as a user interface must. CPU time of the
thread; per action the median over all repetitions, summed over the actions of one case.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from processes.engine.diagrams.model import Node
from processes.engine.kernel.compile import compile_release
from processes.engine.kernel.live import LiveInstance
from processes.engine.kernel.release import Parts
from tests.bench.documented import Documented
from tests.bench.figures import Figure

DIAGRAMS = Path(__file__).parent / "diagrams"
NOW = datetime.now(UTC)
DUE = NOW + timedelta(days=60)
COLD_TARGET, HOT_TARGET, ROUND_TARGET, STATE_TARGET = 8.0, 13.0, 1.2, 3.0

Action = tuple[str, dict[str, object]]
AGREED: list[Action] = [("office_review", {"opinion": "agree"}), ("leader_approval", {"opinion": "agree"})]
ROUND: list[Action] = [("mediation", {"settlement": "no"}), ("verification", {})]
CASE: list[Action] = [
    ("register", {"kind": "food", "amount": 2600}),
    ("sign_in_first", {}),
    ("decide", {"decision": "accept"}),
    ("office_review", {"opinion": "agree"}),
    ("leader_approval", {"opinion": "return"}),
    ("decide", {"decision": "accept"}),
    *AGREED,
    *ROUND,
    ("verification", {}),
    ("mediation", {"settlement": "yes"}),
    ("close", {}),
    ("archive", {}),
]
MIDWAY = 9
"""Actions taken when the state's size is read: in mediation, one branch of the parallel pair open."""


def number(kind: str) -> dict[str, object]:
    """A case number."""
    return {"number": f"{kind}-2026-3"}


def urge(unit: str) -> dict[str, object]:
    """Urges a unit."""
    return {"urged": unit}


def prepare(amount: int) -> dict[str, object]:
    """Who approves."""
    return {"level": "high" if amount > 1000 else "low"}


def conclude(agreed: bool) -> dict[str, object]:
    """The result of an approval."""
    return {"result": "agreed" if agreed else "returned"}


SERVICES: Mapping[str, Callable[..., dict[str, object]]] = {
    "bench.number": number,
    "bench.urge": urge,
    "bench.prepare": prepare,
    "bench.conclude": conclude,
}


class BenchHost:
    """The kernel's host, as cheap as the documented environment."""

    now = NOW

    def call(self, handler: str, parameters: Mapping[str, object], node: Node) -> Mapping[str, object]:
        """Call the service."""
        return SERVICES[handler](**parameters)

    def clock(self, code: str, start: datetime, *, token: str) -> datetime:
        """Every limit ends on one day."""
        return DUE


class Kernel:
    """The kernel's two variants."""

    def __init__(self) -> None:
        files = {path.stem: path.read_bytes() for path in DIAGRAMS.glob("*.bpmn")}
        tables = {path.stem: path.read_bytes() for path in DIAGRAMS.glob("*.dmn")}
        self.release = compile_release("bench_case", Parts(files, tables))
        self.host = BenchHost()

    def start(self) -> LiveInstance:
        """A new case at its first wait."""
        return LiveInstance.start(self.release, {}, self.host)

    def act_cold(self, saved: bytes, node: str, values: Mapping[str, object]) -> bytes:
        """One user action on a saved case."""
        return self.act_hot(LiveInstance.load(self.release, saved), node, values)

    def act_hot(self, live: LiveInstance, node: str, values: Mapping[str, object]) -> bytes:
        """One user action on a case in memory."""
        token = next(task.token for task in live.open_tasks() if task.node.id == node)
        live.complete(token, values, self.host)
        live.drain()
        return live.dump()


def _timed(action: Callable[[], Any]) -> tuple[float, Any]:
    begin = time.thread_time_ns()
    result = action()
    return (time.thread_time_ns() - begin) / 1000, result


def compare(cases: int) -> tuple[dict[str, list[float]], int]:
    """Walk `cases` whole cases with all variants in turn; per variant the median of each action (us); state bytes."""
    documented = Documented(DIAGRAMS, "bench_case", SERVICES, DUE)
    kernel = Kernel()
    times: dict[str, list[list[float]]] = {name: [[] for _ in CASE] for name in ("documented", "cold", "hot")}
    size = 0
    _same_road(documented, kernel)
    for _ in range(cases):
        saved, hot = documented.start(), kernel.start()
        state = hot.dump()
        for place, (node, values) in enumerate(CASE):
            spent, saved = _timed(partial(documented.act, saved, node, values))
            times["documented"][place].append(spent)
            spent, state = _timed(partial(kernel.act_cold, state, node, values))
            times["cold"][place].append(spent)
            spent, kept = _timed(partial(kernel.act_hot, hot, node, values))
            times["hot"][place].append(spent)
            size = len(kept) if place + 1 == MIDWAY else size
        if not (hot.completed and documented.completed(saved) and state == hot.dump()):
            raise AssertionError("the variants did not end the case alike")
    return {name: [statistics.median(samples) for samples in places] for name, places in times.items()}, size


def _same_road(documented: Documented, kernel: Kernel) -> None:
    """Both ways have the same tasks open after every action."""
    saved, live = documented.start(), kernel.start()
    for node, values in CASE:
        if documented.open(saved) != sorted(task.node.id for task in live.open_tasks()):
            raise AssertionError(f"before {node} the two ways are not at the same place")
        saved = documented.act(saved, node, values)
        kernel.act_hot(live, node, values)


def rounds(near: int, far: int, repeat: int) -> dict[str, float]:
    """Cost of a mediation round around round `far` against around round `near`, two cases in turn, cold and hot."""
    kernel = Kernel()
    cases = {at: _in_mediation(kernel, at) for at in (near, far)}
    spent: dict[tuple[str, int], list[float]] = {(kind, at): [] for kind in ("cold", "hot") for at in cases}
    for _ in range(repeat):
        for node, values in ROUND:
            for at, live in cases.items():
                state = live.dump()
                spent["cold", at].append(_timed(partial(kernel.act_cold, state, node, values))[0])
                spent["hot", at].append(_timed(partial(kernel.act_hot, live, node, values))[0])
    return {
        kind: statistics.median(spent[kind, far]) / statistics.median(spent[kind, near]) for kind in ("cold", "hot")
    }


def _in_mediation(kernel: Kernel, round_: int) -> LiveInstance:
    """A case that has been through so many rounds of mediation."""
    live = kernel.start()
    for node, values in CASE[:8] + ROUND * round_:
        kernel.act_hot(live, node, values)
    return live


def run(actions: int) -> list[Figure]:
    """The engine's figures, from about `actions` user actions per variant."""
    medians, size = compare(max(2, actions // len(CASE)))
    total = {name: sum(places) for name, places in medians.items()}
    growth = rounds(10, 500, 100)
    per = {name: f"{spent / len(CASE):.0f} µs" for name, spent in total.items()}
    how = f"documented {per['documented']}, cold {per['cold']}, hot {per['hot']} CPU per action"
    figures = []
    for kind, target in (("cold", COLD_TARGET), ("hot", HOT_TARGET)):
        ratio = total["documented"] / total[kind]
        figures.append(
            Figure(f"engine CPU per action, {kind}", ratio, "times less", f">= {target:g}", ratio >= target, how)
        )
    for kind, ratio in growth.items():
        ok = ratio <= ROUND_TARGET
        figures.append(
            Figure(f"loop round 500 / round 10, {kind}", ratio, "times", f"<= {ROUND_TARGET:g}", ok, "CPU, medians")
        )
    kilobytes = size / 1024
    ok = kilobytes <= STATE_TARGET
    figures.append(Figure("stored state mid-way", kilobytes, "KB", f"<= {STATE_TARGET:g}", ok, "bytes of dump()"))
    return figures


if __name__ == "__main__":
    for figure in run(600):
        print(f"{figure.name}: {figure.value:.2f} {figure.unit} (target {figure.target}) {figure.how}")
