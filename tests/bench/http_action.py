"""What a whole user action costs, from the browser's POST to the answer after the commit.

Ours: `POST /tasks/<id>/complete` to the shipped gunicorn over a real socket: HTTP parsing, session, CSRF, form parsing
and validation, permission, the command with its history, desks and limits, and the commit. A real socket and not the
test client, because the test client would leave the server out and put its own work in.

Documented: in this process, without any web server: SELECT of the saved JSON, load, complete, run, serialise, UPDATE,
commit. The files of both databases lie in one folder, both in WAL mode with synchronous=FULL: one fsync per commit.

One action of the one, then the same action of the other, over whole cases. Wall time; CPU time of our server's
processes against CPU time of the documented way's thread; the median of each action, summed over the actions of a case.
"""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select

from handlers.records import task
from tests.bench.documented import Documented
from tests.bench.engine_cpu import DIAGRAMS, DUE, SERVICES
from tests.bench.figures import Figure
from tests.bench.procedure import ACTIONS, PROCESS, posted
from tests.bench.served import Served, bench_bureau, served
from tests.bench.visitor import Visitor

TARGET = 3.0
WARM_UP_CASES = 3
PERSON = "chen.jing"


class DocumentedStore:
    """The documented way with its saved JSON in a table."""

    def __init__(self, path: Path) -> None:
        self.documented = Documented(DIAGRAMS, PROCESS, SERVICES, DUE)
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute("PRAGMA synchronous=FULL")
        self.connection.execute("CREATE TABLE instance (id INTEGER PRIMARY KEY, state TEXT NOT NULL)")

    def start(self) -> int:
        """A new case; its id."""
        saved = self.documented.start()
        return int(self.connection.execute("INSERT INTO instance (state) VALUES (?)", (saved,)).lastrowid or 0)

    def act(self, case: int, node: str, values: Mapping[str, object]) -> None:
        """One user action in one transaction."""
        self.connection.execute("BEGIN IMMEDIATE")
        (saved,) = self.connection.execute("SELECT state FROM instance WHERE id = ?", (case,)).fetchone()
        saved = self.documented.act(saved, node, values)
        self.connection.execute("UPDATE instance SET state = ? WHERE id = ?", (saved, case))
        self.connection.execute("COMMIT")


class WebCase:
    """A case that is done in a browser."""

    def __init__(self, site: Served, visitor: Visitor, token: str, values: Mapping[str, object]) -> None:
        self.site, self.visitor, self.token = site, visitor, token
        answer = visitor.post(f"/cases/new/{PROCESS}", token, posted(values))
        self.last_task = _task_in(answer.status, answer.location, answer.body)
        wanted = select(task.c.instance_id).where(task.c.id == self.last_task)
        with site.bureau.database.read() as connection:
            self.id: int = connection.execute(wanted).scalar_one()

    def task_at(self, node: str) -> int:
        """Id of the open task at `node`."""
        wanted = select(task.c.id).where(task.c.instance_id == self.id, task.c.node == node, task.c.state == "open")
        with self.site.bureau.database.read() as connection:
            return int(connection.execute(wanted).scalar_one())

    def act(self, task_id: int, values: Mapping[str, object]) -> None:
        """Complete a task."""
        answer = self.visitor.post(f"/tasks/{task_id}/complete", self.token, posted(values))
        _task_in(answer.status, answer.location, answer.body)


def _task_in(status: int, location: str, body: str) -> int:
    if status != 302 or not location.endswith("/done"):
        raise AssertionError(f"the action was answered with {status} {location} {body[:2000]}")
    return int(location.split("/")[-2])


@contextmanager
def site() -> Iterator[tuple[Served, DocumentedStore]]:
    """Both ways, over files in one folder."""
    with tempfile.TemporaryDirectory(prefix="banli-bench-") as name:
        folder = Path(name)
        with bench_bureau(folder) as bureau, served(bureau, folder) as running:
            store = DocumentedStore(folder / "documented.sqlite")
            with closing(store.connection):
                yield running, store


def _timed(action: Callable[[], Any], cpu_ns: Callable[[], int]) -> tuple[float, float]:
    """Wall and CPU time, us."""
    cpu, begin = cpu_ns(), time.perf_counter_ns()
    action()
    return (time.perf_counter_ns() - begin) / 1000, (cpu_ns() - cpu) / 1000


def measure(cases: int) -> dict[tuple[str, str], float]:
    """`(way, clock)` -> us per action, over whole cases with the ways in turn, action by action."""
    spent: dict[tuple[str, str], list[list[float]]] = {
        (way, clock): [[] for _ in ACTIONS[1:]] for way in ("web", "documented") for clock in ("wall", "cpu")
    }
    with site() as (running, store):
        visitor = running.visitor()
        token = visitor.sign_in(PERSON)
        for number in range(-WARM_UP_CASES, cases):
            web, saved = WebCase(running, visitor, token, ACTIONS[0][1]), store.start()
            store.act(saved, *ACTIONS[0])
            for place, (node, values) in enumerate(ACTIONS[1:]):
                task_id = web.task_at(node)
                times = {
                    "web": _timed(lambda: web.act(task_id, values), running.cpu_ns),  # noqa: B023
                    "documented": _timed(lambda: store.act(saved, node, values), time.thread_time_ns),  # noqa: B023
                }
                if number >= 0:
                    for way, (wall, cpu) in times.items():
                        spent[way, "wall"][place].append(wall)
                        spent[way, "cpu"][place].append(cpu)
        visitor.close()
    return {key: statistics.mean(map(statistics.median, places)) for key, places in spent.items()}


def run(actions: int) -> list[Figure]:
    """Wall and CPU of a whole action, from about `actions` actions of each way."""
    per = measure(max(2, actions // len(ACTIONS)))
    figures = []
    for clock, label in (("wall", "wall time"), ("cpu", "CPU")):
        ratio = per["documented", clock] / per["web", clock]
        how = (
            f"documented load+complete+save+commit {per['documented', clock]:.0f} µs, "
            f"POST to gunicorn {per['web', clock]:.0f} µs, medians"
        )
        figures.append(Figure(f"whole action by HTTP, {label}", ratio, "times less", f">= {TARGET:g}", ratio >= TARGET, how))
    return figures


if __name__ == "__main__":
    for figure in run(300):
        print(f"{figure.name}: {figure.value:.2f} {figure.unit} (target {figure.target}) {figure.how}")
