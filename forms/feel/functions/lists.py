"""Built-ins over lists. A value that is no list counts as a list of one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from forms.feel.bounds import Budget, measure
from forms.feel.comparing import equal
from forms.feel.functions.registry import Theme, as_list
from forms.feel.values import Value

LISTS = Theme()


@LISTS.function("list contains", "list", "element", budgeted=True)
def list_contains(budget: Budget, values: Any, element: Any) -> Value:
    """Whether an item equals the element."""
    items = as_list(values)
    if items is None:
        return None
    budget.take(len(items))
    return any(equal(item, element) is True for item in items)


@LISTS.function("count", "list")
def count(values: Any) -> Value:
    """How many items."""
    items = as_list(values)
    return None if items is None else Decimal(len(items))


@LISTS.function("append", "list", "item")
@LISTS.function("append", "...")
def append(*values: Any) -> Value:
    """The list with items behind it."""
    items = as_list(values[0]) if values else None
    return None if items is None else _made([*items, *values[1:]])


@LISTS.function("concatenate", "...")
def concatenate(*lists: Any) -> Value:
    """Several lists as one."""
    parts = [as_list(values) for values in lists]
    return None if None in parts or not parts else _made([item for part in parts if part for item in part])


@LISTS.function("insert before", "list", "position", "newItem")
def insert_before(values: Any, position: Any, item: Any) -> Value:
    """With an item before the one at a position counted from 1, or from the end if negative."""
    items, place = as_list(values), _place(values, position)
    return None if items is None or place is None else _made([*items[:place], item, *items[place:]])


@LISTS.function("remove", "list", "position")
def remove(values: Any, position: Any) -> Value:
    """Without the item at a position."""
    items, place = as_list(values), _place(values, position)
    return None if items is None or place is None else items[:place] + items[place + 1 :]


@LISTS.function("list replace", "list", "position", "newItem")
def list_replace(values: Any, position: Any, item: Any) -> Value:
    """With another item at a position."""
    items, place = as_list(values), _place(values, position)
    return None if items is None or place is None else _made([*items[:place], item, *items[place + 1 :]])


@LISTS.function("sublist", "list", "start position", "length?")
def sublist(values: Any, start: Any, *lengths: Any) -> Value:
    """The items from a position, as many as wanted."""
    items, place = as_list(values), _place(values, start)
    if items is None or place is None:
        return None
    if not lengths:
        return items[place:]
    return items[place : place + int(lengths[0])] if isinstance(lengths[0], Decimal) and lengths[0] >= 0 else None


def _place(values: Any, position: Any) -> int | None:
    """The index of a position counted from 1 or, negative, from the end; None if there is none."""
    items = as_list(values)
    if items is None or not isinstance(position, Decimal):
        return None
    place = int(position)
    index = place - 1 if place > 0 else len(items) + place
    return index if place and 0 <= index < len(items) else None


@LISTS.function("reverse", "list")
def reverse(values: Any) -> Value:
    """From the last to the first."""
    items = as_list(values)
    return None if items is None else items[::-1]


@LISTS.function("index of", "list", "match", budgeted=True)
def index_of(budget: Budget, values: Any, match: Any) -> Value:
    """The positions of all items that equal the match."""
    items = as_list(values)
    if items is None:
        return None
    budget.take(len(items))
    return [Decimal(place) for place, item in enumerate(items, 1) if equal(item, match) is True]


@LISTS.function("distinct values", "list", budgeted=True)
def distinct_values(budget: Budget, values: Any) -> Value:
    """Each value once, in the order of its first place."""
    items = as_list(values)
    return None if items is None else _distinct(budget, items)


@LISTS.function("union", "...", budgeted=True)
def union(budget: Budget, *lists: Any) -> Value:
    """Several lists as one, each value once."""
    items = concatenate(*lists)
    return _distinct(budget, items) if isinstance(items, list) else None


@LISTS.function("duplicate values", "list", budgeted=True)
def duplicate_values(budget: Budget, values: Any) -> Value:
    """The values that stand in the list more than once."""
    items = as_list(values)
    if items is None:
        return None
    budget.take(len(items) ** 2)
    return _distinct(budget, [item for item in items if sum(equal(item, other) is True for other in items) > 1])


def _distinct(budget: Budget, items: list[Any]) -> list[Any]:
    kept: list[Any] = []
    for item in items:
        budget.take(len(kept) + 1)
        if not any(equal(item, other) is True for other in kept):
            kept.append(item)
    return kept


@LISTS.function("flatten", "list", budgeted=True)
def flatten(budget: Budget, values: Any) -> Value:
    """Lists within lists opened."""
    items = as_list(values)
    if items is None:
        return None
    flat: list[Any] = []
    pending = items[::-1]
    while pending:
        budget.take()
        item = pending.pop()
        if isinstance(item, list):
            pending.extend(item[::-1])
        else:
            flat.append(item)
    return flat


def _made(items: list[Any]) -> list[Any]:
    measure(items)
    return items


def _logical(name: str, deciding: bool) -> None:
    def of_list(values: Any) -> Value:
        items = as_list(values)
        if items is None:
            return None
        if any(item is deciding for item in items):
            return deciding
        return not deciding if all(item is not deciding and isinstance(item, bool) for item in items) else None

    def of_many(*values: Any) -> Value:
        return of_list(list(values))

    LISTS.function(name, "list")(of_list)
    LISTS.function(name, "...")(of_many)


_logical("all", deciding=False)
_logical("any", deciding=True)
