"""Diagrams that declare FEEL run as those in the older notation, also where the two call each other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from processes.engine.errors import StepFailed
from processes.engine.kernel.compile import compile_release
from processes.engine.kernel.release import Parts
from processes.engine.publishing.translating import translate
from tests.support.world import Player, diagram_parts

TRANSLATED = frozenset({"line", "caller", "callee", "timers", "each", "countersign", "first_event", "messages"})


def in_feel(*kept: str) -> Parts:
    """Small diagrams and the tables, translated, but for those `kept` as they are."""
    parts = diagram_parts()
    return replace(
        parts,
        processes={
            k: translate(d, f"{k}.bpmn", {}) if k in TRANSLATED - set(kept) else d for k, d in parts.processes.items()
        },
        tables={k: translate(d, f"{k}.dmn", {}) for k, d in parts.tables.items()},
    )


@pytest.mark.parametrize(("amount", "outcome"), [(99, "大额"), (1, "small")])
def test_bindings_conditions_tables_and_outcomes_are_the_same(amount: int, outcome: str) -> None:
    case = Player(compile_release("line", in_feel()))
    case.do("ask", amount=amount)
    assert case.world.calls == [("test.add", {"left": amount, "right": 2})]
    assert case.live.outcome == outcome
    assert [(d.table, d.label != "") for d in case.decisions] == [("size", True)]


def test_a_variable_that_nobody_gave_fails_the_step_and_is_not_null() -> None:
    case = Player(compile_release("line", in_feel()))
    with pytest.raises(StepFailed, match="没有变量「amount」"):
        case.do("ask")


@pytest.mark.parametrize("older", [("caller",), ("callee",), ()])
def test_a_diagram_calls_one_of_the_other_notation(older: tuple[str, ...]) -> None:
    release = compile_release("caller", in_feel(*older))
    same = compile_release("caller", diagram_parts())
    assert release.variables == same.variables
    assert release.own_variables == same.own_variables
    assert Player(release).open() == Player(same).open() != []


@pytest.mark.parametrize("process", ["timers", "each", "countersign", "first_event", "messages"])
def test_timers_lists_and_messages_open_the_same_tasks(process: str) -> None:
    before, after = (Player(compile_release(process, parts)) for parts in (diagram_parts(), in_feel()))
    assert after.open() == before.open()
    assert after.live.next_due() == before.live.next_due()
    assert after.live.waiting_messages() == before.live.waiting_messages()
