"""Gateways: a way out in every case, proved where conditions compare with constants."""

from __future__ import annotations

import pytest

from tests.unit.check.drawing import (
    between,
    check,
    element,
    end,
    errors,
    flow,
    gateway,
    line,
    places,
    process,
    table,
    timer,
    user,
)

MESSAGE = '<bpmn:message id="m" name="paper_received"/><bpmn:message id="m2" name="other_received"/>'


def fork(
    *conditions: str, kind: str = "exclusive", default: str = "", name: str = "是哪种？", label: str = "是"
) -> bytes:
    """A gateway after the entry form with one end event per condition."""
    ends = [end(f"end{n}") for n in range(len(conditions))]
    flows = [flow("ask", f"end{n}", condition, label) for n, condition in enumerate(conditions)]
    settings = {"default": default} if default else {}
    return process(gateway("ask", kind, name=name, **settings), *ends, line("fill", "ask"), *flows)


@pytest.mark.parametrize("kind", ["exclusive", "inclusive"])
@pytest.mark.parametrize(
    "conditions",
    [
        ["kind == 'a'", "kind == 'b'"],  # all choices of a required field
        ["kind == 'a'", "kind != 'a'"],
        ["urgent", "not urgent"],
        ["urgent == True", "urgent == False"],
        ["amount > 5", "amount <= 5"],
        ["amount < 1", "1 <= amount < 5", "amount >= 5"],
        ["kind in ['a', 'x']", "kind not in ['a', 'x']"],
        ["kind == 'a' and amount > 5", "kind == 'a' and amount <= 5", "kind == 'b'"],
    ],
    ids=" | ".join,
)
def test_conditions_that_cover_everything_need_no_default(kind: str, conditions: list[str]) -> None:
    assert errors(check(fork(*conditions, kind=kind))) == []


@pytest.mark.parametrize(
    "conditions",
    [
        ["kind == 'a'", "kind == 'c'"],
        ["amount > 5", "amount < 5"],
        ["amount < 1", "1 < amount"],
        ["subject == '甲'", "subject == '乙'"],
        ["urgent", "kind == 'a'"],
        ["len(subject) > 5", "len(subject) <= 5"],  # true, but beyond what is proved
        ["amount > 5 and urgent", "amount <= 5 and urgent"],
    ],
    ids=" | ".join,
)
def test_conditions_that_leave_a_gap_need_a_default(conditions: list[str]) -> None:
    assert places(check(fork(*conditions)), "no_default") == ["ask"]


def test_the_gap_is_shown_by_an_example() -> None:
    sentence = next(f.sentence for f in check(fork("amount > 5", "amount < 5")) if f.code == "no_default")
    assert "amount 为 5" in sentence


def test_a_default_flow_makes_any_conditions_complete() -> None:
    assert errors(check(fork("kind == 'a'", "", default="ask_end1"))) == []


def test_the_constants_of_a_decision_table_are_all_its_results_can_be() -> None:
    levels = table([['"a"', "'high'"], ["-", "'low'"]], policy="FIRST")
    rule = element("businessRuleTask", "rate", "", '<banli:decision key="levels"/>')
    parts = [rule, gateway("ask", name="级别？"), end(), end("end2"), line("fill", "rate", "ask")]
    ways = [flow("ask", "end", "level == 'high'"), flow("ask", "end2", "level == 'low'")]
    assert errors(check(process(*parts, *ways), levels_dmn=levels)) == []
    ways[1] = flow("ask", "end2", "level == 'none'")
    assert errors(check(process(*parts, *ways), levels_dmn=levels)) == ["no_default"]


def test_a_flow_without_condition_that_is_not_the_default_is_refused() -> None:
    assert places(check(fork("kind == 'a'", "")), "condition_missing") == ["ask_end1"]


def test_a_condition_on_the_default_flow_is_refused_because_it_would_be_ignored() -> None:
    findings = check(fork("kind == 'a'", "kind == 'b'", default="ask_end1"))
    assert places(findings, "default_condition") == ["ask_end1"]


def test_a_default_that_starts_elsewhere_is_refused() -> None:
    assert places(check(fork("kind == 'a'", "kind == 'b'", default="start_fill")), "default_flow") == ["ask"]


def test_a_condition_on_the_only_way_out_is_refused() -> None:
    assert places(check(fork("kind == 'a'")), "lone_condition") == ["ask_end0"]


def test_conditions_of_an_exclusive_gateway_that_overlap_are_a_notice() -> None:
    findings = check(fork("amount > 5", "amount > 3", "amount <= 3"))
    assert places(findings, "conditions_overlap") == ["ask"]
    assert errors(findings) == []


def test_a_gateway_without_question_or_labels_is_a_notice() -> None:
    findings = check(fork("kind == 'a'", "kind == 'b'", name="", label=""))
    assert places(findings, "gateway_name") == ["ask"]
    assert places(findings, "flow_label") == ["ask_end0", "ask_end1"]
    assert errors(findings) == []


def catch(id_: str, definition: str) -> str:
    return element("intermediateCatchEvent", id_, definition)


def wait_for(*nodes: str) -> bytes:
    names = [f"w{n}" for n in range(len(nodes))]
    ends = [end(f"end{n}") for n in range(len(nodes))]
    lines = [line("wait", name, f"end{n}") for n, name in enumerate(names)]
    return process(gateway("wait", "eventBased"), *nodes, *ends, line("fill", "wait"), *lines, outside=MESSAGE)


def test_an_event_gateway_with_a_message_and_a_timer_is_allowed() -> None:
    message = catch("w0", '<bpmn:messageEventDefinition messageRef="m"/>')
    assert errors(check(wait_for(message, catch("w1", timer("'P3D'", "timeDuration"))))) == []


def test_an_event_gateway_with_two_timers_is_refused_because_they_share_one_value() -> None:
    both = [catch(f"w{n}", timer("'P3D'", "timeDuration")) for n in range(2)]
    assert places(check(wait_for(*both)), "event_gateway_timers") == ["wait"]


def test_an_event_gateway_before_a_task_is_refused() -> None:
    nodes = (user("w0"), catch("w1", timer("'P3D'", "timeDuration")))
    assert places(check(wait_for(*nodes)), "event_gateway_targets") == ["w0"]


def test_an_event_gateway_that_starts_a_process_is_refused() -> None:
    nodes = [catch(f"w{n}", f'<bpmn:messageEventDefinition messageRef="{m}"/>') for n, m in enumerate(["m", "m2"])]
    data = wait_for(*nodes).replace(
        b'<bpmn:eventBasedGateway id="wait"', b'<bpmn:eventBasedGateway instantiate="true" id="wait"'
    )
    assert places(check(data), "event_gateway_kind") == ["wait"]


def test_a_parallel_pair_outside_loops_is_allowed() -> None:
    nodes = (gateway("fork", "parallel"), user("one"), user("two"), gateway("join", "parallel"), end())
    assert errors(check(process(*nodes, line("fill", "fork", "one", "join", "end"), line("fork", "two", "join")))) == []


def test_a_plain_line_has_nothing_to_say_about_gateways() -> None:
    assert check(between(user("middle"))) == []
