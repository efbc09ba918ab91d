"""Edges of the limits of a running case: what one command leaves behind, and what the record says of who decided."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy import select

from handlers.store.tables import account, pause
from processes.engine.commands.concluding import save_moved
from processes.engine.errors import Refused
from processes.engine.limits.messages import apply_limit_message
from processes.engine.publishing.publish import BEGINNING, Source
from tests.support.bureau import Bureau
from tests.support.limited import ACCEPT, GRADE, clocks, do, events, in_mediation, start_limited
from tests.unit.check.drawing import diagram, element, end, flow, gateway, line, start, timer, user

ENTRY = user("fill", '<banli:task form="limited_fill" entry="true"/>')
CASE = '<banli:case title="received_at" prefix="限"/>'
ANY = '<banli:task form="limited_any"/>'


def at(bureau: Bureau, day: str) -> None:
    bureau.time.move_to(datetime.fromisoformat(f"{day}T10:00+08:00"))


def begin(bureau: Bureau, key: str, *parts: str, received_at: str = "2026-02-27") -> int:
    """A case of a procedure that goes on from `fill` by `parts`."""
    drawn = diagram(start(), ENTRY, line("start", "fill"), *parts, key=key, case=CASE)
    bureau.publish(Source("process", key, drawn), effective_on=BEGINNING)
    return start_limited(bureau, received_at, process=key)


# --- who decided ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("approver", ["chen.jing", "分管局长王某", 99999, None])
def test_excluded_time_keeps_who_approved_it_by_name(house: Bureau, approver: str | int | None) -> None:
    case = start_limited(house, "2026-02-27")
    expected, given = str(approver or ""), approver
    if approver == "chen.jing":
        with house.database.read() as connection:
            found = select(account.c.id, account.c.name).where(account.c.username == approver)
            given, expected = connection.execute(found).one()
    payload = {"reason": "鉴定", "stops": ["accept"], "starts_on": "2026-03-02", "approved_by": given}
    assert house.engine.change_limits(None, case, "clock_suspended", payload)
    with house.database.read() as connection:
        kept = connection.execute(select(pause.c.approved_by).where(pause.c.instance_id == case)).scalar_one()
    assert kept == expected


@pytest.mark.parametrize("reason", [None, "", "  "])
def test_excluded_time_without_a_reason_is_refused(house: Bureau, reason: str | None) -> None:
    case = start_limited(house, "2026-02-27")
    payload = {"reason": reason, "stops": ["accept"], "starts_on": "2026-03-02"}
    assert not house.engine.change_limits(None, case, "clock_suspended", payload)
    assert "没有写明扣除的事由" in events(house, case, "limit_refused")[0].comment


def test_an_extension_that_was_asked_for_in_time_may_be_decided_after_the_last_day(house: Bureau) -> None:
    case = start_limited(house, "2026-02-27")  # until Monday 9 March
    at(house, "2026-03-09")
    asked = start_limited(house, "2026-03-09")  # stands for the case in which it was asked for
    at(house, "2026-03-10")
    asked_late = start_limited(house, "2026-03-10")
    for sender, granted in ((asked_late, False), (asked, True)):
        with house.engine.transactions.on_case(instance_id=case) as work:
            assert apply_limit_message(work, "limit_extended", {"code": "accept", "days": 2}, sender) is granted
            save_moved(work)
    assert "2026-03-10 才提出延长" in events(house, case, "limit_refused")[0].comment
    assert clocks(house, case, "accept")[0].due_on == date(2026, 3, 11)


# --- what runs --------------------------------------------------------------------------------------------------------


def test_a_desk_without_a_limit_does_not_keep_the_next_one_from_following(house: Bureau) -> None:
    case = begin(
        house,
        "side_by_side",
        gateway("both", "parallel"),
        user("free", ANY),
        user("decide", ACCEPT),
        gateway("met", "parallel"),
        end(),
        line("fill", "both", "free", "met", "end"),
        line("both", "decide", "met"),
    )
    assert house.engine.change_limits(None, case, "limit_extended", {"code": "accept", "days": 2})
    assert {row.node: row.due_on for row in house.open_tasks(case)} == {"free": None, "decide": date(2026, 3, 11)}


def test_a_timer_that_is_set_later_under_the_same_limit_has_no_row_of_its_own(house: Bureau) -> None:
    inside = "".join(
        [
            start("begin"),
            user("first", ANY),
            user("second", ANY),
            element("boundaryEvent", "late", timer("clock('mediation', accepted_at)"), attachedToRef="second"),
            end("over"),
            end("expired"),
            line("begin", "first", "second", "over"),
            flow("late", "expired"),
        ]
    )
    limit = '<banli:limit code="mediation" from="accepted_at"/>'
    case = begin(house, "watched", element("subProcess", "talks", inside, limit), end(), line("fill", "talks", "end"))
    do(house, case, "first")
    (row,) = clocks(house, case)
    assert (row.code, row.state) == ("mediation", "running")
    assert house.case(case).next_due_at is not None


def test_a_limit_that_becomes_another_by_a_correction_is_started_once(house: Bureau) -> None:
    limited = f'<banli:task form="limited_any"/><banli:limit code="{GRADE}" from="received_at"/>'
    case = begin(house, "graded", user("decide", limited), end(), line("fill", "decide", "end"))
    assert [row.code for row in clocks(house, case)] == ["grade_max"]
    house.engine.correct(house.actor("liu.fang"), case, "accepted_at", {"accepted_at": ""}, "没有受理")
    assert [(row.code, row.state) for row in clocks(house, case)] == [
        ("grade_max", "met"),
        ("grade_general", "running"),
    ]


def test_a_mediation_keeps_one_row_for_each_limit_however_often_its_days_move(house: Bureau) -> None:
    at(house, "2026-04-20")
    case = in_mediation(house, "2026-04-20T09:00:00+08:00")
    for day in ("2026-04-16", "2026-04-17"):
        house.engine.correct(
            house.actor("liu.fang"), case, "accepted_at", {"accepted_at": f"{day}T09:00:00+08:00"}, "写错"
        )
    assert [row.code for row in clocks(house, case)] == ["accept", "grade_max", "mediation"]


# --- a case that rests ------------------------------------------------------------------------------------------------


def test_a_case_under_a_legal_limit_is_not_suspended_and_ends_by_law_all_the_same(house: Bureau) -> None:
    head, case = house.actor("liu.fang"), in_mediation(house, "2026-03-02")
    with pytest.raises(Refused, match="法定期限“调解”还没有结束，不能中止"):
        house.engine.suspend(head, case, "等一等")
    house.time.move_to(datetime.fromisoformat("2026-05-11T10:00+08:00"))
    house.engine.fire_due(case)
    assert (house.case(case).status, house.case(case).outcome) == ("completed", "期满终止")


def test_a_case_under_a_legal_limit_that_rests_is_not_suspended_either(house: Bureau) -> None:
    case = start_limited(house, "2026-02-27")
    payload = {"reason": "鉴定", "stops": ["accept"], "starts_on": "2026-03-02"}
    assert house.engine.change_limits(None, case, "clock_suspended", payload)
    with pytest.raises(Refused, match="不能中止"):
        house.engine.suspend(house.actor("liu.fang"), case, "等一等")
