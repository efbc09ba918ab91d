"""Mutation run over the calendar and the clocks: `make mutation`, or `python -m tests.mutation [module ...]`.

Each mutant lives in a forked child: first the worked cases are answered, which finds most of them in milliseconds,
then the tests of tests/unit/clocks run. A survivor that is not in `equivalent_mutants.txt` (with the reason why it can
change nothing) fails the run.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import csv
import importlib
import importlib.util
import os
import signal
import sys
import time
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from types import FrameType

import hypothesis
import pytest

from tests.mutation.mutants import Mutant, mutants, numbered

TARGETS = (
    "handlers.clocks.holiday_notices",
    "handlers.clocks.calendar",
    "handlers.clocks.counting",
    "handlers.clocks.urgency",
)
ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests" / "unit" / "clocks"
EQUIVALENT = Path(__file__).with_name("equivalent_mutants.txt")
CASES_TIMEOUT_S, TESTS_TIMEOUT_S = 3, 60
"""For mutants that never end. The cases take 20 ms, the tests a few seconds."""


def main() -> int:
    """Run, report, and say by the exit code whether an unexplained mutant survived."""
    parser = argparse.ArgumentParser(description="变异测试：日历与期限。 Mutation test of calendar and clocks.")
    parser.add_argument("modules", nargs="*", default=TARGETS)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args()
    _import_what_tests_need()
    work = [(name, mutant) for name in chosen.modules for mutant in numbered(mutants(_source(name)))]
    started = time.monotonic()
    survivors = list(_survivors(work, chosen.jobs))
    excused = _equivalent()
    unexplained = [f"{name} {m.name}" for name, m in survivors if f"{name} {m.name}" not in excused]
    took = time.monotonic() - started
    print(f"{len(work)} mutants, {len(work) - len(survivors)} killed, {len(survivors) - len(unexplained)} equivalent, "
          f"{len(unexplained)} survived, {took:.0f} s")  # fmt: skip
    for line in unexplained:
        print("SURVIVED", line)
    return 1 if unexplained else 0


def _source(name: str) -> str:
    return (ROOT / f"{name.replace('.', '/')}.py").read_text(encoding="utf-8")


def _equivalent() -> frozenset[str]:
    lines = EQUIVALENT.read_text(encoding="utf-8").splitlines() if EQUIVALENT.exists() else []
    return frozenset(line for line in lines if line and not line.startswith("#"))


def _import_what_tests_need() -> None:
    """Everything heavy once in the parent, but nothing of ours: the children must import it anew."""
    for name in ("chinese_calendar", "holidays", "hypothesis", "hypothesis.strategies", "click.testing", "sqlalchemy"):
        importlib.import_module(name)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    # The first failing example is enough here; looking for the smallest one takes most of the time.
    phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
    hypothesis.settings.register_profile(
        "mutation", phases=phases, max_examples=60, derandomize=True, database=None, deadline=None
    )
    hypothesis.settings.load_profile("mutation")


def _survivors(work: list[tuple[str, Mutant]], jobs: int) -> Iterator[tuple[str, Mutant]]:
    running: dict[int, tuple[str, Mutant]] = {}
    done = 0
    for name, mutant in [*work, *[("", None)] * jobs]:
        if len(running) == jobs or mutant is None:
            if not running:
                continue
            pid, status = os.wait()
            finished = running.pop(pid)
            done += 1
            if done % 50 == 0:
                print(f"{done}/{len(work)}", file=sys.stderr)
            if status == 0:
                yield finished
        if mutant is not None:
            running[_fork(name, mutant)] = (name, mutant)


def _fork(name: str, mutant: Mutant) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        signal.signal(signal.SIGALRM, _too_long)
        signal.alarm(CASES_TIMEOUT_S)
        with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
            _install(name, mutant.build())
            code = 0 if _cases_hold() and _tests_pass() else 1
    finally:
        os._exit(code)  # an exception is a killed mutant, too


def _too_long(_signal: int, _frame: FrameType | None) -> None:
    os._exit(3)


def _install(name: str, tree: ast.Module) -> None:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise ImportError(name)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    setattr(importlib.import_module("handlers.clocks"), name.rpartition(".")[2], module)
    exec(compile(tree, spec.origin, "exec"), module.__dict__)  # noqa: S102 - that is what a mutant is for


def _cases_hold() -> bool:
    from handlers.clocks.calendar import shipped_calendar
    from handlers.clocks.counting import Clock, Pause, RollOver, Unit, compute_due

    with (TESTS / "deadline_cases.csv").open(encoding="utf-8", newline="") as stream:
        for case in csv.DictReader(stream):
            pairs = [part.split("/") for part in case["suspensions"].split(";") if part]
            held = tuple(
                Pause(date.fromisoformat(a), date.fromisoformat(b) if b else None)
                for a, b in pairs
            )  # fmt: skip
            clock = Clock(
                "x", datetime.fromisoformat(case["start"]), int(case["amount"]), Unit(case["unit"]),
                roll=RollOver(case["roll"] or "non-working"), pauses=held,
            )  # fmt: skip
            if compute_due(clock, shipped_calendar()).answer != case["expected"]:
                return False
    return True


def _tests_pass() -> bool:
    signal.alarm(TESTS_TIMEOUT_S)
    names = ("test_calendar.py", "test_clocks.py", "test_explain.py", "test_clock_properties.py")
    options = ["-x", "-q", "-p", "no:cacheprovider", "--assert=plain", "--noconftest", "--rootdir", str(ROOT)]
    return pytest.main([*options, *(str(TESTS / name) for name in names)]) == pytest.ExitCode.OK


if __name__ == "__main__":
    sys.exit(main())
