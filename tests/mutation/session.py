"""The tests of one run: first as they are, to learn which function each calls, then some of them for every mutant.

A mutant lives in a forked child, where everything is imported and the databases to copy are made already, so most
take a second. Those of what runs at import get a process of their own; and so do those that survive where the code
remembers what it has worked out.
"""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import cast

import pytest
from _pytest.runner import runtestprotocol

from tests.mutation.install import NotInstalled, listening, put_in_place
from tests.mutation.mutants import Mutant
from tests.mutation.targets import ROOT

MOST_FRESH_TESTS = 12
"""For a mutant that needs a process of its own, the quickest first. Others meet every test that calls them, the
quickest first too: the first that fails ends it, and one left out may be the one that would."""
PATIENCE, LEAST_SECONDS, FRESH_SECONDS = 5, 20, 240
"""A mutant may take so many times what its tests take as they are: some never end."""
SURVIVED, KILLED, NOT_INSTALLED = 0, 1, 77
NOT_TESTED = ("postgresql", "browser", "slow")


@dataclass(frozen=True, slots=True)
class Task:
    """A mutant of a module."""

    module: str
    mutant: Mutant

    @property
    def name(self) -> str:
        """As a run prints it, and as `equivalent_mutants.txt` has it."""
        return f"{self.module} {self.mutant.name}"


@dataclass
class Outcome:
    """What has come of a run. `untested`: mutants of functions that no test calls, survivors as well."""

    finished: bool = False
    killed: int = 0
    survivors: list[Task] = field(default_factory=list)
    untested: list[Task] = field(default_factory=list)
    not_installed: list[Task] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    """Tests that fail as it is: nothing can be said then."""


class MutationSession:
    """A pytest plugin that runs the tests in its own way."""

    def __init__(self, tasks: Sequence[Task], jobs: int, say: Callable[[str], None], *, remembers: bool) -> None:
        self.tasks, self.jobs, self.outcome = tasks, jobs, Outcome()
        self._say, self._remembers = say, remembers
        self._modules = sorted({task.module for task in tasks})
        self._calls: dict[tuple[str, str], set[int]] = defaultdict(set)
        self._seconds: dict[int, float] = {}
        self._items: list[pytest.Item] = []
        self._running: dict[int, Task] = {}
        self._now = 0
        """Number of the test that runs."""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Only SQLite, no browser, nothing long."""
        items[:] = [
            item
            for item in items
            if not any(word in item.nodeid or item.get_closest_marker(word) for word in NOT_TESTED)
        ]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """In place of pytest's own."""
        self._items, self._afterwards = session.items, _Anything(session)
        self._learn()
        if not self.outcome.failed:
            self._say(f"{len(self._items)} tests as they are: {sum(self._seconds.values()):.0f} s")
            self._try_all()
            self.outcome.finished = True
        return True

    # --- as it is ----------------------------------------------------------------------------------------------------

    def _learn(self) -> None:
        with ExitStack() as stack:
            for module in self._modules:
                importlib.import_module(module)
                stack.enter_context(listening(module, partial(self._note, module)))
            for number, item in enumerate(self._items):
                self._now = number
                started = time.perf_counter()
                if not self._passes(number):
                    self.outcome.failed.append(item.nodeid)
                self._seconds[number] = time.perf_counter() - started

    def _note(self, module: str, function: str) -> None:
        self._calls[module, function].add(self._now)

    def _passes(self, number: int) -> bool:
        reports = runtestprotocol(self._items[number], log=False, nextitem=cast(pytest.Item, self._afterwards))
        return not any(report.failed for report in reports)

    # --- with mutants ------------------------------------------------------------------------------------------------

    def _try_all(self) -> None:
        for done, task in enumerate(self.tasks, 1):
            while len(self._running) >= self.jobs:
                self._wait()
            function = task.mutant.qualified
            tests = self._tests_of(task) if function else self._tests_of_module(task)
            if not tests:
                self.outcome.untested.append(task)
                self._say(f"no test calls: {task.name}")
            else:
                self._running[self._fork(task, tests)] = task
            if done % 50 == 0:
                self._say(f"{done}/{len(self.tasks)}")
        while self._running:
            self._wait()

    def _wait(self) -> None:
        pid, status = os.wait()
        task, code = self._running.pop(pid), os.waitstatus_to_exitcode(status)
        if code == SURVIVED:
            self.outcome.survivors.append(task)
            self._say(f"survived: {task.name}")
        elif code == NOT_INSTALLED:
            self.outcome.not_installed.append(task)
        else:
            self.outcome.killed += 1

    def _tests_of(self, task: Task) -> list[int]:
        return self._quickest_first(self._calls.get((task.module, task.mutant.qualified), ()))

    def _tests_of_module(self, task: Task) -> list[int]:
        """For what runs at import: the tests that call a function that speaks of it, else any of the module's."""
        speaking = {number for name in task.mutant.spoken_of_in for number in self._calls.get((task.module, name), ())}
        every = {number for (module, _), numbers in self._calls.items() if module == task.module for number in numbers}
        return self._quickest_first(speaking or every)[:MOST_FRESH_TESTS]

    def _quickest_first(self, numbers: Iterable[int]) -> list[int]:
        return sorted(numbers, key=lambda number: self._seconds[number])

    def _fork(self, task: Task, tests: Sequence[int]) -> int:
        pid = os.fork()
        if pid:
            return pid
        code = KILLED
        try:
            code = self._in_place(task, tests) if task.mutant.qualified else self._anew(task, tests)
        finally:
            os._exit(code)  # an exception is a killed mutant, too

    def _in_place(self, task: Task, tests: Sequence[int]) -> int:
        expected = sum(self._seconds[number] for number in tests)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(max(LEAST_SECONDS, int(PATIENCE * expected)))
        try:
            put_in_place(task.module, task.mutant.qualified, task.mutant.build())
        except NotInstalled:
            return NOT_INSTALLED
        if not all(self._passes(number) for number in tests):
            return KILLED
        if not self._remembers:
            return SURVIVED
        # What the tests before it have left in memory, such as the days of a year, may have hidden it.
        signal.alarm(0)
        return self._anew(task, tests[:MOST_FRESH_TESTS])

    def _anew(self, task: Task, tests: Sequence[int]) -> int:
        names = [self._items[number].nodeid for number in tests]
        command = [sys.executable, "-m", "tests.mutation.fresh", task.module, task.mutant.name, *names]
        try:
            ran = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=FRESH_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return KILLED
        return SURVIVED if ran.returncode == 0 else KILLED


class _Anything:
    """Seems to come after every test, so that only what the whole session shares stays."""

    def __init__(self, session: pytest.Session) -> None:
        self._session = session

    def listchain(self) -> list[pytest.Session]:
        return [self._session]
