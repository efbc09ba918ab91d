"""The file of a case on its pages: notes, corrections, personal data, deliveries, evidence."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from sqlalchemy import select, update

from handlers.files.file_store import FileStore
from handlers.store.tables import attachment, instance, letter, personal_view
from tests.support.bureau import Bureau
from tests.support.office import Office, text, upload
from tests.support.visit import ADDRESS, CARD, MASKED, NAME, PHONE, do, install_visit, kept, start_visit


@pytest.fixture
def office(bureau: Bureau, tmp_path: Path) -> Office:
    with bureau.database.write() as connection:
        install_visit(connection, bureau)
    return Office(bureau, tmp_path)


def shows_nothing_real(page: str) -> bool:
    return [value for value in (NAME, PHONE, CARD, ADDRESS) if value in page] == []


def letter_of(office: Office) -> tuple[int, int]:
    bureau, case = office.bureau, start_visit(office.bureau)
    sha256 = FileStore(office.services.settings.files).put(b"the letter")
    do(bureau, case, no_contact=False, person_phone=PHONE, subject="饮水机漏电")
    with bureau.database.write() as connection:
        connection.execute(update(letter).values(state="ready", sha256=sha256))
        return case, connection.execute(select(letter.c.id)).scalar_one()


# --- masks on every page ----------------------------------------------------------------------------------------------


def test_a_visitor_received_in_the_browser_is_masked_on_every_page(office: Office) -> None:
    browser = office.browser("chen.jing")
    form = {"subject": "漏电", "person_name": NAME, "person_phone": PHONE, "person_id": CARD, "person_address": ADDRESS}
    assert browser.post("/cases/new/visit", form).status_code == 302
    with office.bureau.database.read() as connection:
        case = connection.execute(select(instance.c.id)).scalar_one()
    task = office.bureau.open_task(case).id
    for person in ("chen.jing", "zhao.lei", "liu.fang", "observer"):
        for address in (f"/cases/{case}", "/cases", f"/tasks/{task}", "/?tab=pool", f"/cases/{case}/letters"):
            page = text(office.browser(person).get(address))
            assert shows_nothing_real(page), f"{person} {address}"
    page = text(browser.get(f"/tasks/{task}"))
    assert MASKED["person_phone"] in page
    assert kept(office.bureau, case)["person_phone"] == PHONE


def test_the_task_form_takes_the_masked_text_as_unchanged_and_checks_a_new_one(office: Office) -> None:
    case = start_visit(office.bureau)
    task, browser = office.bureau.open_task(case).id, office.browser("chen.jing")
    address, form = f"/tasks/{task}/complete", {"subject": "漏电"}
    wrong = browser.post(address, form | {"person_phone": "1381234"})
    assert wrong.status_code == 422
    assert "电话号码不对" in text(wrong)
    half = browser.post(address, form | {"person_phone": "138****1111"})
    assert "不修改请保持原样" in text(half)
    assert browser.post(address, form | {"person_phone": MASKED["person_phone"]}).status_code == 302
    assert kept(office.bureau, case)["person_phone"] == PHONE


# --- looking at personal data -----------------------------------------------------------------------------------------


def test_real_values_are_shown_once_after_a_purpose(office: Office) -> None:
    case = start_visit(office.bureau)
    browser, address = office.browser("zhao.lei"), f"/cases/{case}/personal"
    assert "查看个人信息" in text(browser.get(f"/cases/{case}"))
    first = text(browser.get(address))
    assert MASKED["person_name"] in first
    assert shows_nothing_real(first)
    page = text(browser.post(address, {"purpose": "other", "other": "上级督办核对"}))
    assert all(value in page for value in (NAME, PHONE, CARD, ADDRESS))
    assert shows_nothing_real(text(browser.get(address)))
    history = text(browser.get(f"/cases/{case}"))
    assert "查看个人信息（" in history
    assert "上级督办核对" in history
    with office.bureau.database.read() as connection:
        assert connection.execute(select(personal_view.c.purpose)).scalars().all() == ["上级督办核对"]


@pytest.mark.parametrize(
    ("sent", "field", "sentence"),
    [({}, "purpose", "请选择查看的用途。"), ({"purpose": "other", "other": " "}, "other", "请写明用途。")],
)
def test_a_look_without_a_purpose_says_so_at_the_field_and_in_the_summary(
    office: Office, sent: dict[str, str], field: str, sentence: str
) -> None:
    case = start_visit(office.bureau)
    answer = office.browser("zhao.lei").post(f"/cases/{case}/personal", sent)
    assert answer.status_code == 422
    tree = lxml.html.document_fromstring(text(answer))
    (summary,) = tree.xpath("//*[@data-error-summary]")
    assert "有 1 处需要修改" in summary.text_content()
    assert [(link.get("href"), link.text) for link in summary.iter("a")] == [(f"#{field}", sentence)]
    assert len(tree.xpath(f"//*[@id='{field}']")) == 1
    (beside,) = tree.xpath(f"//*[@id='{field}-error']")
    assert beside.text.strip() == sentence
    assert shows_nothing_real(text(answer))


@pytest.mark.parametrize(
    ("page", "sent", "problems"),
    [
        ("note", {}, [("#text", "请写明记事内容。")]),
        ("correct/subject", {"subject": ""}, [("#f-subject", "请填写“事由”。"), ("#reason", "请写明更正的理由。")]),
    ],
)
def test_the_small_forms_of_a_case_sum_up_what_is_wrong(
    office: Office, page: str, sent: dict[str, str], problems: list[tuple[str, str]]
) -> None:
    case = start_visit(office.bureau)
    browser = office.browser("chen.jing")
    assert "data-error-summary" not in text(browser.get(f"/cases/{case}/{page}"))
    tree = lxml.html.document_fromstring(text(browser.post(f"/cases/{case}/{page}", sent)))
    (summary,) = tree.xpath("//*[@data-error-summary]")
    assert [(link.get("href"), link.text) for link in summary.iter("a")] == problems
    assert all(tree.xpath(f"//*[@id='{leads_to[1:]}']") for leads_to, _ in problems)


@pytest.mark.parametrize("page", ["personal", "note", "correct", "correct/subject"])
@pytest.mark.parametrize(
    ("who", "status"),
    [("observer", 403), ("owner", 403), ("gao.feng", 403), ("he.min", 404), ("liu.fang", 200), ("chen.jing", 200)],
)
def test_who_only_sees_the_case_gets_no_further(office: Office, who: str, status: int, page: str) -> None:
    case = start_visit(office.bureau)
    browser = office.browser(who)
    assert browser.get(f"/cases/{case}/{page}").status_code == status
    if status == 403:
        assert "查看个人信息" not in text(browser.get(f"/cases/{case}"))


def test_a_case_without_personal_data_offers_no_look(office: Office) -> None:
    case = start_visit(office.bureau, person_name="", person_phone="", person_id="", person_address="")
    browser = office.browser("chen.jing")
    assert "查看个人信息" not in text(browser.get(f"/cases/{case}"))
    assert browser.get(f"/cases/{case}/personal").status_code == 404


def test_the_administrator_finds_who_looked(office: Office) -> None:
    case = start_visit(office.bureau)
    office.bureau.engine.reveal(office.bureau.actor("zhao.lei"), case, "核实身份")
    browser = office.browser("admin")
    number = office.bureau.case(case).number
    page = text(browser.get("/admin/personal-views"))
    assert all(words in page for words in ("赵磊", "核实身份", number))
    zhao = office.bureau.actor("zhao.lei").account_id
    assert "核实身份" in text(browser.get(f"/admin/personal-views?person={zhao}&since=2026-03-02&until=2026-03-02"))
    assert "没有符合条件的记录" in text(browser.get("/admin/personal-views?since=2026-03-03"))
    assert "没有符合条件的记录" in text(browser.get("/admin/personal-views?number=%E6%97%A0&until=x"))
    assert "共有 1 条，请从第一页看起" in text(browser.get("/admin/personal-views?page=2"))


def test_before_anybody_looked_the_list_of_looks_says_what_will_stand_there(office: Office) -> None:
    page = text(office.browser("admin").get("/admin/personal-views"))
    assert "没有查看记录" in page
    assert "清除条件" not in page


# --- notes and evidence -----------------------------------------------------------------------------------------------


def test_a_note_with_a_file_stands_in_the_history_and_the_file_with_type_size_and_hash(office: Office) -> None:
    case, browser = start_visit(office.bureau), office.browser("chen.jing")
    data = {"text": "约定周五到场查看", "upload:note_files": upload("录音说明.pdf")}
    assert browser.post(f"/cases/{case}/note", data).status_code == 302
    page = text(browser.get(f"/cases/{case}"))
    assert "陈静记事，附件：录音说明.pdf" in page
    assert "约定周五到场查看" in page
    with office.bureau.database.read() as connection:
        row = connection.execute(select(attachment)).one()
    assert row.instance_id == case
    assert all(words in page for words in (row.sha256, "application/pdf", "1 KB"))
    assert browser.get(f"/files/{row.id}").status_code == 200
    assert office.browser("he.min").get(f"/files/{row.id}").status_code == 404


def test_a_refused_file_or_an_empty_note_keeps_what_was_typed_and_uploaded(office: Office) -> None:
    case, browser = start_visit(office.bureau), office.browser("chen.jing")
    refused = browser.post(f"/cases/{case}/note", {"text": "见附件", "upload:note_files": upload("a.exe", b"MZ")})
    assert refused.status_code == 409
    assert "见附件" in text(refused)
    empty = text(browser.post(f"/cases/{case}/note", {"text": "", "upload:note_files": upload("照片说明.pdf")}))
    assert "请写明记事内容" in empty
    number = empty.partition('name="note_files" value="')[2].partition('"')[0]
    assert browser.post(f"/cases/{case}/note", {"text": "补上", "note_files": number}).status_code == 302
    assert "附件：照片说明.pdf" in text(browser.get(f"/cases/{case}"))


def test_each_download_of_an_attachment_is_on_the_list_of_looks_with_person_case_and_file(office: Office) -> None:
    case, browser = start_visit(office.bureau), office.browser("chen.jing")
    assert (
        browser.post(f"/cases/{case}/note", {"text": "见附件", "upload:note_files": upload("聊天截图.pdf")}).status_code
        == 302
    )
    for who, status in (("zhao.lei", 200), ("observer", 200), ("he.min", 404)):
        assert office.browser(who).get("/files/1").status_code == status
    page = text(office.browser("admin").get("/admin/personal-views"))
    assert page.count("下载附件 聊天截图.pdf") == 2
    rows = page.partition("<tbody>")[2]
    assert office.bureau.case(case).number in rows
    assert "赵磊" in rows
    assert "何敏" not in rows


def test_a_file_that_is_not_submitted_yet_or_lost_leaves_no_row(office: Office) -> None:
    case, browser = start_visit(office.bureau), office.browser("chen.jing")
    browser.post(f"/cases/{case}/note", {"text": "", "upload:note_files": upload("一.pdf")})
    assert browser.get("/files/1").status_code == 200
    browser.post(f"/cases/{case}/note", {"text": "见附件", "note_files": "1"})
    with office.bureau.database.write() as connection:
        connection.execute(update(attachment).values(sha256="0" * 64))
    assert browser.get("/files/1").status_code == 404
    with office.bureau.database.read() as connection:
        assert connection.execute(select(personal_view)).all() == []


# --- corrections ------------------------------------------------------------------------------------------------------


def test_a_value_is_corrected_by_the_rules_of_its_form(office: Office) -> None:
    case, browser = start_visit(office.bureau), office.browser("chen.jing")
    chooser = text(browser.get(f"/cases/{case}/correct"))
    assert f"/cases/{case}/correct/person_phone" in chooser
    assert "visit_proof" not in chooser
    address = f"/cases/{case}/correct/person_id"
    assert "校验位不对" in text(browser.post(address, {"person_id": "110105194912310021", "reason": "写错"}))
    missing = text(browser.post(address, {"person_id": "440524188001010014", "reason": ""}))
    assert "请写明更正的理由" in missing
    assert "440524188001010014" in missing
    same = browser.post(address, {"person_id": MASKED["person_id"], "reason": "核对"})
    assert same.status_code == 409
    assert browser.post(address, {"person_id": "440524188001010014", "reason": "写错"}).status_code == 302
    assert kept(office.bureau, case)["person_id"] == "440524188001010014"
    page = text(browser.get(f"/cases/{case}"))
    assert f"陈静更正“身份证号码”：{MASKED['person_id']} → 4405**********0014" in page


def test_what_may_be_corrected_is_folded_by_form_with_what_has_no_answer_in_one_line(office: Office) -> None:
    case, browser = start_visit(office.bureau, respondent_name=""), office.browser("chen.jing")

    def forms() -> list[tuple[str, str, str]]:
        page = text(browser.get(f"/cases/{case}/correct"))
        return re.findall(r'<details class="summary-part"( open)?>\s*<summary>([^<]+)<span[^>]*>（([^）]+)）', page)

    assert forms() == [(" open", "visit_entry", "7 项")]
    page = text(browser.get(f"/cases/{case}/correct"))
    answered, blank = page.split("没有填写或没有勾选的")
    assert re.findall(r"<dt>([^<]+)</dt>", answered) == ["事由", "姓名", "联系电话", "身份证号码", "住址"]
    assert "饮水机漏电" in answered
    for field, label in (("no_contact", "无联系方式"), ("respondent_name", "被反映单位")):
        assert f'<a href="/cases/{case}/correct/{field}">{label}</a>' in blank
    do(office.bureau, case, no_contact=False, person_phone=PHONE, subject="饮水机漏电")
    assert forms() == [("", "visit_entry", "4 项"), ("", "visit_verify", "3 项")]


def test_only_the_value_that_was_opened_is_taken(office: Office) -> None:
    case, browser = start_visit(office.bureau), office.browser("chen.jing")
    page = text(browser.get(f"/cases/{case}/correct/subject"))
    assert re.findall(r'name="([a-z_]+)" id="f-', page) == ["subject"]
    sent = {"subject": "新事由", "person_phone": "13900001111", "respondent_name": "", "reason": "错"}
    assert browser.post(f"/cases/{case}/correct/subject", sent).status_code == 302
    assert kept(office.bureau, case)["person_phone"] == PHONE
    assert office.bureau.case(case).facts["respondent_name"] == "示范商贸有限公司"


def test_a_required_value_cannot_be_corrected_away_and_others_stay(office: Office) -> None:
    case, browser = start_visit(office.bureau), office.browser("chen.jing")
    assert browser.post(f"/cases/{case}/correct/subject", {"subject": " ", "reason": "错"}).status_code == 422
    assert browser.post(f"/cases/{case}/correct/subject", {"subject": "新事由", "reason": "错"}).status_code == 302
    facts: dict[str, Any] = office.bureau.case(case).facts
    assert facts["subject"] == "新事由"
    assert {key: facts[key] for key in MASKED} == MASKED


def test_a_box_is_corrected_and_what_it_hides_is_no_longer_offered(office: Office) -> None:
    case, browser = start_visit(office.bureau), office.browser("chen.jing")
    address = f"/cases/{case}/correct/no_contact"
    assert browser.post(address, {"reason": "核对"}).status_code == 409
    assert browser.post(address, {"no_contact": "true", "reason": "号码无人接听"}).status_code == 302
    assert office.bureau.case(case).facts["no_contact"] is True
    assert "correct/person_phone" not in text(browser.get(f"/cases/{case}/correct"))
    assert browser.get(f"/cases/{case}/correct/person_phone").status_code == 404
    assert "更正“无联系方式”：否 → 是" in text(browser.get(f"/cases/{case}"))


def test_a_colleague_is_offered_no_correction_and_a_closed_case_none_to_anybody(office: Office) -> None:
    case = start_visit(office.bureau)
    assert "没有您可以更正的内容" in text(office.browser("zhao.lei").get(f"/cases/{case}/correct"))
    assert office.browser("zhao.lei").get(f"/cases/{case}/correct/subject").status_code == 404
    office.bureau.engine.cancel(office.bureau.actor("liu.fang"), case, "重复")
    page = text(office.browser("liu.fang").get(f"/cases/{case}"))
    assert "记事" in page
    assert f"/cases/{case}/correct" not in page


# --- deliveries -------------------------------------------------------------------------------------------------------


def test_a_letter_is_undelivered_until_its_delivery_is_recorded(office: Office) -> None:
    case, number = letter_of(office)
    browser, address = office.browser("chen.jing"), f"/letters/{number}/delivery"
    assert "未送达" in text(browser.get(f"/cases/{case}"))
    assert browser.get(address).status_code == 200
    form = {"way": "platform", "delivered_on": "2026-03-02", "recipient": "投诉人", "proof": "平台回执 20260302-7"}
    assert "不能晚于今天" in text(browser.post(address, form | {"delivered_on": "2026-03-03"}))
    assert "请选择送达方式" in text(browser.post(address, form | {"way": ""}))
    assert browser.post(address, form).status_code == 302
    page = text(browser.get(f"/cases/{case}"))
    assert "2026-03-02 平台告知：投诉人" in page
    assert "平台回执 20260302-7" in page
    assert "未送达" not in page


def test_a_letter_that_stays_in_the_office_says_nothing_of_delivery(office: Office) -> None:
    case, number = letter_of(office)
    with office.bureau.database.write() as connection:
        said = connection.execute(select(letter.c.context)).scalar_one()
        assert said["goes_out"] is True
        connection.execute(update(letter).values(context=said | {"goes_out": False}))
    browser = office.browser("chen.jing")
    page = text(browser.get(f"/cases/{case}"))
    assert f"/letters/{number}" in page
    assert "未送达" not in page
    assert "登记送达" not in page
    assert browser.get(f"/letters/{number}/delivery").status_code == 404


def test_only_who_sees_the_case_gets_its_letter_and_only_who_works_on_it_records_delivery(office: Office) -> None:
    case, number = letter_of(office)
    for who, download, record in (("he.min", 404, 404), ("observer", 403, 403), ("zhao.lei", 200, 200)):
        browser = office.browser(who)
        assert browser.get(f"/letters/{number}").status_code == download
        answer = browser.get(f"/letters/{number}/delivery")
        assert answer.status_code == record
        assert ("只有经办此事项的人" in text(answer)) == (record == 403)
    assert "登记送达" not in text(office.browser("observer").get(f"/cases/{case}"))


# --- letters ----------------------------------------------------------------------------------------------------------


def test_a_letter_that_says_who_complained_is_for_those_who_work_on_the_case_and_each_download_is_written_down(
    office: Office,
) -> None:
    case, number = letter_of(office)
    refused = office.browser("observer").get(f"/letters/{number}")
    assert refused.status_code == 403
    assert "这份文书写有个人信息" in text(refused)
    for _ in range(2):
        assert office.browser("chen.jing").get(f"/letters/{number}").status_code == 200
    assert office.browser("liu.fang").get(f"/letters/{number}").status_code == 200
    with office.bureau.database.read() as connection:
        looks = connection.execute(select(personal_view).order_by(personal_view.c.id)).all()
    assert [row.account_id for row in looks] == [
        office.bureau.actor(who).account_id for who in ("chen.jing", "chen.jing", "liu.fang")
    ]
    assert {row.instance_id for row in looks} == {case}
    assert "person_phone" in looks[0].fields
    assert looks[0].purpose.startswith("下载文书 ")


def test_a_letter_without_personal_data_is_for_all_who_see_the_case(office: Office) -> None:
    bureau, case = office.bureau, start_visit(office.bureau, person_name="", person_id="", person_address="")
    do(bureau, case, no_contact=True, person_phone="", subject="饮水机漏电")
    sha256 = FileStore(office.services.settings.files).put(b"the letter")
    with bureau.database.write() as connection:
        connection.execute(update(letter).values(state="ready", sha256=sha256))
        number = connection.execute(select(letter.c.id)).scalar_one()
    assert office.browser("observer").get(f"/letters/{number}").status_code == 200
    with bureau.database.read() as connection:
        (look,) = connection.execute(select(personal_view)).all()
    assert look.fields == []
