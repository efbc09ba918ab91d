"""Mutation run: `make mutation`, `make mutation TARGETS="people limits"`, `make mutation ALL=1`.

Without `--all` a sample of every area is taken, the same one each time (`--seed` takes another). A survivor that is
not in `equivalent_mutants.txt`, with the reason why it can change nothing, fails the run.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.mutation.fresh import settle_hypothesis
from tests.mutation.mutants import mutants, numbered
from tests.mutation.session import MutationSession, Outcome, Task
from tests.mutation.targets import AREAS, source_path

EQUIVALENT = Path(__file__).with_name("equivalent_mutants.txt")
SAMPLE = 60
"""Mutants of each area in a run without `--all`."""


def main() -> int:
    """Run, report, and say by the exit code whether an unexplained mutant survived."""
    parser = argparse.ArgumentParser(description="变异测试。 Mutation test.")
    parser.add_argument("targets", nargs="*", help=f"areas ({', '.join(AREAS)}) or modules of theirs; all by default")
    parser.add_argument("--all", action="store_true", help="every mutant, not a sample")
    parser.add_argument("--sample", type=int, default=SAMPLE)
    parser.add_argument("--seed", type=int, default=20261130)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args()
    settle_hypothesis()
    unexplained = 0
    for area in AREAS:
        tasks = list(_tasks(area, chosen.targets))
        if tasks and not chosen.all:
            tasks = random.Random(chosen.seed).sample(tasks, min(chosen.sample, len(tasks)))
        if tasks:
            unexplained += _run(area, tasks, chosen.jobs)
    return 1 if unexplained else 0


def _tasks(area: str, targets: Sequence[str]) -> Iterator[Task]:
    for module in AREAS[area].module_names():
        if not targets or area in targets or module in targets:
            source = source_path(module).read_text(encoding="utf-8")
            yield from (Task(module, mutant) for mutant in numbered(mutants(source)))


def _run(area: str, tasks: Sequence[Task], jobs: int) -> int:
    """How many survived without an excuse."""
    started = time.monotonic()

    def say(line: str) -> None:
        print(f"{area}: {line}", file=sys.__stderr__, flush=True)

    session = MutationSession(tasks, jobs, say, remembers=AREAS[area].remembers)
    options = ["-p", "no:xdist", "-p", "no:cacheprovider", "--capture=sys"]
    pytest.main([*options, "--assert=plain", *AREAS[area].tests], plugins=[session])
    outcome = session.outcome
    for nodeid in outcome.failed:
        print(f"{area}: {nodeid} fails as it is")
    if not outcome.finished:
        print(f"{area}: nothing can be said")
        return 1
    return _report(area, len(tasks), outcome, time.monotonic() - started)


def _report(area: str, number: int, outcome: Outcome, seconds: float) -> int:
    excused = _equivalent()
    survivors = {task.name: "SURVIVED" for task in outcome.survivors}
    survivors |= {task.name: "NO TEST CALLS" for task in outcome.untested}
    unexplained = {name: how for name, how in survivors.items() if name not in excused}
    print(
        f"{area}: {number} mutants, {outcome.killed} killed, {len(survivors) - len(unexplained)} equivalent, "
        f"{len(outcome.not_installed)} could not be put in, {len(unexplained)} survived, {seconds:.0f} s"
    )
    for name, how in sorted(unexplained.items()):
        print(how, name)
    return len(unexplained)


def _equivalent() -> frozenset[str]:
    lines = EQUIVALENT.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


if __name__ == "__main__":
    sys.exit(main())
