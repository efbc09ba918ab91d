"""Personal data in running cases: held apart, masked wherever a case is kept, real only in letters."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from handlers.letters import issuing
from handlers.personal import kept_apart
from handlers.service_registry import HandlerRefused
from handlers.store.tables import event, incident, instance, letter, submission
from processes.engine.errors import Refused
from tests.support.answers import training_plan
from tests.support.bureau import Bureau
from tests.support.statements import heard
from tests.support.visit import (
    ADDRESS,
    CARD,
    MASKED,
    NAME,
    PHONE,
    VISIT,
    do,
    give_contact,
    install_visit,
    kept,
    start_visit,
)

REAL = (NAME, PHONE, CARD, ADDRESS)


@pytest.fixture
def office(bureau_on_both: Bureau) -> Bureau:
    """A bureau on each database, where visitors are received."""
    with bureau_on_both.database.write() as connection:
        install_visit(connection, bureau_on_both)
    return bureau_on_both


def everything_but_the_held_values(bureau: Bureau) -> str:
    """All that the case left in its row, its history, its submissions and incidents, as text."""
    with bureau.database.read() as connection:
        rows: list[Any] = [
            list(connection.execute(select(instance.c.facts, instance.c.title, instance.c.decisions)).all()),
            list(connection.execute(select(event.c.detail, event.c.comment, event.c.outcome)).all()),
            list(connection.execute(select(submission.c["values"])).all()),
            list(connection.execute(select(incident.c.command)).all()),
        ]
        state = b"".join(connection.execute(select(instance.c.state)).scalars())
    return json.dumps([[list(row) for row in part] for part in rows], ensure_ascii=False) + state.decode("latin-1")


def test_the_case_knows_only_masked_texts(office: Bureau) -> None:
    case = start_visit(office)
    assert kept(office, case) == {key: VISIT[key] for key in MASKED}
    row = office.case(case)
    assert {key: row.facts[key] for key in MASKED} == MASKED
    assert row.title == "王*明饮水机漏电"
    do(office, case, no_contact=False, person_phone=MASKED["person_phone"], subject="饮水机漏电")
    do(office, case, result_text="已回访")
    found = everything_but_the_held_values(office)
    assert MASKED["person_phone"] in found
    assert [value for value in REAL if value in found] == []


def test_the_masked_text_sent_back_changes_nothing(office: Bureau) -> None:
    case = start_visit(office)
    do(office, case, no_contact=False, person_phone=MASKED["person_phone"], subject="饮水机漏电")
    assert kept(office, case)["person_phone"] == PHONE


def test_a_new_value_takes_the_place_of_the_old_one(office: Bureau) -> None:
    case = start_visit(office)
    do(office, case, no_contact=False, person_phone="022-65432100", subject="饮水机漏电")
    assert kept(office, case)["person_phone"] == "022-65432100"
    assert office.case(case).facts["person_phone"] == "022-****2100"


def test_an_emptied_answer_is_forgotten_and_an_anonymous_visitor_leaves_nothing(office: Bureau) -> None:
    case = start_visit(office)
    do(office, case, no_contact=True, person_phone="", subject="饮水机漏电")
    assert "person_phone" not in kept(office, case)
    nobody = start_visit(office, person_name="", person_phone="", person_id="", person_address=None)
    assert kept(office, nobody) == {}
    assert office.case(nobody).title == "饮水机漏电"


def test_a_masked_text_that_is_no_longer_the_one_held_is_refused(office: Bureau) -> None:
    case = start_visit(office)
    with pytest.raises(Refused, match="“联系电话”在您填写期间已被更正"):
        do(office, case, no_contact=False, person_phone="139****0000", subject="饮水机漏电")
    assert kept(office, case)["person_phone"] == PHONE


def test_a_letter_says_the_real_values(office: Bureau) -> None:
    case = start_visit(office)
    do(office, case, no_contact=False, person_phone=MASKED["person_phone"], subject="饮水机漏电")
    with office.database.read() as connection:
        context = connection.execute(select(letter.c.context).where(letter.c.instance_id == case)).scalar_one()
    assert context["labels"]["person_name"] == NAME
    assert context["facts"]["person_phone"] == PHONE
    assert context["case"]["title"] == "王*明饮水机漏电"


@pytest.fixture
def broken_letters(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Letters cannot be issued until the function is called."""

    def refuse(*_: object) -> None:
        raise HandlerRefused("文书模板损坏")

    whole = issuing._papers
    monkeypatch.setattr(issuing, "_papers", refuse)
    return lambda: monkeypatch.setattr(issuing, "_papers", whole)


def test_a_failed_step_is_tried_again_with_the_real_values_and_leaves_none_behind(
    office: Bureau, broken_letters: Callable[[], None]
) -> None:
    case = start_visit(office)
    assert do(office, case, no_contact=False, person_phone="13900001111", subject="饮水机漏电").held
    assert kept(office, case)["person_phone"] == PHONE
    broken_letters()
    assert office.engine.retry(office.actor("admin"), case).held == ""
    assert kept(office, case)["person_phone"] == "13900001111"
    assert "13900001111" not in everything_but_the_held_values(office)


def test_an_action_takes_the_masked_text_as_unchanged(office: Bureau) -> None:
    case = start_visit(office)
    give_contact(office, case, MASKED["person_phone"])
    assert kept(office, case)["person_phone"] == PHONE


def test_an_action_sets_its_answers_apart_also_after_a_failure(
    office: Bureau, broken_letters: Callable[[], None]
) -> None:
    case = start_visit(office)
    assert give_contact(office, case, "13900001111").held
    assert kept(office, case)["person_phone"] == PHONE
    broken_letters()
    assert office.engine.retry(office.actor("admin"), case).held == ""
    assert kept(office, case)["person_phone"] == "13900001111"
    assert office.case(case).facts["person_phone"] == "139****1111"
    assert "13900001111" not in everything_but_the_held_values(office)


@pytest.mark.parametrize("command", ["give_back", "cancel"])
def test_a_failed_step_given_up_leaves_no_real_values(
    office: Bureau, broken_letters: Callable[[], None], command: str
) -> None:
    case = start_visit(office)
    do(office, case, no_contact=False, person_phone="13900001111", subject="饮水机漏电")
    getattr(office.engine, command)(office.actor("admin"), case, "填错了")
    assert "13900001111" not in everything_but_the_held_values(office)
    assert kept(office, case)["person_phone"] == PHONE


def test_a_linked_case_takes_the_values_that_its_masked_texts_stand_for(office: Bureau) -> None:
    parent = start_visit(office)
    child = start_visit(office, person_name="", person_phone="", person_id="", person_address="")
    with office.database.write() as connection:
        kept_apart.copy(connection, parent, child, ["person_phone", "person_name", "goods"], office.time.now())
    assert kept(office, child) == {"person_name": NAME, "person_phone": PHONE}
    do(office, child, no_contact=False, person_phone=MASKED["person_phone"], subject="漏电")
    assert kept(office, child)["person_phone"] == PHONE


def test_forms_without_personal_answers_ask_nothing_more_of_the_database(bureau: Bureau) -> None:
    with heard(bureau.database) as seen:
        bureau.engine.start(bureau.actor("chen.jing"), "training", training_plan())
    assert [text for text in seen.texts if "personal" in text] == []
