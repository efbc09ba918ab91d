"""The register keeps step with its cases, and finds the letters that tell of the same matter."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from handlers.cases.case_file import visible, visible_ids
from handlers.register import keeping
from handlers.register.duplicates import Subject, alike, find, note
from handlers.register.listing import RegisterQuery, list_register
from handlers.service_registry import HandlerRefused
from handlers.store.tables import case_link, instance, personal
from handlers.store.tables import register as table
from processes.engine.errors import Refused
from processes.engine.kernel.live import LiveInstance
from processes.importing.registration import as_receiver
from tests.support.bureau import SEAL_KEY, Bureau

TEXT = "2月20日在该店购买电饭锅一台，使用三天后内胆涂层脱落，商家拒绝退货，要求退款并赔偿。"
LETTER: dict[str, Any] = {
    "channel": "phone",
    "received_at": "2026-03-02T09:00:00+08:00",
    "wants_compensation": True,
    "respondent_name": "滨海星河电器商行（个体工商户）",
    "category": "quality",
    "goods": "电饭锅",
    "facts_text": TEXT,
}


@pytest.fixture
def bureau(letters_bureau: Bureau) -> Bureau:
    return letters_bureau


def start(bureau: Bureau, **changes: Any) -> int:
    who = register_as(bureau)
    found: int = bureau.engine.start(who, "intake", {**LETTER, **changes}).instance_id
    return found


def register_as(bureau: Bureau) -> Any:
    with bureau.database.read() as connection:
        return as_receiver(connection, bureau.actor("liu.fang"), "receiver")


def row(bureau: Bureau, case: int) -> Any:
    with bureau.database.read() as connection:
        return connection.execute(select(table).where(table.c.instance_id == case)).one()


def variables(bureau: Bureau, case: int) -> dict[str, Any]:
    """What the review task sees."""
    release = bureau.engine.library.release(bureau.case(case).release_id)
    (waiting,) = LiveInstance.load(release, bureau.case(case).state).open_tasks()
    return dict(waiting.data)


def give_person(bureau: Bureau, case: int, phone: str) -> None:
    """What the splitting of personal answers leaves behind."""
    held = {
        "instance_id": case,
        "field": "person_phone",
        "value": phone,
        "masked": "*",
        "changed_at": bureau.time.now(),
    }
    with bureau.database.write() as connection:
        connection.execute(insert(personal).values(held))
        keeping.keep(connection, SEAL_KEY, case, bureau.case(case).facts, bureau.time.now())


def test_a_case_has_its_row_from_the_start_and_it_follows_the_facts(bureau: Bureau) -> None:
    case = start(bureau)
    first = row(bureau, case)
    assert (first.case_type, first.channel, first.category, first.unit) == ("complaint", "phone", "quality", "")
    assert first.respondent == LETTER["respondent_name"]
    assert first.received_at.isoformat() == "2026-03-02T01:00:00+00:00"
    assert (first.source, first.source_number, first.person_digest) == ("", None, None)
    review = {"case_type": "report", "unit": "unit_1", "comment": ""}
    bureau.engine.complete(bureau.actor("lin.tao"), bureau.open_task(case).id, review)
    after = row(bureau, case)
    assert (after.case_type, after.unit, after.channel) == ("report", "unit_1", "phone")


def test_the_person_is_known_again_by_a_hash_that_needs_the_key() -> None:
    digest = keeping.person_digest(SEAL_KEY, {"person_phone": "138 1234-5678"})
    assert digest == keeping.person_digest(SEAL_KEY, {"person_phone": "１３８１２３４５６７８", "person_id": "x"})
    assert digest != keeping.person_digest(b"another key", {"person_phone": "13812345678"})
    assert digest != keeping.person_digest(SEAL_KEY, {"person_id": "13812345679"})
    assert keeping.person_digest(SEAL_KEY, {"person_phone": "", "person_id": None}) is None


def test_a_platform_number_belongs_to_one_case(bureau: Bureau) -> None:
    number = bureau.case(start(bureau, platform_no="P2026030100001")).number
    with pytest.raises(Refused, match=r"P2026030100001.*已经登记为") as refused:
        start(bureau, platform_no="P2026030100001")
    assert number in str(refused.value)
    with bureau.database.read() as connection:
        holder = keeping.holder(connection, keeping.PLATFORM, "P2026030100001")
    assert holder is not None
    assert holder.number == number


def test_a_number_entered_on_the_platform_later_is_known_there_too(bureau: Bureau) -> None:
    facts = {keeping.IMPORT_SOURCE: "hotline_12345", keeping.IMPORT_NUMBER: "H1", "platform_no": "P2026030100009"}
    case = start(bureau, **facts)
    kept = row(bureau, case)
    assert (kept.source, kept.source_number, kept.platform_no) == ("hotline_12345", "H1", "P2026030100009")
    with bureau.database.read() as connection:
        holder = keeping.holder(connection, "platform", "P2026030100009")
        assert holder is not None
        assert holder.id == case
        assert keeping.holder(connection, "hotline_12345", "P2026030100009") is None
        assert keeping.holder(connection, "platform", "H1") is None


def test_the_second_half_of_a_letter_leaves_the_number_to_the_first(bureau: Bureau) -> None:
    first = start(bureau, platform_no="P2026030100001")
    second = start(bureau, parent_number=bureau.case(first).number, platform_no="P2026030100001")
    assert (row(bureau, second).source, row(bureau, second).source_number) == ("", None)
    third = start(bureau)
    with bureau.database.write() as connection:
        link = {"parent_id": first, "child_id": third, "kind": "case_split", "linked_at": bureau.time.now()}
        connection.execute(insert(case_link).values(link))
        keeping.keep(connection, SEAL_KEY, third, {**LETTER, "platform_no": "P2026030100001"}, bureau.time.now())
    assert row(bureau, third).source_number is None
    other = start(bureau)
    with bureau.database.write() as connection, pytest.raises(HandlerRefused):
        keeping.keep(connection, SEAL_KEY, other, {**LETTER, "platform_no": "P2026030100001"}, bureau.time.now())


def test_the_same_words_about_the_same_respondent_are_shown_to_the_reviewer(bureau: Bureau) -> None:
    earlier = bureau.case(start(bureau)).number
    again = start(bureau, respondent_name="滨海星河电器商行(个体工商户) ", facts_text=TEXT.replace("三天", "四天"))
    seen = variables(bureau, again)
    assert seen["duplicate_numbers"] == [earlier]
    assert (seen["same_person"], seen["same_respondent"], seen["same_fact"]) == (False, True, True)
    assert earlier in seen["duplicate_note"]
    assert "事实描述相近" in seen["duplicate_note"]


def test_another_matter_with_the_same_respondent_is_no_duplicate(bureau: Bureau) -> None:
    start(bureau)
    seen = variables(
        bureau, start(bureau, goods="电视机", facts_text="所购电视机送货时屏幕已经破裂，商家要求加价才肯更换。")
    )
    assert seen["duplicate_numbers"] == []
    assert seen["duplicate_note"] == "近 90 天内没有发现重复的件。"
    assert not any(seen[key] for key in ("same_person", "same_respondent", "same_fact"))


@pytest.mark.parametrize(
    ("changes", "fact"),
    [
        ({"order_no": "JD-2026 0001"}, "订单号相同"),
        ({"amount": 199, "bought_on": "2026-02-20", "facts_text": "不一样的说法"}, "商品服务、金额和日期相同"),
    ],
)
def test_order_numbers_and_purchases_tell_the_same_matter(bureau: Bureau, changes: dict[str, Any], fact: str) -> None:
    facts = {**LETTER, "order_no": "jd20260001", "amount": 199, "bought_on": "2026-02-20"}
    start(bureau, **facts)
    subject = Subject(bureau.time.now(), {**LETTER, "facts_text": "", **changes}, None)
    with bureau.database.read() as connection:
        (match,) = find(connection, subject, days=90)
    assert match.fact == fact


def test_the_same_person_about_the_same_respondent_is_shown_whatever_the_words(bureau: Bureau) -> None:
    case = start(bureau, facts_text="第一次来信说的是别的事情，与后来的完全不同。")
    give_person(bureau, case, "13812345678")
    digest = keeping.person_digest(SEAL_KEY, {"person_phone": "138-1234-5678"})
    with bureau.database.read() as connection:
        (match,) = find(connection, Subject(bureau.time.now(), LETTER, digest), days=90)
        assert (match.same_person, match.same_respondent, match.fact) == (True, True, "")
        assert find(connection, Subject(bureau.time.now(), {"respondent_name": "别家"}, digest), days=90) == []


def test_only_the_period_is_looked_at_and_the_other_half_of_a_letter_never(bureau: Bureau) -> None:
    first = start(bureau)
    late = Subject(bureau.time.now() + timedelta(days=91), LETTER, None)
    with bureau.database.read() as connection:
        assert find(connection, late, days=90) == []
        assert find(connection, late, days=92)
    second = start(bureau)
    subject = Subject(bureau.time.now(), LETTER, None, second)
    with bureau.database.read() as connection:
        assert [match.number for match in find(connection, subject, days=90)] == [bureau.case(first).number]
    with bureau.database.write() as connection:
        link = {"parent_id": first, "child_id": second, "kind": "case_split", "linked_at": bureau.time.now()}
        connection.execute(insert(case_link).values(link))
        assert find(connection, subject, days=90) == []


def test_likeness_is_a_matter_of_degree() -> None:
    assert alike(TEXT, TEXT, 1.0)
    assert not alike(TEXT, TEXT[::-1], 0.8)
    assert not alike(TEXT, TEXT[:10], 0.8)


def test_a_long_list_of_duplicates_is_cut(bureau: Bureau) -> None:
    for _ in range(12):
        start(bureau)
    with bureau.database.read() as connection:
        found = find(connection, Subject(bureau.time.now(), LETTER, None), days=90)
    assert len(found) == 12
    assert "另有 2 件" in note(found, 90)


def test_the_list_is_narrowed_by_every_filter_and_counted(bureau: Bureau) -> None:
    one = start(bureau, platform_no="P2026030100001")
    start(
        bureau,
        respondent_name="汉沽万家超市",
        channel="visit",
        category="food",
        received_at="2026-02-10T09:00:00+08:00",
    )
    head = bureau.actor("liu.fang")

    def total(**changes: Any) -> int:
        with bureau.database.read() as connection:
            listed = list_register(connection, head, RegisterQuery(**changes))
        assert len(listed.rows) == listed.total
        return listed.total

    number = bureau.case(one).number
    assert total() == 2
    assert total(type="complaint") == 2
    for filters in (
        {"channel": "visit"}, {"category": "food"}, {"q": "万家"}, {"q": number}, {"q": "P2026030100001"},
        {"since": "2026-03-02"}, {"until": "2026-02-10"}, {"q": "星河 商行"},
        {"since": "2026-03-02", "until": "2026-03-02"},
    ):  # fmt: skip
        assert total(**filters) == 1, filters
    for filters in ({"type": "report"}, {"unit": "unit_1"}, {"state": "completed"}, {"q": "没有 商行"}, {"q": "100%"}):
        assert total(**filters) == 0, filters
    assert total(state="open") == 2
    assert total(since="no day", state="no state") == 2


def test_the_list_of_ids_obeys_the_same_rule_as_the_single_case(bureau: Bureau) -> None:
    cases = [start(bureau) for _ in range(3)]
    bureau.engine.complete(
        bureau.actor("lin.tao"), bureau.open_task(cases[0]).id, {"case_type": "complaint", "unit": None, "comment": ""}
    )
    with bureau.database.write() as connection:
        link = {"parent_id": cases[0], "child_id": cases[1], "kind": "x", "linked_at": bureau.time.now()}
        connection.execute(insert(case_link).values(link))
    with bureau.database.read() as connection:
        for username in ("lin.tao", "chen.jing", "wang.jianguo", "he.min"):
            actor = bureau.actor(username)
            one_by_one = set(connection.scalars(select(instance.c.id).where(visible(actor))))
            assert set(connection.scalars(visible_ids(actor))) == one_by_one
            listed = list_register(connection, actor, RegisterQuery())
            assert {entry.id for entry in listed.rows} == one_by_one & set(cases)
