"""One build of the product, doing one action at a time when told to: the other half of `against.py`.

Run with `python -c` in a checkout, so that the checkout's own code answers; it uses only what builds share. Reads a
line `action`, `command` or `page`, and writes the CPU that it took, in ns.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tests.bench.in_process import PERSON, Browser, call, make_app, task_at
from tests.bench.procedure import ACTIONS, posted
from tests.bench.served import bench_bureau
from tests.support.bureau import Bureau


def steps(browser: Browser, bureau: Bureau) -> Iterator[tuple[int, Mapping[str, object]]]:
    """(task, values) of every action of case after case, for ever."""
    while True:
        case = browser.start()
        for node, values in ACTIONS[1:]:
            yield task_at(bureau, case, node), posted(values)


def timed(work: Callable[[], object]) -> int:
    """CPU of this thread, in ns."""
    begin = time.thread_time_ns()
    work()
    return time.thread_time_ns() - begin


def main() -> None:
    """Answer until the other side closes."""
    with tempfile.TemporaryDirectory(prefix="banli-paced-") as name, bench_bureau(Path(name)) as bureau:
        app = make_app(bureau, Path(name))
        browser = Browser(app, bureau, PERSON)
        following = steps(browser, bureau)

        def action() -> int:
            task_id, values = next(following)
            environ = browser.environ(f"/tasks/{task_id}/complete", values)
            return timed(lambda: call(app, environ))

        def command() -> int:
            task_id, values = next(following)
            person = bureau.actor(PERSON)
            return timed(lambda: bureau.engine.complete(person, task_id, values))

        def page() -> int:
            return timed(lambda: browser.client.get("/inbox"))

        kinds: dict[str, Callable[[], int]] = {"action": action, "command": command, "page": page}
        print("ready", flush=True)
        for line in sys.stdin:
            print(kinds[line.strip()](), flush=True)


main()
