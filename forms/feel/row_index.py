"""Which rows of a large table can fit at all, by the columns that hold written values.

A table of a thousand streets is then decided by looking at the few rows of one street.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final, TypeAlias

from forms.feel.expression import UnaryTests
from forms.feel.tree import Literal, ValueTest

_WORTH_IT: Final = 24
"""Rows; below that looking at each is as quick."""
_INDEXED: Final = frozenset({str, bool, Decimal})
Key: TypeAlias = tuple[type, Any]


class RowIndex:
    """Rows by the value of each column whose cells are `-` or written texts, numbers and truth values."""

    def __init__(self, rows: Sequence[tuple[UnaryTests, ...]]) -> None:
        self._every = range(len(rows))
        self._columns: list[tuple[int, dict[Key, list[int]], list[int]]] = []
        if len(rows) < _WORTH_IT:
            return
        for column in range(len(rows[0])):
            self._add(column, [_keys(row[column]) for row in rows])

    def _add(self, column: int, cells: list[frozenset[Key] | None]) -> None:
        anything = [row for row, keys in enumerate(cells) if keys is None]
        # A column that mostly says nothing narrows nothing down.
        if len(anything) * 2 > len(cells):
            return
        by_key: dict[Key, list[int]] = {key: [] for keys in cells if keys is not None for key in keys}
        for row, keys in enumerate(cells):
            for rows in by_key.values() if keys is None else (by_key[key] for key in keys):
                rows.append(row)
        self._columns.append((column, by_key, anything))

    def candidates(self, values: list[Any]) -> Sequence[int]:
        """The rows to look at, in their order: those of the column that leaves the fewest."""
        best: Sequence[int] = self._every
        for column, by_key, anything in self._columns:
            value = values[column]
            kind = type(value)
            if kind is list:
                continue
            rows = by_key.get((kind, value), anything) if kind in _INDEXED else anything
            if len(rows) < len(best):
                best = rows
        return best


def _keys(cell: UnaryTests) -> frozenset[Key] | None:
    """The written values that a cell asks for; None if it may fit others too."""
    keys = set()
    for test in () if cell.negated else cell.tests:
        if not (isinstance(test, ValueTest) and isinstance(test.part, Literal)):
            return None
        value = test.part.value
        if type(value) not in _INDEXED:
            return None
        keys.add((type(value), value))
    return frozenset(keys) or None
