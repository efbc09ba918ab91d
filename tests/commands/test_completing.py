"""Completing tasks: what is written, who may, and what the loser of a race sees."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from handlers.store.tables import event, submission, task
from processes.engine.cases.desk_sync import sync_desks
from processes.engine.errors import AlreadyDone, NotFound, NotYours, Refused
from tests.support.answers import TRAINING, training_plan
from tests.support.bureau import Bureau
from tests.support.cases import decide, start_training
from tests.support.statements import heard


def test_starting_puts_the_plan_on_the_offices_desk_with_its_limit(bureau: Bureau) -> None:
    result = bureau.engine.start(bureau.actor("chen.jing"), "training", training_plan())
    row = bureau.open_task(result.instance_id)
    assert (row.name, row.role, row.department) == ("办公室审核", "office_reviewer", "office")
    assert row.due_on == date(2026, 3, 5)
    assert [opened.id for opened in result.opened] == [row.id]
    assert result.number == "培训〔2026〕1号"
    assert result.title == TRAINING


def test_the_task_says_why_it_is_on_this_desk(bureau: Bureau) -> None:
    row = bureau.open_task(start_training(bureau))
    assert row.why["table"]["key"] == "approval_chain"
    assert row.why["table"]["row"] == 2
    assert row.why["limit"]["amount"] == 3


def test_numbers_have_no_gap_when_a_start_is_refused(bureau: Bureau) -> None:
    start_training(bureau)
    with pytest.raises(NotYours):
        bureau.engine.start(bureau.actor("wang.jianguo"), "training", training_plan())
    assert bureau.case(start_training(bureau)).number == "培训〔2026〕2号"


def test_a_plan_goes_round_as_often_as_it_is_returned_and_keeps_every_submission(bureau: Bureau) -> None:
    instance_id = start_training(bureau)
    for turn in range(3):
        decide(bureau, instance_id, "wang.jianguo", "return", f"第{turn + 1}次退回")
        row = bureau.open_task(instance_id)
        assert row.node == "training_plan"
        bureau.engine.complete(bureau.actor("chen.jing"), row.id, training_plan(training_name=f"第{turn + 2}稿"))
    assert bureau.case(instance_id).title == "第4稿"
    with bureau.database.read() as connection:
        names = connection.execute(select(submission.c["values"]).order_by(submission.c.id)).scalars()
        assert [v["training_name"] for v in names if "training_name" in v] == [
            TRAINING,
            "第2稿",
            "第3稿",
            "第4稿",
        ]


def test_a_returned_plan_is_on_its_drafters_desk_who_may_give_it_to_the_pool(bureau: Bureau) -> None:
    instance_id = start_training(bureau, "zhao.lei")
    decide(bureau, instance_id, "wang.jianguo", "return", "请补充")
    row = bureau.open_task(instance_id)
    assert row.assignee_id == bureau.actor("zhao.lei").account_id
    bureau.engine.release_task(bureau.actor("zhao.lei"), row.id)
    bureau.engine.complete(bureau.actor("chen.jing"), row.id, training_plan())


def test_a_returned_plan_goes_to_the_pool_if_its_drafter_has_left(bureau: Bureau) -> None:
    from handlers.people.accounts import set_active

    instance_id = start_training(bureau, "zhao.lei")
    with bureau.database.write() as connection:
        set_active(connection, bureau.actor("zhao.lei").account_id, active=False)
    decide(bureau, instance_id, "wang.jianguo", "return", "请补充")
    assert bureau.open_task(instance_id).assignee_id is None


def test_a_refusal_ends_the_case_with_the_reason_in_the_history(bureau: Bureau) -> None:
    instance_id = start_training(bureau)
    decide(bureau, instance_id, "wang.jianguo", "agree")
    decide(bureau, instance_id, "li.guoqiang", "refuse", "今年不再安排")
    case = bureau.case(instance_id)
    assert (case.status, case.outcome) == ("completed", "未获批准")
    with bureau.database.read() as connection:
        comments = connection.execute(select(event.c.comment).where(event.c.instance_id == instance_id)).scalars().all()
    assert "今年不再安排" in comments


def test_all_leaders_must_agree_where_the_table_says_all(bureau: Bureau) -> None:
    instance_id = start_training(bureau, training_kind="education")
    decide(bureau, instance_id, "wang.jianguo", "agree")
    rows = bureau.open_tasks(instance_id)
    assert {row.assignee_id for row in rows} == {bureau.actor(name).account_id for name in ("li.guoqiang", "zhou.min")}
    decide(bureau, instance_id, "li.guoqiang", "agree")
    assert [row.name for row in bureau.open_tasks(instance_id)] == ["领导审批"]
    decide(bureau, instance_id, "zhou.min", "agree")
    assert bureau.open_task(instance_id).node == "training_notice"


def test_one_leaders_return_takes_the_other_leaders_task_off_the_desk(bureau: Bureau) -> None:
    instance_id = start_training(bureau, training_kind="education")
    decide(bureau, instance_id, "wang.jianguo", "agree")
    decide(bureau, instance_id, "zhou.min", "return", "请改期")
    assert [row.node for row in bureau.open_tasks(instance_id)] == ["training_plan"]


def test_the_drafter_never_approves_even_with_the_role(bureau: Bureau) -> None:
    from handlers.people.accounts import set_grants

    chen = bureau.actor("chen.jing")
    with bureau.database.write() as connection:
        set_grants(connection, chen.account_id, [*chen.grants, ("office_reviewer", "office")])
    row = bureau.open_task(start_training(bureau))
    with pytest.raises(NotYours):
        bureau.engine.complete(bureau.actor("chen.jing"), row.id, {"decision": "agree", "comment": ""})


def test_the_wrong_role_cannot_complete(bureau: Bureau) -> None:
    row = bureau.open_task(start_training(bureau))
    for name in ("zhao.lei", "li.guoqiang", "admin", "observer"):
        with pytest.raises(NotYours):
            bureau.engine.complete(bureau.actor(name), row.id, {"decision": "agree", "comment": ""})


def test_a_task_that_does_not_exist_is_not_found(bureau: Bureau) -> None:
    with pytest.raises(NotFound):
        bureau.engine.complete(bureau.actor("chen.jing"), 999, {})


def test_the_second_click_is_told_who_was_first_and_when(bureau: Bureau) -> None:
    instance_id = start_training(bureau)
    row = bureau.open_task(instance_id)
    bureau.engine.complete(bureau.actor("wang.jianguo"), row.id, {"decision": "agree", "comment": ""})
    with pytest.raises(AlreadyDone) as refused:
        bureau.engine.complete(bureau.actor("sun.yue"), row.id, {"decision": "refuse", "comment": "不同意"})
    assert (refused.value.by, refused.value.outcome) == ("王建国", "同意")
    assert refused.value.at == bureau.time.now()


def test_a_suspended_case_cannot_be_worked_on_until_it_is_resumed(bureau: Bureau) -> None:
    instance_id = start_training(bureau)
    head = bureau.actor("liu.fang")
    bureau.engine.suspend(head, instance_id, "等待年度计划")
    with pytest.raises(Refused):
        decide(bureau, instance_id, "wang.jianguo", "agree")
    bureau.engine.resume(head, instance_id, "计划已下达")
    decide(bureau, instance_id, "wang.jianguo", "agree")
    assert bureau.open_task(instance_id).name == "领导审批"


def test_cancelling_takes_the_tasks_off_the_desks_and_deletes_nothing(bureau: Bureau) -> None:
    instance_id = start_training(bureau)
    bureau.engine.cancel(bureau.actor("liu.fang"), instance_id, "重复提交")
    assert bureau.open_tasks(instance_id) == []
    assert bureau.case(instance_id).status == "cancelled"
    with bureau.database.read() as connection:
        assert connection.execute(select(task.c.state).where(task.c.node == "approval_decision")).scalars().all() == [
            "cancelled"
        ]


def test_another_engine_sees_what_the_first_one_did(bureau: Bureau) -> None:
    instance_id = start_training(bureau)
    other = bureau.new_engine()
    other.complete(bureau.actor("wang.jianguo"), bureau.open_task(instance_id).id, {"decision": "agree", "comment": ""})
    decide(bureau, instance_id, "li.guoqiang", "agree")
    assert bureau.open_task(instance_id).node == "training_notice"


def test_the_answer_names_no_desk_that_the_same_command_has_closed(bureau: Bureau) -> None:
    instance_id = start_training(bureau)
    token = bureau.open_task(instance_id).token
    with bureau.engine.transactions.on_case(instance_id=instance_id) as work:
        work.live.complete(token, {"decision": "agree", "comment": ""}, work.host)
        sync_desks(work)
        assert [opened.name for opened in work.result().opened] == ["领导审批"]
        work.live.cancel()
        sync_desks(work)
    assert work.result().opened == ()


def test_one_completion_is_one_commit_and_few_statements(bureau: Bureau) -> None:
    instance_id = start_training(bureau)
    row, actor = bureau.open_task(instance_id), bureau.actor("wang.jianguo")
    with heard(bureau.database) as spoken:
        bureau.engine.complete(actor, row.id, {"decision": "agree", "comment": ""})
    assert spoken.commits == 1
    assert len(spoken.said) <= 12, spoken.listed()
