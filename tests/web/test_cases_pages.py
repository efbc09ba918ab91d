"""The list of cases and the page of one: place, drawing, steps, papers, and what heads may do."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import insert, select

from handlers.store.tables import definition, instance, letter
from tests.support.bureau import Bureau
from tests.support.cases import decide, start_training
from tests.support.office import Office, text


@pytest.fixture
def office(bureau: Bureau, tmp_path: Path) -> Office:
    return Office(bureau, tmp_path)


def test_the_list_says_where_each_case_sits_and_filters_by_step(office: Office) -> None:
    first, second = start_training(office.bureau), start_training(office.bureau, training_name="第二个培训")
    decide(office.bureau, second, "wang.jianguo", "agree")
    browser = office.browser("liu.fang")
    page = text(browser.get("/cases?process=training"))
    assert "办公室审核" in page
    assert "领导审批" in page
    step = office.bureau.open_task(first)
    page = text(browser.get(f"/cases?process=training&step={step.scope}:{step.node}"))
    assert "第二个培训" in page
    assert "没有符合条件的事项" in text(browser.get("/cases?state=completed"))


@pytest.mark.parametrize("address", ["/cases", "/register", "/inbox?tab=started"])
def test_the_lists_filter_by_one_form_that_keeps_the_size_and_the_tab(office: Office, address: str) -> None:
    start_training(office.bureau)
    browser = office.browser("chen.jing")
    path, _, tab = address.partition("?")
    form = (
        text(browser.get(f"{path}?q=没有&size=50&{tab}")).partition('<form class="filters"')[2].partition("</form>")[0]
    )
    assert f'action="{path}"' in form
    assert 'value="没有"' in form
    assert '<input type="hidden" name="size" value="50">' in form
    assert ('<input type="hidden" name="tab" value="started">' in form) == bool(tab)
    assert f'href="{address}">清除' in form
    assert "清除" not in text(browser.get(address)).partition('<form class="filters"')[2].partition("</form>")[0]


def test_people_who_have_nothing_to_do_with_a_case_do_not_see_it(office: Office) -> None:
    case = start_training(office.bureau)
    assert "12315平台操作培训" in text(office.browser("chen.jing").get("/cases"))
    assert "还没有您可以查看的事项" in text(office.browser("zhao.lei").get("/cases"))
    assert office.browser("zhao.lei").get(f"/cases/{case}").status_code == 404
    assert office.browser("observer").get(f"/cases/{case}").status_code == 200


def test_the_drawing_marks_done_and_current_nodes_of_both_diagrams(office: Office) -> None:
    case = start_training(office.bureau)
    browser = office.browser("liu.fang")
    outer = browser.get(f"/cases/{case}/diagram?scope=training").get_json()
    assert "training_plan" in outer["done"]
    assert [item["node"] for item in outer["current"]] == ["approve_plan"]
    assert "to_training_plan" in outer["flows"]
    assert outer["visits"]["training_plan"] == {"times": 1, "who": "陈静", "on": "3月2日"}
    assert outer["links"] == {"approve_plan": f"/cases/{case}?scope=approval_chain#diagram"}
    assert 'id="training"' in outer["xml"]
    inner = browser.get(f"/cases/{case}/diagram?scope=approval_chain").get_json()
    assert [item["people"] for item in inner["current"]] == ["办公室审核员（待领）"]
    assert browser.get(f"/cases/{case}/diagram?scope=odr_application").status_code == 404


def test_the_step_table_names_every_node_of_the_drawing_with_its_state(office: Office) -> None:
    case = start_training(office.bureau)
    page = text(office.browser("liu.fang").get(f"/cases/{case}?scope=training"))
    release = office.bureau.engine.library.release(office.bureau.case(case).release_id)
    assert page.count('<tr class="step-') == len(release.processes["training"].nodes)
    for words in ("形成培训方案", "已办", "当前", "未到", "信息表5.1"):
        assert words in page, words


def test_the_page_holds_the_procedure_card_history_and_people(office: Office) -> None:
    case = start_training(office.bureau)
    decide(office.bureau, case, "wang.jianguo", "return", "请补充经费来源。")
    page = text(office.browser("liu.fang").get(f"/cases/{case}"))
    for words in (
        "信息表",
        "法定依据",
        "天津市滨海新区市场监督管理局12315投诉举报中心",
        "请补充经费来源。",
        "相关人员",
    ):
        assert words in page, words


def test_a_head_suspends_resumes_and_cancels_with_a_reason(office: Office) -> None:
    case = start_training(office.bureau)
    head, clerk = office.browser("liu.fang"), office.browser("chen.jing")
    head.post(f"/cases/{case}/suspend", {"reason": " "})
    assert office.bureau.case(case).status == "active"
    head.post(f"/cases/{case}/suspend", {"reason": "等待上级通知"})
    assert office.bureau.case(case).status == "suspended"
    assert clerk.post(f"/cases/{case}/resume", {"reason": "好了"}).status_code == 403
    head.post(f"/cases/{case}/resume", {"reason": "通知已到"})
    head.post(f"/cases/{case}/cancel", {"reason": "不办了"})
    assert office.bureau.case(case).status == "cancelled"
    assert "不办了" in text(head.get(f"/cases/{case}"))


def test_a_letter_is_polled_while_it_is_made_and_offered_when_it_is_ready(office: Office) -> None:
    from handlers.files.file_store import FileStore

    case = start_training(office.bureau)
    stored = FileStore(office.services.settings.files).put(b"word file")
    with office.bureau.database.write() as connection:
        template = connection.execute(select(definition.c.id)).scalars().first()
        now = office.bureau.time.now()
        for number, state in enumerate(("pending", "ready")):
            connection.execute(
                insert(letter).values(
                    instance_id=case,
                    definition_id=template,
                    template="plan",
                    title="培训方案",
                    number=f"津滨市监〔2026〕{number}号",
                    context={},
                    state=state,
                    sha256=stored if state == "ready" else None,
                    issued_at=now,
                )
            )
        ready = connection.execute(select(letter.c.id).where(letter.c.state == "ready")).scalar_one()
        pending = connection.execute(select(letter.c.id).where(letter.c.state == "pending")).scalar_one()
    browser = office.browser("liu.fang")
    page = text(browser.get(f"/cases/{case}"))
    assert "正在生成" in page
    assert f'hx-get="/cases/{case}/letters"' in page
    answer = browser.get(f"/letters/{ready}")
    assert answer.data == b"word file"
    assert "filename*=UTF-8''" in answer.headers["Content-Disposition"]
    assert browser.get(f"/letters/{pending}").status_code == 404
    assert office.browser("zhao.lei").get(f"/letters/{ready}").status_code == 404


def test_an_incident_says_what_failed_and_only_repairers_get_the_button(office: Office) -> None:
    from sqlalchemy import update

    from handlers.store.tables import incident

    case = start_training(office.bureau)
    row = office.bureau.open_task(case)
    with office.bureau.database.write() as connection:
        connection.execute(update(instance).where(instance.c.id == case).values(status="incident"))
        connection.execute(
            insert(incident).values(
                instance_id=case,
                scope=row.scope,
                node=row.node,
                node_name="确定本级审批人",
                message="审批链表中没有相符的行",
                detail="Traceback",
                command={"kind": "fire_due", "instance_id": case, "actor_id": None},
                attempts=1,
                opened_at=office.bureau.time.now(),
            )
        )
    page = text(office.browser("liu.fang").get(f"/cases/{case}"))
    assert "审批链表中没有相符的行" in page
    assert f"/cases/{case}/retry" not in page
    owner = office.browser("admin")
    assert f"/cases/{case}/retry" in text(owner.get(f"/cases/{case}"))
    assert owner.post(f"/cases/{case}/retry").status_code == 302
    assert office.browser("liu.fang").post(f"/cases/{case}/retry").status_code == 403


def test_a_head_gives_a_task_to_another_person_with_a_reason(office: Office) -> None:
    case = start_training(office.bureau)
    row, sun = office.bureau.open_task(case), office.bureau.actor("sun.yue")
    head = office.browser("liu.fang")
    assert "改派“办公室审核”" in text(head.get(f"/cases/{case}"))
    address = f"/cases/{case}/tasks/{row.id}/assign"
    head.post(address, data={"to": str(sun.account_id)})
    assert office.bureau.open_task(case).assignee_id is None
    head.post(address, data={"to": str(sun.account_id), "reason": "王建国出差"})
    assert office.bureau.open_task(case).assignee_id == sun.account_id
    assert "王建国出差" in text(head.get(f"/cases/{case}"))
    assert office.browser("wang.jianguo").post(address, data={"to": "1", "reason": "x"}).status_code == 403
