"""One measured figure, as `make bench` prints it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`target` is what must be reached, such as ">= 8"; `ok` whether it was; `how` says how it was measured.

    A figure without a target is there to be known: `ok` is None.
    """

    name: str
    value: float
    unit: str
    target: str
    ok: bool | None
    how: str
