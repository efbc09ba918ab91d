"""Jobs that are tried without the engine they might ask."""

from __future__ import annotations


class NoEngine:
    """For jobs that have nothing to ask of the engine: whoever does, fails."""

    def deliver(self, post_id: int) -> None:
        raise AssertionError(f"post {post_id} is not delivered here")

    def run_import(self, run_id: int) -> None:
        raise AssertionError(f"import {run_id} is not carried out here")
