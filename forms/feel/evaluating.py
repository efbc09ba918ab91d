"""What closures are made of: frames, running, and how values of Python enter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from forms.feel.values import PLAIN, element

Frame: TypeAlias = list[Any]
"""[variables, budget, values of bound names …]."""
Run: TypeAlias = Callable[[Frame], Any]


def constant(value: Any) -> Run:
    """Always the same value."""

    def run(frame: Frame) -> Any:
        return value

    run.constant = (value,)  # type: ignore[attr-defined]
    return run


def constant_of(run: Run) -> tuple[Any, ...]:
    """(the value,) of a closure that always gives the same, else ()."""
    return getattr(run, "constant", ())


def variable(name: str) -> Run:
    """A variable; what is declared and not given is null."""

    def run(frame: Frame) -> Any:
        value = frame[0].get(name)
        return value if type(value) in PLAIN else element(value)

    return run


def local(slot: int) -> Run:
    """A name that the expression binds."""

    def run(frame: Frame) -> Any:
        return frame[slot]

    return run


def item_name(slot: int, name: str, outer: Run | None) -> Run:
    """A name within a filter."""

    def run(frame: Frame) -> Any:
        item = frame[slot]
        if isinstance(item, dict) and name in item:
            return item[name]
        return outer(frame) if outer else None

    return run


def new_frame(variables: Mapping[str, object], budget: object, slots: int) -> Frame:
    """A frame for one evaluation; `slots` counts all its places."""
    return [variables, budget, *([None] * (slots - 2))]
