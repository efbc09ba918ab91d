"""Every duty of the source documents is kept somewhere that exists, and some scenario shows it."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest

from processes.engine.language.decision_tables import LIMITS_TABLE
from processes.engine.publishing.publish import shipped_sources
from processes.engine.scenarios.requirements import Requirement, shipped_requirements, shown_by
from processes.engine.scenarios.run import shipped_books, shipped_parts
from webapp.access import TABLE

ROOT = Path(__file__).parents[2]
PROCESSES, TABLES = shipped_parts()
KEYS = {(source.kind, source.key) for root in ("processes", "forms") for source in shipped_sources(files(root))}
SHOWN = shown_by(list(shipped_books()))
NUMBERS = [f"R{number:03}" for number in (*range(1, 81), *range(105, 109))]


def exists(place: str) -> bool:
    kind, _, name = place.partition(" ")
    if "#" in place:
        process, _, node = place.partition("#")
        return process in PROCESSES and node in PROCESSES[process].nodes
    if kind == "limit":
        return any(rule.cells[0].text == f'"{name}"' for rule in TABLES[LIMITS_TABLE].rules)
    if kind == "screen":
        return name in TABLE
    if kind == "code":
        return (ROOT / name).is_file()
    return kind in ("table", "form", "letter") and (kind, name) in KEYS


def test_no_duty_is_left_out() -> None:
    assert [row.number for row in shipped_requirements()] == NUMBERS


@pytest.mark.parametrize("row", shipped_requirements(), ids=lambda row: row.number)
def test_a_duty_is_kept_by_what_exists_and_shown_by_a_scenario(row: Requirement) -> None:
    assert row.kept_by
    assert [place for place in row.kept_by if not exists(place)] == []
    assert SHOWN.get(row.number), f"no scenario shows {row.number} {row.words}"


def test_scenarios_show_only_duties_that_the_source_documents_have() -> None:
    assert {number for number in SHOWN if not re.fullmatch("R(0[0-9]{2}|1[0-3][0-9]|14[0-2])", number)} == set()


@pytest.mark.parametrize(
    "place", ["intake#no_such_step", "table no_such_table", "limit no_such_code", "form", "x y", "code no_such_file.py"]
)
def test_a_place_that_is_nowhere_is_noticed(place: str) -> None:
    assert not exists(place)
