"""The bounds of one expression: no text makes a worker slow or fills its memory.

Straight evaluation is bounded by the size of the tree. Whatever repeats (loops, filters, list functions) takes steps
from a budget, and every list or context that is made is measured, so that no value grows beyond `MAX_TOTAL`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_EVEN, Context
from time import thread_time
from typing import Final

from forms.feel.errors import FeelError

MAX_SOURCE: Final = 4_000
"""Characters of an expression."""
MAX_NODES: Final = 400
"""Nodes of its tree."""
MAX_DEPTH: Final = 30
"""Brackets within brackets."""
MAX_HEIGHT: Final = 100
"""Levels of the tree; a chain of additions is one level each."""
MAX_TEXT: Final = 10_000
"""Characters of a text that is made."""
MAX_TOTAL: Final = 10_000
"""Items and keys of a list or context, counted through."""
MAX_NESTING: Final = 50
"""Lists and contexts within each other."""
MAX_STEPS: Final = 50_000
MAX_SECONDS: Final = 0.25
"""Of the processor: a busy machine makes nothing wrong."""
MATCH_SECONDS: Final = 0.2
"""For one regular expression, by the clock on the wall."""
MAX_PATTERN: Final = 500
HEAVY: Final = 16
"""Steps for what may be long in itself; after so many the clock is looked at."""

DIGITS: Final = Context(prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144, traps=[])
"""Decimal128, as the standard asks; no signal is trapped, the result tells."""


class Budget:
    """What one evaluation has left, and the functions that its place of use gives."""

    __slots__ = ("deadline", "functions", "steps")

    def __init__(self, functions: Mapping[str, Callable[..., object]] | None = None) -> None:
        self.steps = MAX_STEPS
        self.deadline = 0.0
        self.functions = functions or {}

    def take(self, steps: int = 1) -> None:
        """Count `steps` of a repetition.

        Raises: FeelError, when steps or time are used up.
        """
        before = self.steps
        self.steps = before - steps
        if self.steps < 0:
            raise FeelError(f"计算超过 {MAX_STEPS} 步，请缩小列表或范围。")
        if before // HEAVY != self.steps // HEAVY:
            self._look_at_clock()

    def _look_at_clock(self) -> None:
        now = thread_time()
        self.deadline = self.deadline or now + MAX_SECONDS
        if now > self.deadline:
            raise FeelError("计算的时间太长，请简化表达式或缩小列表。")


def bounded_text(text: str) -> str:
    """`text`, unless it is too long.

    Raises: FeelError.
    """
    check_length(len(text))
    return text


def check_length(length: int) -> None:
    """Refuse a text before it is made.

    Raises: FeelError, if it would be too long.
    """
    if length > MAX_TEXT:
        raise FeelError(f"得到的文字超过 {MAX_TEXT} 个字符，请写短一些。")


def measure(value: object) -> None:
    """Walk through a list or context that was just made.

    Raises: FeelError, if it holds more than `MAX_TOTAL` items or is nested more than `MAX_NESTING` deep.
    """
    total = 0
    pending = [(value, 1)]
    while pending:
        item, depth = pending.pop()
        parts = item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
        total += len(parts)
        if total > MAX_TOTAL or depth > MAX_NESTING:
            raise FeelError(f"得到的内容超过 {MAX_TOTAL} 项或 {MAX_NESTING} 层，请缩小列表。")
        pending.extend((part, depth + 1) for part in parts if type(part) is list or type(part) is dict)
