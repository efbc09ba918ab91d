"""The page of a case: what is linked with it, what is started from it, and what can be done on it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from handlers.register import keeping
from handlers.register.listing import count
from handlers.store.tables import case_link, draft, post
from tests.support.bureau import SEAL_KEY, Bureau
from tests.support.linked import publish_linked, start_letter
from tests.support.office import Office, text
from tests.support.statements import heard
from webapp.register import listing


@pytest.fixture
def office(bureau: Bureau, tmp_path: Path) -> Office:
    publish_linked(bureau)
    return Office(bureau, tmp_path)


def test_linked_procedures_are_not_among_the_new_ones(office: Office) -> None:
    browser = office.browser("chen.jing")
    page = text(browser.get("/cases/new"))
    assert "/cases/new/letter" in page
    assert "/cases/new/filed" not in page
    assert browser.get("/cases/new/filed").status_code == 404


def test_a_case_offers_what_the_person_may_start_from_it_and_do_on_it(office: Office) -> None:
    letter = start_letter(office.bureau)
    page = text(office.browser("zhao.lei").get(f"/cases/{letter}"))
    assert f"/cases/{letter}/open/filed" in page
    assert f"/cases/{letter}/acts/letter/withdraw" in page
    head = text(office.browser("liu.fang").get(f"/cases/{letter}"))
    assert "由本件发起" not in head
    assert "可办理的操作" not in head


def test_a_correction_names_the_linked_cases_that_keep_the_old_value(office: Office) -> None:
    letter, browser = start_letter(office.bureau), office.browser("chen.jing")
    address = f"/cases/{letter}/correct/place"
    assert "也用了这一项" not in text(browser.get(address))
    assert browser.post(f"/cases/{letter}/open/filed", {"clue": "线索乙"}).status_code == 302
    with office.bureau.database.read() as connection:
        filed = connection.execute(select(case_link.c.child_id)).scalar_one()
    page = text(browser.get(address))
    assert "由本件发起的事项也用了这一项" in page
    assert f'<a href="/cases/{filed}">立〔2026〕1号</a>' in page
    done = browser.post(address, {"place": "汉沽", "reason": "听错"}, follow_redirects=True)
    above, below = text(done), text(browser.get(f"/cases/{filed}"))
    assert "关联事项 立〔2026〕1号 带出的仍是原内容，请打开看是否也要更正。" in above
    assert "陈静更正“地点”：塘沽 → 汉沽；立〔2026〕1号 带出的仍是原内容" in above
    assert "陈静更正了 来〔2026〕1号 的“地点”：塘沽 → 汉沽，本件带出的仍是原内容" in below
    assert "也用了这一项" not in text(browser.get(address))


def test_starting_a_linked_case_starts_from_the_facts_and_shows_both_ways(office: Office) -> None:
    letter = start_letter(office.bureau)
    browser = office.browser("chen.jing")
    address = f"/cases/{letter}/open/filed"
    assert "来〔2026〕1号" in text(browser.get(address))
    again = browser.post(address, {"clue": ""})
    assert again.status_code == 422
    assert browser.post(address, {"clue": "线索乙"}).status_code == 302
    with office.bureau.database.read() as connection:
        filed = connection.execute(select(case_link.c.child_id)).scalar_one()
        assert connection.execute(select(draft)).all() == []
    above, below = text(browser.get(f"/cases/{letter}")), text(browser.get(f"/cases/{filed}"))
    assert "关联事项" in above
    assert "立案 一封信" in above
    assert "审批：来〔2026〕1号" in above
    assert "陈静由本件发起“样例”：立〔2026〕1号" in above
    assert "来自，" in below
    assert f'href="/cases/{letter}"' in below
    assert "陈静由 来〔2026〕1号 发起事项" in below


def test_what_is_typed_for_a_linked_case_is_kept_as_a_draft(office: Office) -> None:
    letter = start_letter(office.bureau)
    browser = office.browser("chen.jing")
    address = f"/cases/{letter}/open/filed"
    assert browser.post(f"{address}/draft", {"clue": "写了一半"}).status_code == 302
    assert "写了一半" in text(browser.get(address))
    assert browser.post(f"{address}/draft/drop", {}).status_code == 302
    assert "写了一半" not in text(browser.get(address))


def test_a_linked_start_is_refused_with_everything_typed_where_the_case_has_ended(office: Office) -> None:
    letter = start_letter(office.bureau)
    browser = office.browser("chen.jing")
    office.bureau.engine.cancel(office.bureau.actor("liu.fang"), letter, "重复")
    answer = browser.post(f"/cases/{letter}/open/filed", {"clue": "线索乙"})
    assert answer.status_code == 409
    assert "已撤销" in text(answer)
    assert "线索乙" in text(answer)


def test_only_the_first_role_opens_the_page_and_only_of_a_case_in_sight(office: Office) -> None:
    letter = start_letter(office.bureau)
    assert office.browser("liu.fang").get(f"/cases/{letter}/open/filed").status_code == 403
    assert office.browser("ma.hui").get(f"/cases/{letter}/open/filed").status_code == 404
    assert office.browser("ma.hui").get(f"/cases/{letter}/acts/letter/withdraw").status_code == 404
    browser = office.browser("chen.jing")
    assert browser.get(f"/cases/{letter}/open/training").status_code == 404
    assert browser.get(f"/cases/{letter}/acts/letter/wait").status_code == 404
    assert browser.get(f"/cases/{letter}/acts/nothing/withdraw").status_code == 404


def test_an_action_says_what_happened(office: Office) -> None:
    letter = start_letter(office.bureau)
    browser = office.browser("zhao.lei")
    address = f"/cases/{letter}/acts/letter/withdraw"
    page = text(browser.get(address))
    assert "正在办理的步骤随即停止" in page
    assert browser.post(address, {"withdraw_reason": ""}).status_code == 422
    done = browser.post(address, {"withdraw_reason": "双方和解"})
    assert done.location == f"/cases/{letter}"
    page = text(browser.get(f"/cases/{letter}"))
    assert "“撤诉”已办理，事项办结：撤诉办结。" in page
    assert "赵磊办理“撤诉”" in page
    assert "双方和解" in page


def test_an_action_that_somebody_else_was_quicker_with_keeps_what_was_typed(office: Office) -> None:
    letter = start_letter(office.bureau)
    first, second = office.browser("zhao.lei"), office.browser("chen.jing")
    address = f"/cases/{letter}/acts/letter/withdraw"
    first.post(address, {"withdraw_reason": "双方和解"})
    late = second.post(address, {"withdraw_reason": "我也撤"})
    assert late.status_code == 409
    assert "我也撤" in text(late)


def letter_with_its_clue_filed(bureau: Bureau) -> tuple[int, int]:
    """A letter whose clue was sent on, and the case that the message has started."""
    letter = start_letter(bureau)
    (row,) = bureau.open_tasks(letter)
    bureau.engine.complete(bureau.actor("chen.jing"), row.id, {"clue": "线索甲"})
    with bureau.database.read() as connection:
        sent = connection.execute(select(post.c.id).where(post.c.sender_id == letter)).scalar_one()
    bureau.engine.deliver(sent)
    with bureau.database.read() as connection:
        child = select(case_link.c.child_id).where(case_link.c.parent_id == letter)
        return letter, connection.execute(child).scalar_one()


def test_a_message_between_cases_is_told_on_both_pages(office: Office) -> None:
    letter, filed = letter_with_its_clue_filed(office.bureau)
    browser = office.browser("chen.jing")
    assert "消息“移交线索”已送 立〔2026〕1号" in text(browser.get(f"/cases/{letter}"))
    assert "由 来〔2026〕1号 的消息启动事项" in text(browser.get(f"/cases/{filed}"))


def test_a_case_on_nobodys_desk_shows_what_it_waits_for_wherever_it_is_listed(office: Office) -> None:
    bureau = office.bureau
    letter, filed = letter_with_its_clue_filed(bureau)
    browser = office.browser("chen.jing")
    for address in (f"/cases/{letter}", f"/cases/{filed}", "/cases", "/inbox?tab=started"):
        page = text(browser.get(address))
        assert "等待“回音”" in page, address
        assert "等 立〔2026〕1号 办出结果" in page, address
    bureau.engine.cancel(bureau.actor("liu.fang"), filed, "重复")
    assert "收到其他事项的消息时继续" in text(browser.get(f"/cases/{letter}"))
    bureau.engine.suspend(bureau.actor("liu.fang"), letter, "等上级")
    assert "等待“回音”" not in text(browser.get(f"/cases/{letter}"))


def exported(office: Office) -> tuple[dict[str, str], int]:
    """By number, where the exported register says that the case is; and the statements that it took."""
    browser = office.browser("liu.fang")
    with heard(office.bureau.database) as spoken:
        answer = browser.post("/register/export")
    _, headings, *lines = load_workbook(io.BytesIO(answer.data)).active.iter_rows(values_only=True)
    place = headings.index("现在在")
    return {line[0]: line[place] or "" for line in lines}, len(spoken.said)


def register_letter(bureau: Bureau, case: int) -> None:
    with bureau.database.write() as connection:
        keeping.keep(connection, SEAL_KEY, case, {}, bureau.time.now())


def test_the_exported_register_says_what_a_case_on_nobodys_desk_waits_for(office: Office) -> None:
    bureau = office.bureau
    on_a_desk = start_letter(bureau)
    waiting, _ = letter_with_its_clue_filed(bureau)
    resting, _ = letter_with_its_clue_filed(bureau)
    bureau.engine.suspend(bureau.actor("liu.fang"), resting, "等上级")
    for case in (on_a_desk, waiting, resting):
        register_letter(bureau, case)
    places, _ = exported(office)
    assert places == {
        "来〔2026〕1号": "办理（12315投诉举报中心·中心经办人（待领））",
        "来〔2026〕2号": "等待“回音”（等 立〔2026〕1号 办出结果）",
        "来〔2026〕3号": "",
    }
    page = text(office.browser("liu.fang").get("/register"))
    assert "等待“回音”" in page
    assert "等 立〔2026〕1号 办出结果" in page


def test_cases_that_wait_are_not_read_one_by_one_for_the_export(office: Office) -> None:
    register_letter(office.bureau, letter_with_its_clue_filed(office.bureau)[0])
    exported(office)
    _, before = exported(office)
    for _ in range(3):
        register_letter(office.bureau, letter_with_its_clue_filed(office.bureau)[0])
    places, after = exported(office)
    assert list(places.values()) == [f"等待“回音”（等 立〔2026〕{number}号 办出结果）" for number in (4, 3, 2, 1)]
    assert after == before


def test_an_export_shows_what_its_filters_chose_whatever_is_done_while_it_is_written(
    bureau_on_both: Bureau, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_linked(bureau_on_both)
    case, office = start_letter(bureau_on_both), Office(bureau_on_both, tmp_path)
    register_letter(bureau_on_both, case)

    def count_and_cancel(*given: Any) -> int:
        number = count(*given)
        bureau_on_both.engine.cancel(bureau_on_both.actor("liu.fang"), case, "重复")
        return number

    monkeypatch.setattr(listing, "count", count_and_cancel)
    places, _ = exported(office)
    assert places == {"来〔2026〕1号": "办理（12315投诉举报中心·中心经办人（待领））"}
