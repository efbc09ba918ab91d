"""A case that goes round for ever stays as small as in its first rounds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from processes.engine.kernel.live import LiveInstance
from tests.support.world import Player, World, compiled

ROUNDS = 1000


def _caller(case: Player) -> None:
    case.do("before")
    case.do("inner", answer="no")


def _countersign(case: Player) -> None:
    case.do("draft", signers=[1, 2, 3])
    case.do("sign", decision="agree")
    case.do("sign", decision="refuse")


def _loop_pair(case: Player) -> None:
    case.do("draft", legal_opinion="no", finance_opinion="yes")
    case.do("finance")
    case.do("legal")


def _loop_join(case: Player) -> None:
    case.do("left", stop=False)
    assert case.open() == ["right"]
    case.do("right")


def _messages(case: Player) -> None:
    case.send("hurry")
    case.do("explain")


def _first_event(case: Player) -> None:
    case.send("answer", reply="no")
    case.do("read")


LOOPS: dict[str, Callable[[Player], None]] = {
    "caller": _caller,
    "countersign": _countersign,
    "loop_pair": _loop_pair,
    "loop_join": _loop_join,
    "first_event": _first_event,
    "messages": _messages,
}


@pytest.mark.parametrize("process", LOOPS)
@pytest.mark.parametrize("hot", [False, True])
def test_a_thousand_rounds_of_a_return_loop_store_what_ten_do(process: str, hot: bool) -> None:
    case = Player(compiled(process), {"number": 1}, hot=hot)
    sizes: dict[int, tuple[int, int]] = {}
    for round_ in range(1, ROUNDS + 1):
        LOOPS[process](case)
        sizes[round_] = case.task_count(), len(case.state)
        case.steps.clear()
    assert not case.live.completed
    tasks, size = zip(*(sizes[round_] for round_ in range(10, ROUNDS + 1)), strict=True)
    assert max(tasks) <= sizes[10][0]
    assert max(size) <= sizes[10][1] + 24  # ids grow by a few digits


def test_a_round_a_thousand_rounds_later_goes_the_same_way() -> None:
    case = Player(compiled("loop_pair"), hot=True)
    walked = []
    for _ in range(1000):
        case.steps.clear()
        _loop_pair(case)
        walked.append([(step.node, step.kind, step.flows) for step in case.steps])
    assert all(path == walked[0] for path in walked)


def test_tokens_are_never_used_twice() -> None:
    case = Player(compiled("countersign"))
    seen: set[str] = set()
    for _ in range(50):
        case.do("draft", signers=[1, 2])
        tokens = {task.token for task in case.live.open_tasks()}
        assert not tokens & seen
        seen |= tokens
        case.do("sign", decision="refuse")
    assert len({step.token for step in case.steps}) == len(case.steps)


def test_a_long_automatic_loop_stays_small_within_one_command() -> None:
    live = LiveInstance.start(compiled("endless"), {"count": 0, "rounds": 2000}, World())
    assert len(live._workflow.tasks) < 1500
    assert live.completed
