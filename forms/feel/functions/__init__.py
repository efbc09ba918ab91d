"""The built-in functions of the standard, by theme."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from forms.feel.functions.contexts import CONTEXTS
from forms.feel.functions.conversion import CONVERSION
from forms.feel.functions.figures import FIGURES
from forms.feel.functions.intervals import INTERVALS
from forms.feel.functions.lists import LISTS
from forms.feel.functions.numbers import NUMBERS
from forms.feel.functions.registry import Builtin, late, together
from forms.feel.functions.temporal import NOW, TEMPORAL
from forms.feel.functions.text import TEXT

STANDARD: Final[Mapping[str, Builtin]] = together(
    CONVERSION, TEXT, NUMBERS, LISTS, FIGURES, TEMPORAL, CONTEXTS, INTERVALS
)
"""Every built-in that needs nothing of its place of use."""

REFUSED: Final[Mapping[str, str]] = {
    "sort": "列表的次序请在来源处排好",
    "now": "这里没有“现在”，请用记下来的时间字段",
    "today": "这里没有“今天”，请用记下来的日期字段",
}
"""Functions of the standard that are not offered (or not everywhere), with what to do instead."""

__all__ = ["NOW", "REFUSED", "STANDARD", "Builtin", "late"]
