"""What a whole user action costs, from the browser's POST to the answer after the commit.

Three ways do the same action on a case of their own, in turn, in every order, action by action, over whole cases:

socket: `POST /tasks/<id>/complete` to the shipped gunicorn over a real socket: HTTP parsing, session, CSRF, form
parsing and validation, permission, the command with its history, desks and limits, the commit, the answer.
application: the same POST given to the shipped application in this process, as a web server would call it. Not through
the test client, which would put its own work in.
documented: in this process and without any web server: SELECT of the saved JSON, load, complete, run, serialise,
UPDATE, commit.

Each has a database of its own, as otherwise every commit of one would empty the other's page cache. The files lie in
one folder, all in WAL mode with synchronous=FULL: one fsync per commit. Wall time, and CPU time: of
this thread for what runs in this process, of all the server's processes for the socket. The median of each action,
averaged over the actions of a case.
"""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Any

from sqlalchemy import select

from handlers.store.tables import task
from tests.bench.documented import Documented
from tests.bench.engine_cpu import DIAGRAMS, DUE, SERVICES
from tests.bench.figures import Figure
from tests.bench.in_process import Browser, call, make_app, task_at
from tests.bench.procedure import ACTIONS, PROCESS, posted
from tests.bench.served import Served, bench_bureau, served
from tests.bench.visitor import Visitor

TARGETS = {"application": 3.0}
"""Of what is ours. The socket is measured to be known: the web server's own part and the way between two processes."""
WARM_UP_CASES = 3
PERSON = "chen.jing"
LABELS = {"application": "application in-process", "socket": "with gunicorn and its socket"}


class DocumentedStore:
    """The documented way with its saved JSON in a table."""

    def __init__(self, path: Path) -> None:
        self.documented = Documented(DIAGRAMS, PROCESS, SERVICES, DUE)
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute("PRAGMA synchronous=FULL")
        self.connection.execute("CREATE TABLE instance (id INTEGER PRIMARY KEY, state TEXT NOT NULL)")

    def start(self) -> int:
        """A new case at its second task; its id."""
        saved = self.documented.start()
        case = int(self.connection.execute("INSERT INTO instance (state) VALUES (?)", (saved,)).lastrowid or 0)
        self.act(case, *ACTIONS[0])
        return case

    def act(self, case: int, node: str, values: Mapping[str, object]) -> None:
        """One user action in one transaction."""
        self.connection.execute("BEGIN IMMEDIATE")
        (saved,) = self.connection.execute("SELECT state FROM instance WHERE id = ?", (case,)).fetchone()
        saved = self.documented.act(saved, node, values)
        self.connection.execute("UPDATE instance SET state = ? WHERE id = ?", (saved, case))
        self.connection.execute("COMMIT")


class Online:
    """A person at a browser, in front of gunicorn."""

    def __init__(self, site: Served) -> None:
        self.site = site
        self.visitor: Visitor = site.visitor()
        self.token = self.visitor.sign_in(PERSON)

    def start(self) -> int:
        """A new case at its second task; its id."""
        first = self._post(f"/cases/new/{PROCESS}", ACTIONS[0][1])
        with self.site.bureau.database.read() as connection:
            return int(connection.execute(select(task.c.instance_id).where(task.c.id == first)).scalar_one())

    def act(self, task_id: int, values: Mapping[str, object]) -> None:
        """Complete a task."""
        self._post(f"/tasks/{task_id}/complete", values)

    def _post(self, address: str, values: Mapping[str, object]) -> int:
        answer = self.visitor.post(address, self.token, posted(values))
        if answer.status != 302 or not answer.location.endswith("/done"):
            raise AssertionError(f"{address}: {answer.status} {answer.location} {answer.body[:2000]}")
        return int(answer.location.split("/")[-2])


@dataclass
class Ways:
    """The three ways, ready to go."""

    online: Online
    local: Browser
    store: DocumentedStore

    def act(
        self, node: str, values: Mapping[str, object], cases: Mapping[str, int], turn: int
    ) -> dict[str, tuple[float, float]]:
        """The same action in each way; (wall, CPU) in us. `turn` goes through all orders: each way finds the caches
        that the one before has left, and so comes after each of the others equally often."""
        place = task_at(self.online.site.bureau, cases["socket"], node)
        mine = task_at(self.local.bureau, cases["application"], node)
        environ = self.local.environ(f"/tasks/{mine}/complete", posted(values))
        ways: list[tuple[str, Callable[[], Any], Callable[[], int]]] = [
            ("socket", lambda: self.online.act(place, values), self.online.site.cpu_ns),
            ("documented", lambda: self.store.act(cases["documented"], node, values), time.thread_time_ns),
            ("application", lambda: call(self.local.app, environ), time.thread_time_ns),
        ]
        orders = list(permutations(ways))
        return {way: _timed(action, cpu_ns) for way, action, cpu_ns in orders[turn % len(orders)]}

    def start(self) -> dict[str, int]:
        """A case of each way."""
        return {"socket": self.online.start(), "application": self.local.start(), "documented": self.store.start()}


@contextmanager
def ways() -> Iterator[Ways]:
    """Everything over files in one folder."""
    with tempfile.TemporaryDirectory(prefix="banli-bench-") as name:
        remote, here = Path(name, "remote"), Path(name, "here")
        remote.mkdir()
        here.mkdir()
        with bench_bureau(remote) as theirs, bench_bureau(here) as ours, served(theirs, remote) as site:
            store, online = DocumentedStore(Path(name, "documented.sqlite")), Online(site)
            with closing(store.connection), closing(online.visitor):
                yield Ways(online, Browser(make_app(ours, here), ours, PERSON), store)


def _timed(action: Callable[[], Any], cpu_ns: Callable[[], int]) -> tuple[float, float]:
    """Wall and CPU time, us."""
    cpu, begin = cpu_ns(), time.perf_counter_ns()
    action()
    return (time.perf_counter_ns() - begin) / 1000, (cpu_ns() - cpu) / 1000


def measure(cases: int) -> dict[tuple[str, str], float]:
    """`(way, clock)` -> us per action."""
    spent: dict[tuple[str, str], list[list[float]]] = {}
    with ways() as all_ways:
        for number in range(-WARM_UP_CASES, cases):
            ids = all_ways.start()
            for place, (node, values) in enumerate(ACTIONS[1:]):
                for way, times in all_ways.act(node, values, ids, number + place).items():
                    for clock, took in zip(("wall time", "CPU"), times, strict=True):
                        places = spent.setdefault((way, clock), [[] for _ in ACTIONS[1:]])
                        places[place] += [took] if number >= 0 else []
    return {key: statistics.mean(map(statistics.median, places)) for key, places in spent.items()}


def run(actions: int) -> list[Figure]:
    """Wall and CPU of a whole action, from about `actions` actions of each way."""
    per = measure(max(2, actions // len(ACTIONS)))
    figures = []
    for way, label in LABELS.items():
        for clock in ("CPU", "wall time"):
            ours, theirs = per[way, clock], per["documented", clock]
            how = f"documented load+complete+save+commit {theirs:.0f} µs, whole POST {ours:.0f} µs, medians in turn"
            ratio, target = theirs / ours, TARGETS.get(way)
            reached = None if target is None else ratio >= target
            name, aim = f"whole action, {label}, {clock}", f">= {target:g}" if target else ""
            figures.append(Figure(name, ratio, "times less", aim, reached, how))
    return figures
