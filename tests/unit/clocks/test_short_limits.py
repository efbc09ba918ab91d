"""The shipped tables agree on which limits are too short to be urged before they end."""

from __future__ import annotations

import re
from pathlib import Path

from processes.engine.language.decision_tables import read_dmn

LIMITS = Path(__file__).parents[3] / "processes" / "limits"
SHORT = 3
"""Working days: a limit of so many would be urged the day after it began."""
SHORT_ROW, UNWATCHED_ROW = 4, 1


def test_exactly_the_limits_of_up_to_three_working_days_are_not_urged_before_they_end() -> None:
    source = (LIMITS / "time_limits.dmn").read_bytes()
    limits = read_dmn(source, "time_limits.dmn")
    levels = read_dmn((LIMITS / "warning_levels.dmn").read_bytes(), "warning_levels.dmn")
    codes = set(re.findall(r'_in1">\s*<text>"(\w+)"</text>', source.decode()))
    assert len(codes) > 50
    short, unwatched, quiet = set(), set(), set()
    for code in codes:
        limit = limits.decide({"code": code, "rule_set": "R-121"})
        level = levels.decide({"limit_code": code, "kind": "target", "remaining_wd": 1, "overdue_wd": -1})
        assert limit is not None
        assert level is not None
        if limit.outputs["unit"] == "WD" and int(str(limit.outputs["amount"])) <= SHORT:
            short.add(code)
        if level.row == UNWATCHED_ROW:
            unwatched.add(code)
        if level.row == SHORT_ROW:
            quiet.add(code)
    assert quiet == short - unwatched
