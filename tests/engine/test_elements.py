"""Each supported element does what BPMN says, the case being saved and loaded after every step."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handlers.service_registry import HandlerRefused
from processes.engine.errors import CompileError, StepFailed, StepLimit
from processes.engine.kernel.compile import compile_release
from processes.engine.kernel.live import LiveInstance
from processes.engine.kernel.release import Parts
from tests.support.world import DAY, START, Player, World, compiled, diagram_parts


def test_a_service_task_gets_its_inputs_and_its_outputs_become_variables() -> None:
    case = Player(compiled("line"))
    case.do("ask", amount=99)
    assert case.world.calls == [("test.add", {"left": 99, "right": 2})]
    assert case.live.completed
    assert case.live.outcome == "大额"


def test_a_decision_says_which_row_decided_and_why() -> None:
    case = Player(compiled("line"))
    case.do("ask", amount=1)
    (decision,) = case.decisions
    assert (decision.table, decision.row, decision.label) == ("size", 2, "不足一百为小额")
    assert decision.outputs == {"size": "small"}
    assert case.live.outcome == "small"


def test_the_path_names_the_nodes_and_the_flows_that_were_taken() -> None:
    case = Player(compiled("line"))
    case.do("ask", amount=99)
    assert case.path() == ["start", "ask", "add", "judge", "which", "large"]
    assert case.flows() == ["start_to_ask", "ask_to_add", "add_to_judge", "judge_to_which", "which_to_large"]


def test_values_that_no_expression_mentions_are_not_kept() -> None:
    case = Player(compiled("callee"), {"count": 1, "drafter": "me", "comment": "长" * 1000})
    assert case.data("inner") == {"count": 2, "secret": 2, "drafter": "me"}


def test_a_decision_without_a_matching_row_fails_the_step_in_chinese() -> None:
    case = Player(compiled("line"))
    with pytest.raises(StepFailed) as failed:
        case.do("ask", amount=-50)
    assert (failed.value.scope, failed.value.node, failed.value.node_name) == ("line", "judge", "判断大小")
    assert "没有一行" in failed.value.reason


def test_an_unknown_variable_fails_the_step_that_asked_for_it() -> None:
    case = Player(compiled("line"))
    with pytest.raises(StepFailed) as failed:
        case.do("ask")
    assert failed.value.node == "add"
    assert "amount" in failed.value.reason
    assert failed.value.__cause__ is not None


def test_a_refusing_handler_is_quoted_and_a_broken_one_is_not() -> None:
    for error, words in ((HandlerRefused("没有可用的审批人"), "没有可用的审批人"), (ValueError("secret"), "出错")):
        case = Player(compiled("line"))

        def fail(error: Exception = error, **_: object) -> dict[str, object]:
            raise error

        case.world.services["test.add"] = fail
        with pytest.raises(StepFailed) as failed:
            case.do("ask", amount=1)
        assert failed.value.node == "add"
        assert words in failed.value.reason
        assert "secret" not in failed.value.reason
        assert failed.value.__cause__ is error


def test_a_failed_command_leaves_the_saved_state_usable() -> None:
    case = Player(compiled("line"))
    saved = case.state
    with pytest.raises(StepFailed):
        case.do("ask", amount=-50)
    again = LiveInstance.load(case.release, saved)
    again.complete(again.open_tasks()[0].token, {"amount": 1}, case.world)
    assert again.completed


def test_only_an_open_task_can_be_completed_and_only_once() -> None:
    case = Player(compiled("fork"), hot=True)
    token = case.token("left")
    case.do("left")
    for wrong in (token, "1", "999", "x"):
        with pytest.raises(KeyError):
            case.live.complete(wrong, {}, case.world)
    assert case.open() == ["right"]


def test_a_parallel_join_waits_for_all_its_branches() -> None:
    case = Player(compiled("fork"))
    assert case.open() == ["left", "right"]
    case.do("right", want_one=False, want_two=False)
    assert case.open() == ["left"]
    case.do("left")
    assert case.open() == ["none"]


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [(True, True, ["one", "two"]), (True, False, ["one"]), (False, True, ["two"]), (False, False, ["none"])],
)
def test_an_inclusive_gateway_starts_what_holds_and_gathers_just_that(
    one: bool, two: bool, expected: list[str]
) -> None:
    case = Player(compiled("fork"))
    case.do("left", want_one=one)
    case.do("right", want_two=two)
    assert case.open() == expected
    for node in expected:
        assert not case.live.completed
        case.do(node)
    assert case.live.outcome == "办结"
    assert case.path().count("gather") == 1


def test_an_inclusive_join_waits_for_tokens_inside_sub_processes_and_multi_instances() -> None:
    case = Player(compiled("gather"), {"want_sign": True, "want_inside": True, "want_note": True, "signers": [1, 2]})
    for node in ("note", "sign", "sign", "deep"):
        assert not case.live.completed
        case.do(node)
    assert case.live.completed
    assert case.path().count("join") == 1


def test_parallel_branches_joined_inside_a_loop_wait_for_each_other_in_every_round() -> None:
    case = Player(compiled("loop_join"))
    for _ in range(5):
        case.do("left", stop=False)
        assert case.open() == ["right"]
        case.do("right")
    case.do("right", stop=True)
    case.do("left")
    assert case.live.completed


def test_a_cancelled_multi_instance_leaves_nothing_behind() -> None:
    case = Player(compiled("once"), {"items": [1, 2, 3]})
    case.do("look")
    assert case.live.waiting_messages() == {"answer"}
    case.wait(5 * DAY)
    assert case.live.outcome == "期满"
    assert case.live.waiting_messages() == frozenset()
    assert case.open() == []
    assert case.path("cancelled").count("look") == 2


def test_only_what_is_bound_goes_into_a_called_process_and_comes_out() -> None:
    case = Player(compiled("caller"), {"number": 5, "result": "old", "secret": "outer"})
    case.do("before")
    inner = case.live.open_tasks()[0]
    assert (inner.scope, inner.node.id) == ("callee", "inner")
    assert inner.data == {"count": 6, "drafter": "me", "secret": 6}
    case.do("inner", answer="yes")
    assert case.data("after") == {"number": 5, "result": "yes", "secret": "outer", "missing": None}


def test_a_called_process_starts_afresh_in_every_round() -> None:
    case = Player(compiled("caller"), {"number": 1})
    for _ in range(5):
        case.do("before")
        assert "answer" not in case.data("inner")
        case.do("inner", answer="no")
    assert case.open() == ["before"]
    assert case.path().count("bad") == 5
    assert case.live.outcome == ""


def test_a_countersignature_gathers_opinions_and_stops_at_the_first_refusal() -> None:
    case = Player(compiled("countersign"))
    case.do("draft", signers=[1, 2, 3])
    assert [task.data["signer"] for task in case.live.open_tasks()] == [1, 2, 3]
    case.do("sign", decision="agree")
    case.do("sign", decision="refuse")
    assert case.open() == ["draft"]
    assert case.path("instance") == ["sign", "sign"]
    assert case.path("cancelled") == ["sign"]
    assert case.data("draft")["decisions"] == ["agree", "refuse"]


def test_a_countersignature_in_a_return_loop_starts_afresh_for_many_rounds() -> None:
    case = Player(compiled("countersign"))
    for round_ in range(60):
        case.do("draft", signers=list(range(round_ % 4 + 1)))
        assert len(case.live.open_tasks()) == round_ % 4 + 1
        assert all("decision" not in task.data for task in case.live.open_tasks())
        case.do("sign", decision="refuse")
        assert case.open() == ["draft"]
    case.do("draft", signers=[7, 8])
    case.do("sign", decision="agree")
    case.do("sign", decision="agree")
    assert case.live.outcome == "通过"


def test_an_empty_list_passes_a_multi_instance_at_once() -> None:
    case = Player(compiled("countersign"))
    case.do("draft", signers=[])
    assert case.live.completed


def test_a_multi_instance_over_something_else_than_a_list_fails() -> None:
    case = Player(compiled("countersign"))
    with pytest.raises(StepFailed) as failed:
        case.do("draft", signers="abc")
    assert failed.value.node == "sign"
    assert "不是列表" in failed.value.reason


def test_every_kind_of_multi_instance_keeps_its_instances_apart() -> None:
    case = Player(compiled("each"))
    case.do("list_up", items=[10, 20])
    assert case.data("in_turn")["item"] == 10
    case.do("in_turn", answer="a")
    assert case.data("in_turn")["item"] == 20
    case.do("in_turn", answer="b")
    assert case.open() == ["look", "look"]
    case.do("look", outcome="x")
    case.do("look", outcome="y")
    assert [task.data["outcome"] for task in case.live.open_tasks()] == ["x", "y"]
    case.do("write")
    case.do("write")
    assert [task.data["count"] for task in case.live.open_tasks()] == [11, 21]
    case.do("inner", answer="yes")
    case.do("inner", answer="no")
    data = case.data("free")
    assert (data["answers"], data["outcomes"], data["verdicts"]) == (["a", "b"], ["x", "y"], ["yes", "no"])
    assert "outcome" not in data
    case.do("free")
    case.do("free")
    assert case.live.completed


def test_an_interrupting_timer_takes_the_task_away() -> None:
    case = Player(compiled("timers"))
    case.do("apply", rest_until=(START + 9 * DAY).isoformat())
    assert case.live.next_due() == START + timedelta(hours=2)
    assert case.wait(timedelta(hours=1)) == 0
    assert case.wait(timedelta(hours=1)) == 1
    assert case.open() == ["correct", "urge"]
    assert case.live.next_due() == START + 5 * DAY
    assert case.wait(10 * DAY) == 1
    assert case.open() == ["urge"]
    assert case.path("cancelled") == ["correct"]
    assert case.path("fired") == ["remind", "late"]
    case.do("urge")
    assert case.live.completed
    assert case.live.next_due() is None


def test_a_completed_task_stops_its_timers() -> None:
    case = Player(compiled("timers"))
    case.do("apply", rest_until=(START + 9 * DAY).isoformat())
    case.do("correct")
    assert case.open() == []
    assert case.live.next_due() == START + 9 * DAY
    assert case.wait(9 * DAY) == 1
    assert case.live.outcome == "补正完成"


def test_a_timer_fires_once_however_late_the_sweep_comes() -> None:
    case = Player(compiled("timers"))
    case.do("apply", rest_until="2026-03-02T09:00:00+08:00")
    assert case.wait(3 * DAY) == 1
    assert case.wait(timedelta(0)) == 0
    assert case.path("fired") == ["remind"]


def test_overdue_timers_fire_in_the_order_they_were_due() -> None:
    case = Player(compiled("timers"))
    case.do("apply", rest_until="2026-03-02T09:00:00+08:00")
    assert case.wait(400 * DAY) == 2
    assert case.path("fired") == ["remind", "late"]


def test_a_time_already_past_when_reached_fires_at_once() -> None:
    case = Player(compiled("timers"))
    case.do("apply", rest_until="2026-03-01T00:00:00+08:00")
    case.do("correct")
    assert case.live.completed


@pytest.mark.parametrize("wrong", ["2026-03-05T00:00:00", "soon", 7, None])
def test_a_timer_that_gets_no_moment_fails_the_step(wrong: object) -> None:
    case = Player(compiled("timers"))
    case.do("apply", rest_until=wrong)
    with pytest.raises(StepFailed) as failed:
        case.do("correct")
    assert failed.value.node == "rest"


def test_a_timer_moves_with_the_limit_it_was_counted_from() -> None:
    case = Player(compiled("timers"))
    case.do("apply", rest_until="2026-03-02T09:00:00+08:00")
    ((token, code, start),) = case.live.timer_limits()
    assert (code, start) == ("correction", START)
    case.live.move_timers({token: START + 20 * DAY, "0": START + 1 * DAY})
    case._after()
    assert case.wait(19 * DAY) == 1
    assert case.path("fired") == ["remind"]
    assert case.live.next_due() == START + 20 * DAY


def test_time_passing_fires_nothing_while_another_task_is_completed() -> None:
    case = Player(compiled("timers"))
    case.do("apply", rest_until="2026-03-02T09:00:00+08:00")
    case.wait(timedelta(hours=2))
    case.world.now += 30 * DAY
    case.do("urge")
    assert case.open() == ["correct"]
    assert case.wait(timedelta(0)) == 1


def test_an_event_gateway_follows_the_first_event_and_forgets_the_rest() -> None:
    case = Player(compiled("first_event"))
    assert case.live.waiting_messages() == {"answer", "withdraw"}
    assert case.live.next_due() == START + 5 * DAY
    assert case.send("answer", reply="no", noise="x")
    assert case.live.waiting_messages() == frozenset()
    assert case.live.next_due() is None
    assert case.data("read") == {"reply": "no"}
    case.do("read")
    assert case.live.next_due() == START + 5 * DAY
    assert case.wait(5 * DAY) == 1
    assert case.live.outcome == "超时关闭"
    assert case.flows()[-2:] == ["wait_for_to_too_late", "too_late_to_closed"]


def test_an_event_gateway_follows_one_event_even_if_its_timer_is_overdue() -> None:
    case = Player(compiled("first_event"))
    case.world.now += 30 * DAY
    assert case.send("answer", reply="ok")
    assert case.open() == ["read"]
    assert case.wait(timedelta(0)) == 0


def test_a_message_nobody_waits_for_changes_nothing() -> None:
    case = Player(compiled("first_event"))
    before = case.state
    assert not case.send("nonsense", reply="ok")
    assert case.state == before


def test_a_message_that_does_not_interrupt_is_taken_as_often_as_it_comes() -> None:
    case = Player(compiled("messages"))
    for number in (1, 2, 3):
        assert case.send("hurry")
        assert case.open() == ["explain"] * number + ["work"]
    assert case.path("fired") == ["hurried"] * 3
    case.do("explain")
    assert (case.send("hurry"), case.open()) == (True, ["explain"] * 3 + ["work"])
    case.do("work")
    case.send("confirmation")
    case.do("close")
    assert (case.open(), case.live.waiting_messages()) == (["explain"] * 3, frozenset())
    assert not case.send("hurry")
    for _ in range(3):
        case.do("explain")
    assert (case.live.completed, case.live.outcome) == (True, "办结")


def test_what_interrupts_ends_the_wait_for_more_of_what_does_not() -> None:
    case = Player(compiled("messages"))
    case.send("hurry")
    case.send("withdraw")
    assert (case.open(), case.live.waiting_messages()) == (["explain"], frozenset())
    case.do("explain")
    assert (case.live.completed, case.live.outcome) == (True, "撤回")


def test_messages_reach_sub_processes_and_boundaries() -> None:
    case = Player(compiled("messages"))
    assert case.open() == ["work"]
    assert case.live.waiting_messages() == {"withdraw", "hurry"}
    case.send("hurry")
    assert case.open() == ["explain", "work"]
    case.do("work")
    assert [step.message for step in case.steps if step.kind == "sent"] == ["progress"]
    assert case.live.waiting_messages() == {"withdraw", "hurry", "confirmation"}
    case.send("confirmation")
    assert case.open() == ["close", "explain"]
    case.send("withdraw")
    assert case.path("cancelled") == ["handle", "close"]
    assert case.open() == ["explain"]
    case.do("explain")
    assert case.live.outcome == "撤回"  # not the end of the branch that only explains


def test_a_terminate_end_ends_everything_in_its_process() -> None:
    case = Player(compiled("terminate"))
    assert case.open() == ["deeper", "kill", "long"]
    case.do("kill", kill=True)
    assert case.live.completed
    assert case.live.outcome == "已终止"
    assert case.open() == []
    assert sorted(case.path("cancelled")) == ["deep", "deeper", "long"]


def test_cancelling_takes_back_whatever_is_open() -> None:
    case = Player(compiled("terminate"))
    case.live.cancel()
    case._after()
    assert case.live.completed
    assert case.open() == []
    assert case.live.outcome == ""
    assert sorted(case.path("cancelled")) == ["deep", "deeper", "kill", "long"]


def test_a_circle_without_a_wait_hits_the_step_limit() -> None:
    with pytest.raises(StepLimit) as failed:
        LiveInstance.start(compiled("endless"), {"count": 0, "rounds": 10**9}, World())
    assert failed.value.scope == "endless"
    assert "10000 步" in failed.value.reason


def test_a_long_circle_below_the_limit_is_walked_to_its_end() -> None:
    live = LiveInstance.start(compiled("endless"), {"count": 0, "rounds": 3000}, World())
    assert live.completed


def test_a_handler_result_looks_the_same_before_and_after_saving() -> None:
    case = Player(compiled("callee"), {"count": 1, "drafter": "me"}, hot=True)
    case.world.services["test.count"] = lambda count: {"count": (START, [1])}
    hot = Player.__new__(Player)
    hot.__dict__ = dict(case.__dict__)
    hot.live = LiveInstance.start(case.release, {"count": 1, "drafter": "me"}, case.world)
    seen = hot.live.open_tasks()[0].data
    assert seen == LiveInstance.load(case.release, hot.live.dump()).open_tasks()[0].data
    assert seen["count"] == ["2026-03-02T01:00:00+00:00", [1]]


@pytest.mark.parametrize("missing", ["process", "table", "callee"])
def test_a_missing_part_is_named(missing: str) -> None:
    whole = diagram_parts()
    process = {"process": "nowhere", "table": "line", "callee": "caller"}[missing]
    processes = {key: data for key, data in whole.processes.items() if key != "callee"}
    with pytest.raises(CompileError, match=r"nowhere|size|callee"):
        compile_release(process, Parts(processes, {}))


def test_calls_in_a_circle_are_refused() -> None:
    callee = (
        diagram_parts()
        .processes["callee"]
        .replace(
            b'<bpmn:endEvent id="bad"',
            b'<bpmn:callActivity id="back" calledElement="caller" /><bpmn:endEvent id="bad"',
        )
    )
    with pytest.raises(CompileError, match="成环"):
        compile_release("caller", Parts({**diagram_parts().processes, "callee": callee}, {}))


def waited_for(case: Player) -> list[str]:
    return [one.node.id for one in case.live.waits()]


def test_a_case_on_no_desk_says_which_events_it_waits_for_and_until_when() -> None:
    case = Player(compiled("first_event"))
    (answered, withdrawn, too_late) = case.live.waits()
    assert [one.node.id for one in (answered, withdrawn, too_late)] == ["answered", "withdrawn", "too_late"]
    assert answered.due_at is withdrawn.due_at is None
    assert too_late.due_at == case.live.next_due()
    case.send("answer")
    assert waited_for(case) == []


def test_events_on_the_edge_are_waited_for_only_where_nothing_but_time_is_waited_for_inside() -> None:
    case = Player(compiled("messages"))
    assert waited_for(case) == ["withdrawn"]  # neither the one that interrupts nothing nor the timer
    case.do("work")
    assert waited_for(case) == ["confirmed"]
