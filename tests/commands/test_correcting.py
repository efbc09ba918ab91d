"""Correcting a case: the new value everywhere the old one was, the old one in the history, nothing for outsiders."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Row, select

from handlers.store.tables import event, register, submission
from processes.engine.cases.case_row import Case
from processes.engine.errors import NotFound, NotYours, Refused
from processes.engine.kernel.live import LiveInstance
from tests.support.bureau import SEAL_KEY, Bureau
from tests.support.cases import decide, start_training
from tests.support.sample import publish_sample, start_sample
from tests.support.visit import MASKED, NAME, PHONE, do, install_visit, kept, start_visit
from tests.unit.check.drawing import end, line, process, user


@pytest.fixture
def office(bureau_on_both: Bureau) -> Bureau:
    with bureau_on_both.database.write() as connection:
        install_visit(connection, bureau_on_both)
    return bureau_on_both


def last_event(bureau: Bureau, instance_id: int) -> Row[Any]:
    with bureau.database.read() as connection:
        rows = connection.execute(select(event).where(event.c.instance_id == instance_id).order_by(event.c.position))
        return rows.all()[-1]


def correct(bureau: Bureau, case: int, who: str, reason: str = "听错了", **values: Any) -> None:
    (field,) = values
    bureau.engine.correct(bureau.actor(who), case, field, values, reason)


def test_a_correction_changes_facts_and_title_and_keeps_the_old_value_in_the_history(office: Bureau) -> None:
    case = start_visit(office)
    correct(office, case, "chen.jing", subject="电热水器漏电")
    row = office.case(case)
    assert row.facts["subject"] == "电热水器漏电"
    assert row.title == "王*明电热水器漏电"
    kept_event = last_event(office, case)
    assert (kept_event.kind, kept_event.actor_name, kept_event.comment) == ("corrected", "陈静", "听错了")
    assert (kept_event.detail["label"], kept_event.detail["old"], kept_event.detail["new"]) == (
        "事由",
        "饮水机漏电",
        "电热水器漏电",
    )


def test_a_name_of_two_characters_is_masked_in_free_text_too(office: Bureau) -> None:
    case = start_visit(office, person_name="王明")
    correct(office, case, "chen.jing", "王明来电更正", subject="电热水器漏电")
    assert last_event(office, case).comment == "王*来电更正"


def test_a_corrected_personal_value_is_masked_in_the_history(office: Bureau) -> None:
    case = start_visit(office)
    correct(office, case, "chen.jing", f"{NAME}来电说明 {PHONE} 停用", person_phone="13900001111")
    assert kept(office, case)["person_phone"] == "13900001111"
    found = last_event(office, case)
    assert (found.detail["old"], found.detail["new"]) == (MASKED["person_phone"], "139****1111")
    assert found.comment == f"王*明来电说明 {MASKED['person_phone']} 停用"


def test_a_personal_value_with_the_same_masked_text_is_a_correction_too(office: Bureau) -> None:
    case = start_visit(office)
    correct(office, case, "chen.jing", person_phone="13899995678")
    assert kept(office, case)["person_phone"] == "13899995678"


def test_the_register_follows_a_correction(office: Bureau) -> None:
    case = start_visit(office)

    def row() -> Row[Any]:
        with office.database.read() as connection:
            return connection.execute(select(register).where(register.c.instance_id == case)).one()

    before = row()
    correct(office, case, "chen.jing", respondent_name="滨海某超市")
    correct(office, case, "chen.jing", person_phone="13900001111")
    assert (before.respondent, row().respondent) == ("示范商贸有限公司", "滨海某超市")
    assert row().person_digest not in (None, before.person_digest)


def test_what_the_diagram_decides_by_is_corrected_too(bureau: Bureau) -> None:
    case = start_training(bureau)
    correct(bureau, case, "chen.jing", training_kind="education")
    decide(bureau, case, "wang.jianguo", "return", "请补充")
    row = bureau.case(case)
    live = LiveInstance.load(bureau.engine.library.release(row.release_id), row.state)
    assert [task.data["training_kind"] for task in live.open_tasks()] == ["education"]


def test_only_who_gave_the_value_or_steers_may_correct_it(office: Bureau) -> None:
    case = start_visit(office)
    for who in ("zhao.lei", "observer", "he.min"):
        with pytest.raises(NotYours, match="填写此项的人"):
            correct(office, case, who, person_name="李四")
    correct(office, case, "liu.fang", person_name="李四")
    assert kept(office, case)["person_name"] == "李四"


@pytest.mark.parametrize(
    ("reason", "values", "sentence"),
    [
        ("", {"subject": "新"}, "理由"),
        ("听错了", {"subject": "饮水机漏电"}, "相同"),
        ("听错了", {"person_phone": PHONE}, "相同"),
        ("听错了", {"person_phone": MASKED["person_phone"]}, "相同"),
    ],
)
def test_a_correction_wants_a_reason_and_a_difference(
    office: Bureau, reason: str, values: dict[str, str], sentence: str
) -> None:
    case = start_visit(office)
    before = office.case(case)
    with pytest.raises(Refused, match=sentence):
        correct(office, case, "chen.jing", reason, **values)
    assert office.case(case) == before


def test_files_and_what_is_not_there_cannot_be_corrected(office: Bureau) -> None:
    case = start_visit(office)
    with pytest.raises(NotYours):
        correct(office, case, "chen.jing", visit_proof=[])
    with pytest.raises(NotFound):
        correct(office, case, "chen.jing", nowhere="甲")


def test_an_outcome_stands_as_given_and_cannot_be_corrected(bureau: Bureau) -> None:
    steps = (user("decide", '<banli:task form="decide" outcome="decision"/>'), user("last"))
    drawn = process(*steps, end(), line("fill", "decide", "last", "end"))
    publish_sample(bureau, drawn)
    case = start_sample(bureau).instance_id
    do(bureau, case, decision="agree")
    for who in ("chen.jing", "liu.fang"):
        with pytest.raises(NotFound):
            correct(bureau, case, who, decision="refuse")
        correct(bureau, case, who, subject=f"改过的标题（{who}）")
    with bureau.database.read() as connection:
        given = connection.execute(select(submission.c["values"]).order_by(submission.c.id.desc())).scalars().first()
    assert given == {"decision": "agree"}


def test_a_checkbox_that_becomes_the_number_one_is_another_fact(bureau_on_both: Bureau) -> None:
    bureau = bureau_on_both
    case = start_training(bureau)
    for value in (True, 1, True):
        with bureau.database.write() as connection:
            locked = Case.lock(connection, instance_id=case)
            assert locked is not None
            locked.facts = {**locked.facts, "ticked": value}
            locked.save(connection, SEAL_KEY, bureau.time.now(), [])
        assert bureau.case(case).facts["ticked"] is value


def test_a_suspended_case_may_be_corrected_a_closed_one_may_not(office: Bureau) -> None:
    case = start_visit(office)
    office.engine.suspend(office.actor("liu.fang"), case, "等待鉴定")
    correct(office, case, "chen.jing", subject="改过")
    office.engine.resume(office.actor("liu.fang"), case, "鉴定完毕")
    do(office, case, no_contact=False, person_phone=MASKED["person_phone"], subject="改过")
    do(office, case, result_text="已回访")
    assert office.case(case).status == "completed"
    with pytest.raises(Refused, match="不能再更正"):
        correct(office, case, "liu.fang", subject="再改")


def test_work_goes_on_after_a_correction(bureau: Bureau) -> None:
    case = start_training(bureau)
    correct(bureau, case, "chen.jing", training_name="改名的培训")
    decide(bureau, case, "wang.jianguo", "agree")
    decide(bureau, case, "li.guoqiang", "agree")
    assert bureau.case(case).title == "改名的培训"
