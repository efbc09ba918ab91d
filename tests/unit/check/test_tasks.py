"""Tasks, variables, calls, events, papers: each rule by one small bad diagram."""

from __future__ import annotations

import pytest

from tests.unit.check.drawing import (
    CARD,
    CASE,
    ENTRY,
    LIMITS,
    between,
    check,
    diagram,
    element,
    end,
    errors,
    flow,
    gateway,
    line,
    places,
    process,
    start,
    table,
    timer,
    user,
)

RULE = element("businessRuleTask", "middle", "", '<banli:decision key="levels"/>')
LEVELS = table([['"a"', "1"], ["-", "2"]], policy="FIRST")


def task(**attributes: str) -> str:
    """`banli:task` with the decide form."""
    rest = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<banli:task form="decide"{rest}/>'


def service(*bindings: str, handler: str = "sample.count") -> str:
    return element("serviceTask", "middle", "", f'<banli:handler name="{handler}"/>{"".join(bindings)}')


# --- desks --------------------------------------------------------------------------------


@pytest.mark.parametrize("settings", ["", "<banli:task/>", '<banli:task form="unknown"/>'])
def test_a_user_task_needs_a_form_that_exists(settings: str) -> None:
    findings = check(between(user("middle", settings)))
    assert places(findings, "form_missing") + places(findings, "task_settings") == ["middle"]


def test_without_forms_at_hand_their_existence_is_not_judged() -> None:
    assert errors(check(between(user("middle", '<banli:task form="unknown"/>')), forms=None)) == []


def test_a_user_task_outside_all_lanes_is_refused() -> None:
    assert places(check(between(user("middle"), lane=False)), "lane_missing") == ["fill", "middle"]


def test_a_lane_needs_a_role() -> None:
    assert places(check(between(user("middle"), role="")), "lane_role") == ["fill", "middle"]


def test_a_lane_with_an_unknown_role_is_refused() -> None:
    assert places(check(between(user("middle"), role="emperor")), "lane_role") == ["sample"]


def test_a_role_expression_takes_the_place_of_the_lane_role() -> None:
    entry = '<banli:task form="sample" entry="true" role="\'centre_head\'"/>'
    findings = check(
        diagram(
            start(),
            user("fill", entry),
            user("middle", task(role="kind")),
            end(),
            line("start", "fill", "middle", "end"),
            role="",
        )
    )
    assert errors(findings) == []


def test_a_constant_role_that_does_not_exist_is_refused() -> None:
    assert places(check(between(user("middle", task(role="'emperor'")))), "lane_role") == ["middle"]


def test_the_outcome_must_be_a_field_of_the_form() -> None:
    assert errors(check(between(user("middle", task(outcome="decision"))))) == []
    assert places(check(between(user("middle", task(outcome="verdict")))), "outcome_field") == ["middle"]


def test_the_code_of_an_activitys_limit_may_be_an_expression_over_known_variables() -> None:
    known, unknown = (f"<banli:limit code=\"='grade_' + {name}\"/>" for name in ("kind", "colour"))
    assert errors(check(between(user("middle", task() + known)), time_limits_dmn=LIMITS)) == []
    assert places(check(between(user("middle", task() + unknown))), "unknown_variable") == ["middle"]


def test_a_limit_must_be_a_row_of_the_table_of_limits() -> None:
    assert errors(check(between(user("middle", task(limit="reply"))), time_limits_dmn=LIMITS)) == []
    assert places(check(between(user("middle", task(limit="never"))), time_limits_dmn=LIMITS), "limit_unknown") == [
        "middle"
    ]
    assert errors(check(between(user("middle", task(limit="=amount"))))) == []


def test_the_table_that_explains_a_desk_must_exist() -> None:
    assert places(check(between(user("middle", task(decided_by="levels")))), "table_missing") == ["middle"]


@pytest.mark.parametrize("extension", ["", '<banli:handler name="sample.unknown"/>'])
def test_a_service_task_needs_a_registered_function(extension: str) -> None:
    assert places(check(between(element("serviceTask", "middle", "", extension))), "handler") == ["middle"]


@pytest.mark.parametrize("template", ["'lost'", "kind"])
def test_a_letter_needs_a_template_that_is_known_beforehand(template: str) -> None:
    findings = check(between(service(f'<banli:in name="template" value="{template}"/>', handler="letters.issue")))
    assert places(findings, "letter") == ["middle"]
    good = service('<banli:in name="template" value="\'notice\'"/>', handler="letters.issue")
    assert errors(check(between(good))) == []


@pytest.mark.parametrize("extension", ["", '<banli:decision key="lost"/>'])
def test_a_rule_task_needs_a_table_that_exists(extension: str) -> None:
    assert places(check(between(element("businessRuleTask", "middle", "", extension))), "table_missing") == ["middle"]


def test_a_procedure_that_people_start_has_exactly_one_entry_task() -> None:
    none = diagram(start(), user("fill"), end(), line("start", "fill", "end"))
    assert places(check(none), "entry_task") == ["sample"]
    assert places(check(between(user("middle", ENTRY))), "entry_task") == ["sample"]


def test_the_entry_task_is_the_first_one() -> None:
    swapped = diagram(start(), user("middle"), user("fill", ENTRY), end(), line("start", "middle", "fill", "end"))
    assert places(check(swapped), "entry_task") == ["fill"]


# --- variables --------------------------------------------------------------------------------


def test_a_condition_that_does_not_compile_is_refused_at_its_flow() -> None:
    parts = (gateway("ask", default="ask_end"), end(), end("end2"), line("fill", "ask"))
    findings = check(process(*parts, flow("ask", "end"), flow("ask", "end2", "kind = 'a'")))
    assert places(findings, "expression") == ["ask_end2"]


@pytest.mark.parametrize("text", ["().__class__", "kind.upper()", "open('x')", "kind * 1000 ** 9"])
def test_code_is_refused_in_every_place_of_a_task(text: str) -> None:
    findings = check(between(user("middle", task(title=text.replace('"', "'")))))
    assert places(findings, "expression") == ["middle"]


def test_a_variable_that_nothing_sets_is_refused() -> None:
    assert places(check(between(user("middle", task(title="knid")))), "unknown_variable") == ["middle"]


def test_a_variable_that_is_set_only_later_is_refused() -> None:
    findings = check(between(user("middle", task(title="decision"))))
    assert places(findings, "variable_too_late") == ["middle"]


def test_a_variable_of_an_earlier_round_of_a_loop_is_known() -> None:
    nodes = (gateway("again"), user("middle", task(title="decision")), gateway("ask", default="ask_end"), end())
    ways = line("fill", "again", "middle", "ask") + flow("ask", "again", "decision == 'refuse'") + flow("ask", "end")
    findings = check(process(*nodes, ways))
    assert places(findings, "variable_maybe_unset") == ["middle"]  # in the first round
    assert errors(findings) == []


def test_a_variable_that_one_way_round_leaves_unset_is_a_notice() -> None:
    nodes = (
        gateway("ask", default="ask_merge"),
        user("middle"),
        gateway("merge"),
        user("after", task(title="decision")),
    )
    ways = line("fill", "ask") + flow("ask", "middle", "kind == 'a'") + flow("ask", "merge")
    findings = check(process(*nodes, end(), ways, line("middle", "merge", "after", "end")))
    assert places(findings, "variable_maybe_unset") == ["after"]
    assert errors(findings) == []


def test_a_variable_set_in_one_of_two_parallel_branches_is_set_after_the_join() -> None:
    nodes = [gateway("fork", "parallel"), user("one"), user("two", '<banli:task form="sample"/>')]
    nodes += [gateway("join", "parallel"), user("after", task(title="decision")), end()]
    ways = line("fill", "fork", "one", "join", "after", "end") + line("fork", "two", "join")
    assert check(process(*nodes, ways)) == []


def test_a_boundary_event_fires_before_its_task_has_set_anything() -> None:
    late = element("boundaryEvent", "late", timer("'P3D'", "timeDuration"), attachedToRef="middle")
    nodes = (user("middle"), late, user("after", task(title="decision")), gateway("merge"), end())
    ways = line("fill", "middle", "merge", "end") + line("late", "after", "merge")
    assert places(check(process(*nodes, ways)), "variable_maybe_unset") == ["after"]


def test_a_variable_set_inside_a_subprocess_is_known_after_it() -> None:
    inner = start("s") + user("inner") + end("e") + line("s", "inner", "e")
    nodes = (element("subProcess", "sub", inner), user("after", task(title="decision")), end())
    assert errors(check(process(*nodes, line("fill", "sub", "after", "end")))) == []


def test_who_started_the_case_and_who_did_a_task_is_known() -> None:
    assert errors(check(between(user("middle", task(exclude="[initiator, fill_by]"))))) == []


def test_what_a_function_gives_back_is_known_after_it() -> None:
    counted = service('<banli:in name="of" value="kind"/><banli:out name="total" value="count"/>')
    nodes = (counted, user("after", task(title="total")), end())
    assert errors(check(process(*nodes, line("fill", "middle", "after", "end")))) == []


def test_the_entry_of_a_multi_instance_is_known_only_inside() -> None:
    loop = (
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopDataInputRef>kind</bpmn:loopDataInputRef>"
        '<bpmn:inputDataItem id="person"/></bpmn:multiInstanceLoopCharacteristics>'
    )
    inside = user("middle", task(assignee="person"), loop)
    held = '<bpmn:dataObject id="kind"/>'
    assert errors(check(between(inside, held))) == []
    after = user("after", task(assignee="person"))
    assert places(
        check(process(inside, held, after, end(), line("fill", "middle", "after", "end"))), "unknown_variable"
    ) == ["after"]


def test_the_case_title_is_made_of_the_entry_form() -> None:
    findings = check(between(user("middle"), case='<banli:case title="decision" prefix="样"/>'))
    assert places(findings, "unknown_variable") == ["sample"]


@pytest.mark.parametrize("name", ["typename", "Total", "总数", "a-b"])
def test_a_variable_name_that_would_break_the_saved_state_is_refused(name: str) -> None:
    findings = check(between(service(f'<banli:out name="{name}" value="count"/>')))
    assert places(findings, "variable_name") == ["middle"]


def test_a_table_whose_inputs_nothing_sets_is_refused() -> None:
    findings = check(between(RULE), levels_dmn=table([["-", "1"]], ("knid",)))
    assert places(findings, "unknown_variable") == ["middle"]
    assert errors(check(between(RULE), levels_dmn=LEVELS)) == []


# --- calls --------------------------------------------------------------------------------


def call(*bindings: str, called: str = "helper") -> str:
    return element("callActivity", "middle", "", "".join(bindings), calledElement=called)


IN = '<banli:in name="matter" value="kind"/>'
OUT = '<banli:out name="result" value="decision"/>'


def helper(*, title: str = "matter", called: str = "") -> bytes:
    again = element("callActivity", "again", "", calledElement=called) if called else user("again")
    parts = (start(), user("act", task(title=title)), again, end(), line("start", "act", "again", "end"))
    return diagram(*parts, key="helper", card="", case="")


def test_a_called_process_that_gets_what_it_needs_is_fine() -> None:
    assert errors(check(between(call(IN, OUT)), helper=helper())) == []


def test_a_called_process_must_exist() -> None:
    assert places(check(between(call(called="lost"))), "call_missing") == ["middle"]


def test_a_process_that_calls_itself_is_refused() -> None:
    findings = check(between(call(called="sample")))
    assert places(findings, "call_cycle") == ["middle"]


def test_processes_that_call_each_other_in_a_circle_are_refused() -> None:
    findings = check(between(call(IN)), helper=helper(called="sample"))
    assert set(places(findings, "call_cycle")) == {"middle", "again"}


def test_an_input_that_the_called_process_needs_must_be_given() -> None:
    assert places(check(between(call(OUT)), helper=helper()), "call_input") == ["middle"]


def test_an_output_that_the_called_process_never_makes_is_refused() -> None:
    lost = '<banli:out name="result" value="verdict"/>'
    assert places(check(between(call(IN, lost)), helper=helper()), "call_output") == ["middle"]


# --- events --------------------------------------------------------------------------------


def wait(definition: str) -> str:
    return element("intermediateCatchEvent", "middle", definition)


def test_a_message_event_needs_a_named_message() -> None:
    assert places(check(between(wait("<bpmn:messageEventDefinition/>"))), "message_name") == ["middle"]
    unnamed = between(wait('<bpmn:messageEventDefinition messageRef="m"/>'), outside='<bpmn:message id="m"/>')
    assert places(check(unnamed), "message_name") == ["middle"]


@pytest.mark.parametrize("text", ["'PT2H'", "'P3D'", "'P1W'", "'P1DT12H30M'"])
def test_a_duration_in_days_and_hours_is_fine(text: str) -> None:
    assert errors(check(between(wait(timer(text, "timeDuration"))))) == []


@pytest.mark.parametrize("text", ["'P1M'", "'P1Y'", "'P0D'", "'PT0S'", "''", "'3 days'", "5", "'P'", "'PT'", ""])
def test_a_duration_that_is_zero_or_depends_on_the_month_is_refused(text: str) -> None:
    assert places(check(between(wait(timer(text, "timeDuration")))), "timer") == ["middle"]


@pytest.mark.parametrize("text", ["'2026-03-11'", "'2026-03-11T00:00:00'", "'tomorrow'"])
def test_a_moment_without_its_time_zone_is_refused(text: str) -> None:
    assert places(check(between(wait(timer(text)))), "timer") == ["middle"]


def test_a_moment_with_its_time_zone_or_from_a_clock_is_fine() -> None:
    assert errors(check(between(wait(timer("'2026-03-11T00:00:00+08:00'"))))) == []
    assert errors(check(between(wait(timer("clock('reply')"))), time_limits_dmn=LIMITS)) == []


@pytest.mark.parametrize("text", ["clock('never')", "clock(kind)"])
def test_a_clock_needs_a_known_limit(text: str) -> None:
    assert places(check(between(wait(timer(text))), time_limits_dmn=LIMITS), "limit_unknown") == ["middle"]


def test_a_clock_is_only_started_by_a_timer() -> None:
    findings = check(between(user("middle", task(title="clock('reply')"))), time_limits_dmn=LIMITS)
    assert places(findings, "clock_place") == ["middle"]


# --- papers --------------------------------------------------------------------------------


def test_a_procedure_that_people_start_needs_its_card() -> None:
    assert places(check(between(user("middle"), card="")), "card") == ["sample"]


@pytest.mark.parametrize("name", ["number", "supervision"])
def test_every_field_of_the_card_is_filled_in(name: str) -> None:
    card = CARD.replace(f"<banli:{name}>有</banli:{name}>", f"<banli:{name}/>")
    assert places(check(between(user("middle"), card=card)), "card") == ["sample"]


def test_required_papers_may_be_empty_on_the_card() -> None:
    card = CARD.replace("<banli:documents>有</banli:documents>", "<banli:documents/>")
    assert check(between(user("middle"), card=card)) == []


def test_a_process_that_is_only_called_needs_no_card() -> None:
    parts = (start(), user("fill"), end(), line("start", "fill", "end"))
    caller = element("callActivity", "ask", calledElement="sample", extension="")
    body = (start(), user("fill", ENTRY), caller, end(), line("start", "fill", "ask", "end"))
    assert check(sample=diagram(*parts, card="", case=""), main=diagram(*body, key="main")) == []


def test_a_process_that_nobody_can_start_is_told_so() -> None:
    parts = (start(), user("fill"), end(), line("start", "fill", "end"))
    assert errors(check(diagram(*parts, card="", case=""))) == ["nobody_starts"]


def test_a_task_needs_a_name_and_a_clause() -> None:
    findings = check(between(user("middle", basis=False, name="")))
    assert places(findings, "name_missing") == ["middle"]
    assert places(findings, "basis_missing") == ["middle"]
    assert errors(findings) == ["name_missing", "basis_missing"]


def test_an_event_without_a_clause_is_a_notice() -> None:
    findings = check(process(end(basis=False), line("fill", "end")))
    assert places(findings, "basis_missing") == ["end"]
    assert errors(findings) == []


def test_what_is_not_drawn_is_a_notice() -> None:
    data = between(user("middle"))
    partly = data.replace(b'bpmnElement="middle"', b'bpmnElement="lost"').replace(b'"fill_middle"/>', b'"lost"/>')
    assert places(check(partly), "not_drawn") == ["middle"]
    bare = check(between(user("middle"), drawn=False))
    assert places(bare, "not_drawn") == ["sample"]
    assert errors(bare) == []


def test_a_process_that_is_not_executable_is_refused() -> None:
    data = between(user("middle"), case=CASE).replace(b'isExecutable="true"', b'isExecutable="false"')
    assert places(check(data), "not_executable") == ["sample"]
