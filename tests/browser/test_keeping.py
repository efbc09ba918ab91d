"""What was typed is not lost: a session that ends, a file too large, a file of the wrong kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from handlers.people.demo_people import DEMO_PASSWORD
from tests.browser.visitor import PDF, Visitor, paper
from tests.support.cases import start_training

MEGABYTE = 1024 * 1024


def test_what_was_typed_before_the_session_ended_is_there_after_signing_in_again(
    sign_in: Callable[..., Any], backstage: Any
) -> None:
    office = sign_in("sun.yue", afresh=True)
    case = start_training(backstage, training_name="登录过期的培训")
    office.go(f"/tasks/{backstage.open_task(case).id}")
    office.choose("退回修改")
    office.page.get_by_label("批示").fill("课程与目的不符，请说明。")
    expect(office.page.locator("#draft-state")).to_contain_text("草稿已于")
    office.context.clear_cookies()
    office.press("提交")
    office.sees("登录已过期")
    office.page.get_by_label("用户名").fill("sun.yue")
    office.page.get_by_label("密码").fill(DEMO_PASSWORD)
    office.press("登录")
    office.heading("办公室审核")
    expect(office.page.get_by_label("批示")).to_have_value("课程与目的不符，请说明。")
    expect(office.page.get_by_role("radio", name="退回修改")).to_be_checked()
    office.submit("办公室审核")


def test_autosave_after_the_session_ended_leaves_the_typed_text_on_the_page(
    sign_in: Callable[..., Any], backstage: Any, allowed: set[int]
) -> None:
    allowed.add(401)
    office = sign_in("sun.yue", afresh=True)
    case = start_training(backstage, training_name="写到一半登录过期的培训")
    office.go(f"/tasks/{backstage.open_task(case).id}")
    office.context.clear_cookies()
    office.page.get_by_label("批示").fill("还没有保存过的意见")
    state = office.page.locator("#draft-state")
    expect(state).to_contain_text("登录已过期，请在新窗口登录后再保存，本页内容先不要关闭")
    expect(office.page.get_by_label("批示")).to_have_value("还没有保存过的意见")
    with office.context.expect_page() as opened:
        state.get_by_role("link", name="在新窗口登录").click()
    expect(opened.value.get_by_label("用户名")).to_be_visible()


def test_a_form_from_before_another_sign_in_is_sent_again_with_everything_typed(
    sign_in: Callable[..., Any], backstage: Any, allowed: set[int]
) -> None:
    # The old page keeps its draft by itself: refused as well, or before anybody has signed in again, told so.
    allowed.update({400, 401})
    office = sign_in("sun.yue", afresh=True)
    case = start_training(backstage, training_name="别处又登录的培训")
    office.go(f"/tasks/{backstage.open_task(case).id}")
    office.choose("退回修改")
    office.page.get_by_label("批示").fill("第一条\n“第二条” <b>")
    elsewhere = Visitor(office.context.new_page(), office.address)
    office.context.clear_cookies()
    elsewhere.go("/login")
    elsewhere.page.get_by_label("用户名").fill("sun.yue")
    elsewhere.page.get_by_label("密码").fill(DEMO_PASSWORD)
    elsewhere.press("登录")
    elsewhere.heading("待办")
    office.press("提交")
    office.heading("页面已过期，内容还没有提交")
    office.press("再提交一次")
    office.heading("已提交：办公室审核")
    office.follow("查看事项")
    expect(office.page.get_by_role("blockquote")).to_have_text("第一条\n“第二条” <b>")


def large_file(folder: Path, megabytes: int) -> Path:
    path = folder / f"录像资料{megabytes}.pdf"
    with path.open("wb") as file:
        file.write(PDF)
        file.truncate(megabytes * MEGABYTE)
    return path


def test_a_file_that_is_too_large_is_named_before_it_is_sent(sign_in: Callable[..., Any], tmp_path: Path) -> None:
    clerk = sign_in("zhao.lei")
    clerk.go("/cases/new/training")
    clerk.fill(place="局三楼会议室")
    files = clerk.field("plan_files")
    files.set_input_files(large_file(tmp_path, 40))
    clerk.press("提交")
    assert "“录像资料40.pdf”超过 20 MB" in files.evaluate("input => input.validationMessage")
    expect(clerk.page.get_by_role("alert")).to_have_count(0)
    files.set_input_files(paper("通知.pdf"))
    clerk.press("提交")
    expect(clerk.page.get_by_role("alert")).to_contain_text("处需要修改")
    expect(clerk.field("place")).to_have_value("局三楼会议室")
    expect(clerk.page.get_by_role("link", name="通知.pdf")).to_be_visible()


def test_a_file_of_40_megabytes_is_refused_with_a_sentence_and_the_form_stays(
    sign_in: Callable[..., Any], tmp_path: Path
) -> None:
    clerk = sign_in("zhao.lei", afresh=True, java_script_enabled=False)
    clerk.go("/cases/new/training")
    clerk.fill(training_name="附件过大的培训", place="局三楼会议室")
    clerk.field("plan_files").set_input_files(large_file(tmp_path, 40))
    clerk.press("提交")
    expect(clerk.page.get_by_role("alert")).to_contain_text(
        "“录像资料40.pdf”超过 20 MB，不能上传。请压缩或拆分后再上传。"
    )
    expect(clerk.field("training_name")).to_have_value("附件过大的培训")
    expect(clerk.field("place")).to_have_value("局三楼会议室")


def test_a_request_beyond_the_limit_is_answered_with_a_sentence_and_the_draft_stays(
    sign_in: Callable[..., Any], tmp_path: Path
) -> None:
    clerk = sign_in("zhao.lei", afresh=True, java_script_enabled=False)
    clerk.go("/cases/new/odr_application")
    clerk.fill(company_name="附件太多的公司")
    clerk.press("保存草稿")
    clerk.sees("草稿已保存")
    clerk.field("other_files").set_input_files(large_file(tmp_path, 60))
    clerk.press("提交")
    clerk.sees("文件过大", "请压缩或拆分后再上传")
    clerk.follow("回到填写页面")
    expect(clerk.field("company_name")).to_have_value("附件太多的公司")
    clerk.press("清除草稿")


def test_a_program_that_is_called_a_pdf_is_refused_and_the_form_stays(sign_in: Callable[..., Any]) -> None:
    clerk = sign_in("chen.jing")
    clerk.go("/cases/new/training")
    clerk.fill(training_name="附件不对的培训")
    clerk.field("plan_files").set_input_files([paper("程序.pdf", b"MZ" + bytes(200)), paper("通知.pdf")])
    clerk.press("提交")
    expect(clerk.page.get_by_role("alert")).to_contain_text("“程序.pdf”")
    expect(clerk.field("training_name")).to_have_value("附件不对的培训")
    expect(clerk.page.get_by_role("link", name="通知.pdf")).to_be_visible()
    clerk.page.once("dialog", lambda dialog: dialog.accept())
    clerk.press("清除草稿")
