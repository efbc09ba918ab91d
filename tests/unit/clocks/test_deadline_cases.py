"""Every worked case of deadline_cases.csv: the answer, its explanation, and what the command prints."""

from __future__ import annotations

import csv
import re
from datetime import date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from handlers.clocks.calendar import shipped_calendar
from handlers.clocks.counting import Clock, Pause, RollOver, Unit, compute_due
from handlers.clocks.explain import RowKind, explain
from webapp.cli.clock import clock as clock_command

with (Path(__file__).parent / "deadline_cases.csv").open(encoding="utf-8", newline="") as stream:
    CASES = list(csv.DictReader(stream))
IDS = [case["id"] for case in CASES]


def clock_of(case: dict[str, str]) -> Clock:
    pauses = [part.split("/") for part in case["suspensions"].split(";") if part]
    return Clock(
        case["rule"],
        datetime.fromisoformat(case["start"]),
        int(case["amount"]),
        Unit(case["unit"]),
        roll=RollOver(case["roll"] or "non-working"),
        pauses=tuple(
            Pause(date.fromisoformat(first), date.fromisoformat(last) if last else None) for first, last in pauses
        ),
    )


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_worked_case_gives_the_answer_found_by_hand(case: dict[str, str]) -> None:
    assert compute_due(clock_of(case), shipped_calendar()).answer == case["expected"], case["why"]


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_explanation_counts_exactly_the_days_of_the_limit_and_misses_none(case: dict[str, str]) -> None:
    clock = clock_of(case)
    explanation = explain(clock, shipped_calendar())
    due = explanation.due
    numbers = [row.number for row in explanation.rows if row.kind is RowKind.COUNTED]
    assert numbers == list(range(1, clock.amount - (due.remaining or 0) + 1))
    days = sorted({row.day for row in explanation.rows})
    assert (days[-1] - days[0]).days == len(days) - 1, "a day is missing"
    if due.estimated_on is not None:
        assert days[-1] == due.estimated_on


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_explanation_says_provisional_exactly_when_the_answer_is(case: dict[str, str]) -> None:
    explanation = explain(clock_of(case), shipped_calendar())
    assert explanation.due.provisional == any(row.provisional for row in explanation.rows)
    assert explanation.due.provisional == ("暂定" in "".join(explanation.notes))


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_command_prints_exactly_the_answer(case: dict[str, str]) -> None:
    arguments = ["--from", case["start"], "--amount", case["amount"], "--unit", case["unit"]]
    for part in case["suspensions"].split(";"):
        arguments += ["--pause", part] if part else []
    arguments += ["--roll", case["roll"]] if case["roll"] else []
    result = CliRunner().invoke(clock_command, arguments)
    assert (result.exit_code, result.stdout) == (0, case["expected"] + "\n")


def test_the_table_has_the_shared_cases_and_many_of_our_own_each_with_its_days() -> None:
    assert len(set(IDS)) == len(IDS)
    assert sum(name.startswith("D") for name in IDS) == 27
    assert sum(name.startswith("C") for name in IDS) >= 25
    assert all(re.search(r"[\d收中闰]", case["why"]) for case in CASES)
