"""Who may approve, and what a level of approval has decided."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, insert

from forms.form_file import FormFile
from handlers.service_registry import HandlerContext, HandlerRefused, find_service
from handlers.services.approval import conclude, next_level
from handlers.store.tables import (
    account,
    definition,
    department,
    instance,
    membership,
    metadata,
    release,
    setting,
    task,
)

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
CLERK, OTHER_CLERK, REVIEWER, FIRST_LEADER, SECOND_LEADER = 1, 2, 3, 4, 5
CASE = 1
OFFICE = {"step": "办公室审核", "role": "office_reviewer", "department": "office", "mode": "any", "days": 3}
ALL_LEADERS = {"step": "领导审批", "role": "bureau_leader", "department": None, "mode": "all", "days": 2}


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    metadata.create_all(engine, tables=[account, department, definition, release, instance, membership, setting, task])
    with engine.begin() as open_connection:
        for position, (code, name) in enumerate(
            [("centre", "投诉举报中心"), ("office", "办公室"), ("leaders", "局领导")]
        ):
            open_connection.execute(insert(department).values(code=code, name=name, kind=code, position=position))
        hire(open_connection, CLERK, "centre_clerk", "centre")
        hire(open_connection, OTHER_CLERK, "centre_clerk", "centre")
        hire(open_connection, REVIEWER, "office_reviewer", "office")
        hire(open_connection, FIRST_LEADER, "bureau_leader", "leaders")
        hire(open_connection, SECOND_LEADER, "bureau_leader", "leaders")
        yield open_connection
    engine.dispose()


def hire(connection: Connection, account_id: int, role: str, code: str, *, active: bool = True) -> None:
    connection.execute(
        insert(account).values(
            id=account_id,
            username=f"person.{account_id}",
            name=f"职工{account_id}",
            password_hash="",
            active=active,
            session_epoch=1,
            failed_logins=0,
            created_at=NOW,
        )
    )
    give(connection, account_id, role, code)


def give(connection: Connection, account_id: int, role: str, code: str) -> None:
    connection.execute(insert(membership).values(account_id=account_id, department=code, role=role))


def handled(connection: Connection, by: int, form: str, behalf: int | None = None) -> None:
    """A finished task of the case."""
    connection.execute(
        insert(task).values(
            instance_id=CASE,
            token=f"{form}-{by}",
            scope="training",
            node=form,
            name=form,
            role="centre_clerk",
            excluded=[],
            form=form,
            state="done",
            why={},
            created_at=NOW,
            completed_by=by,
            on_behalf_of=behalf,
        )
    )


def context(connection: Connection) -> HandlerContext:
    return HandlerContext(
        connection=connection,
        now=NOW,
        instance_id=CASE,
        number="培训〔2026〕1号",
        title="平台操作培训",
        release_id=1,
        department="centre",
        started_by=CLERK,
        facts={},
        seal_key=b"",
        keep=lambda _facts: None,
        form=dict[str, FormFile]().__getitem__,
    )


def ask(connection: Connection, *levels: dict[str, Any], drafter: int | None = CLERK) -> dict[str, Any]:
    return dict(next_level(context(connection), levels=list(levels), drafter=drafter))


def test_any_one_reviewer_gets_one_task_that_may_be_claimed(connection: Connection) -> None:
    level = ask(connection, OFFICE, ALL_LEADERS)
    assert level["approvers"] == [None]
    assert (level["level_step"], level["level_role"], level["level_department"]) == (
        "办公室审核",
        "office_reviewer",
        "office",
    )
    assert level["level_days"] == 3


def test_where_all_must_agree_every_leader_gets_a_task(connection: Connection) -> None:
    level = ask(connection, ALL_LEADERS)
    assert level["approvers"] == [FIRST_LEADER, SECOND_LEADER]
    assert level["level_department"] is None


def test_levels_are_used_up_one_by_one(connection: Connection) -> None:
    first = ask(connection, OFFICE, ALL_LEADERS)
    assert first["more_levels"] is True
    assert first["levels"] == [ALL_LEADERS]
    second = ask(connection, *first["levels"])
    assert second["more_levels"] is False
    assert second["levels"] == []


def test_each_level_starts_without_opinions(connection: Connection) -> None:
    assert ask(connection, OFFICE)["decisions"] == []


def test_the_drafter_never_approves_even_with_the_right_role(connection: Connection) -> None:
    level = ask(connection, ALL_LEADERS, drafter=FIRST_LEADER)
    assert level["approvers"] == [SECOND_LEADER]
    assert FIRST_LEADER in level["excluded"]


def test_whoever_handled_the_case_on_the_way_does_not_approve_it(connection: Connection) -> None:
    handled(connection, FIRST_LEADER, "odr_material_review")
    assert ask(connection, ALL_LEADERS)["approvers"] == [SECOND_LEADER]


def test_the_absent_person_a_draft_was_made_for_does_not_approve_it(connection: Connection) -> None:
    handled(connection, OTHER_CLERK, "training_plan", behalf=SECOND_LEADER)
    assert ask(connection, ALL_LEADERS)["approvers"] == [FIRST_LEADER]


def test_an_approver_may_approve_again_after_a_return(connection: Connection) -> None:
    handled(connection, FIRST_LEADER, "approval_decision")
    assert ask(connection, ALL_LEADERS)["approvers"] == [FIRST_LEADER, SECOND_LEADER]


def test_a_disabled_account_does_not_approve(connection: Connection) -> None:
    hire(connection, 6, "bureau_leader", "leaders", active=False)
    assert ask(connection, ALL_LEADERS)["approvers"] == [FIRST_LEADER, SECOND_LEADER]


def test_if_only_the_drafter_holds_the_role_the_sentence_names_role_and_department(connection: Connection) -> None:
    with pytest.raises(HandlerRefused, match=r"办公室只有拟稿.*办公室审核员.*请管理员"):
        ask(connection, OFFICE, drafter=REVIEWER)


def test_if_nobody_holds_the_role_the_sentence_says_so(connection: Connection) -> None:
    head = {**OFFICE, "step": "中心负责人审批", "role": "centre_head", "department": "centre"}
    with pytest.raises(HandlerRefused, match=r"投诉举报中心没有人担任“中心负责人”"):
        ask(connection, head)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"role": "boss"}, "角色“boss”不存在"),
        ({"mode": "most"}, "方式“most”不对"),
        ({"days": None}, "缺少“days”"),
        ({"step": ""}, "缺少“step”"),
    ],
)
def test_a_level_that_the_table_writes_wrongly_is_refused(
    connection: Connection, change: dict[str, Any], words: str
) -> None:
    with pytest.raises(HandlerRefused, match=words):
        ask(connection, {**OFFICE, **change})


def test_a_chain_without_levels_is_refused(connection: Connection) -> None:
    with pytest.raises(HandlerRefused, match="没有给出任何一级审批"):
        ask(connection)


@pytest.mark.parametrize(
    ("decisions", "result"),
    [
        (["agree"], "agreed"),
        (["agree", "agree"], "agreed"),
        (["agree", "return"], "returned"),
        (["refuse"], "refused"),
        (["return", "refuse"], "refused"),
    ],
)
def test_a_level_agrees_only_if_all_agree(connection: Connection, decisions: list[str], result: str) -> None:
    assert conclude(context(connection), decisions=decisions) == {"result": result}


@pytest.mark.parametrize("decisions", [[], ["perhaps"], ["agree", None]])
def test_no_opinion_or_an_unknown_one_never_counts_as_agreement(connection: Connection, decisions: list[Any]) -> None:
    with pytest.raises(HandlerRefused, match="没有收到可以识别的审批意见"):
        conclude(context(connection), decisions=decisions)


def test_the_functions_are_registered_under_the_names_the_diagram_uses() -> None:
    assert find_service("approval.next_level") is next_level
    assert find_service("approval.conclude") is conclude
