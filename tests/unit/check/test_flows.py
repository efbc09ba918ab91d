"""Flows: what runs twice, too early, never, or without end."""

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
    start,
    timer,
    user,
)

MESSAGE = '<bpmn:message id="m" name="paper_received"/>'
ON_MESSAGE = '<bpmn:messageEventDefinition messageRef="m"/>'


def test_a_condition_on_a_flow_out_of_a_task_is_refused() -> None:
    findings = check(process(end(), flow("fill", "end", "kind == 'a'")))
    assert places(findings, "condition_ignored") == ["fill_end"]


def test_a_condition_on_a_flow_out_of_a_parallel_gateway_is_refused() -> None:
    parts = (gateway("fork", "parallel"), end(), end("end2"), line("fill", "fork", "end"))
    findings = check(process(*parts, flow("fork", "end2", "kind == 'a'")))
    assert places(findings, "condition_ignored") == ["fork_end2"]


def test_two_flows_out_of_a_task_are_refused() -> None:
    findings = check(process(end(), end("end2"), line("fill", "end"), line("fill", "end2")))
    assert places(findings, "several_outgoing") == ["fill"]


def test_two_flows_into_a_task_are_refused_because_it_would_run_twice() -> None:
    parts = (gateway("ask", default="ask_end"), end(), line("fill", "ask"))
    back = flow("ask", "fill", "kind == 'a'") + flow("ask", "end")
    assert places(check(process(*parts, back)), "several_incoming") == ["fill"]


def test_a_flow_that_leads_nowhere_is_refused() -> None:
    assert places(check(between(user("middle"), flow("middle", "gone"))), "flow_ends") == ["middle_gone"]


def test_a_flow_through_the_border_of_a_subprocess_is_refused() -> None:
    inner = start("s") + user("inner") + end("e") + line("s", "inner", "e")
    findings = check(between(element("subProcess", "middle", inner), end("end2"), flow("inner", "end2")))
    assert places(findings, "flow_scope") == ["inner_end2"]


def test_a_process_needs_exactly_one_start() -> None:
    findings = check(between(user("middle"), start("start2"), user("other"), line("start2", "other", "end")))
    assert places(findings, "one_start") == ["sample"]


def test_a_subprocess_needs_exactly_one_start_and_an_end() -> None:
    findings = check(between(element("subProcess", "middle", user("inner"))))
    assert places(findings, "one_start") == ["middle"]
    assert places(findings, "no_end") == ["middle"]


def test_a_process_without_an_end_is_refused() -> None:
    assert places(check(process(user("middle"), line("fill", "middle"))), "no_end") == ["sample"]


def test_a_node_that_cannot_be_reached_is_refused() -> None:
    findings = check(between(user("middle"), user("island"), end("end2"), line("island", "end2")))
    assert set(places(findings, "unreachable")) == {"island", "end2"}


def test_a_node_from_which_no_end_can_be_reached_is_refused() -> None:
    parts = (gateway("ask", default="ask_end"), user("trap"), end(), line("fill", "ask"))
    findings = check(process(*parts, flow("ask", "trap", "kind == 'a'"), flow("ask", "end")))
    assert places(findings, "no_way_out") == ["trap"]


def test_a_node_behind_a_boundary_event_counts_as_reached() -> None:
    late = element("boundaryEvent", "late", timer("'P3D'", "timeDuration"), attachedToRef="middle")
    assert errors(check(between(user("middle"), late, end("other"), line("late", "other")))) == []


@pytest.mark.parametrize("kind", ["parallel", "inclusive"])
def test_a_join_inside_a_loop_is_refused_because_it_fires_early_from_round_two(kind: str) -> None:
    nodes = [gateway("again"), gateway("fork", "parallel"), user("one"), user("two"), gateway("join", kind)]
    nodes += [gateway("ask", default="ask_end"), end()]
    lines = line("fill", "again", "fork", "one", "join", "ask") + line("fork", "two", "join")
    findings = check(process(*nodes, lines, flow("ask", "again", "kind == 'a'"), flow("ask", "end")))
    assert places(findings, "join_in_loop") == ["join"]


def test_a_join_in_a_subprocess_inside_a_loop_is_allowed() -> None:
    inner = (
        start("s") + gateway("fork", "parallel") + user("one") + user("two") + gateway("join", "parallel") + end("e")
    )
    inner += line("s", "fork", "one", "join", "e") + line("fork", "two", "join")
    nodes = (gateway("again"), element("subProcess", "both", inner), gateway("ask", default="ask_end"), end())
    lines = line("fill", "again", "both", "ask")
    assert errors(check(process(*nodes, lines, flow("ask", "again", "kind == 'a'"), flow("ask", "end")))) == []


def test_a_boundary_event_on_an_automatic_task_is_refused() -> None:
    late = element("boundaryEvent", "late", timer("'P3D'", "timeDuration"), attachedToRef="middle")
    service = element("serviceTask", "middle", "", '<banli:handler name="sample.count"/>')
    assert places(check(between(service, late, end("other"), line("late", "other"))), "boundary_host") == ["late"]


def test_a_boundary_event_that_leads_nowhere_is_refused() -> None:
    late = element("boundaryEvent", "late", timer("'P3D'", "timeDuration"), attachedToRef="middle")
    assert places(check(between(user("middle"), late)), "boundary_outgoing") == ["late"]


def test_a_join_behind_a_message_that_may_come_again_is_refused_unless_it_is_in_a_sub_process() -> None:
    news = element("boundaryEvent", "news", ON_MESSAGE, attachedToRef="middle", cancelActivity="false")
    pair = gateway("fork", "parallel") + user("one") + user("two") + gateway("join", "parallel")
    pair += line("fork", "one", "join") + line("fork", "two", "join")
    drawn = between(
        user("middle"), news, pair, end("other"), line("news", "fork"), line("join", "other"), outside=MESSAGE
    )
    assert places(check(drawn), "join_of_many") == ["join"]
    inner = start("s") + pair + end("e") + line("s", "fork") + line("join", "e")
    both = element("subProcess", "both", inner)
    drawn = between(user("middle"), news, both, end("other"), line("news", "both", "other"), outside=MESSAGE)
    assert errors(check(drawn)) == []


def test_more_than_300_nodes_are_refused() -> None:
    names = [f"n{number}" for number in range(300)]
    tasks = (user(name) for name in names)
    assert "too_many_nodes" in errors(check(process(*tasks, end(), line("fill", *names, "end"))))


def branches(split: str, join: str) -> bytes:
    """Two tasks between a splitting and a joining gateway."""
    settings = {"default": "split_one"} if split in {"exclusive", "inclusive"} else {}
    nodes = (gateway("split", split, **settings), user("one"), user("two"), gateway("join", join), end())
    second = flow("split", "two", "kind == 'a'" if settings else "")
    return process(
        *nodes, line("fill", "split"), flow("split", "one"), second, line("one", "join", "end"), line("two", "join")
    )


@pytest.mark.parametrize(
    ("split", "join"), [("parallel", "parallel"), ("exclusive", "exclusive"), ("inclusive", "inclusive")]
)
def test_a_split_and_its_join_of_one_kind_are_fine(split: str, join: str) -> None:
    assert errors(check(branches(split, join))) == []
    assert places(check(branches(split, join)), "runs_twice") == []


@pytest.mark.parametrize("split", ["exclusive", "inclusive"])
def test_a_join_that_waits_for_a_branch_that_never_comes_is_refused(split: str) -> None:
    assert places(check(branches(split, "parallel")), "never_joined") == ["join"]


@pytest.mark.parametrize("split", ["parallel", "inclusive"])
def test_branches_that_meet_without_waiting_for_each_other_are_a_notice(split: str) -> None:
    assert places(check(branches(split, "exclusive")), "runs_twice") == ["end"]


def test_work_done_twice_in_a_loop_is_not_called_stuck() -> None:
    nodes = (gateway("again"), gateway("fork", "parallel"), user("one"), end())
    findings = check(process(*nodes, line("fill", "again", "fork", "one", "end"), line("fork", "again")))
    assert places(findings, "runs_twice") != []
    assert places(findings, "never_joined") == []


def test_a_terminating_end_frees_all_branches() -> None:
    nodes = (
        gateway("split", "parallel"),
        user("one"),
        user("two"),
        end(),
        end("stop", "<bpmn:terminateEventDefinition/>"),
    )
    ways = line("fill", "split", "one", "end") + line("split", "two", "stop")
    assert errors(check(process(*nodes, ways))) == []


def test_a_boundary_event_that_leaves_a_join_waiting_is_found() -> None:
    late = element("boundaryEvent", "late", timer("'P3D'", "timeDuration"), attachedToRef="one")
    nodes = (
        gateway("split", "parallel"),
        user("one"),
        late,
        user("two"),
        gateway("join", "parallel"),
        end(),
        end("out"),
    )
    ways = line("fill", "split", "one", "join", "end") + line("split", "two", "join") + line("late", "out")
    assert places(check(process(*nodes, ways)), "never_joined") == ["join"]


def test_flows_into_the_start_and_out_of_an_end_are_refused() -> None:
    findings = check(process(end(), line("fill", "end", "start")))
    assert places(findings, "start_incoming") == ["start"]
    assert places(findings, "end_outgoing") == ["end"]
