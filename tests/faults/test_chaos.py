"""Killing processes while people work loses nothing that was acknowledged and does nothing twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.chaos import chaos
from tests.support.bureau import Bureau

ACTIONS = 18  # `make bench` does 200
KILLS = 4


@pytest.mark.slow
def test_sigkill_loses_no_acknowledged_action_and_does_nothing_twice(bureau: Bureau, tmp_path: Path) -> None:
    course = chaos(bureau, tmp_path, actions=ACTIONS, kills=KILLS)
    assert len(course.promised) == ACTIONS
    assert course.kills.total() == KILLS
    assert course.verdict.everything() == []
    assert course.errors == {}
