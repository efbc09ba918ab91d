"""Two builds side by side: `make bench AGAINST=<checkout>` compares this one with the one in that folder.

Each build runs in a process of its own over a database of its own. They take turns, action by action, the first one
changing each time, so that whatever the machine does meanwhile happens to both. Printed: the median of the paired CPU
ratios (this build against the other) with its 95 % interval, from 2,000 resamples of a fixed seed.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.bench.figures import Figure

ROOT = Path(__file__).resolve().parents[2]
PACED = Path(__file__).with_name("paced.py")
KINDS = {"action": "whole action in process", "command": "the command alone", "page": "the inbox"}
PAIRS, WARM_UP, RESAMPLES, SEED = 2000, 40, 2000, 20261130
MOST = 1.05


@dataclass
class Build:
    """One checkout at work."""

    folder: Path

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            [sys.executable, "-c", PACED.read_text(encoding="utf-8")],
            cwd=self.folder,
            env=_environment(self.folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._read("ready")
        return self

    def __exit__(self, *_error: type[BaseException] | BaseException | TracebackType | None) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(60)

    def cpu_ns(self, kind: str) -> int:
        """Let it do one action."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{kind}\n")
        self.process.stdin.flush()
        return int(self._read())

    def _read(self, expected: str = "") -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline().strip()
        if not line or (expected and line != expected):
            raise AssertionError(f"the build in {self.folder} did not answer: {line!r}")
        return line


def _environment(folder: Path) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(folder)}


def run(other: Path, pairs: int = PAIRS) -> list[Figure]:
    """The figures of this build against the one in `other`."""
    with ExitStack() as stack:
        builds = [stack.enter_context(Build(folder)) for folder in (ROOT, other)]
        return [_figure(kind, _pairs(builds, kind, pairs)) for kind in KINDS]


def _pairs(builds: Sequence[Build], kind: str, pairs: int) -> list[tuple[int, int]]:
    """(this build, the other) in ns, in turn."""
    taken = []
    for number in range(WARM_UP + pairs):
        order = (0, 1) if number % 2 else (1, 0)
        cost = {which: builds[which].cpu_ns(kind) for which in order}
        taken.append((cost[0], cost[1]))
    return taken[WARM_UP:]


def interval(ratios: Sequence[float]) -> tuple[float, float, float]:
    """Median of the ratios with the 2.5 % and 97.5 % points of resampled medians."""
    draw = random.Random(SEED)
    medians = sorted(statistics.median(draw.choices(ratios, k=len(ratios))) for _ in range(RESAMPLES))
    return statistics.median(ratios), medians[RESAMPLES // 40], medians[-RESAMPLES // 40 - 1]


def _figure(kind: str, pairs: Sequence[tuple[int, int]]) -> Figure:
    middle, low, high = interval([mine / theirs for mine, theirs in pairs])
    mine, theirs = (statistics.median(costs) / 1000 for costs in zip(*pairs, strict=True))
    how = f"95 % interval {low:.3f} to {high:.3f}; {len(pairs)} pairs; {mine:.0f} µs against {theirs:.0f} µs"
    return Figure(f"{KINDS[kind]}, against the other build", middle, "times", f"interval < {MOST}", high < MOST, how)
