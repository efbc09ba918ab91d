"""Web and worker are killed at random moments while people work; afterwards everything is looked at.

The installation is the shipped one: `banli serve` starts gunicorn and the worker, and starts them again when they die.
Several people's browsers complete tasks over HTTP; where the connection breaks they send the form again, as people do,
and count an action as done when the server says so, or says that it was they themselves who did it before. Meanwhile
web processes, the web server as a whole and the worker get SIGKILL. Some cases have timers that fell due while nobody
was there, so the worker's sweep is killed, too.
"""

from __future__ import annotations

import os
import queue
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from http.client import HTTPException
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import select

from handlers.store.tables import task
from handlers.time_source import beijing_date
from tests.bench.served import LOOK_SECONDS, ROOT, end, environment
from tests.bench.visitor import Visitor, token_of
from tests.faults.aftermath import Promise, Verdict, inspect, unfinished_work
from tests.support.bureau import Bureau
from tests.support.cases import start_training
from tests.support.odr import waiting_for_correction

LATE_CASES = 4
"""Cases with a timer that fell due long ago."""

PATIENCE_SECONDS = 240.0
REPLY_SECONDS = 60.0
ANSWERS_OF_OURS = "您已于"
"""How the page of a task that is done already begins when it was the reader who did it."""
VICTIMS = ("web process", "web process", "worker", "web process", "worker", "web server")
"""In turn, so that every kind is met; when each dies is random."""
LONGEST_WAIT_SECONDS = 0.8


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of action: the task's node, who may do it, and what they fill in."""

    node: str
    people: tuple[str, ...]
    fields: Callable[[str], Mapping[str, object]]


def _agree(comment: str) -> Mapping[str, object]:
    return {"decision": "agree", "comment": comment}


def _notice(comment: str) -> Mapping[str, object]:
    today = beijing_date(datetime.now(UTC)).isoformat()
    return {"notice_on": today, "notice_channels": ["group"], "notice_text": comment}


STEPS = (
    Step("approval_decision", ("wang.jianguo", "sun.yue"), _agree),
    Step("approval_decision", ("li.guoqiang", "zhou.min"), _agree),
    Step("training_notice", ("chen.jing", "zhao.lei"), _notice),
)
"""The second step issues the letter: its job is what the worker is killed over."""


@dataclass
class Course:
    """What happened: promises the server made, answers nobody wants, and who was killed."""

    promised: list[Promise] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    said_again: int = 0
    seconds: float = 0.0
    verdict: Verdict = field(default_factory=Verdict)


class Installation:
    """`banli serve` over a prepared bureau, in processes of its own."""

    def __init__(self, bureau: Bureau, folder: Path) -> None:
        self.output = folder / "output.txt"
        port = _free_port()
        settings = {"BANLI_DATABASE_URL": _address(bureau), "BANLI_PORT": str(port)}
        with self.output.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-c", "from webapp.cli.main import main; main()", "serve"],
                cwd=ROOT,
                env=environment(folder, **settings),
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.port = 0

    def wait_until_ready(self) -> None:
        """Web and worker are up."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not ("is ready" in self.said() and "http://" in self.said()):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the installation did not start: {self.said()}")
            time.sleep(LOOK_SECONDS)
        address = next(word for word in self.said().split() if word.startswith("http://"))
        self.port = int(address.rpartition(":")[2])

    def said(self) -> str:
        """What it has printed."""
        return self.output.read_text(encoding="utf-8", errors="replace")

    def find(self, victim: str, chance: random.Random) -> psutil.Process | None:
        """A living process of that kind, if there is one just now."""
        found: list[psutil.Process] = []
        with suppress(psutil.Error):
            for child in psutil.Process(self.process.pid).children():
                is_worker = "webapp.operations.worker" in " ".join(child.cmdline())
                if is_worker == (victim == "worker"):
                    found += child.children() if victim == "web process" else [child]
        return chance.choice(found) if found else None

    def everyone(self) -> list[psutil.Process]:
        """Every process of it."""
        with suppress(psutil.Error):
            family = psutil.Process(self.process.pid)
            return [family, *family.children(recursive=True)]
        return []

    def stop(self) -> None:
        """As Ctrl-C would; whoever is left is killed."""
        everyone = self.everyone()
        end(self.process)
        for process in everyone:
            with suppress(psutil.Error):
                process.kill()


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _address(bureau: Bureau) -> str:
    return bureau.database.engine.url.render_as_string(hide_password=False)


@contextmanager
def _installed(bureau: Bureau, folder: Path) -> Iterator[Installation]:
    installation = Installation(bureau, folder)
    try:
        installation.wait_until_ready()
        yield installation
    finally:
        installation.stop()


class Person:
    """Someone's browser, which signs in at the first use and keeps trying."""

    def __init__(self, username: str, port: int, course: Course, deadline: float) -> None:
        self.username, self.course, self.deadline = username, course, deadline
        self.visitor = Visitor("127.0.0.1", port, timeout=REPLY_SECONDS)
        self.signed_in = False

    def complete(self, task_id: int, fields: Mapping[str, object]) -> None:
        """Send the form until the server says that it is done. Raises AssertionError, if it never does."""
        while time.monotonic() < self.deadline:
            try:
                if self._try(task_id, fields):
                    return
            except (OSError, HTTPException) as broken:
                self.course.broken[type(broken).__name__] += 1
                time.sleep(LOOK_SECONDS)
        raise AssertionError(f"{self.username} could not complete task {task_id}")

    def _try(self, task_id: int, fields: Mapping[str, object]) -> bool:
        if not self.signed_in:
            self.visitor.sign_in(self.username)
            self.signed_in = True
        page = self.visitor.get(f"/tasks/{task_id}")
        if page.status != 200:
            self.course.errors[f"GET {page.status}"] += 1
            return False
        answer = self.visitor.post(f"/tasks/{task_id}/complete", token_of(page), fields)
        if answer.status == 302 and answer.location.endswith(f"/tasks/{task_id}/done"):
            return True
        if answer.status == 409 and ANSWERS_OF_OURS in answer.body:
            self.course.said_again += 1
            return True
        self.course.errors[f"POST {answer.status} {answer.location}"] += 1
        return False


class Chaos:
    """One run: people at work, and somebody who kills."""

    def __init__(self, bureau: Bureau, installation: Installation, *, seed: int) -> None:
        self.bureau, self.installation = bureau, installation
        self.course = Course()
        self.chance = random.Random(seed)
        self.deadline = time.monotonic() + PATIENCE_SECONDS
        # Not a SimpleQueue: several who wait on one with a timeout may wait for ever (CPython 3.11).
        self.waiting: queue.Queue[tuple[int, int]] = queue.Queue()
        self.over = threading.Event()
        self.failures: list[BaseException] = []

    def run(self, cases: list[int], *, people_at_once: int, kills: int) -> Course:
        """Take every case through all steps. Raises the first failure of anybody."""
        for case in cases:
            self.waiting.put((case, 0))
        self.left = len(cases) * len(STEPS)
        self.thresholds = sorted(self.chance.randrange(self.left) for _ in range(kills))
        begin = time.monotonic()
        workers = [threading.Thread(target=self._guard, args=(self._work, n)) for n in range(people_at_once)]
        killer = threading.Thread(target=self._guard, args=(self._kill,))
        for thread in (*workers, killer):
            thread.start()
        for thread in (*workers, killer):
            thread.join()
        self.course.seconds = time.monotonic() - begin
        if self.failures:
            raise self.failures[0]
        return self.course

    def _guard(self, work: Callable[..., None], *args: Any) -> None:
        try:
            work(*args)
        except BaseException as failure:
            self.failures.append(failure)
            self.over.set()
            if not isinstance(failure, Exception):
                raise

    def _work(self, number: int) -> None:
        chance, people = random.Random(number), dict[str, Person]()
        while not self.over.is_set() and len(self.course.promised) < self.left:
            try:
                case, place = self.waiting.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                continue
            step = STEPS[place]
            name = chance.choice(step.people)
            person = people.setdefault(name, Person(name, self.installation.port, self.course, self.deadline))
            task_id = self._task_of(case, step.node)
            comment = f"第{place + 1}步，事项{case}"
            person.complete(task_id, step.fields(comment))
            self.course.promised.append(Promise(task_id, name, comment))
            if place + 1 < len(STEPS):
                self.waiting.put((case, place + 1))

    def _task_of(self, case: int, node: str) -> int:
        wanted = select(task.c.id).where(task.c.instance_id == case, task.c.node == node, task.c.state == "open")
        with self.bureau.database.read() as connection:
            return int(connection.execute(wanted).scalar_one())

    def _promised(self, number: int) -> bool:
        return len(self.course.promised) >= number

    def _kill(self) -> None:
        for number, threshold in enumerate(self.thresholds):
            self._wait_until(partial(self._promised, threshold))
            self.over.wait(self.chance.uniform(0, LONGEST_WAIT_SECONDS))
            victim = VICTIMS[number % len(VICTIMS)]
            found: list[psutil.Process] = []

            def is_there(kind: str = victim, found: list[psutil.Process] = found) -> bool:
                process = self.installation.find(kind, self.chance)
                found.extend([process] if process else [])
                return process is not None

            self._wait_until(is_there)
            if found:
                with suppress(psutil.NoSuchProcess):
                    os.kill(found[0].pid, signal.SIGKILL)
                    self.course.kills[victim] += 1

    def _wait_until(self, condition: Callable[[], bool]) -> None:
        while not condition() and not self.over.is_set() and time.monotonic() < self.deadline:
            time.sleep(LOOK_SECONDS)


def chaos(
    bureau: Bureau, folder: Path, *, actions: int, kills: int, seed: int = 20261122, people_at_once: int = 4
) -> Course:
    """Let `actions` actions be done while `kills` processes are killed; what happened, and what is wrong now.

    The bureau is prepared and empty; its SQLite file, if it is one, and everything else lie in `folder`.
    """
    cases = [start_training(bureau) for _ in range(-(-actions // len(STEPS)))]
    late = [waiting_for_correction(bureau) for _ in range(LATE_CASES)]
    bureau.time.move_to(datetime.now(UTC))
    with _installed(bureau, folder) as installation:
        run = Chaos(bureau, installation, seed=seed)
        course = run.run(cases, people_at_once=people_at_once, kills=kills)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while unfinished_work(bureau) and time.monotonic() < deadline:
            time.sleep(LOOK_SECONDS)
    course.verdict = inspect(bureau, folder / "files", course.promised, cases, late)
    return course
