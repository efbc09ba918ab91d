"""Edges of commands: what one leaves in the rows, and whom it reaches, where nothing else would show it."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from handlers.cases import links
from handlers.people.roles import ROLES
from handlers.service_registry import HandlerRefused
from handlers.store.tables import event
from processes.engine.commands.command import Act
from processes.engine.commands.correcting import correctable
from processes.engine.commands.firing import cases_due
from processes.engine.commands.transaction import log_failure
from processes.engine.errors import StepFailed
from processes.engine.publishing.publish import BEGINNING, Source
from tests.support.bureau import Bureau
from tests.support.cases import decide, start_training
from tests.support.limited import clocks, events, in_mediation
from tests.support.linked import publish_linked, start_letter
from tests.unit.check.drawing import ENTRY, diagram, end, form, line, start, user

SUBJECT = {"type": "textfield", "key": "subject", "label": "事由", "validate": {"required": True}}


def begin(bureau: Bureau, key: str, *fields: dict[str, Any], then: str = "", **values: Any) -> int:
    """A case of a procedure with one step after its entry form, which asks for `subject` and `fields`."""
    entry = ENTRY.replace('form="sample"', f'form="{key}_entry"')
    drawn = diagram(
        start(),
        user("fill", entry),
        user("decide", then or f'<banli:task form="{key}_more"/>'),
        end(),
        line("start", "fill", "decide", "end"),
        key=key,
    )
    bureau.publish(
        Source("process", key, drawn),
        Source("form", f"{key}_entry", form(f"{key}_entry", SUBJECT, *fields)),
        Source("form", f"{key}_more", form(f"{key}_more", {"type": "textarea", "key": "note", "label": "说明"})),
        effective_on=BEGINNING,
    )
    return bureau.engine.start(bureau.actor("chen.jing"), key, {"subject": "饮水机漏电", **values}).instance_id


def test_a_cancelled_case_has_a_day_and_a_word_of_its_end_and_waits_for_no_timer(bureau: Bureau) -> None:
    case = start_training(bureau)
    bureau.engine.cancel(bureau.actor("liu.fang"), case, "重复提交")
    row = bureau.case(case)
    assert (row.ended_at, row.outcome, row.next_due_at) == (bureau.time.now(), "已撤销", None)


def test_a_cancelled_case_is_not_found_by_the_sweep_of_timers(house: Bureau) -> None:
    case = in_mediation(house, "2026-03-02")
    assert house.case(case).next_due_at is not None
    house.engine.cancel(house.actor("liu.fang"), case, "重复登记")
    assert house.case(case).next_due_at is None


def test_only_cases_whose_timer_is_due_are_swept(house: Bureau) -> None:
    case = in_mediation(house, "2026-03-02")
    due_at = house.case(case).next_due_at
    assert list(cases_due(house.database, due_at - timedelta(seconds=1))) == []
    assert list(cases_due(house.database, due_at)) == [case]


def test_a_warning_names_the_unit_that_has_the_case(house: Bureau) -> None:
    limit = '<banli:task form="warned_more"/><banli:limit code="accept" from="received_at"/>'
    fields = (
        {"type": "textfield", "key": "unit", "label": "承办单位"},
        {"type": "datetime", "subtype": "datetime", "key": "received_at", "label": "收到时间"},
    )
    case = begin(house, "warned", *fields, then=limit, unit="unit_1", received_at="2026-02-27T09:00:00+08:00")
    assert [row.due_on for row in clocks(house, case)] == [date(2026, 3, 9)]
    house.time.move_to(datetime.fromisoformat("2026-03-10T10:00+08:00"))
    assert house.engine.sweep_deadlines(house.time.now()) == 1
    assert events(house, case, "deadline_warning")[0].detail["unit"] == "unit_1"


def test_a_step_of_a_role_for_the_whole_bureau_belongs_to_no_department(bureau: Bureau) -> None:
    case = start_training(bureau)
    decide(bureau, case, "wang.jianguo", "agree", "同意")
    row = bureau.open_task(case)
    assert (ROLES[row.role].is_bureau_wide, row.department) == (True, None)


def test_a_list_of_rows_is_not_offered_for_correction_and_a_value_beside_it_is(bureau: Bureau) -> None:
    people = {
        "type": "dynamiclist",
        "path": "people",
        "label": "人员",
        "components": [{"type": "textfield", "key": "name", "label": "姓名"}],
    }
    case = begin(bureau, "listed", people, people=[{"name": "甲"}])
    assert bureau.case(case).facts["people"] == [{"name": "甲"}]
    row = bureau.case(case)
    with bureau.database.read() as connection:
        release = bureau.engine.library.release(row.release_id)
        offered = correctable(connection, bureau.engine.library, release, row, bureau.actor("chen.jing"))
    assert [item.field.key for item in offered] == ["subject"]


def test_a_linked_case_that_changed_the_value_meanwhile_is_not_told(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look for linked cases and the lock of one, its own people may have written another value."""
    publish_linked(bureau)
    letter = start_letter(bureau)
    filed = bureau.engine.start(bureau.actor("chen.jing"), "filed", {"clue": "线索"}, parent=letter).instance_id
    bureau.engine.correct(bureau.actor("chen.jing"), letter, "place", {"place": "汉沽"}, "听错")  # told: it had 塘沽
    real = links.open_children_with

    def as_before(connection: Connection, parent_id: int, key: str, old: object) -> Any:
        return real(connection, parent_id, key, "塘沽")

    monkeypatch.setattr(links, "open_children_with", as_before)
    bureau.engine.correct(bureau.actor("chen.jing"), letter, "place", {"place": "大港"}, "又听错")
    with bureau.database.read() as connection:
        told = select(event.c.id).where(event.c.instance_id == filed, event.c.kind == "parent_corrected")
        assert len(connection.execute(told).all()) == 1


def test_what_a_handler_refused_is_logged_without_a_trace_and_what_nobody_foresaw_with_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    for cause, traced in ((HandlerRefused("没有模板"), False), (KeyError("unit"), True)):
        caplog.clear()
        failure = StepFailed("training", "issue", "制作文书", "出错")
        failure.__cause__ = cause
        with caplog.at_level(logging.WARNING):
            log_failure("case 1", failure)
        (record,) = caplog.records
        assert bool(record.exc_info) is traced


def test_an_act_kept_before_forms_had_personal_answers_can_be_carried_out(bureau: Bureau) -> None:
    kept = {"instance_id": 1, "actor_id": 2, "scope": "visit", "node": "contact", "values": {}}
    act = Act.from_json(kept)
    assert (act.personal, replace(act, personal={"a": 1}).personal) == ({}, {"a": 1})
