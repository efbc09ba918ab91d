"""Starting a case: choosing, filling in, uploading, and never losing what was typed."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from handlers.store.tables import attachment, draft, instance
from processes.engine.diagrams.model import Binding, Node, Process
from processes.engine.language.decision_tables import read_dmn
from tests.support.answers import plan_form
from tests.support.bureau import Bureau
from tests.support.office import Office, text, upload
from webapp.cases.catalogue import approval_levels


@pytest.fixture
def office(bureau: Bureau, tmp_path: Path) -> Office:
    return Office(bureau, tmp_path)


def attachments(office: Office) -> list[tuple[str, str, int | None]]:
    with office.bureau.database.read() as connection:
        rows = connection.execute(select(attachment).order_by(attachment.c.id))
        return [(row.filename, row.field, row.instance_id) for row in rows]


def test_only_procedures_of_ones_own_roles_can_be_started(office: Office) -> None:
    page = text(office.browser("chen.jing").get("/cases/new"))
    assert "/cases/new/training" in page
    other = office.browser("wang.jianguo")
    assert "没有您可以发起的流程" in text(other.get("/cases/new"))
    assert other.get("/cases/new/training").status_code == 403
    assert other.get("/cases/new/nothing").status_code == 404


def test_a_card_names_the_levels_of_approval_that_the_table_in_force_lists(office: Office) -> None:
    page = text(office.browser("chen.jing").get("/cases/new"))
    assert "<dt>职责边界</dt>" in page
    assert "<dt>审批</dt><dd>办公室审核→领导审批</dd>" in page


TABLE = files("processes").joinpath("approval/approval_chain.dmn").read_bytes()


@pytest.mark.parametrize(
    ("matter", "kind", "table", "levels"),
    [
        ("'odr_admission'", "''", TABLE, "办公室审核→领导审批"),
        ("'odr_admission'", "''", TABLE.replace(b'"centre_only"</text>', b"-</text>"), "中心负责人审批"),
        ("'odr_admission'", "asked_in_the_form", TABLE, "办公室审核→领导审批"),
        ("asked_in_the_form", "''", TABLE, ""),
        ("'training'", "''", TABLE.replace(b"<text>kind</text>", b"<text>people_count</text>"), ""),
    ],
)
def test_the_levels_follow_the_table_and_are_left_out_where_nobody_can_know(
    matter: str, kind: str, table: bytes, levels: str
) -> None:
    call = Node(
        id="approve",
        name="审批",
        kind="callActivity",
        process="p",
        called="approval_chain",
        inputs=(Binding("matter", matter), Binding("kind", kind)),
    )
    release = SimpleNamespace(tables={"approval_chain": read_dmn(table, "approval_chain.dmn")})
    process = Process("p", "p", {}, "", "", {"approve": call}, {})
    assert approval_levels(release, process) == levels


def test_submitting_the_first_form_starts_the_case_and_says_what_is_next(office: Office) -> None:
    browser = office.browser("chen.jing")
    answer = browser.post("/cases/new/training", plan_form())
    assert answer.status_code == 302, text(answer)
    assert "办公室审核" in text(browser.get(answer.headers["Location"]))
    with office.bureau.database.read() as connection:
        row = connection.execute(select(instance)).one()
    assert (row.title, row.facts["people_count"]) == ("12315平台操作培训", 40)


def test_the_registration_of_a_letter_starts_with_the_present_moment_which_can_be_changed_or_taken_out(
    office: Office,
) -> None:
    browser, address = office.browser("he.min"), "/cases/new/intake"
    moment = '<input type="datetime-local" class="form-control" name="received_at" id="f-received_at" value="{}"'
    assert moment.format("2026-03-02T09:30") in text(browser.get(address))
    assert browser.post(f"{address}/draft", {"received_at": "2026-03-01T17:05"}).status_code == 302
    assert moment.format("2026-03-01T17:05") in text(browser.get(address))
    emptied = browser.post(address, {"received_at": ""})
    assert "请填写“收到时间”" in text(emptied)


def test_what_was_typed_comes_back_with_its_errors_even_when_nobody_can_read_it(office: Office) -> None:
    browser = office.browser("chen.jing")
    answer = browser.post("/cases/new/training", plan_form(people_count="四十来个", training_name=""))
    assert answer.status_code == 422
    for page in (text(answer), text(browser.get("/cases/new/training"))):
        assert "四十来个" in page
        assert "局三楼会议室" in page
    assert "有草稿" in text(browser.get("/cases/new"))
    browser.post("/cases/new/training/draft/drop")
    assert "四十来个" not in text(browser.get("/cases/new/training"))


def test_a_row_button_works_without_javascript(office: Office) -> None:
    browser = office.browser("chen.jing")
    page = text(browser.post("/cases/new/training", plan_form(_row="add:courses")))
    assert 'name="courses-1-course_content"' in page
    assert "data-error-summary" not in page


def test_an_upload_is_kept_when_the_form_has_errors_and_goes_to_the_case_when_submitted(office: Office) -> None:
    browser = office.browser("chen.jing")
    answer = browser.post(
        "/cases/new/training",
        plan_form() | {"people_count": "", "upload:plan_files": upload("培训方案.pdf")},
    )
    assert answer.status_code == 422
    assert "培训方案.pdf" in text(answer)
    assert attachments(office) == [("培训方案.pdf", "plan_files", None)]
    browser.post("/cases/new/training", plan_form(plan_files="1"))
    assert attachments(office) == [("培训方案.pdf", "plan_files", 1)]
    file = browser.get("/files/1")
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert "filename*=UTF-8''%E5%9F%B9" in file.headers["Content-Disposition"]
    assert office.browser("wang.jianguo").get("/files/1").status_code == 200
    assert office.browser("zhao.lei").get("/files/1").status_code == 404


def test_a_file_of_the_wrong_kind_is_refused_beside_its_field(office: Office) -> None:
    browser = office.browser("chen.jing")
    answer = browser.post("/cases/new/training", plan_form() | {"upload:plan_files": upload("页面.html", b"<script>")})
    assert answer.status_code == 422
    assert "格式不能上传" in text(answer)
    assert attachments(office) == []
    answer = browser.post("/cases/new/training", plan_form() | {"upload:plan_files": upload("假.pdf", b"MZ")})
    assert "内容不是 pdf 格式" in text(answer)


def test_a_file_above_twenty_megabytes_gets_a_clear_sentence_and_nothing_typed_is_lost(office: Office) -> None:
    browser = office.browser("chen.jing")
    big = upload("录像.pdf", b"%PDF-1.7" + bytes(21 * 1024 * 1024))
    answer = browser.post("/cases/new/training", plan_form() | {"upload:plan_files": big})
    assert answer.status_code == 422
    assert "超过 20 MB" in text(answer)
    assert "局三楼会议室" in text(answer)


def test_nobody_can_name_a_file_that_somebody_else_uploaded(office: Office) -> None:
    office.browser("zhao.lei").post("/cases/new/training/draft", {"upload:plan_files": upload("赵磊的.pdf")})
    answer = office.browser("chen.jing").post("/cases/new/training", plan_form(plan_files="1"))
    assert answer.status_code == 422
    assert office.browser("chen.jing").get("/files/1").status_code == 404


def test_a_draft_of_a_new_case_belongs_to_one_person(office: Office) -> None:
    office.browser("chen.jing").post("/cases/new/training/draft", {"training_name": "陈静的培训"})
    assert "陈静的培训" not in text(office.browser("zhao.lei").get("/cases/new/training"))
    with office.bureau.database.read() as connection:
        assert connection.execute(select(draft.c.subject)).scalars().all() == ["start:training"]
