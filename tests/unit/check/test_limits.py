"""`banli:limit`: on activities only, with codes of the table, counted from variables that are known there."""

from __future__ import annotations

import pytest

from tests.unit.check.drawing import (
    LIMITS,
    between,
    check,
    element,
    end,
    errors,
    line,
    places,
    start,
    timer,
    user,
)

DECIDE = '<banli:task form="decide"/>'


def limited(*limits: str) -> bytes:
    """A user task in the middle with these limits."""
    return between(user("middle", DECIDE + "".join(limits)))


def test_a_task_may_have_limits_of_the_table_counted_from_a_known_variable() -> None:
    assert errors(check(limited('<banli:limit code="reply"/>'), time_limits_dmn=LIMITS)) == []
    assert errors(check(limited('<banli:limit code="reply" from="subject"/>'), time_limits_dmn=LIMITS)) == []


def test_so_may_a_sub_process() -> None:
    inside = start("begin") + user("talk") + end("over") + line("begin", "talk", "over")
    sub = element("subProcess", "middle", inside, '<banli:limit code="reply" from="subject"/>')
    assert errors(check(between(sub), time_limits_dmn=LIMITS)) == []


@pytest.mark.parametrize("code", ["never", ""])
def test_a_code_that_no_row_yields_is_an_error(code: str) -> None:
    found = check(limited(f'<banli:limit code="{code}"/>'), time_limits_dmn=LIMITS)
    assert places(found, "limit_unknown") == ["middle"]


def test_the_same_code_twice_is_an_error() -> None:
    twice = limited('<banli:limit code="reply"/>', '<banli:limit code="reply" from="subject"/>')
    assert places(check(twice, time_limits_dmn=LIMITS), "limit_twice") == ["middle"]


def test_a_limit_on_an_event_is_an_error() -> None:
    marked = between(element("intermediateThrowEvent", "middle", extension='<banli:limit code="reply"/>'))
    assert places(check(marked, time_limits_dmn=LIMITS), "limit_place") == ["middle"]


def test_a_start_that_does_not_compile_or_knows_no_variable_is_an_error() -> None:
    wrong = check(limited('<banli:limit code="reply" from="subject."/>'), time_limits_dmn=LIMITS)
    assert places(wrong, "expression") == ["middle"]
    unknown = check(limited('<banli:limit code="reply" from="accepted_at"/>'), time_limits_dmn=LIMITS)
    assert places(unknown, "unknown_variable") == ["middle"]


def test_a_timer_takes_a_code_and_a_start_and_nothing_more() -> None:
    def wait(text: str) -> bytes:
        return between(element("intermediateCatchEvent", "middle", timer(text)))

    assert errors(check(wait("clock('reply', subject)"), time_limits_dmn=LIMITS)) == []
    assert places(check(wait("clock('reply', subject, 1)"), time_limits_dmn=LIMITS), "timer") == ["middle"]
    assert places(check(wait("clock('reply', other)"), time_limits_dmn=LIMITS), "unknown_variable") == ["middle"]
