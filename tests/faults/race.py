"""Two processes that complete the same tasks at the same moments.

Real processes with engines and connections of their own, meeting at a barrier before every try, so that what is tested
is the lock in the database and nothing in memory.
"""

from __future__ import annotations

import multiprocessing
from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from handlers.store.tables import event, submission, task
from processes.engine.errors import AlreadyDone
from tests.support.bureau import Bureau
from tests.support.cases import start_training

RACERS = ("wang.jianguo", "sun.yue")
WAIT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class RaceResult:
    """What came of it: how often each answer was given, and tasks with more or less than one effect."""

    tries: int
    won: int
    told: int
    errors: tuple[str, ...]
    doubled: int


def race(url: str, tries: int) -> RaceResult:
    """Let two processes race for `tries` tasks of a prepared demo bureau at `url`."""
    bureau = Bureau(url)
    task_ids = [bureau.open_task(start_training(bureau)).id for _ in range(tries)]
    bureau.close()
    spawn = multiprocessing.get_context("spawn")
    barrier, answers = spawn.Barrier(len(RACERS)), spawn.Queue()
    racers = [spawn.Process(target=_run, args=(url, name, task_ids, barrier, answers)) for name in RACERS]
    for racer in racers:
        racer.start()
    counts: Counter[str] = Counter()
    errors: list[str] = []
    for _ in range(len(RACERS) * tries):
        answer, detail = answers.get(timeout=WAIT_SECONDS)
        counts[answer] += 1
        if answer == "error":
            errors.append(detail)
    for racer in racers:
        racer.join(WAIT_SECONDS)
    return RaceResult(tries, counts["won"], counts["told"], tuple(errors), _doubled(url, task_ids))


def _run(url: str, name: str, task_ids: list[int], barrier: Any, answers: Any) -> None:
    bureau = Bureau(url)
    actor = bureau.actor(name)
    for task_id in task_ids:
        barrier.wait(WAIT_SECONDS)
        try:
            bureau.engine.complete(actor, task_id, {"decision": "agree", "comment": ""})
            answers.put(("won", ""))
        except AlreadyDone:
            answers.put(("told", ""))
        except Exception as error:  # noqa: BLE001 - any other answer is what the race looks for
            answers.put(("error", repr(error)))
    bureau.close()


def _doubled(url: str, task_ids: list[int]) -> int:
    bureau = Bureau(url)
    with bureau.database.read() as connection:
        kept = connection.execute(select(submission.c.task_id, func.count()).group_by(submission.c.task_id)).all()
        told = connection.execute(
            select(event.c.task_id, func.count()).where(event.c.kind == "completed").group_by(event.c.task_id)
        ).all()
        next_desks = connection.execute(
            select(task.c.instance_id, func.count()).where(task.c.state == "open").group_by(task.c.instance_id)
        ).all()
    bureau.close()
    counts = {**{("s", key): n for key, n in kept}, **{("e", key): n for key, n in told}}
    wrong = [task_id for task_id in task_ids if counts.get(("s", task_id)) != 1 or counts.get(("e", task_id)) != 1]
    return len(wrong) + sum(1 for _, n in next_desks if n != 1)
