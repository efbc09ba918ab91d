"""Two processes on one task: one wins, the other is told, nobody sees an error."""

from __future__ import annotations

from tests.faults.race import race
from tests.support.bureau import Bureau

TRIES = 25  # `make bench` does 200


def test_of_two_processes_completing_one_task_one_wins_and_the_other_is_told(bureau_on_both: Bureau) -> None:
    result = race(bureau_on_both.database.engine.url.render_as_string(hide_password=False), TRIES)
    assert result.errors == ()
    assert (result.won, result.told, result.doubled) == (TRIES, TRIES, 0)
