"""SQL statements and commits of one completion by HTTP, the whole request, the person's loading included."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.bench.figures import Figure
from tests.bench.in_process import PERSON, Browser, make_app, task_at
from tests.bench.procedure import ACTIONS, posted
from tests.bench.served import bench_bureau
from tests.support.bureau import Bureau
from tests.support.statements import heard

MOST_STATEMENTS = 12


@dataclass(frozen=True, slots=True)
class Counted:
    """What one action sent to the database."""

    node: str
    statements: int
    commits: int
    listed: str


def count(bureau: Bureau, folder: Path) -> list[Counted]:
    """Every action of the benchmark case, in a process that has seen each form once before."""
    browser = Browser(make_app(bureau, folder), bureau, PERSON)
    _walk(browser, bureau)
    return _walk(browser, bureau)


def _walk(browser: Browser, bureau: Bureau) -> list[Counted]:
    case, found = browser.start(), []
    for node, values in ACTIONS[1:]:
        address = f"/tasks/{task_at(bureau, case, node)}/complete"
        with heard(bureau.database) as seen:
            browser.post(address, posted(values))
        found.append(Counted(node, len(seen.said), seen.commits, seen.listed()))
    return found


def run() -> list[Figure]:
    """The most of any action."""
    with tempfile.TemporaryDirectory(prefix="banli-bench-") as name, bench_bureau(Path(name)) as bureau:
        counted = count(bureau, Path(name))
    worst = max(counted, key=lambda one: one.statements)
    how = f"most of {len(counted)} kinds of action, at {worst.node}; the whole request, BEGIN not counted"
    commits = {one.commits for one in counted}
    return [
        Figure(
            "SQL statements of one completion",
            worst.statements,
            "",
            f"<= {MOST_STATEMENTS}",
            worst.statements <= MOST_STATEMENTS,
            how,
        ),
        Figure("commits of one completion", max(commits), "", "1", commits == {1}, how),
    ]
