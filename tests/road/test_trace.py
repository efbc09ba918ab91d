"""What a road is, and that one submit's stays short."""

from __future__ import annotations

from tests.road.__main__ import BEFORE
from tests.road.submit import follow_submit
from tests.road.trace import Figures, Road


def road(*modules: str) -> Road:
    made = Road()
    for module in modules:
        made.go(module)
    return made


def test_several_calls_into_one_module_in_a_row_are_one_visit() -> None:
    assert road("webapp/a", "webapp/a", "handlers/b").figures() == Figures(2, 0, 0)


def test_a_module_that_was_left_before_is_a_return_and_one_on_a_higher_floor_a_climb() -> None:
    way = road("webapp/a", "handlers/b", "processes/c", "handlers/b", "webapp/a", "webapp/d")
    assert way.figures() == Figures(4, 2, 2)


def test_the_webs_half_of_one_submit_is_at_most_half_of_what_it_was() -> None:
    now, before = follow_submit().web.figures(), BEFORE["web"]
    assert now.entered > 0
    assert all(figure <= old / 2 for figure, old in zip(now, before, strict=True)), now
