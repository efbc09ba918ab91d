"""A diagram that declares FEEL: the same rules, and what FEEL alone would let pass in silence."""

from __future__ import annotations

import pytest

from processes.engine.diagrams.expression_places import FEEL
from tests.unit.check.drawing import check, end, errors, flow, gateway, line, places, process


def fork(*conditions: str, default: str = "") -> bytes:
    """A gateway after the entry form with one end event per condition, in FEEL."""
    ends = [end(f"end{n}") for n in range(len(conditions))]
    flows = [flow("ask", f"end{n}", condition) for n, condition in enumerate(conditions)]
    settings = {"default": default} if default else {}
    drawn = process(gateway("ask", name="是哪种？", **settings), *ends, line("fill", "ask"), *flows)
    return drawn.replace(b"<bpmn:definitions ", f'<bpmn:definitions expressionLanguage="{FEEL}" '.encode(), 1)


@pytest.mark.parametrize(
    "conditions",
    [
        ['kind = "a"', 'kind = "b"'],
        ['kind = "a"', 'not(kind = "a")'],
        ["urgent", "not(urgent)"],
        ["urgent = true", "urgent = false"],
        ["amount < 1", "amount >= 1 and amount < 5", "amount >= 5"],
        ["amount in [0..5]", "amount < 0 or amount > 5"],
        ["amount between 0 and 5", "amount < 0", "amount > 5"],
        ['kind in ("a", "x")', 'not(kind in ("a", "x"))'],
        ['list contains(["a", "x"], kind)', 'not(list contains(["a", "x"], kind))'],
    ],
    ids=" | ".join,
)
def test_conditions_in_feel_that_cover_everything_need_no_default(conditions: list[str]) -> None:
    assert errors(check(fork(*conditions))) == []


@pytest.mark.parametrize(
    "conditions",
    [
        ['kind = "a"', 'kind = "c"'],
        ["amount > 5", "amount < 5"],
        ['subject = "甲"', 'subject = "乙"'],
        ["string length(subject) > 5", "string length(subject) <= 5"],  # true, but beyond what is proved
    ],
    ids=" | ".join,
)
def test_conditions_in_feel_that_leave_a_gap_need_a_default(conditions: list[str]) -> None:
    assert places(check(fork(*conditions)), "no_default") == ["ask"]


@pytest.mark.parametrize("condition", ["subject", '"是"', "amount + 1", "[urgent]", "-amount", "amount"])
def test_a_condition_that_is_never_true_is_an_error(condition: str) -> None:
    assert places(check(fork(condition, "", default="ask_end1")), "condition_never") == ["ask_end0"]


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("kind = 1", "文字"),
        ('amount > "5"', "数字"),
        ('"true" = urgent', "真假"),
        ("amount = 1 and not(kind != 5)", "文字"),
    ],
)
def test_a_comparison_of_unlike_kinds_is_an_error_that_says_what_to_write(condition: str, words: str) -> None:
    (finding,) = [f for f in check(fork(condition, "", default="ask_end1")) if f.code == "unlike_kinds"]
    assert words in finding.sentence
    assert "请" in finding.sentence


def test_null_compares_with_every_kind() -> None:
    assert (
        errors(
            check(
                fork(
                    "amount = null",
                    "amount != null",
                )
            )
        )
        == []
    )


def test_a_name_that_nothing_gives_is_refused_and_not_null() -> None:
    assert places(check(fork('knd = "a"', "", default="ask_end1")), "unknown_variable") == ["ask_end0"]


@pytest.mark.parametrize("condition", ["kind == 'a'", "function(x) x", "frobnicate(kind)", "kind ="])
def test_what_is_no_feel_is_refused_with_its_place(condition: str) -> None:
    assert places(check(fork(condition, "", default="ask_end1")), "expression") == ["ask_end0"]


def test_a_sentence_about_an_expression_shows_it_as_its_owner_wrote_it() -> None:
    sentences = [f.sentence for f in check(fork("kind ==", "", default="ask_end1"))]
    assert any("「kind ==」" in sentence for sentence in sentences)
    assert not any("feel:" in sentence for sentence in sentences)


def test_a_clock_stands_in_timers_only() -> None:
    assert "clock_place" in {finding.code for finding in check(fork('clock("reply") = null', "", default="ask_end1"))}
