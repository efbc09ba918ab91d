"""When a step fails: the case keeps its last good state, nothing typed is lost, and a repair lets it go on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import func, select

from forms.beijing import BEIJING
from handlers import service_registry
from handlers.people.accounts import set_grants
from handlers.store.tables import incident, letter, message, submission
from processes.engine.errors import NotYours, Refused, StepFailed
from processes.engine.kernel.live import LiveInstance
from tests.support.answers import training_plan
from tests.support.bureau import Bureau
from tests.support.cases import decide, start_training
from tests.support.limited import MEDIATED, start_limited
from tests.support.limited import do as do_limited
from tests.support.linked import do as do_linked
from tests.support.linked import publish_linked, start_letter


@pytest.fixture
def without_leaders(bureau: Bureau) -> Bureau:
    """A bureau where nobody can take the second level of approval."""
    with bureau.database.write() as connection:
        for name in ("li.guoqiang", "zhou.min"):
            set_grants(connection, bureau.actor(name).account_id, [("observer", "leaders")])
    return bureau


def appoint_leader(bureau: Bureau) -> None:
    with bureau.database.write() as connection:
        set_grants(connection, bureau.actor("zhou.min").account_id, [("bureau_leader", "leaders")])


def failing(scope: str, node: str, name: str, reason: str) -> Callable[..., None]:
    """In the place of the kernel: a step that fails."""

    def fail(*_: object) -> None:
        raise StepFailed(scope, node, name, reason)

    return fail


def test_a_failing_step_holds_the_task_and_says_what_is_wrong(without_leaders: Bureau) -> None:
    bureau = without_leaders
    instance_id = start_training(bureau)
    row = bureau.open_task(instance_id)
    before = bureau.case(instance_id)
    result = bureau.engine.complete(bureau.actor("wang.jianguo"), row.id, {"decision": "agree", "comment": ""})
    assert "局领导" in result.held
    after = bureau.case(instance_id)
    assert (after.status, after.state) == ("incident", before.state)
    assert bureau.open_task(instance_id).state == "held"
    with bureau.database.read() as connection:
        kept = connection.execute(select(incident)).one()
        assert kept.command["values"] == {"decision": "agree", "comment": ""}
        assert "HandlerRefused" in kept.detail
        assert connection.execute(select(func.count()).select_from(submission)).scalar() == 1


def test_retry_after_the_repair_completes_the_task_in_the_name_of_who_gave_the_command(without_leaders: Bureau) -> None:
    bureau = without_leaders
    instance_id = start_training(bureau)
    decide(bureau, instance_id, "wang.jianguo", "agree")
    appoint_leader(bureau)
    result = bureau.engine.retry(bureau.actor("admin"), instance_id)
    assert result.held == ""
    assert bureau.case(instance_id).status == "active"
    assert bureau.open_task(instance_id).name == "领导审批"
    with bureau.database.read() as connection:
        row = connection.execute(select(submission.c.submitted_by).order_by(submission.c.id.desc()).limit(1)).scalar()
        assert row == bureau.actor("wang.jianguo").account_id
        assert connection.execute(select(incident.c.resolved_at)).scalar() is not None


def test_a_retry_that_fails_again_counts_and_changes_nothing_else(without_leaders: Bureau) -> None:
    bureau = without_leaders
    instance_id = start_training(bureau)
    decide(bureau, instance_id, "wang.jianguo", "agree")
    before = bureau.case(instance_id)
    result = bureau.engine.retry(bureau.actor("admin"), instance_id)
    assert result.held
    assert bureau.case(instance_id) == before
    with bureau.database.read() as connection:
        assert connection.execute(select(incident.c.attempts, incident.c.resolved_at)).one() == (2, None)


def test_a_retry_that_fails_for_another_reason_says_the_new_one(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = start_training(bureau)
    for attempt, reason in enumerate(("没有可用的审批人", "审批表里没有这一行"), 1):
        with monkeypatch.context() as patch:
            patch.setattr(LiveInstance, "complete", failing("training", "approve", f"第{attempt}步", reason))
            if attempt == 1:
                decide(bureau, case, "wang.jianguo", "agree")
            else:
                bureau.engine.retry(bureau.actor("admin"), case)
        with bureau.database.read() as connection:
            row = connection.execute(select(incident)).one()
        assert (row.message, row.node_name, row.attempts) == (reason, f"第{attempt}步", attempt)


def test_what_came_during_an_incident_is_delivered_by_a_retry_whose_timer_was_moved_away(
    house: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = start_limited(house, "2026-04-16", process=MEDIATED)
    do_limited(house, case, "decide")
    house.time.move_to(datetime(2026, 6, 16, 9, tzinfo=BEIJING))
    with monkeypatch.context() as patch:
        patch.setattr(LiveInstance, "fire_due", failing(MEDIATED, "late", "期满", "坏了"))
        assert house.engine.fire_due(case)
    assert house.case(case).status == "incident"
    late = {"reason": "鉴定", "stops": ["mediation"], "starts_on": "2026-06-10"}
    assert house.engine.change_limits(None, case, "clock_suspended", late)
    house.engine.send_message(None, case, "withdrawn", {})
    assert house.engine.retry(house.actor("admin"), case).held == ""
    assert (house.case(case).status, house.case(case).outcome) == ("completed", "撤诉办结")


def test_only_repairers_may_retry_and_only_where_something_failed(bureau: Bureau) -> None:
    instance_id = start_training(bureau)
    with pytest.raises(NotYours):
        bureau.engine.retry(bureau.actor("chen.jing"), instance_id)
    with pytest.raises(Refused):
        bureau.engine.retry(bureau.actor("admin"), instance_id)


def test_a_case_with_an_incident_cannot_be_worked_on_elsewhere(without_leaders: Bureau) -> None:
    bureau = without_leaders
    instance_id = start_training(bureau)
    decide(bureau, instance_id, "wang.jianguo", "agree")
    with pytest.raises(Refused):
        bureau.engine.complete(
            bureau.actor("sun.yue"), bureau.open_task(instance_id).id, {"decision": "refuse", "comment": "不同意"}
        )


def test_a_handler_that_breaks_is_an_incident_and_leaves_nothing_half_done(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance_id = start_training(bureau)
    decide(bureau, instance_id, "wang.jianguo", "agree")
    works = service_registry._services["letters.issue"]

    def breaks(context: service_registry.HandlerContext, **parameters: object) -> None:
        works(context, **parameters)
        raise ZeroDivisionError

    monkeypatch.setitem(service_registry._services, "letters.issue", breaks)
    decide(bureau, instance_id, "li.guoqiang", "agree")
    assert bureau.case(instance_id).status == "incident"
    with bureau.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(letter)).scalar() == 0
    monkeypatch.undo()
    bureau.engine.retry(bureau.actor("admin"), instance_id)
    with bureau.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(letter)).scalar() == 1


def test_a_start_whose_first_step_fails_is_refused_and_leaves_no_case(bureau: Bureau) -> None:
    with bureau.database.write() as connection:
        for name in ("wang.jianguo", "sun.yue"):
            set_grants(connection, bureau.actor(name).account_id, [("observer", "office")])
    with pytest.raises(Refused, match="办公室审核员"):
        bureau.engine.start(bureau.actor("chen.jing"), "training", training_plan())
    with bureau.database.write() as connection:
        set_grants(connection, bureau.actor("sun.yue").account_id, [("office_reviewer", "office")])
    assert bureau.case(start_training(bureau)).number == "培训〔2026〕1号"


def test_a_held_task_can_be_given_back_to_who_filled_it_in(bureau: Bureau) -> None:
    instance_id = start_training(bureau)
    row, wang = bureau.open_task(instance_id), bureau.actor("wang.jianguo")
    held = bureau.engine.complete(wang, row.id, {"decision": "perhaps", "comment": ""}).held
    assert held
    with pytest.raises(NotYours):
        bureau.engine.give_back(wang, instance_id, "想改一改")
    bureau.engine.give_back(bureau.actor("admin"), instance_id, "意见填写有误")
    assert bureau.case(instance_id).status == "active"
    bureau.engine.complete(wang, row.id, {"decision": "agree", "comment": ""})
    assert bureau.open_task(instance_id).name == "领导审批"


def test_a_message_to_a_suspended_case_is_kept_and_not_refused(bureau: Bureau) -> None:
    instance_id = start_training(bureau)
    head = bureau.actor("liu.fang")
    bureau.engine.suspend(head, instance_id, "等待")
    bureau.engine.send_message(None, instance_id, "somebody_wrote", {"text": "来件"})
    with bureau.database.read() as connection:
        kept = connection.execute(select(message.c.name, message.c.consumed_at)).one()
    assert kept == ("somebody_wrote", None)
    bureau.engine.cancel(head, instance_id, "不再办理")
    with pytest.raises(Refused):
        bureau.engine.send_message(None, instance_id, "somebody_wrote", {})


@pytest.fixture
def cancelled_after_a_failed_step(bureau: Bureau) -> int:
    """A case whose approval failed for want of leaders, and which was then given up."""
    with bureau.database.write() as connection:
        for name in ("li.guoqiang", "zhou.min"):
            set_grants(connection, bureau.actor(name).account_id, [("observer", "leaders")])
    instance_id = start_training(bureau)
    decide(bureau, instance_id, "wang.jianguo", "agree")
    bureau.engine.cancel(bureau.actor("admin"), instance_id, "不再举办")
    return instance_id


def test_cancelling_a_case_closes_its_incident(bureau: Bureau, cancelled_after_a_failed_step: int) -> None:
    with bureau.database.read() as connection:
        row = connection.execute(select(incident)).one()
    assert (row.resolved_at, row.resolved_by) == (bureau.time.now(), bureau.actor("admin").account_id)


def test_a_cancelled_case_cannot_be_brought_back_by_a_retry(bureau: Bureau, cancelled_after_a_failed_step: int) -> None:
    with pytest.raises(Refused):
        bureau.engine.retry(bureau.actor("admin"), cancelled_after_a_failed_step)
    assert bureau.case(cancelled_after_a_failed_step).status == "cancelled"


def test_what_came_during_an_incident_is_delivered_when_the_task_is_given_back(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_linked(bureau)
    letter = start_letter(bureau)

    with monkeypatch.context() as patch:
        patch.setattr(LiveInstance, "complete", failing("letter", "handle", "办理", "坏了"))
        do_linked(bureau, letter, "handle", clue=None)
    bureau.engine.send_message(None, letter, "withdrawn", {})
    assert bureau.case(letter).status == "incident"
    bureau.engine.give_back(bureau.actor("admin"), letter, "填错了")
    assert (bureau.case(letter).status, bureau.case(letter).outcome) == ("completed", "撤诉办结")
    assert bureau.open_tasks(letter) == []
