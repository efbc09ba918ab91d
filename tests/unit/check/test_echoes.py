"""A branch that sends the very message it begins with: refused exactly where the case would never come to rest."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from processes.engine.errors import StepLimit
from processes.engine.kernel.compile import compile_release
from processes.engine.kernel.release import Parts
from tests.support.world import Player
from tests.unit.check.drawing import between as with_one_node
from tests.unit.check.drawing import (
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

HEARD = '<bpmn:messageEventDefinition messageRef="m_heard"/>'
OTHER = '<bpmn:messageEventDefinition messageRef="m_other"/>'
MESSAGES = '<bpmn:message id="m_heard" name="heard"/><bpmn:message id="m_other" name="other"/>'
between = partial(with_one_node, outside=MESSAGES)
ASIDE = end("aside")


def beside(id_: str = "beside", message: str = HEARD, *, interrupting: bool = False, host: str = "middle") -> str:
    cancel: dict[str, Any] = {} if interrupting else {"cancelActivity": "false"}
    return element("boundaryEvent", id_, message, attachedToRef=host, name="又收到材料", **cancel)


def send(id_: str = "send", message: str = HEARD) -> str:
    return element("intermediateThrowEvent", id_, message)


def body(*steps: str, last: str = "out") -> str:
    ids = ["in", "work", *(f"s{n}" for n in range(len(steps))), last]
    return start("in") + user("work") + "".join(steps) + end(last) + line(*ids)


REFUSED = {
    "a throw event": between(user("middle"), beside(), send(), ASIDE, line("beside", "send", "aside")),
    "an end event": between(user("middle"), beside(), end("send", HEARD), line("beside", "send")),
    "on a sub-process": between(
        element("subProcess", "middle", body()), beside(), send(), ASIDE, line("beside", "send", "aside")
    ),
    "behind a split, a merge and a table of nobody's": between(
        user("middle"),
        beside(),
        gateway("split", "parallel"),
        user("told"),
        gateway("merge"),
        send(),
        ASIDE,
        end("told_end"),
        line("beside", "split", "told", "told_end"),
        line("split", "merge", "send", "aside"),
    ),
    "inside a sub-process of the branch": between(
        user("middle"),
        beside(),
        element("subProcess", "inner", start("in") + send() + end("out") + line("in", "send", "out")),
        ASIDE,
        line("beside", "inner", "aside"),
    ),
    "heard by another branch, too, that interrupts nothing": between(
        user("middle"),
        beside(),
        send(),
        ASIDE,
        beside("second"),
        end("noted"),
        line("beside", "send", "aside"),
        line("second", "noted"),
    ),
}
SOUND = {
    "an event that interrupts": between(
        user("middle"), beside(interrupting=True), send(), ASIDE, line("beside", "send", "aside")
    ),
    "another message": between(user("middle"), beside(), send(message=OTHER), ASIDE, line("beside", "send", "aside")),
    "after somebody's work": between(
        user("middle"), beside(), user("look"), send(), ASIDE, line("beside", "look", "send", "aside")
    ),
    "after a while": between(
        user("middle"),
        beside(),
        element("intermediateCatchEvent", "later", timer("'PT2H'", "timeDuration")),
        send(),
        ASIDE,
        line("beside", "later", "send", "aside"),
    ),
    "a question may say no": between(
        user("middle"),
        beside(),
        gateway("urgent_question", default="urgent_question_aside"),
        send(),
        ASIDE,
        end("sent"),
        line("beside", "urgent_question"),
        flow("urgent_question", "aside", name="否"),
        flow("urgent_question", "send", "amount > 5"),
        line("send", "sent"),
    ),
    "what it sends on the way ends the activity": between(
        user("middle"),
        beside(),
        send("stop", OTHER),
        send(),
        ASIDE,
        beside("stopped", OTHER, interrupting=True),
        end("gone"),
        line("beside", "stop", "send", "aside"),
        line("stopped", "gone"),
    ),
    "the branch ends everything": between(
        user("middle"),
        beside(),
        send(),
        end("aside", "<bpmn:terminateEventDefinition/>"),
        line("beside", "send", "aside"),
    ),
    "the activity itself sends it": between(
        element("subProcess", "middle", body(element("intermediateThrowEvent", "s0", HEARD))),
        beside(),
        ASIDE,
        line("beside", "aside"),
    ),
}


def drawn(shapes: dict[str, bytes]) -> list[object]:
    return [pytest.param(shape, id=name) for name, shape in shapes.items()]


def hear(diagram: bytes) -> None:
    """Let a case of the diagram come to the activity, and get the message twice."""
    parts = Parts(processes={"sample": diagram}, tables={}, forms=frozenset({"sample", "decide"}))
    case = Player(compile_release("sample", parts))
    case.do("fill", amount=1)
    for _ in range(2):
        case.send("heard")


@pytest.mark.parametrize("shape", drawn(REFUSED))
def test_a_branch_that_hears_itself_is_refused_and_would_never_rest(shape: bytes) -> None:
    found = check(shape)
    assert errors(found) == ["message_echo"]
    assert places(found, "message_echo") == ["send"]
    (sentence,) = (one.sentence for one in found if one.code == "message_echo")
    assert "heard" in sentence
    assert "又收到材料" in sentence
    with pytest.raises(StepLimit):
        hear(shape)


@pytest.mark.parametrize("shape", drawn(SOUND))
def test_a_branch_that_comes_to_rest_is_not_refused(shape: bytes) -> None:
    assert errors(check(shape)) == []
    hear(shape)


def test_an_interrupting_event_of_the_caller_ends_the_branch_in_the_called_process() -> None:
    called = between(user("middle"), beside(), send(), ASIDE, line("beside", "send", "aside"), case="")
    caller = process(
        element("callActivity", "call", calledElement="sample"),
        end(),
        beside("called_off", interrupting=True, host="call"),
        end("off"),
        line("fill", "call", "end"),
        line("called_off", "off"),
        outside=MESSAGES,
        key="caller",
    )
    assert places(check(called), "message_echo") == ["send"]
    assert places(check(called, caller=caller), "message_echo") == []
