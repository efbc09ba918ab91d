"""Actions: a person lets a message event of the diagram happen, with a form and a role."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from handlers.cases.drafts import action_draft, draft_subjects, save_draft
from handlers.store.tables import event, submission, task
from processes.engine.cases import history
from processes.engine.cases.work import Result
from processes.engine.engine import Engine
from processes.engine.errors import NotFound, NotYours, Refused, StepFailed
from processes.engine.kernel.live import LiveInstance
from tests.support.bureau import SEAL_KEY, Bureau
from tests.support.linked import do, publish_linked, start_letter

REASON = {"withdraw_reason": "双方和解"}


@pytest.fixture
def office(bureau_on_both: Bureau) -> Bureau:
    publish_linked(bureau_on_both)
    return bureau_on_both


def withdraw(bureau: Bureau, letter: int, who: str = "zhao.lei") -> Result:
    return bureau.engine.act(bureau.actor(who), letter, "letter", "withdraw", REASON)


def test_an_action_ends_what_it_interrupts_and_is_kept_like_a_task(office: Bureau) -> None:
    letter = start_letter(office)
    result = withdraw(office, letter)
    assert (result.ended, result.outcome) == (True, "撤诉办结")
    with office.database.read() as connection:
        done = connection.execute(select(task).where(task.c.node == "withdraw")).one()
        kept = connection.execute(select(submission).where(submission.c.task_id == done.id)).one()
        said = connection.execute(select(event).where(event.c.kind == "acted")).one()
        assert list(history.verify(connection, SEAL_KEY)) == []
    assert (done.state, done.form, done.completed_by) == (
        "done",
        "linked_withdraw",
        office.actor("zhao.lei").account_id,
    )
    assert kept._mapping["values"] == REASON
    assert (said.actor_name, said.node_name, said.detail["submission"]) == ("赵磊", "撤诉", history.digest(REASON))
    assert office.case(letter).facts["withdraw_reason"] == "双方和解"
    assert office.open_tasks(letter) == []


def test_an_action_is_offered_while_its_event_waits_and_to_its_role_only(office: Bureau) -> None:
    letter = start_letter(office)
    offered = office.engine.actions(office.actor("zhao.lei"), letter)
    assert [(scope, node.id, node.name) for scope, node in offered] == [("letter", "withdraw", "撤诉")]
    assert office.engine.actions(office.actor("liu.fang"), letter) == []
    assert office.engine.actions(office.actor("zhao.lei"), 99_999) == []
    office.engine.suspend(office.actor("liu.fang"), letter, "等")
    assert office.engine.actions(office.actor("zhao.lei"), letter) == []
    office.engine.resume(office.actor("liu.fang"), letter, "继续")
    do(office, letter, "handle", clue=None)
    assert office.engine.actions(office.actor("chen.jing"), letter) == []


def test_an_action_is_refused_to_the_wrong_role_too_late_and_while_the_case_rests(office: Bureau) -> None:
    letter = start_letter(office)
    with pytest.raises(NotYours, match="不在您的办理范围"):
        withdraw(office, letter, "liu.fang")
    office.engine.suspend(office.actor("liu.fang"), letter, "等")
    with pytest.raises(Refused, match="已中止"):
        withdraw(office, letter)
    office.engine.resume(office.actor("liu.fang"), letter, "继续")
    withdraw(office, letter)
    with pytest.raises(Refused, match="已办结"):
        withdraw(office, letter)
    with pytest.raises(NotFound):
        withdraw(office, 99_999)


def test_an_action_that_nobody_waits_for_any_more_is_refused(office: Bureau) -> None:
    letter = start_letter(office)
    with pytest.raises(Refused, match="现在不能办理"):
        office.engine.act(office.actor("zhao.lei"), letter, "letter", "wait", {})


def test_an_action_drops_the_persons_draft_of_it_and_of_no_other_called_process(office: Bureau) -> None:
    letter, person = start_letter(office), office.actor("zhao.lei").account_id
    with office.database.write() as connection:
        for scope in ("letter", "called"):  # two diagrams may name an event alike
            save_draft(connection, person, action_draft(letter, scope, "withdraw"), {}, office.time.now())
    withdraw(office, letter)
    with office.database.read() as connection:
        assert draft_subjects(connection, person) == {action_draft(letter, "called", "withdraw")}


def broken_once(office: Bureau, monkeypatch: pytest.MonkeyPatch) -> int:
    """A letter whose withdrawal failed in a later step."""

    def fail(*_: object) -> bool:
        raise StepFailed("letter", "gone", "撤诉办结", "坏了")

    letter = start_letter(office)
    with monkeypatch.context() as patch:
        patch.setattr(LiveInstance, "send", fail)
        assert "坏了" in withdraw(office, letter).held
    assert office.case(letter).status == "incident"
    return letter


def test_an_action_that_failed_is_carried_out_again_in_the_name_of_who_gave_it(
    office: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = broken_once(office, monkeypatch)
    assert not office.engine.retry(office.actor("admin"), letter).held
    with office.database.read() as connection:
        said = connection.execute(select(event).where(event.c.kind == "acted")).one()
        assert list(history.verify(connection, SEAL_KEY)) == []
    assert said.actor_name == "赵磊"
    assert office.case(letter).outcome == "撤诉办结"


def test_an_action_that_failed_can_be_given_back_and_filled_in_anew(
    office: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = broken_once(office, monkeypatch)
    office.engine.give_back(office.actor("admin"), letter, "原因没写清")
    assert withdraw(office, letter).ended


def test_two_people_act_at_once_and_one_of_them_is_told(office: Bureau) -> None:
    letter = start_letter(office)
    engines = [office.new_engine() for _ in range(4)]

    def run(engine: Engine) -> str:
        try:
            return str(engine.act(office.actor("zhao.lei"), letter, "letter", "withdraw", REASON).outcome)
        except Refused as refused:
            return str(refused)

    with ThreadPoolExecutor(len(engines)) as pool:
        answers = list(pool.map(run, engines))
    assert sorted(answer == "撤诉办结" for answer in answers) == [False, False, False, True]
    with office.database.read() as connection:
        assert len(connection.execute(select(submission.c.id)).all()) == 2
