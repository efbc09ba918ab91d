"""One release serves all its cases and all threads: nothing of a case may stay in it."""

from __future__ import annotations

import pickle
import random
from concurrent.futures import ThreadPoolExecutor

import orjson
import pytest
import zstandard

from processes.engine.kernel import codec
from processes.engine.kernel.compile import compile_release
from processes.engine.kernel.live import LiveInstance
from processes.engine.kernel.release import Release
from tests.support.world import Player, compiled, diagram_parts


def _fingerprint(release: Release) -> bytes:
    return pickle.dumps((release.spec, release.subprocess_specs, sorted(release.variables)))


def _play(process: str, seed: int) -> tuple[list[object], bytes]:
    """A whole random case of countersignatures; what it saw at every step."""
    chance = random.Random(seed)
    case = Player(compiled(process), hot=bool(seed % 2))
    seen: list[object] = []
    for _ in range(40):
        if case.live.completed:
            break
        task = chance.choice(case.live.open_tasks())
        values = {"signers": list(range(chance.randint(1, 4))), "decision": chance.choice(["agree", "agree", "refuse"])}
        case.live.complete(task.token, values, case.world)
        case._after()
        seen.append([(t.token, t.data) for t in case.live.open_tasks()])
    return seen, case.state


def test_running_cases_leaves_no_trace_in_the_release() -> None:
    for process in ("countersign", "each", "timers", "messages", "first_event", "caller"):
        release = compile_release(process, diagram_parts())
        before = _fingerprint(release)
        for _ in range(3):
            case = Player(
                release, {"number": 1, "signers": [1], "items": [1], "rest_until": "2026-03-09T00:00:00+08:00"}
            )
            for _ in range(6):
                for task in case.live.open_tasks()[:1]:
                    case.live.complete(task.token, {"decision": "agree", "answer": "no", "outcome": 1}, case.world)
                    case._after()
            case.live.cancel()
        assert _fingerprint(release) == before


def test_many_threads_over_one_release_get_what_each_alone_would_get() -> None:
    alone = [_play("countersign", seed) for seed in range(24)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda seed: _play("countersign", seed), range(24)))
    assert together == alone


def test_the_same_actions_give_the_same_bytes_hot_or_cold() -> None:
    hot, cold = Player(compiled("countersign"), hot=True), Player(compiled("countersign"))
    for case in (hot, cold):
        case.do("draft", signers=[1, 2])
        case.do("sign", decision="agree")
    assert hot.state == cold.state


def test_values_given_by_a_caller_are_copied() -> None:
    case = Player(compiled("countersign"), hot=True)
    signers = [1, 2]
    case.do("draft", signers=signers)
    signers.append(3)
    case.data("sign")["signers"].append(4)
    assert case.data("sign")["signers"] == [1, 2]


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\x02" + zstandard.compress(b"[]"),
        b"\x01garbage",
        b"\x01" + zstandard.compress(b"{"),
        b"\x01" + zstandard.compress(b"[]"),
        b"\x01" + zstandard.compress(orjson.dumps([1, 1, "", [0, {}, [[1, 0, 64, "Gone", 1]]], []])),
    ],
)
def test_bytes_that_are_not_a_state_of_this_release_are_refused(broken: bytes) -> None:
    with pytest.raises(ValueError, match="state"):
        LiveInstance.load(compiled("line"), broken)


def test_saving_between_commands_does_not_change_what_is_drained() -> None:
    live = LiveInstance.start(compiled("line"), {}, Player(compiled("line")).world)
    live.dump()
    steps, decisions = live.drain()
    assert [step.node for step in steps] == ["start"]
    assert decisions == []
    assert live.drain() == ([], [])


def test_a_state_holds_no_specs_and_no_finished_data() -> None:
    case = Player(compiled("caller"), {"number": 1})
    case.do("before")
    raw = zstandard.decompress(case.state[1:])
    assert b"drafter" in raw
    case.do("inner", answer="yes")
    raw = zstandard.decompress(case.state[1:])
    assert b"drafter" not in raw
    assert case.state[:1] == codec.VERSION
