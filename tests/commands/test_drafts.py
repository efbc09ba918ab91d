"""A step that begins again in the middle of somebody's work: what they have typed goes on with it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from handlers.database import Database
from handlers.drafts import draft_subjects, find_draft, move_drafts, save_draft
from handlers.time_source import beijing_date
from processes.engine.publish import Source, publish
from tests.support.bureau import Bureau
from tests.support.linked import ENTRY
from tests.unit.check.drawing import diagram, element, end, form, line, start, user

_AGAIN = '<bpmn:messageEventDefinition messageRef="m_again"/>'
_WARN = '<banli:task form="again_any" role="\'centre_clerk\'"/>'


@pytest.fixture
def warned(bureau_on_both: Bureau) -> Bureau:
    """The bureau with a step that a message begins anew, as a further warning begins the answer anew."""
    work = start("in") + user("answer", '<banli:task form="again_any"/>') + end("out") + line("in", "answer", "out")
    drawn = diagram(
        start(),
        user("fill", ENTRY.format("again_any")),
        element("exclusiveGateway", "merge", name="汇合"),
        element("subProcess", "work", work),
        element("boundaryEvent", "again", _AGAIN, _WARN, attachedToRef="work", name="再次预警"),
        end(),
        line("start", "fill", "merge", "work", "end"),
        line("again", "merge"),
        key="warned",
        case='<banli:case title="subject" prefix="督"/>',
        outside='<bpmn:message id="m_again" name="warned_again"/>',
    )
    anything = form("again_any", {"type": "textfield", "key": "subject", "label": "内容"})
    now = bureau_on_both.time.now()
    sources = [Source("process", "warned", drawn), Source("form", "again_any", anything)]
    with bureau_on_both.database.write() as connection:
        publish(connection, sources, author="测试", note="测试", effective_on=beijing_date(now), now=now)
    return bureau_on_both


def test_a_draft_on_a_task_that_a_further_warning_replaced_is_on_the_new_task(warned: Bureau) -> None:
    writer, colleague = warned.actor("zhao.lei"), warned.actor("chen.jing")
    case = warned.engine.start(writer, "warned", {"subject": "甲"}).instance_id
    before = warned.open_task(case)
    for person, typed in ((writer, "写了一半"), (colleague, "也写了")):
        with warned.database.write() as connection:
            save_draft(connection, person.account_id, f"task:{before.id}", {"subject": [typed]}, warned.time.now())
    warned.engine.act(colleague, case, "warned", "again", {"subject": "再次预警"})
    after = warned.open_task(case)
    assert (after.node, after.id != before.id) == ("answer", True)
    with warned.database.read() as connection:
        assert draft_subjects(connection, writer.account_id) == {f"task:{after.id}"}
        kept = find_draft(connection, colleague.account_id, f"task:{after.id}")
    assert kept is not None
    assert kept.values == {"subject": ["也写了"]}
    warned.engine.complete(writer, after.id, {"subject": "写完了"})
    with warned.database.read() as connection:
        assert draft_subjects(connection, writer.account_id) == frozenset()


def test_of_several_tasks_of_one_step_none_gets_the_draft_of_another(warned: Bureau) -> None:
    database: Database = warned.database
    person = warned.actor("zhao.lei").account_id
    closed = [
        SimpleNamespace(id=901, scope="joint", node="opinion"),
        SimpleNamespace(id=902, scope="joint", node="opinion"),
    ]
    opened = [
        SimpleNamespace(id=903, scope="joint", node="opinion"),
        SimpleNamespace(id=904, scope="joint", node="other"),
    ]
    with database.write() as connection:
        save_draft(connection, person, "task:901", {}, warned.time.now())
        move_drafts(connection, closed, opened)
        assert draft_subjects(connection, person) == {"task:901"}
        move_drafts(connection, closed[:1], opened[1:])
        assert draft_subjects(connection, person) == {"task:901"}
