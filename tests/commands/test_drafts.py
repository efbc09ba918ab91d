"""A step that begins again in the middle of somebody's work: what they have typed goes on with it."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest

from handlers.cases.drafts import draft_subjects, find_draft, follow, left_behind, move_drafts, save_draft
from handlers.store.database import Database
from tests.support.bureau import Bureau
from tests.support.warned import publish_warned


@pytest.fixture
def warned(bureau_on_both: Bureau) -> Bureau:
    publish_warned(bureau_on_both)
    return bureau_on_both


def test_a_draft_on_a_task_that_a_further_warning_replaced_is_on_the_new_task(warned: Bureau) -> None:
    writer, colleague = warned.actor("zhao.lei"), warned.actor("chen.jing")
    case = warned.engine.start(writer, "warned", {"subject": "甲"}).instance_id
    before = warned.open_task(case)
    for person, typed in ((writer, "写了一半"), (colleague, "也写了")):
        with warned.database.write() as connection:
            save_draft(connection, person.account_id, f"task:{before.id}", {"subject": [typed]}, warned.time.now())
    warned.engine.act(colleague, case, "warned", "again", {"subject": "再次预警"})
    after = warned.open_task(case)
    assert (after.node, after.id != before.id) == ("answer", True)
    with warned.database.read() as connection:
        assert draft_subjects(connection, writer.account_id) == {f"task:{after.id}"}
        kept = find_draft(connection, colleague.account_id, f"task:{after.id}")
    assert kept is not None
    assert kept.values == {"subject": ["也写了"]}
    warned.engine.complete(writer, after.id, {"subject": "写完了"})
    with warned.database.read() as connection:
        assert draft_subjects(connection, writer.account_id) == frozenset()


class Supervision:
    """A case of it and what is done in it, an hour after each other; who works on the tasks is 赵磊."""

    def __init__(self, bureau: Bureau) -> None:
        self.bureau, self.writer = bureau, bureau.actor("zhao.lei")
        self.case = bureau.engine.start(self.writer, "warned", {"subject": "低"}).instance_id

    def type(self) -> str:
        """Something half done on the open task; its subject."""
        subject = f"task:{self.bureau.open_task(self.case).id}"
        with self.bureau.database.write() as connection:
            save_draft(connection, self.writer.account_id, subject, {"subject": ["半"]}, self.bureau.time.now())
        return subject

    def do(self, *nodes: str) -> None:
        """Complete the open tasks, which are these."""
        for node in nodes:
            self.bureau.time.advance(timedelta(hours=1))
            row = self.bureau.open_task(self.case)
            assert row.node == node
            self.bureau.engine.complete(self.writer, row.id, {"subject": "乙"})

    def warn(self, level: str) -> None:
        """Begin anew."""
        self.bureau.time.advance(timedelta(hours=1))
        self.bureau.engine.act(self.writer, self.case, "warned", "again", {"subject": level})

    def left_behind(self, who: str = "zhao.lei") -> str | None:
        """The subject of the draft that may go on in the open task."""
        with self.bureau.database.read() as connection:
            return left_behind(connection, self.bureau.actor(who).account_id, self.bureau.open_task(self.case))


def test_a_draft_goes_on_when_its_step_opens_again_after_another(warned: Bureau) -> None:
    case = Supervision(warned)
    typed = case.type()
    case.warn("高")
    assert case.left_behind() is None, "the leader's own task"
    case.do("lead")
    assert case.left_behind() == typed
    assert case.left_behind("chen.jing") is None
    with warned.database.write() as connection:
        follow(connection, case.writer.account_id, typed, f"task:{warned.open_task(case.case).id}")
    assert case.left_behind() is None
    with warned.database.read() as connection:
        now = find_draft(connection, case.writer.account_id, f"task:{warned.open_task(case.case).id}")
    assert now is not None
    assert now.values == {"subject": ["半"]}


def test_a_draft_goes_on_over_a_task_that_nobody_looked_at(warned: Bureau) -> None:
    case = Supervision(warned)
    typed = case.type()
    case.warn("高")
    case.do("lead")
    case.warn("低")
    assert case.left_behind() == typed


def test_an_opinion_does_not_go_on_about_another_answer_than_the_one_it_was_typed_for(warned: Bureau) -> None:
    case = Supervision(warned)
    case.do("answer")
    case.type()
    case.warn("低")
    case.do("answer")
    assert warned.open_task(case.case).node == "check"
    assert case.left_behind() is None


def test_what_was_typed_for_a_round_that_was_finished_since_stays_behind(warned: Bureau) -> None:
    case = Supervision(warned)
    case.type()
    case.warn("高")
    case.do("lead", "answer")
    case.warn("低")
    assert warned.open_task(case.case).node == "answer"
    assert case.left_behind() is None


def test_of_several_tasks_of_one_step_none_gets_the_draft_of_another(warned: Bureau) -> None:
    database: Database = warned.database
    person = warned.actor("zhao.lei").account_id
    closed = [
        SimpleNamespace(id=901, scope="joint", node="opinion"),
        SimpleNamespace(id=902, scope="joint", node="opinion"),
    ]
    opened = [
        SimpleNamespace(id=903, scope="joint", node="opinion"),
        SimpleNamespace(id=904, scope="joint", node="other"),
    ]
    with database.write() as connection:
        save_draft(connection, person, "task:901", {}, warned.time.now())
        move_drafts(connection, closed, opened)
        assert draft_subjects(connection, person) == {"task:901"}
        move_drafts(connection, closed[:1], opened[1:])
        assert draft_subjects(connection, person) == {"task:901"}
