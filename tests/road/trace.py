"""Which of our modules one action passes through, and in what order.

Followed are calls of Python functions of ours (`sys.setprofile`), from the view function until it returns. A road is
the list of modules in the order in which their functions were called, the same module several times in a row being one
visit. That control falls back to the caller is no step; that the caller then calls a third module is. A step is

entered: into a module for the first time;
a climb: to a module on a higher floor than the one before (webapp > processes > handlers > forms);
a return: to a module that had been left before.

Not counted: frames that only go on (generators, `with` blocks that end), and code that was generated (`__init__` of a
dataclass), because nobody opens a file to read those.

The web's half are the functions of webapp and those that webapp calls itself: of a lower floor only the door. The whole
road is everything down to the tables.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("forms", "handlers", "processes", "webapp")
"""From the ground up."""


def floor_of(module: str) -> int:
    """The floor on which a module stands, 0 at the ground."""
    return FLOORS.index(module.partition("/")[0])


class Figures(NamedTuple):
    """What is counted of a road."""

    entered: int
    climbs: int
    returns: int


@dataclass
class Road:
    """Modules in the order of their visits, each by its path without `.py`."""

    visits: list[str] = field(default_factory=list)

    def go(self, module: str) -> None:
        """Into a module, which may be the one where we are."""
        if not self.visits or self.visits[-1] != module:
            self.visits.append(module)

    def figures(self) -> Figures:
        """Modules entered, climbs, returns."""
        steps = zip(self.visits, self.visits[1:], strict=False)
        climbs = sum(floor_of(there) > floor_of(here) for here, there in steps)
        entered = len(set(self.visits))
        return Figures(entered, climbs, len(self.visits) - entered)


class Tracer:
    """Follows one call of a view function."""

    def __init__(self, view: Callable[..., object]) -> None:
        self.web, self.whole = Road(), Road()
        self._view: CodeType = view.__code__
        self._start: FrameType | None = None
        self._begun: list[FrameType] = []
        self._modules: dict[str, str | None] = {}

    @contextmanager
    def following(self) -> Iterator[Tracer]:
        """Follow the view when it is called within this block, in this thread."""
        sys.setprofile(self._notice)
        try:
            yield self
        finally:
            sys.setprofile(None)

    def _notice(self, frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            if frame.f_code is self._view:
                self._start = frame
            if self._start is not None:
                self._call(frame)
        elif event == "return" and frame is self._start:
            self._start = None

    def _call(self, frame: FrameType) -> None:
        module = self._module_of(frame.f_code.co_filename)
        if module is None or any(frame is begun for begun in self._begun):
            return
        if frame.f_code.co_flags & inspect.CO_GENERATOR:  # it is called again for each thing it yields
            self._begun.append(frame)
        self.whole.go(module)
        if module.startswith("webapp/") or self._caller_of(frame).startswith("webapp/"):
            self.web.go(module)

    def _caller_of(self, frame: FrameType) -> str:
        """The nearest module of ours up the stack: between the two may be a decorator of somebody else's."""
        caller = frame.f_back
        while caller is not None:
            if module := self._module_of(caller.f_code.co_filename):
                return module
            caller = caller.f_back
        return ""

    def _module_of(self, filename: str) -> str | None:
        if filename not in self._modules:
            path = Path(filename)
            own = path.is_relative_to(ROOT) and path.relative_to(ROOT).parts[0] in FLOORS
            self._modules[filename] = path.relative_to(ROOT).with_suffix("").as_posix() if own else None
        return self._modules[filename]
