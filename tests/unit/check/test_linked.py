"""The check on cases that belong together: linked processes, message starts, messages, actions."""

from __future__ import annotations

import pytest

from processes.engine.check import Finding
from tests.support.linked import FORMS, filed, letter, message, rest
from tests.unit.check.drawing import check, diagram, element, end, line, start, user


def findings(**changed: bytes) -> list[Finding]:
    """Of the three linked test procedures, with some of them changed."""
    return check(**({"letter": letter(), "filed": filed(), "rest": rest()} | changed), forms=FORMS)


def codes(found: list[Finding]) -> set[str]:
    return {one.code for one in found if one.is_error}


def test_the_three_linked_procedures_hold_but_for_the_message_that_nobody_takes() -> None:
    # The three share one list of messages, so each of them has some that only the others use.
    told = [(one.code, one.element_id, one.severity) for one in findings() if one.code != "message_unused"]
    assert told == [("message_nobody", "bye", "notice")]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('linked="letter"', 'linked="leter"', "linked_unknown"),
        ('linked="letter"', 'linked="letter" registre="true"', "extension"),
        ('value="filed"', 'value="filed +"', "expression"),
        ('value="filed"', 'value="nothing"', "unknown_variable"),
        ('<banli:in name="filed"', '<banli:in name="Filed"', "variable_name"),
        ("parent_number", "parent_nummer", "unknown_variable"),
    ],
)
def test_what_is_wrong_in_a_linked_procedure_is_named(old: str, new: str, code: str) -> None:
    text = filed().decode()
    assert old in text
    assert code in codes(findings(filed=text.replace(old, new).encode()))


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('<banli:task form="linked_withdraw"', '<banli:task form="linked_none"', "form_missing"),
        ('<banli:task form="linked_withdraw"', "<banli:task", "form_missing"),
        ("'centre_clerk'", "'nobody'", "lane_role"),
        ('name="撤诉"', 'name=""', "action_name"),
        ('<banli:task form="linked_withdraw"', '<banli:task outcome="x" form="linked_withdraw"', "action_settings"),
    ],
)
def test_an_action_needs_a_name_a_form_and_a_role(old: str, new: str, code: str) -> None:
    text = letter().decode()
    assert old in text
    assert code in codes(findings(letter=text.replace(old, new).encode()))


def test_settings_of_a_task_stay_off_other_events() -> None:
    wrong = diagram(
        start(),
        user("fill", '<banli:task form="sample" entry="true"/>'),
        end("end", message("withdrawn"), extension='<banli:task form="decide"/>'),
        line("start", "fill", "end"),
        outside='<bpmn:message id="m_withdrawn" name="withdrawn"/>',
    )
    assert "task_settings" in codes(check(wrong))


def test_one_message_starts_one_procedure_only() -> None:
    twin = filed().decode().replace('id="filed" name', 'id="twin" name')
    twin = twin.replace('bpmnElement="filed"', 'bpmnElement="twin"')
    assert "message_start" in codes(findings(twin=twin.encode()))


def test_a_called_procedure_is_not_started_by_a_message() -> None:
    caller = diagram(
        start(),
        user("fill", '<banli:task form="linked_receive" entry="true"/>'),
        element("callActivity", "call", calledElement="filed"),
        end(),
        line("start", "fill", "call", "end"),
        key="caller",
    )
    assert "message_start" in codes(findings(caller=caller))


def test_a_process_has_one_plain_start() -> None:
    text = filed().decode().replace('<bpmn:messageEventDefinition messageRef="m_clue_found"/>', "")
    assert "one_start" in codes(findings(filed=text.encode()))
