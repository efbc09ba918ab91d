"""What `make mutation` changes and runs is there: a module that moves takes its line in the table along."""

from __future__ import annotations

import ast

import pytest

from tests.mutation.mutants import mutants
from tests.mutation.targets import AREAS, ROOT, source_path


@pytest.mark.parametrize("area", AREAS)
def test_every_module_and_every_test_of_an_area_is_there(area: str) -> None:
    modules = list(AREAS[area].module_names())
    assert modules
    assert [name for name in modules if not source_path(name).exists()] == []
    assert [path for path in AREAS[area].tests if not (ROOT / path).exists()] == []


def test_a_mutant_knows_the_function_that_it_is_in_or_those_that_speak_of_it() -> None:
    found = {mutant.change: mutant for mutant in mutants(SOURCE)}
    assert found["3 -> one more"].spoken_of_in == {"late", "Desk.late"}
    assert found["days > LIMIT -> GtE at 0"].qualified == "late"
    assert found["select(a).where(b) -> without its condition"].qualified == "Desk.late"
    changed = found["days > LIMIT -> GtE at 0"].build()
    assert "days >= LIMIT" in ast.unparse(changed)


SOURCE = """
LIMIT = 3
TWICE = LIMIT + LIMIT

def late(days):
    return days > LIMIT

class Desk:
    def late(self):
        return select(a).where(b), TWICE
"""
