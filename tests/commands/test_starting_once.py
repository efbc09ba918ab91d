"""Two processes that start a case at the same moment, by one submit or with one number: the database lets one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from handlers.cases.start_marks import start_mark
from handlers.store.counters import next_value
from handlers.store.tables import instance, register
from processes.engine.cases.work import Result
from processes.engine.errors import Refused
from tests.support.answers import training_plan
from tests.support.bureau import SEAL_KEY, Bureau
from tests.support.visit import install_visit, start_visit
from tests.support.waiting import until_somebody_waits

MARK = start_mark(1, "start:training", "token", {"people_count": ["40"]})
TRIES = 5


def test_one_of_two_engines_starts_it_and_the_other_answers_with_the_same_case(bureau_on_both: Bureau) -> None:
    office = bureau_on_both
    actor, ready = office.actor("chen.jing"), Barrier(2)

    def start(number: int) -> list[Result]:
        engine, found = office.new_engine(), []
        for round_number in range(TRIES):
            ready.wait(60)
            found.append(engine.start(actor, "training", training_plan(), mark=f"{MARK[:-1]}{round_number}"))
        return found

    with ThreadPoolExecutor(2) as pool:
        pairs = list(zip(*pool.map(start, range(2)), strict=True))
    assert all({one.again, other.again} == {False, True} for one, other in pairs)
    assert all(
        (one.instance_id, one.number, one.task_id) == (other.instance_id, other.number, other.task_id)
        for one, other in pairs
    )
    with office.database.write() as connection:
        assert connection.execute(select(func.count()).select_from(instance)).scalar_one() == TRIES
        assert next_value(connection, SEAL_KEY, "case:培训〔2026〕") == TRIES + 1


def test_starts_without_a_mark_are_each_their_own(bureau_on_both: Bureau) -> None:
    office = bureau_on_both
    numbers = [office.engine.start(office.actor("chen.jing"), "training", training_plan()).number for _ in range(2)]
    assert len(set(numbers)) == 2
    assert office.engine.started("") is None


def test_another_conflict_in_the_database_is_no_second_submit(
    bureau_on_both: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = bureau_on_both
    office.engine.start(office.actor("chen.jing"), "training", training_plan())
    monkeypatch.setattr("processes.engine.commands.new_case.counters.next_value", lambda *_: 1)
    with pytest.raises(IntegrityError):
        office.engine.start(office.actor("chen.jing"), "training", training_plan(), mark=MARK)


def test_a_mark_tells_people_subjects_tokens_and_answers_apart() -> None:
    others = (
        start_mark(2, "start:training", "token", {"people_count": ["40"]}),
        start_mark(1, "start:odr", "token", {"people_count": ["40"]}),
        start_mark(1, "start:training", "another", {"people_count": ["40"]}),
        start_mark(1, "start:training", "token", {"people_count": ["41"]}),
    )
    assert len({MARK, *others}) == 5
    assert start_mark(1, "s", "t", {"a": ["1"], "b": ["2"]}) == start_mark(1, "s", "t", {"b": ["2"], "a": ["1"]})


def test_a_number_registered_in_the_same_moment_is_refused_in_a_sentence(bureau_on_both: Bureau) -> None:
    bureau = bureau_on_both
    with bureau.database.write() as connection:
        install_visit(connection, bureau)
    first = start_visit(bureau)
    taken = {"source": "platform", "source_number": "A1", "platform_no": "A1"}
    with ThreadPoolExecutor(1) as pool:
        with bureau.database.write() as connection:
            connection.execute(update(register).where(register.c.instance_id == first).values(taken))
            waiting = pool.submit(lambda: start_visit(bureau, platform_no="A1"))
            until_somebody_waits(bureau.database)
        with pytest.raises(Refused, match="A1"):
            waiting.result()
