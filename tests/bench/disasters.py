"""The chaos of tests/faults/chaos.py with many actions, on both kinds of database."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure
from tests.bench.races import prepared_bureau
from tests.faults.chaos import Course, chaos


def _figures(kind: str, course: Course, actions: int) -> Iterator[Figure]:
    kills = ", ".join(f"{count} {victim}" for victim, count in sorted(course.kills.items()))
    how = (
        f"{len(course.promised)} actions by HTTP in {course.seconds:.0f} s, SIGKILL of {kills}; "
        f"{course.broken.total()} broken connections, {course.said_again} sent twice"
    )
    verdict = course.verdict
    for label, wrong in (
        ("acknowledged actions lost", verdict.lost),
        ("cases inconsistent", verdict.inconsistent),
        ("effects not exactly once", verdict.effects),
        ("server errors in the chaos", [f"{count} times {what}" for what, count in course.errors.items()]),
    ):
        ok = not wrong and len(course.promised) >= actions
        yield Figure(f"{label}, {kind}", len(wrong), "", "0", ok, "; ".join([how, *wrong[:3]]))


def run(actions: int, kills: int, kinds: tuple[str, ...] = ("sqlite", "postgresql")) -> list[Figure]:
    """What was lost, broken or done twice."""
    figures: list[Figure] = []
    for kind in kinds:
        with tempfile.TemporaryDirectory(prefix="banli-chaos-") as name, prepared_bureau(kind, Path(name)) as bureau:
            course = chaos(bureau, Path(name), actions=actions, kills=kills)
            figures += _figures(kind, course, actions)
    return figures
