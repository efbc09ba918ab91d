"""One cell of a decision table: what it accepts, both to evaluate it and to reason about it.

SpiffWorkflow reads cells as Python and gets lists, ranges and `not(...)` wrong without an error, so the cells are read
here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from processes.engine.language.compiled_expression import CELL_VALUE
from processes.engine.language.expressions import CompiledExpression, ExpressionError, compile_python

Literal = str | int | float | bool | None
ANYTHING = frozenset({"", "-"})

_WORDS: Mapping[str, Literal] = {"true": True, "false": False, "null": None}
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_COMPARISON = re.compile(r"(<=|>=|<|>)\s*(.+)", re.DOTALL)
_RANGE = re.compile(r"([\[(\]])\s*(.+?)\s*\.\.\s*(.+?)\s*([\])\[])", re.DOTALL)
_NOT = re.compile(r"not\s*\((.*)\)", re.DOTALL)
_QUOTED = re.compile(r'"[^"\\]*"|\'[^\'\\]*\'')
_THOUSANDS = re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})+(?!\w|\.\d)")
_HELP = '可以写：-（任意）、"文字"、数字、true、几个值用逗号隔开、not("甲")、>= 5、[1..5]，或含 ? 的表达式'


class CellError(Exception):
    """A cell that cannot be read; the message is a Chinese sentence."""


@dataclass(frozen=True, slots=True)
class Exactly:
    """Accepts one value."""

    value: Literal

    def accepts(self, value: object) -> bool:
        """Equal and of the same kind: `true` is not 1."""
        return same(self.value, value)


@dataclass(frozen=True, slots=True)
class Within:
    """Accepts what lies between two bounds; None is unbounded. Both bounds are numbers, or both texts (dates)."""

    low: float | str | None
    low_closed: bool
    high: float | str | None
    high_closed: bool

    def accepts(self, value: object) -> bool:
        """False for a value of another kind."""
        if not _comparable(self.low if self.low is not None else self.high, value):
            return False
        return self._above(value) and self._below(value)

    def _above(self, value: object) -> bool:
        if self.low is None:
            return True
        return value > self.low or (self.low_closed and value == self.low)  # type: ignore[operator]

    def _below(self, value: object) -> bool:
        if self.high is None:
            return True
        return value < self.high or (self.high_closed and value == self.high)  # type: ignore[operator]


@dataclass(frozen=True, slots=True)
class Cell:
    """An input cell. With a `formula` it is an expression over `?`; else it accepts what any of `choices` accepts.

    No choices and no formula is "anything"; `negated` turns the choices round.
    """

    text: str
    choices: tuple[Exactly | Within, ...] = ()
    negated: bool = False
    formula: CompiledExpression | None = None

    @property
    def anything(self) -> bool:
        """Whether it accepts every value."""
        return not self.choices and self.formula is None

    def accepts(self, value: object, variables: Mapping[str, object]) -> bool:
        """Whether the value fits.

        Raises: ExpressionError, from a formula.
        """
        if self.formula is not None:
            return bool(self.formula.evaluate({**variables, CELL_VALUE: value}))
        if not self.choices:
            return True
        return any(choice.accepts(value) for choice in self.choices) is not self.negated


def same(left: object, right: object) -> bool:
    """Equal, where a truth value equals only a truth value."""
    return isinstance(left, bool) is isinstance(right, bool) and left == right


def read_cell(text: str) -> Cell:
    """The input cell written as `text`.

    Raises: CellError.
    """
    text = text.strip()
    if text in ANYTHING:
        return Cell(text)
    if "?" in _QUOTED.sub("", text):
        return Cell(text, formula=_formula(text))
    if grouped := _THOUSANDS.search(_QUOTED.sub("", text)):
        raise CellError(_thousands(grouped.group()))
    inner = _NOT.fullmatch(text)
    parts = split_cell(inner.group(1) if inner else text)
    return Cell(text, tuple(_choice(part) for part in parts), negated=inner is not None)


def read_values(text: str) -> tuple[Literal, ...]:
    """A comma list of literals, as in the allowed values of a column.

    Raises: CellError.
    """
    return tuple(_literal(part) for part in split_cell(text)) if text.strip() else ()


def _thousands(grouped: str) -> str:
    """`>= 10,000` is read as two values, 10 and 0: whoever wrote it meant one, and the row hits nearly always."""
    together, apart = grouped.replace(",", ""), grouped.replace(",", ", ")
    return f"{grouped} 里的逗号表示几个值：一个数请写 {together}；确实是几个值，请在逗号后加空格，写成 {apart}"


def with_cell_value(text: str) -> str:
    """A formula with the name `CELL_VALUE` for each `?` outside quotes."""
    quoted = _QUOTED.findall(text)
    plain = [part.replace("?", f" {CELL_VALUE} ") for part in _QUOTED.split(text)]
    return "".join(a + b for a, b in zip(plain, [*quoted, ""], strict=True)).strip()


def _formula(text: str) -> CompiledExpression:
    try:
        return compile_python(with_cell_value(text))
    except ExpressionError as error:
        raise CellError(f"「{text}」{error.sentence}") from error


def split_cell(text: str) -> list[str]:
    """A cell at the commas outside quotes."""
    commas = [-1, len(text)]
    quote = ""
    for position, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character == ",":
            commas.insert(-1, position)
    return [text[a + 1 : b].strip() for a, b in pairwise(commas)]


def _choice(text: str) -> Exactly | Within:
    comparison = _COMPARISON.fullmatch(text)
    if comparison:
        bound = _bound(comparison.group(2))
        closed = comparison.group(1).endswith("=")
        if comparison.group(1).startswith("<"):
            return Within(None, False, bound, closed)
        return Within(bound, closed, None, False)
    between = _RANGE.fullmatch(text)
    if between:
        return _interval(between, text)
    return Exactly(_literal(text))


def _interval(match: re.Match[str], text: str) -> Within:
    left, low, high, right = match.groups()
    interval = Within(_bound(low), left == "[", _bound(high), right == "]")
    if isinstance(interval.low, str) is not isinstance(interval.high, str):
        raise CellError(f"「{text}」两端一边是文字一边是数字")
    if interval.low > interval.high:  # type: ignore[operator]
        raise CellError(f"「{text}」的下限大于上限，永远不会命中")
    return interval


def _bound(text: str) -> float | str:
    value = _literal(text)
    if isinstance(value, bool) or value is None:
        raise CellError(f"「{text}」不能作为范围的一端，请写数字或带引号的日期")
    return value


def _literal(text: str) -> Literal:
    text = text.strip()
    if text in _WORDS:
        return _WORDS[text]
    number = _NUMBER.fullmatch(text)
    if number and len(text) <= 20:
        return float(text) if number.group(1) else int(text)
    if _QUOTED.fullmatch(text):
        return text[1:-1]
    if not text:
        raise CellError("逗号前后缺了一个值")
    raise CellError(f"读不懂「{text[:60]}」，文字要加英文双引号；{_HELP}")


def _comparable(bound: object, value: object) -> bool:
    if isinstance(bound, str):
        return isinstance(value, str)
    return isinstance(value, (int, float)) and not isinstance(value, bool)
