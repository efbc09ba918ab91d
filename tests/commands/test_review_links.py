"""Linked cases, messages and warnings where two things happen at once, or somebody only looks on."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from handlers.cases import posts
from handlers.store.tables import case_link, instance, personal, post, register
from processes.engine.cases.clock_rows import open_clocks
from processes.engine.commands import new_case
from processes.engine.commands.concluding import save_moved
from processes.engine.commands.warning import Reached, warn
from processes.engine.errors import NotYours, Refused, StepFailed
from processes.engine.kernel.live import LiveInstance
from processes.engine.limits.messages import apply_limit_message
from tests.support.bureau import Bureau
from tests.support.limited import clocks, do, start_limited
from tests.support.linked import do as do_linked
from tests.support.linked import publish_linked, start_letter
from tests.support.visit import install_visit, start_visit


def the_post(bureau: Bureau) -> Any:
    with bureau.database.read() as connection:
        return connection.execute(select(post)).one()


def test_who_only_sees_a_case_starts_nothing_that_takes_its_personal_data_along(bureau: Bureau) -> None:
    publish_linked(bureau)
    letter, own = start_letter(bureau), start_letter(bureau, "赵磊自己的")
    bureau.engine.claim(bureau.actor("chen.jing"), bureau.open_task(letter).id)
    bureau.engine.claim(bureau.actor("zhao.lei"), bureau.open_task(own).id)
    with bureau.database.write() as connection:
        link = {"parent_id": letter, "child_id": own, "kind": "x", "linked_at": bureau.time.now()}
        connection.execute(insert(case_link), link)
    assert bureau.engine.start(bureau.actor("zhao.lei"), "filed", {"clue": "线索"}, parent=letter)
    kept = {"instance_id": letter, "field": "place", "value": "塘沽大街一号", "masked": "塘沽"}
    with bureau.database.write() as connection:
        connection.execute(insert(personal).values(kept | {"changed_at": bureau.time.now()}))
    with pytest.raises(NotYours, match="带出此事项中的个人信息"):
        bureau.engine.start(bureau.actor("zhao.lei"), "filed", {"clue": "线索"}, parent=letter)
    assert bureau.engine.start(bureau.actor("chen.jing"), "filed", {"clue": "线索"}, parent=letter)


def test_a_case_that_may_not_be_started_is_the_posts_problem_until_it_is_sent_again(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_linked(bureau)
    letter = start_letter(bureau)
    do_linked(bureau, letter, "handle", clue="线索甲")

    def refuse(*_: object) -> None:
        raise Refused("编号已经登记")

    with monkeypatch.context() as patch:
        patch.setattr(new_case, "keep_register", refuse)
        bureau.engine.deliver(the_post(bureau).id)
    assert "编号已经登记" in the_post(bureau).problem
    with bureau.database.write() as connection:
        (row,) = posts.stranded(connection, bureau.time.now())
        posts.resend(connection, row.id)
    bureau.engine.deliver(row.id)
    assert (the_post(bureau).problem, the_post(bureau).delivered_at) == (None, bureau.time.now())
    with bureau.database.write() as connection:
        posts.resend(connection, row.id)
        assert connection.scalar(select(instance.c.id).where(instance.c.process == "filed")) is not None
    assert the_post(bureau).delivered_at is not None


def test_what_came_during_an_incident_is_delivered_when_the_task_is_given_back(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_linked(bureau)
    letter = start_letter(bureau)

    def fail(*_: object) -> None:
        raise StepFailed("letter", "handle", "办理", "坏了")

    with monkeypatch.context() as patch:
        patch.setattr(LiveInstance, "complete", fail)
        do_linked(bureau, letter, "handle", clue=None)
    bureau.engine.send_message(None, letter, "withdrawn", {})
    assert bureau.case(letter).status == "incident"
    bureau.engine.give_back(bureau.actor("admin"), letter, "填错了")
    assert (bureau.case(letter).status, bureau.case(letter).outcome) == ("completed", "撤诉办结")
    assert bureau.open_tasks(letter) == []


def test_a_limit_that_was_met_while_the_sweep_looked_raises_no_warning(house: Bureau) -> None:
    case = start_limited(house, "2026-03-02T09:00:00+08:00")
    (clock,) = clocks(house, case)
    seen = Reached(clock.id, case, clock.code, clock.name, clock.due_on, 1, 0, -1)
    do(house, case, "decide")
    with house.engine.transactions.on_case(instance_id=case) as work:
        assert warn(work, [seen]) == 0
    with house.database.read() as connection:
        assert connection.execute(select(post)).all() == []


def test_a_command_that_waited_for_a_suspension_counts_it(house_on_both: Bureau) -> None:
    house, other = house_on_both, house_on_both.new_engine()
    case = start_limited(house, "2026-03-02T09:00:00+08:00")
    desk, clerk = house.open_task(case), house.actor("chen.jing")
    rest = {"starts_on": "2026-03-02", "reason": "鉴定", "stops": ["accept", "mediation"]}
    with ThreadPoolExecutor(1) as pool:
        with house.engine.transactions.on_case(instance_id=case) as work:
            waiting = pool.submit(other.complete, clerk, desk.id, {})
            time.sleep(0.5)  # until it waits for the row
            assert apply_limit_message(work, "clock_suspended", rest, None, actor=clerk)
            save_moved(work)
        assert not waiting.result().held
    assert [row.state for row in clocks(house, case, "mediation")] == ["paused"]
    with house.database.read() as connection:
        assert {row.code for row in open_clocks(connection, case)} == {"mediation", "grade_max"}


def test_a_number_registered_in_the_same_moment_is_refused_in_a_sentence(bureau_on_both: Bureau) -> None:
    bureau = bureau_on_both
    with bureau.database.write() as connection:
        install_visit(connection, bureau)
    first = start_visit(bureau)
    taken = {"source": "platform", "source_number": "A1", "platform_no": "A1"}
    with ThreadPoolExecutor(1) as pool:
        with bureau.database.write() as connection:
            connection.execute(update(register).where(register.c.instance_id == first).values(taken))
            waiting = pool.submit(lambda: start_visit(bureau, platform_no="A1"))
            time.sleep(0.5)
        with pytest.raises(Refused, match="A1"):
            waiting.result()


def test_a_late_post_is_listed_and_one_that_is_on_its_way_is_not(bureau: Bureau) -> None:
    publish_linked(bureau)
    do_linked(bureau, start_letter(bureau), "handle", clue="线索甲")
    now = bureau.time.now()
    with bureau.database.read() as connection:
        assert posts.stranded(connection, now) == []
        (late,) = posts.stranded(connection, now + posts.STUCK_AFTER + timedelta(seconds=1))
    assert (late.name, late.problem) == ("clue_found", None)
