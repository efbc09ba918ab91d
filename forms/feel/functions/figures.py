"""Built-ins that make one value of a list: `sum([1, 2])`, or of several arguments: `sum(1, 2)`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from forms.feel.arithmetic import add, divide, finite
from forms.feel.bounds import DIGITS
from forms.feel.comparing import order
from forms.feel.functions.registry import Theme, alike, as_list
from forms.feel.temporal_values import Months, Span
from forms.feel.values import Value

FIGURES = Theme()
Aggregate = Callable[[list[Any]], Value]


def _figure(name: str, empty: Callable[[], Value] | None = None) -> Callable[[Aggregate], Aggregate]:
    def declare(run: Aggregate) -> Aggregate:
        def of_list(values: Any) -> Value:
            items = as_list(values)
            if not items:
                return empty() if empty and items is not None else None
            return run(items)

        def of_many(*values: Any) -> Value:
            return run(list(values))

        FIGURES.function(name, "list")(of_list)
        FIGURES.function(name, "...")(of_many)
        return run

    return declare


@_figure("min")
def smallest(items: list[Any]) -> Value:
    """The smallest of values of one kind."""
    return _extreme(items, -1)


@_figure("max")
def largest(items: list[Any]) -> Value:
    """The largest of values of one kind."""
    return _extreme(items, 1)


def _extreme(items: list[Any], sign: int) -> Value:
    best = items[0]
    for item in items:
        compared = order(item, best)
        if compared is None:
            return None
        best = item if compared == sign else best
    return best  # type: ignore[no-any-return]


@_figure("sum")
def total(items: list[Any]) -> Value:
    """Of numbers, or of durations of one kind."""
    kind = type(items[0])
    if kind not in {Decimal, Months, Span} or not all(alike(items, kind)):
        return None
    result: Value = items[0]
    for item in items[1:]:
        result = add(result, item)
    return result


@_figure("mean")
def mean(items: list[Any]) -> Value:
    """The sum by the number of items."""
    return divide(total(items), Decimal(len(items)))


@_figure("product")
def product(items: list[Any]) -> Value:
    """Of numbers."""
    if not all(alike(items, Decimal)):
        return None
    result = Decimal(1)
    for item in items:
        result = DIGITS.multiply(result, item)
    return finite(result)


@_figure("median")
def median(items: list[Any]) -> Value:
    """The middle of the sorted numbers, or the mean of the two in the middle."""
    if not all(alike(items, Decimal)):
        return None
    ordered, middle = sorted(items), len(items) // 2
    if len(items) % 2:
        return ordered[middle]  # type: ignore[no-any-return]
    return finite(DIGITS.divide(DIGITS.add(ordered[middle - 1], ordered[middle]), Decimal(2)))


@_figure("stddev")
def stddev(items: list[Any]) -> Value:
    """The standard deviation of a sample; null for fewer than two numbers."""
    if len(items) < 2 or not all(alike(items, Decimal)):
        return None
    middle = mean(items)
    if not isinstance(middle, Decimal):
        return None
    squares = [DIGITS.power(DIGITS.subtract(item, middle), Decimal(2)) for item in items]
    summed = total(squares)
    return finite(DIGITS.sqrt(DIGITS.divide(summed, Decimal(len(items) - 1)))) if isinstance(summed, Decimal) else None


@_figure("mode", list)
def mode(items: list[Any]) -> Value:
    """The numbers that come most often, sorted."""
    if not all(alike(items, Decimal)):
        return None
    counts = Counter(items)
    most = max(counts.values())
    return sorted(number for number, times in counts.items() if times == most)
