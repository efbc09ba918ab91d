"""One measured figure, as `make bench` prints it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`target` is a sentence such as "at least 8"; `ok` whether it was reached; `how` says how it was measured."""

    name: str
    value: float
    unit: str
    target: str
    ok: bool
    how: str
