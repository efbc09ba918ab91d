"""A corrected value takes the place of the old one in every process of the case that holds it, and of nothing else."""

from __future__ import annotations

from tests.support.world import Player, compiled


def in_the_called_process() -> Player:
    """`secret` is one thing in the case, and another in the process that it has called."""
    case = Player(compiled("caller"), {"number": 5, "secret": "outer"})
    case.do("before")
    assert case.data("inner")["secret"] == 6
    return case


def test_a_variable_of_the_same_name_with_another_value_stays_in_a_called_process() -> None:
    case = in_the_called_process()
    case.live.correct({"secret": ("outer", "mended")})
    assert case.data("inner")["secret"] == 6
    case.do("inner", answer="yes")
    assert case.data("after")["secret"] == "mended"


def test_a_value_that_only_the_called_process_holds_is_corrected_there() -> None:
    case = in_the_called_process()
    case.live.correct({"secret": (6, 7)})
    assert case.data("inner")["secret"] == 7
    case.do("inner", answer="yes")
    assert case.data("after")["secret"] == "outer"
