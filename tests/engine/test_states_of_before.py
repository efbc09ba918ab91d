"""A case that an earlier version saved goes on and ends under this one."""

from __future__ import annotations

from base64 import b64decode

import pytest

from processes.engine.kernel import codec
from processes.engine.kernel.live import LiveInstance
from tests.support.world import DAY, START, World, compiled

REMINDED = b64decode(
    b"ASi1L/1gTQENCgBmkjciQIdYB3Oqsy6PjYWWUcJfT+B3QHpp2INfsomG3iaWYRhjAi0ALwAtAKvdLXydspkH/WLfc2t/6C6jLACz"
    b"i1iWoJbA0iZlFHoTRonJaKmOb7vql7rCLRHUNBKtju+RdO3ZQHrl66zdKenK+OtIu0vSdT5ocZiwG4YD2TwwigGF6bSU0eEHby6f"
    b"ma8N47N8ma/LFb4ocKXdrbo+8Clarift7pEUUQ4kYHyMFjgRcvTLi0g6zrU755K6gvCTpZIzdW0CGSVHEF6Lr0/LtzBoPZ9dKTYw"
    b"P3G7S/xAQ4EhWxEpIJACCczMDjhYGg7R4fDCF/gs0YpfEcq0RkUxZ7uxYKGFEOGVtWC39m8ixKIig+4gBbcG2RATlADJuXsHRYWE"
    b"6wdcXhWIsCEsEH944q5JEgQEsZgLfuvOXE/37skWlwE="
)
"""Version 1 of diagram `timers`: 补正 is open, 提醒 has fired and 催办 is open below it; what lay ahead is made."""


def test_a_state_with_joins_and_tasks_ahead_of_the_token_goes_on_to_its_end() -> None:
    world = World(START + DAY / 8)
    live = LiveInstance.load(compiled("timers"), REMINDED)
    while not live.completed and world.now < START + 30 * DAY:
        for task in live.open_tasks():
            live.complete(task.token, {}, world)
        live = LiveInstance.load(compiled("timers"), live.dump())
        world.now += DAY
        live.fire_due(world)
    assert live.completed
    assert live.outcome == "补正完成"


def test_what_is_saved_now_is_refused_by_a_process_of_before() -> None:
    saved = LiveInstance.load(compiled("timers"), REMINDED).dump()
    assert saved[:1] == codec.VERSION != REMINDED[:1]
    with pytest.raises(ValueError, match="unknown version"):
        codec.load(None, b"\x03" + saved[1:])  # type: ignore[arg-type]
