"""What is longer than its column in the database is found before it is published."""

from __future__ import annotations

import pytest

from handlers.cases.drafts import action_draft
from handlers.store.tables import clock, definition, draft, instance, room_of, task
from processes.engine.check import check_bundle
from tests.unit.check.drawing import (
    FORMS,
    ROLES,
    SERVICES,
    between,
    check,
    element,
    end,
    errors,
    form,
    line,
    places,
    process,
    table,
    user,
)

NAME, OUTCOME = room_of(task.c.name), room_of(task.c.outcome)
DECIDE = '<banli:task form="decide" outcome="decision"/>'


def labelled(length: int) -> dict[str, bytes]:
    """The forms, with a choice whose words have so many characters."""
    choices = [{"value": "agree", "label": "同" * length}, {"value": "refuse", "label": "否"}]
    return {
        **FORMS,
        "decide": form(
            "decide",
            {"type": "radio", "key": "decision", "label": "意见", "values": choices}
            | {"properties": {"opinion": "true"}},
        ),
    }


@pytest.mark.parametrize("length", [NAME, NAME + 1])
def test_a_step_has_a_name_that_fits(length: int) -> None:
    found = check(between(user("middle", DECIDE, name="名" * length)))
    assert places(found, "too_long") == ["middle"] * (length - NAME)


def test_the_sentence_says_how_long_it_is_and_how_long_it_may_be() -> None:
    found = check(between(user("middle", DECIDE, name="名" * 121)))
    (finding,) = [finding for finding in found if finding.code == "too_long"]
    assert finding.file == "sample.bpmn"
    assert finding.is_error
    assert finding.sentence == f"节点名称「{'名' * 20}…」有 121 个字，最多 120 个，请改短"


def test_an_id_a_case_number_and_an_end_have_texts_that_fit() -> None:
    id_ = "n" * (room_of(task.c.node) + 1)
    assert places(check(between(user(id_, DECIDE), name=id_)), "too_long") == [id_]
    prefix = "样" * (room_of(instance.c.number) - len("〔2026〕9999999号"))
    case = '<banli:case title="subject" prefix="{}"/>'
    assert errors(check(between(user("middle", DECIDE), case=case.format(prefix)))) == []
    assert places(check(between(user("middle", DECIDE), case=case.format(prefix + "样"))), "too_long") == ["sample"]
    over = process(end(name="完" * (room_of(instance.c.outcome) + 1)), line("fill", "end"))
    assert places(check(over), "too_long") == ["end"]


@pytest.mark.parametrize("length", [OUTCOME, OUTCOME + 1])
def test_the_words_of_an_outcome_fit(length: int) -> None:
    found = check(between(user("middle", DECIDE)), forms=labelled(length))
    assert places(found, "too_long") == ["middle"] * (length - OUTCOME)


def test_the_words_of_another_answer_may_be_long() -> None:
    assert errors(check(between(user("middle")), forms=labelled(OUTCOME + 1))) == []


def test_a_department_that_is_written_down_fits() -> None:
    settings = '<banli:task form="decide" department="\'{}\'"/>'.format("d" * (room_of(task.c.department) + 1))
    assert places(check(between(user("middle", settings))), "too_long") == ["middle"]


def test_the_draft_of_an_action_has_room_for_its_process_and_its_event() -> None:
    key = "a_process_with_a_long_name"
    id_ = "a" * (room_of(draft.c.subject) - len(action_draft(9_999_999, key, "")) + 1)
    message = '<bpmn:messageEventDefinition messageRef="m"/>'
    settings = '<banli:task form="decide" role="\'centre_clerk\'"/>'

    def drawn(event: str) -> bytes:
        boundary = element("boundaryEvent", event, message, settings, attachedToRef="middle")
        parts = (user("middle"), boundary, end("gone"), line(event, "gone"))
        return between(*parts, key=key, outside='<bpmn:message id="m" name="withdrawn"/>')

    assert places(check(forms=FORMS, **{key: drawn(id_)}), "too_long") == [id_]
    assert errors(check(forms=FORMS, **{key: drawn(id_[1:])})) == []


def limits(code: str, name: str) -> bytes:
    """The table of limits with one row."""
    return table([[f'"{code}"', name, "3", '"WD"']], ("code",), ("name", "amount", "unit"), key="time_limits")


def test_codes_and_names_of_limits_fit() -> None:
    drawn = between(user("middle", DECIDE))
    code, name = "c" * (room_of(clock.c.code) + 1), "限" * (room_of(clock.c.name) + 1)
    assert places(check(drawn, time_limits_dmn=limits(code[1:], f'"{name[1:]}"')), "too_long") == []
    assert places(check(drawn, time_limits_dmn=limits(code, '"答复"')), "too_long") == ["time_limits"]
    assert places(check(drawn, time_limits_dmn=limits("reply", f'"{name}"')), "too_long") == ["r1"]
    assert places(check(drawn, time_limits_dmn=limits("reply", "code")), "too_long") == ["r1"]


def test_a_rule_set_fits() -> None:
    long = "R" * (room_of(clock.c.rule_set) + 1)
    rules = table([["-", f'"{long}"']], ("received_on",), ("rule_set",), key="rule_set")
    assert places(check(between(user("middle", DECIDE)), rule_set_dmn=rules), "too_long") == ["r1"]


def test_names_of_files_fit_for_they_are_the_keys() -> None:
    key = "k" * (room_of(definition.c.key) + 1)
    rules = table([["-", "1"]], ("kind",), ("level",), key=key)
    files = {"sample.bpmn": between(user("middle", DECIDE)), f"{key}.dmn": rules}
    found = check_bundle(files, forms=FORMS, services=SERVICES, roles=ROLES, letters={key: None, "notice": None})
    assert {finding.file for finding in found if finding.code == "too_long"} == {f"{key}.dmn", f"{key}.docx"}
