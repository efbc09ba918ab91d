"""Notes, looks at personal data and deliveries: who may, what is kept, and that each is in the history."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from handlers.personal.view_log import ViewQuery, list_views
from handlers.store.tables import attachment, delivery, event, letter, personal_view
from processes.engine.errors import NotFound, NotYours, Refused
from tests.support.bureau import Bureau
from tests.support.visit import MASKED, NAME, PHONE, VISIT, do, install_visit, start_visit

TODAY = date(2026, 3, 2)
SENT: dict[str, Any] = {"way": "mail", "delivered_on": TODAY, "recipient": "投诉人", "proof": "EMS 1234567890123"}


@pytest.fixture
def office(bureau_on_both: Bureau) -> Bureau:
    with bureau_on_both.database.write() as connection:
        install_visit(connection, bureau_on_both)
    return bureau_on_both


def events(bureau: Bureau, instance_id: int, kind: str) -> list[Any]:
    with bureau.database.read() as connection:
        return list(
            connection.execute(select(event).where(event.c.instance_id == instance_id, event.c.kind == kind)).all()
        )


def uploaded(bureau: Bureau, who: str) -> int:
    row = {"field": "note_files", "filename": "录音.mp3", "media_type": "audio/mpeg", "size": 3, "sha256": "a" * 64}
    by = {"uploaded_by": bureau.actor(who).account_id, "uploaded_at": bureau.time.now()}
    with bureau.database.write() as connection:
        return int(connection.execute(insert(attachment).values(row | by).returning(attachment.c.id)).scalar_one())


def with_letter(bureau: Bureau) -> tuple[int, int]:
    case = start_visit(bureau)
    do(bureau, case, no_contact=False, person_phone=PHONE, subject="饮水机漏电")
    with bureau.database.write() as connection:
        number = connection.execute(select(letter.c.id).where(letter.c.instance_id == case)).scalar_one()
        connection.execute(update(letter).where(letter.c.id == number).values(state="ready", sha256="b" * 64))
    return case, number


# --- notes ------------------------------------------------------------------------------------------------------------


def test_a_note_is_kept_with_its_files_and_personal_values_masked(office: Bureau) -> None:
    case, file = start_visit(office), uploaded(office, "chen.jing")
    office.engine.note(office.actor("chen.jing"), case, f" 致电{NAME}（{PHONE}），约定周五到场。 ", [file])
    (found,) = events(office, case, "note")
    assert found.comment == f"致电王*明（{MASKED['person_phone']}），约定周五到场。"
    assert found.detail == {"files": [{"name": "录音.mp3", "sha256": "a" * 64}]}
    with office.database.read() as connection:
        assert connection.execute(select(attachment.c.instance_id)).scalar_one() == case


def test_a_note_may_come_after_the_end(office: Bureau) -> None:
    case = start_visit(office)
    office.engine.cancel(office.actor("liu.fang"), case, "重复登记")
    office.engine.note(office.actor("chen.jing"), case, "已告知来访人。")
    assert len(events(office, case, "note")) == 1


@pytest.mark.parametrize(("text", "sentence"), [("  ", "写明"), ("长" * 2001, "最多2000个字")])
def test_an_empty_or_endless_note_is_refused(office: Bureau, text: str, sentence: str) -> None:
    case = start_visit(office)
    with pytest.raises(Refused, match=sentence):
        office.engine.note(office.actor("chen.jing"), case, text)


def test_a_file_of_somebody_else_cannot_be_taken(office: Bureau) -> None:
    case, file = start_visit(office), uploaded(office, "zhao.lei")
    with pytest.raises(Refused, match="附件"):
        office.engine.note(office.actor("chen.jing"), case, "附上录音", [file])
    assert events(office, case, "note") == []


@pytest.mark.parametrize("who", ["observer", "gao.feng", "wang.jianguo", "owner"])
def test_who_only_sees_a_case_keeps_no_notes_and_sees_no_personal_data(office: Bureau, who: str) -> None:
    case = start_visit(office)
    with pytest.raises(NotYours):
        office.engine.note(office.actor(who), case, "看过")
    with pytest.raises(NotYours):
        office.engine.reveal(office.actor(who), case, "好奇")


# --- personal data ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["chen.jing", "zhao.lei", "liu.fang"])
def test_who_works_on_the_case_sees_the_real_values_and_leaves_a_trace(office: Bureau, who: str) -> None:
    case = start_visit(office)
    shown = office.engine.reveal(office.actor(who), case, f"联系{NAME}")
    assert shown == {
        "姓名": NAME,
        "联系电话": PHONE,
        "身份证号码": VISIT["person_id"],
        "住址": VISIT["person_address"],
    }
    (found,) = events(office, case, "viewed")
    assert (found.actor_name, found.comment) == (office.actor(who).name, "联系王*明")
    assert sorted(found.detail["labels"]) == sorted(shown)
    with office.database.read() as connection:
        (row,) = connection.execute(select(personal_view)).all()
    assert (row.instance_id, row.account_id, row.purpose) == (case, office.actor(who).account_id, "联系王*明")
    assert sorted(row.fields) == sorted(MASKED)


def test_a_look_wants_a_purpose_and_something_to_look_at(office: Bureau) -> None:
    with pytest.raises(Refused, match="用途"):
        office.engine.reveal(office.actor("chen.jing"), start_visit(office), " ")
    nobody = start_visit(office, person_name="", person_phone="", person_id="", person_address="")
    with pytest.raises(Refused, match="没有登记个人信息"):
        office.engine.reveal(office.actor("chen.jing"), nobody, "联系当事人")


def test_views_are_listed_by_person_case_and_day(office: Bureau) -> None:
    first, second = start_visit(office), start_visit(office)
    office.engine.reveal(office.actor("chen.jing"), first, "联系当事人")
    office.time.advance(timedelta(days=1))
    office.engine.reveal(office.actor("liu.fang"), second, "核实身份")
    liu, number = office.actor("liu.fang").account_id, office.case(first).number
    with office.database.read() as connection:

        def purposes(**asked: Any) -> list[str]:
            rows, total = list_views(connection, ViewQuery(**asked))
            assert len(rows) == total
            return [row.purpose for row in rows]

        assert purposes() == ["核实身份", "联系当事人"]
        assert purposes(account_id=liu) == ["核实身份"]
        assert purposes(number=number) == ["联系当事人"]
        assert purposes(until=TODAY) == ["联系当事人"]
        assert purposes(since=date(2026, 3, 3)) == ["核实身份"]


# --- deliveries -------------------------------------------------------------------------------------------------------


def test_a_delivery_is_kept_beside_its_letter_and_in_the_history(office: Bureau) -> None:
    case, number = with_letter(office)
    office.engine.record_delivery(office.actor("chen.jing"), case, number, **SENT | {"recipient": f"投诉人{NAME}"})
    with office.database.read() as connection:
        row = connection.execute(select(delivery)).one()
    assert (row.letter_id, row.way, row.delivered_on, row.recipient) == (number, "mail", TODAY, "投诉人王*明")
    (found,) = events(office, case, "delivered")
    assert (found.detail["way"], found.detail["delivered_on"]) == ("邮寄送达", "2026-03-02")
    assert found.comment == SENT["proof"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"delivered_on": date(2026, 3, 3)}, "不能晚于今天"),
        ({"delivered_on": date(2026, 3, 1)}, "不能早于文书的制发日期"),
        ({"way": "pigeon"}, "送达方式"),
        ({"recipient": " "}, "受送达人"),
        ({"proof": ""}, "凭证"),
    ],
)
def test_a_delivery_that_cannot_be_is_refused(office: Bureau, changes: dict[str, Any], sentence: str) -> None:
    case, number = with_letter(office)
    with pytest.raises(Refused, match=sentence):
        office.engine.record_delivery(office.actor("chen.jing"), case, number, **SENT | changes)
    assert events(office, case, "delivered") == []


def test_a_letter_in_the_making_or_of_another_case_is_not_delivered(office: Bureau) -> None:
    case, number = with_letter(office)
    other = start_visit(office)
    with pytest.raises(NotFound):
        office.engine.record_delivery(office.actor("chen.jing"), other, number, **SENT)
    with office.database.write() as connection:
        connection.execute(update(letter).values(state="pending"))
    with pytest.raises(Refused, match="还没有制作好"):
        office.engine.record_delivery(office.actor("chen.jing"), case, number, **SENT)
