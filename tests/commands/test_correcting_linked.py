"""A corrected value that linked cases took over: they keep it, and their histories say that it was corrected."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Row, select

from handlers.store.tables import event
from processes.engine.cases import history
from tests.support.bureau import SEAL_KEY, Bureau
from tests.support.linked import do, publish_linked, start_letter


@pytest.fixture
def office(bureau_on_both: Bureau) -> Bureau:
    publish_linked(bureau_on_both)
    return bureau_on_both


def filed_from(office: Bureau, letter: int) -> int:
    """A case 立案 that 陈静 opened from the letter."""
    return office.engine.start(office.actor("chen.jing"), "filed", {"clue": "线索"}, parent=letter).instance_id


def correct(office: Bureau, letter: int, place: str) -> None:
    office.engine.correct(office.actor("chen.jing"), letter, "place", {"place": place}, "听错")


def told(office: Bureau, case: int) -> list[Row[Any]]:
    wanted = event.c.instance_id == case, event.c.kind == "parent_corrected"
    with office.database.read() as connection:
        return list(connection.execute(select(event).where(*wanted)))


def test_a_linked_case_that_took_the_value_over_keeps_it_and_is_told(office: Bureau) -> None:
    letter = start_letter(office)
    filed = filed_from(office, letter)
    assert office.case(filed).facts["place"] == "塘沽"
    correct(office, letter, "汉沽")
    assert (office.case(letter).facts["place"], office.case(filed).facts["place"]) == ("汉沽", "塘沽")
    (said,) = told(office, filed)
    assert (said.actor_name, said.comment) == ("陈静", "听错")
    assert said.detail == {
        "parent": {"id": letter, "number": "来〔2026〕1号"},
        "field": "place",
        "label": "地点",
        "old": "塘沽",
        "new": "汉沽",
    }
    with office.database.read() as connection:
        own = connection.execute(select(event).where(event.c.kind == "corrected")).one()
        assert list(history.verify(connection, SEAL_KEY)) == []
    assert own.detail["cases"] == [{"id": filed, "number": "立〔2026〕1号"}]
    do(office, filed, "decide", filed="立案1", place="塘沽")
    assert office.case(filed).status == "completed"


def test_a_linked_case_that_has_another_value_by_now_or_has_ended_is_not_told(office: Bureau) -> None:
    letter = start_letter(office)
    ended, later = filed_from(office, letter), filed_from(office, letter)
    do(office, ended, "decide", filed="立案1", place="塘沽")
    correct(office, letter, "汉沽")
    correct(office, letter, "大港")
    assert told(office, ended) == []
    assert [row.detail["new"] for row in told(office, later)] == ["汉沽"]


def test_a_correction_and_the_step_of_the_linked_case_may_come_at_once(office: Bureau) -> None:
    letter = start_letter(office)
    filed = [filed_from(office, letter) for _ in range(4)]
    tasks = {case: office.open_task(case).id for case in filed}
    actor, values = office.actor("chen.jing"), {"filed": "立案", "place": "塘沽"}
    with ThreadPoolExecutor(5) as pool:
        done = [pool.submit(office.new_engine().complete, actor, tasks[case], values) for case in filed]
        changed = pool.submit(office.new_engine().correct, actor, letter, "place", {"place": "汉沽"}, "听错")
        assert [one.result().ended for one in done] == [True] * 4
        changed.result()
    with office.database.read() as connection:
        assert list(history.verify(connection, SEAL_KEY)) == []
