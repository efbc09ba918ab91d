"""The page of a task: the form, its draft, submitting it, and losing a race."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from handlers.store.tables import draft, instance, submission, task
from tests.support.bureau import Bureau
from tests.support.cases import decide, start_training
from tests.support.office import Office, text
from tests.support.warned import publish_warned


@pytest.fixture
def office(bureau: Bureau, tmp_path: Path) -> Office:
    return Office(bureau, tmp_path)


def open_task_id(office: Office, case: int) -> int:
    return int(office.bureau.open_task(case).id)


def drafts(office: Office) -> dict[str, dict[str, list[str]]]:
    with office.bureau.database.read() as connection:
        return {row.subject: row._mapping["values"] for row in connection.execute(select(draft))}


def test_the_task_page_shows_form_facts_reason_clause_history_and_drawing(office: Office) -> None:
    case = start_training(office.bureau)
    page = text(office.browser("wang.jianguo").get(f"/tasks/{open_task_id(office, case)}"))
    for words in (
        "审批意见",
        "12315平台操作培训",
        "熟悉全国12315平台新版操作",
        "为什么到这里",
        "决策表《",
        "信息表5.1",
        "陈静发起事项",
        f"/cases/{case}/diagram?scope=approval_chain",
        "步骤表",
        "保存草稿",
    ):
        assert words in page, words


def test_completing_says_what_happens_next_and_offers_the_next_task(office: Office) -> None:
    first, second = start_training(office.bureau), start_training(office.bureau, training_name="第二个培训")
    browser = office.browser("wang.jianguo")
    following = open_task_id(office, second)
    assert browser.post(f"/tasks/{following}/claim").status_code == 302
    task_id = open_task_id(office, first)
    answer = browser.post(f"/tasks/{task_id}/complete", {"decision": "agree", "comment": "同意。"})
    assert answer.headers["Location"] == f"/tasks/{task_id}/done"
    page = text(browser.get(answer.headers["Location"]))
    assert "领导审批" in page
    assert "意见：<strong>同意</strong>" in page
    assert f'href="/tasks/{following}"' in page


def test_a_finished_task_names_who_did_it_and_is_late_no_more(office: Office) -> None:
    case = start_training(office.bureau)
    task_id = open_task_id(office, case)
    browser = office.browser("wang.jianguo")
    assert "<dt>办理人</dt><dd>待领取</dd>" in text(browser.get(f"/tasks/{task_id}"))
    browser.post(f"/tasks/{task_id}/complete", {"decision": "agree", "comment": "同意。"})
    page = text(browser.get(f"/tasks/{task_id}"))
    assert "<dt>办理人</dt><dd>王建国</dd>" in page
    assert re.search(r"<dt>期限</dt><dd>\d{4}-\d\d-\d\d</dd>", page)


def test_errors_stand_beside_the_field_and_at_the_top_and_the_typed_text_is_kept(office: Office) -> None:
    case = start_training(office.bureau)
    task_id = open_task_id(office, case)
    answer = office.browser("wang.jianguo").post(f"/tasks/{task_id}/complete", {"decision": "return", "comment": " "})
    page = text(answer)
    assert answer.status_code == 422
    assert page.count("请填写") >= 2
    assert "data-error-summary" in page
    assert drafts(office)[f"task:{task_id}"]["decision"] == ["return"]


def test_a_draft_is_kept_per_person_shown_again_and_gone_after_submission(office: Office) -> None:
    case = start_training(office.bureau)
    task_id = open_task_id(office, case)
    wang, sun = office.browser("wang.jianguo"), office.browser("sun.yue")
    wang.post(f"/tasks/{task_id}/draft", {"decision": "refuse", "comment": "王的草稿"})
    sun.post(f"/tasks/{task_id}/draft", {"comment": "孙的草稿"})
    assert "王的草稿" in text(wang.get(f"/tasks/{task_id}"))
    assert "王的草稿" not in text(sun.get(f"/tasks/{task_id}"))
    assert "有草稿" in text(wang.get("/inbox?tab=pool"))
    wang.post(f"/tasks/{task_id}/complete", {"decision": "agree", "comment": ""})
    assert list(drafts(office).values()) == [{"comment": ["孙的草稿"]}]


def test_a_draft_is_there_again_when_its_step_opens_again_after_the_leaders(office: Office) -> None:
    bureau, zhao = office.bureau, office.browser("zhao.lei")
    publish_warned(bureau)
    case = bureau.engine.start(bureau.actor("zhao.lei"), "warned", {"subject": "低"}).instance_id
    zhao.post(f"/tasks/{open_task_id(office, case)}/draft", {"subject": "写了一半的答复"})
    bureau.time.advance(timedelta(hours=1))
    bureau.engine.act(bureau.actor("zhao.lei"), case, "warned", "again", {"subject": "高"})
    bureau.time.advance(timedelta(hours=1))
    bureau.engine.complete(bureau.actor("chen.jing"), open_task_id(office, case), {"subject": "请抓紧"})
    again = f"/tasks/{open_task_id(office, case)}"
    assert "写了一半的答复" not in text(office.browser("chen.jing").get(again))
    assert "写了一半的答复" in text(zhao.get(again))
    assert list(drafts(office)) == [f"task:{open_task_id(office, case)}"]
    zhao.post(f"{again}/draft/drop")
    assert "写了一半的答复" not in text(zhao.get(again))


def test_autosave_answers_with_a_line_and_not_with_a_page(office: Office) -> None:
    case = start_training(office.bureau)
    task_id = open_task_id(office, case)
    answer = office.browser("wang.jianguo").post(
        f"/tasks/{task_id}/draft", {"comment": "写到一半"}, headers={"HX-Request": "true"}
    )
    assert "自动保存" in text(answer)
    assert "<html" not in text(answer)


def test_autosave_after_the_session_ended_says_so_and_leaves_the_page_open(office: Office) -> None:
    case = start_training(office.bureau)
    task_id = open_task_id(office, case)
    stranger = office.browser("wang.jianguo")
    stranger.post("/logout")
    linked, action = f"/cases/{case}/open/extension/draft", f"/cases/{case}/acts/training/withdraw/draft"
    for address in (f"/tasks/{task_id}/draft", "/cases/new/training/draft", linked, action):
        answer = stranger.post(address, {"comment": "写到一半"}, headers={"HX-Request": "true"})
        assert answer.status_code == 401
        assert "HX-Redirect" not in answer.headers
        assert "登录已过期" in text(answer)
        assert 'href="/login" target="_blank"' in text(answer)
        assert "<html" not in text(answer)
    assert "刚才的内容没有提交" not in text(stranger.get("/login"))


def test_the_loser_of_a_race_learns_who_when_and_what_and_keeps_the_typed_text(office: Office) -> None:
    case = start_training(office.bureau)
    task_id = open_task_id(office, case)
    browser = office.browser("sun.yue")
    assert "审批意见" in text(browser.get(f"/tasks/{task_id}"))
    decide(office.bureau, case, "wang.jianguo", "refuse", "今年不再安排。")
    answer = browser.post(f"/tasks/{task_id}/complete", {"decision": "agree", "comment": "同意，请抓紧。"})
    page = text(answer)
    assert answer.status_code == 409
    for words in ("已由他人办理", "王建国", "否决", "2026-03-02 09:30", "同意，请抓紧。"):
        assert words in page, words
    assert drafts(office)[f"task:{task_id}"]["comment"] == ["同意，请抓紧。"]
    with office.bureau.database.read() as connection:
        done = connection.execute(select(func.count()).select_from(submission).where(submission.c.task_id == task_id))
        assert done.scalar_one() == 1


def test_a_suspended_case_refuses_but_keeps_what_was_typed(office: Office) -> None:
    case = start_training(office.bureau)
    task_id = open_task_id(office, case)
    office.bureau.engine.suspend(office.bureau.actor("liu.fang"), case, "等待通知")
    answer = office.browser("wang.jianguo").post(f"/tasks/{task_id}/complete", {"decision": "agree", "comment": "好"})
    assert answer.status_code == 409
    assert "没有丢失" in text(answer)
    assert drafts(office)[f"task:{task_id}"]["comment"] == ["好"]


def test_an_opinion_of_an_earlier_round_is_not_filled_in_again(office: Office) -> None:
    case = start_training(office.bureau)
    decide(office.bureau, case, "wang.jianguo", "return", "请补充经费来源。")
    plan = office.bureau.open_task(case)
    page = text(office.browser("chen.jing").get(f"/tasks/{plan.id}"))
    assert 'value="12315平台操作培训"' in page
    assert "请补充经费来源。" in page


def test_claiming_and_giving_back_move_the_task_between_desk_and_pool(office: Office) -> None:
    case = start_training(office.bureau)
    task_id = open_task_id(office, case)
    wang = office.browser("wang.jianguo")
    wang.post(f"/tasks/{task_id}/claim")
    assert office.bureau.open_task(case).assignee_id == office.bureau.actor("wang.jianguo").account_id
    sun = office.browser("sun.yue")
    late = sun.get(f"/tasks/{task_id}")
    assert late.status_code == 409
    assert "已由王建国领取" in text(late)
    wang.post(f"/tasks/{task_id}/release")
    assert office.bureau.open_task(case).assignee_id is None


def test_a_task_of_a_case_one_may_not_see_does_not_exist(office: Office) -> None:
    case = start_training(office.bureau)
    browser = office.browser("zhou.min")
    with office.bureau.database.write() as connection:
        connection.execute(update(instance).values(started_by=office.bureau.actor("zhao.lei").account_id))
        connection.execute(update(task).where(task.c.state == "done").values(completed_by=None))
    task_id = open_task_id(office, case)
    outsider = office.browser("chen.jing")
    assert outsider.get(f"/tasks/{task_id}").status_code == 404
    assert outsider.get(f"/cases/{case}").status_code == 404
    assert outsider.get(f"/cases/{case}/diagram").status_code == 404
    assert browser.get(f"/tasks/{task_id}").status_code == 200
    assert browser.get("/tasks/999999").status_code == 404


def test_whoever_types_while_a_colleague_claims_the_task_keeps_the_text(office: Office) -> None:
    case = start_training(office.bureau)
    task_id = open_task_id(office, case)
    browser = office.browser("sun.yue")
    office.bureau.engine.claim(office.bureau.actor("wang.jianguo"), task_id)
    answer = browser.post(f"/tasks/{task_id}/complete", {"decision": "agree", "comment": "孙悦写的批示"})
    assert answer.status_code == 409
    assert "孙悦写的批示" in text(answer)
    saved = browser.post(f"/tasks/{task_id}/draft", {"comment": "还在写"}, headers={"HX-Request": "true"})
    assert saved.status_code == 200
    assert "还在写" in text(browser.get(f"/tasks/{task_id}"))
