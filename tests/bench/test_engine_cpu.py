"""The benchmark itself keeps working; its times are for `make bench` alone."""

from __future__ import annotations

from tests.bench import engine_cpu


def test_both_ways_walk_the_benchmark_diagram_alike_and_the_stored_state_is_small() -> None:
    medians, size = engine_cpu.compare(1)
    assert {len(places) for places in medians.values()} == {len(engine_cpu.CASE)}
    assert size <= engine_cpu.STATE_TARGET * 1024
