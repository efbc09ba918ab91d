"""Cases that belong together: started from one another, by a person or by a message, and telling each other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, func, insert, select

from handlers.cases import posts
from handlers.cases.case_file import may_see
from handlers.files.file_store import FileStore
from handlers.jobs.queue import JobContext, find_job
from handlers.store.tables import case_link, event, instance, message, personal, post
from processes.engine.cases import history
from processes.engine.commands import delivering
from processes.engine.errors import NotFound, NotYours, Refused, StepFailed
from processes.engine.kernel.live import LiveInstance
from processes.importing.opening import Imports
from tests.support.bureau import SEAL_KEY, Bureau
from tests.support.linked import do, publish_linked, start_letter
from webapp.engine import JobsOfEngine


@pytest.fixture
def office(bureau_on_both: Bureau) -> Bureau:
    publish_linked(bureau_on_both)
    return bureau_on_both


def rows(bureau: Bureau, statement: Any) -> list[Row[Any]]:
    with bureau.database.read() as connection:
        return list(connection.execute(statement))


def deliver_all(bureau: Bureau) -> None:
    while waiting := _on_their_way(bureau):
        for post_id in waiting:
            bureau.engine.deliver(post_id)


def _on_their_way(bureau: Bureau) -> list[int]:
    with bureau.database.read() as connection:
        return list(posts.on_their_way(connection))


def kinds(bureau: Bureau, instance_id: int) -> list[str]:
    wanted = select(event.c.kind).where(event.c.instance_id == instance_id).order_by(event.c.position)
    return [row.kind for row in rows(bureau, wanted)]


def the_case_of(bureau: Bureau, process: str) -> Row[Any]:
    (found,) = rows(bureau, select(instance).where(instance.c.process == process))
    return found


def sound(bureau: Bureau) -> bool:
    with bureau.database.read() as connection:
        return list(history.verify(connection, SEAL_KEY)) == []


# --- started by a person ----------------------------------------------------------------------------------------------


def start_filed(bureau: Bureau, letter: int, who: str = "zhao.lei") -> int:
    return bureau.engine.start(bureau.actor(who), "filed", {"clue": "线索乙"}, parent=letter).instance_id


def test_a_linked_case_takes_over_what_its_diagram_and_forms_mention(office: Bureau) -> None:
    letter = start_letter(office)
    with office.database.write() as connection:
        kept = {"field": "place", "value": "塘沽大街一号", "masked": "塘沽", "changed_at": office.time.now()}
        other = kept | {"field": "subject"}
        connection.execute(insert(personal), [{**one, "instance_id": letter} for one in (kept, other)])
    filed = start_filed(office, letter, "chen.jing")
    case = office.case(filed)
    assert case.facts == {
        "clue": "线索乙",
        "place": "塘沽",
        "parent_number": office.case(letter).number,
        "parent_title": "一封信",
    }
    assert case.title == "立案 一封信"
    assert office.open_task(filed).name == f"审批：{office.case(letter).number}"
    assert rows(office, select(case_link.c.parent_id, case_link.c.child_id, case_link.c.kind)) == [
        (letter, filed, "filed")
    ]
    taken = rows(office, select(personal.c.field, personal.c.value).where(personal.c.instance_id == filed))
    assert taken == [("place", "塘沽大街一号")]
    assert kinds(office, letter)[-1] == "opened"
    assert sound(office)


def test_a_linked_procedure_is_never_started_by_itself_nor_from_a_foreign_case(office: Bureau) -> None:
    offered = {one.process.id for one in office.engine.library.startable(office.time.now().date())}
    assert "letter" in offered
    assert not {"filed", "rest"} & offered
    clerk = office.actor("chen.jing")
    with pytest.raises(Refused, match="只能从关联的事项发起"):
        office.engine.start(clerk, "filed", {"clue": "甲"})
    letter = start_letter(office)
    filed = start_filed(office, letter, "chen.jing")
    with pytest.raises(Refused, match="此事项不能发起"):
        office.engine.start(clerk, "filed", {"clue": "甲"}, parent=filed)


def test_only_who_sees_the_parent_and_has_the_first_role_may_start_from_it(office: Bureau) -> None:
    letter = start_letter(office)
    with pytest.raises(NotYours, match="中心经办人"):
        start_filed(office, letter, "liu.fang")
    with pytest.raises(NotFound, match="没有找到此事项"):
        start_filed(office, 99_999)
    do(office, letter, "handle", clue=None)
    with pytest.raises(NotFound, match="无权查看"):
        start_filed(office, letter, "zhao.lei")
    with pytest.raises(Refused, match="已办结"):
        start_filed(office, letter, "chen.jing")


def test_who_sees_a_case_sees_the_cases_linked_with_it(office: Bureau) -> None:
    letter = start_letter(office)
    filed = start_filed(office, letter, "chen.jing")
    do(office, letter, "handle", clue=None)
    do(office, filed, "decide", filed="立1", place=None)
    do_as_zhao = office.engine.start(office.actor("zhao.lei"), "letter", {"subject": "别的", "place": None})
    with office.database.read() as connection:
        assert may_see(connection, office.actor("chen.jing"), letter)
        assert not may_see(connection, office.actor("zhao.lei"), letter)
        assert not may_see(connection, office.actor("zhao.lei"), filed)
    with office.database.write() as connection:
        link = {"parent_id": do_as_zhao.instance_id, "child_id": filed, "kind": "x", "linked_at": office.time.now()}
        connection.execute(insert(case_link), link)
    with office.database.read() as connection:
        assert may_see(connection, office.actor("zhao.lei"), filed)
        assert not may_see(connection, office.actor("zhao.lei"), letter)


# --- messages ---------------------------------------------------------------------------------------------------------


def test_a_message_that_nobody_waits_for_starts_a_case_which_answers(office: Bureau) -> None:
    letter = start_letter(office)
    do(office, letter, "handle", clue="线索甲")
    assert office.open_tasks(letter) == []
    deliver_all(office)
    filed = the_case_of(office, "filed")
    assert filed.facts["clue"] == "线索甲"
    assert filed.facts["parent_title"] == "一封信"
    assert (filed.department, filed.started_by) == ("centre", office.actor("chen.jing").account_id)
    assert kinds(office, letter)[-1] == "sent"
    do(office, filed.id, "decide", filed="立1", place=None)
    deliver_all(office)
    assert office.open_task(letter).name == "立案：立1"
    assert kinds(office, letter)[-1] == "received"
    assert kinds(office, filed.id)[-2:] == ["ended", "sent"]
    (sent,) = rows(office, select(event).where(event.c.instance_id == filed.id, event.c.kind == "sent"))
    assert sent.node_name == "已告知"
    assert sent.detail["cases"] == [{"id": letter, "number": office.case(letter).number}]
    assert sound(office)


def test_a_message_that_comes_too_early_is_kept_until_somebody_waits(office: Bureau) -> None:
    letter = start_letter(office)
    filed = start_filed(office, letter, "chen.jing")
    do(office, filed, "decide", filed="早到", place=None)
    deliver_all(office)
    assert [row.consumed_at for row in rows(office, select(message))] == [None]
    do(office, letter, "handle", clue="线索甲")
    assert office.open_task(letter).name == "立案：早到"


def test_a_message_to_a_suspended_case_waits_until_it_goes_on(office: Bureau) -> None:
    letter = start_letter(office)
    do(office, letter, "handle", clue="线索甲")
    deliver_all(office)
    filed = the_case_of(office, "filed").id
    head = office.actor("liu.fang")
    office.engine.suspend(head, letter, "等一等")
    do(office, filed, "decide", filed="立1", place=None)
    deliver_all(office)
    assert office.open_tasks(letter) == []
    office.engine.resume(head, letter, "继续")
    assert office.open_task(letter).name == "立案：立1"


def test_a_limit_message_reaches_the_parent_although_its_diagram_does_not_wait_for_it(office: Bureau) -> None:
    letter = start_letter(office)
    office.engine.start(office.actor("chen.jing"), "rest", {"clue": "鉴定"}, parent=letter)
    deliver_all(office)
    assert kinds(office, letter)[-2:] == ["limit_refused", "received"]


def test_a_message_that_nobody_takes_keeps_its_problem_and_the_history_says_so(office: Bureau) -> None:
    letter = start_letter(office)
    rest = office.engine.start(office.actor("chen.jing"), "rest", {"clue": "鉴定"}, parent=letter).instance_id
    do(office, rest, "again", seen=None)
    deliver_all(office)
    (kept,) = rows(office, select(post).where(post.c.name == "nobody_waits"))
    assert "没有关联的在办事项" in kept.problem
    assert kept.delivered_at is None
    (said,) = rows(office, select(event.c.comment).where(event.c.instance_id == rest, event.c.kind == "sent").offset(1))
    assert said.comment == kept.problem


def test_messages_of_one_case_arrive_in_the_order_they_were_sent(office: Bureau) -> None:
    letter = start_letter(office)
    rest = office.engine.start(office.actor("chen.jing"), "rest", {"clue": "鉴定"}, parent=letter).instance_id
    do(office, rest, "again", seen=None)
    first, second = _on_their_way(office)
    office.engine.deliver(second)
    assert _on_their_way(office) == []
    (one, two) = rows(office, select(event.c.detail).where(event.c.kind == "sent").order_by(event.c.id))
    assert (one.detail["message"], two.detail["message"]) == ("clock_suspended", "nobody_waits")
    assert first < second


# --- exactly once -----------------------------------------------------------------------------------------------------


def in_many_workers(bureau: Bureau, post_id: int) -> None:
    engines = [bureau.new_engine() for _ in range(4)]
    with ThreadPoolExecutor(len(engines)) as pool:
        for done in [pool.submit(engine.deliver, post_id) for engine in engines]:
            done.result()


def test_several_workers_deliver_a_message_once(office: Bureau) -> None:
    letter = start_letter(office)
    do(office, letter, "handle", clue="线索甲")
    in_many_workers(office, _on_their_way(office)[0])
    filed = the_case_of(office, "filed").id
    do(office, filed, "decide", filed="立1", place=None)
    in_many_workers(office, _on_their_way(office)[0])
    assert kinds(office, letter).count("received") == 1
    assert kinds(office, letter).count("sent") == 1
    assert kinds(office, filed).count("sent") == 1
    assert len(rows(office, select(message))) == 1
    assert sound(office)


class _Killed(BaseException):
    pass


def _die(*_: object, **__: object) -> None:
    raise _Killed


def test_a_worker_killed_between_receiver_and_sender_leaves_nothing_twice(
    office: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = start_letter(office)
    filed = start_filed(office, letter, "chen.jing")
    do(office, letter, "handle", clue="线索甲")
    do(office, filed, "decide", filed="立1", place=None)
    deliver_first = _on_their_way(office)
    with monkeypatch.context() as patch:
        patch.setattr(delivering, "_settle", _die)
        for post_id in deliver_first:
            with pytest.raises(_Killed):
                office.engine.deliver(post_id)
    deliver_all(office)
    assert kinds(office, letter).count("received") == 1
    (count,) = rows(office, select(func.count()).select_from(message))
    assert count[0] == 1
    assert sound(office)


def test_a_worker_killed_while_a_case_is_started_leaves_no_half_case(
    office: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = start_letter(office)
    do(office, letter, "handle", clue="线索甲")
    (post_id,) = _on_their_way(office)
    with monkeypatch.context() as patch:
        patch.setattr(posts, "settle", _die)
        with pytest.raises(_Killed):
            office.engine.deliver(post_id)
    assert rows(office, select(instance).where(instance.c.process == "filed")) == []
    deliver_all(office)
    assert the_case_of(office, "filed").number.endswith("1号")
    assert sound(office)


def test_a_step_that_fails_on_arrival_is_an_incident_that_holds_the_message(office: Bureau) -> None:
    letter = start_letter(office)
    do(office, letter, "handle", clue="线索甲")
    deliver_all(office)
    filed = the_case_of(office, "filed").id
    do(office, filed, "decide", filed=None, place=None)  # the next title adds a text to it, which fails
    deliver_all(office)
    assert office.case(letter).status == "incident"
    (kept,) = rows(office, select(post).where(post.c.name == "clue_filed"))
    assert (kept.receivers, kept.delivered_at is None) == ([letter], False)
    assert office.engine.retry(office.actor("admin"), letter).held
    with pytest.raises(Refused, match="不是由人提交"):
        office.engine.give_back(office.actor("admin"), letter, "改一改")
    assert kinds(office, letter).count("received") == 0


def test_after_a_repair_the_message_is_taken_once(office: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    letter = start_letter(office)
    do(office, letter, "handle", clue="线索甲")
    deliver_all(office)
    do(office, the_case_of(office, "filed").id, "decide", filed="立1", place=None)

    def fail(*_: object) -> bool:
        raise StepFailed("letter", "wait", "等立案", "坏了")

    with monkeypatch.context() as patch:
        patch.setattr(LiveInstance, "send", fail)
        deliver_all(office)
    assert office.case(letter).status == "incident"
    assert not office.engine.retry(office.actor("admin"), letter).held
    assert office.open_task(letter).name == "立案：立1"
    assert kinds(office, letter).count("received") == 1
    assert sound(office)


def test_the_job_delivers_by_the_workers_engine(office: Bureau, tmp_path: Path) -> None:
    letter = start_letter(office)
    do(office, letter, "handle", clue="线索甲")
    (post_id,) = _on_their_way(office)
    files = FileStore(tmp_path / "files")
    jobs = JobsOfEngine(office.engine, Imports(office.engine, SEAL_KEY, files))
    find_job("posts.deliver")(JobContext(office.database, files, office.time, jobs), post_id)
    assert the_case_of(office, "filed").number == "立〔2026〕1号"


def test_posts_that_lost_their_job_get_a_new_one(office: Bureau) -> None:
    letter = start_letter(office)
    do(office, letter, "handle", clue="线索甲")
    now = office.time.now()
    assert posts.requeue_stuck(office.database, now) == 0
    assert posts.requeue_stuck(office.database, now + posts.STUCK_AFTER * 2) == 1
    deliver_all(office)
    assert posts.requeue_stuck(office.database, now + posts.STUCK_AFTER * 2) == 0


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
