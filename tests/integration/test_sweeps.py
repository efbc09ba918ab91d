"""Timers that are due are fired once each, whatever the number of workers and whatever goes wrong with one of them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from handlers.store.database import Database
from handlers.store.tables import instance
from handlers.time_source import ManualTime
from processes.engine.commands import firing
from processes.engine.engine import Engine
from tests.integration.case_rows import MORNING, add_due_cases, insert_case


class CountingEngine(Engine):
    """Fires as the engine does: lock the case, look whether a timer is still due, do it, move on."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, ManualTime(MORNING), seal_key=b"timers")
        self.fired: list[int] = []

    def fire_due(self, instance_id: int) -> None:
        wanted = select(instance.c.next_due_at).where(instance.c.id == instance_id).with_for_update()
        with self.database.write() as connection:
            due_at = connection.execute(wanted).scalar_one()
            if due_at is None or due_at > MORNING:
                return
            self.fired.append(instance_id)
            connection.execute(update(instance).where(instance.c.id == instance_id).values(next_due_at=None))


@pytest.fixture
def engine(ready_database: Database) -> CountingEngine:
    insert_case(ready_database)
    return CountingEngine(ready_database)


def test_what_is_due_is_fired_and_nothing_else(engine: CountingEngine) -> None:
    due = add_due_cases(engine.database, 3, MORNING)
    with engine.database.write() as connection:
        connection.execute(update(instance).where(instance.c.id == due[0]).values(status="suspended"))
        connection.execute(update(instance).where(instance.c.id == due[1]).values(next_due_at=MORNING + timedelta(1)))
    assert engine.fire_all_due(MORNING) == 1
    assert engine.fired == due[2:]


def test_a_case_that_fails_does_not_stop_the_others_nor_the_sweep(
    engine: CountingEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(firing, "BATCH", 2)
    due = add_due_cases(engine.database, 7, MORNING - timedelta(hours=1))

    fire_whole = engine.fire_due

    def fire(instance_id: int) -> None:
        if instance_id in due[:3]:
            raise RuntimeError("broken case")
        fire_whole(instance_id)

    monkeypatch.setattr(engine, "fire_due", fire)
    assert engine.fire_all_due(MORNING) == 4
    assert engine.fired == due[3:]


def test_two_sweeps_at_once_fire_each_timer_once(engine: CountingEngine) -> None:
    due = add_due_cases(engine.database, 20, MORNING)
    together = threading.Barrier(2)

    def sweep(_: int) -> None:
        together.wait()
        engine.fire_all_due(MORNING)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(sweep, range(2)))
    assert sorted(engine.fired) == due
