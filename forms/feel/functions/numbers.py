"""Built-ins over numbers."""

from __future__ import annotations

from collections.abc import Callable
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)
from typing import Any, Final

from forms.feel.arithmetic import finite
from forms.feel.bounds import DIGITS
from forms.feel.functions.registry import Theme
from forms.feel.temporal_values import Months, Span
from forms.feel.values import Value

NUMBERS = Theme(scalars=True)
_SCALES: Final = range(-6111, 6177)


def _rounded(number: Any, scale: Any, rounding: str) -> Value:
    """To `scale` digits behind the point; negative before it."""
    if not isinstance(number, Decimal) or not isinstance(scale, Decimal) or int(scale) not in _SCALES:
        return None
    exponent = -int(scale)
    if int(number.as_tuple().exponent) >= exponent:
        return number
    quantum = Decimal((0, (1,), exponent))
    return finite(DIGITS.plus(number.quantize(quantum, rounding=rounding, context=DIGITS)))


def _declare(name: str, rounding: str, scale: str) -> None:
    def run(number: Any, scale: Any = Decimal(0)) -> Value:
        return _rounded(number, scale, rounding)

    NUMBERS.function(name, "n", scale)(run)


for _name, _rounding in (
    ("decimal", ROUND_HALF_EVEN),
    ("round up", ROUND_UP),
    ("round down", ROUND_DOWN),
    ("round half up", ROUND_HALF_UP),
    ("round half down", ROUND_HALF_DOWN),
):
    _declare(_name, _rounding, "scale")
_declare("floor", ROUND_FLOOR, "scale?")
_declare("ceiling", ROUND_CEILING, "scale?")


@NUMBERS.function("abs", "n")
def absolute(value: Any) -> Value:
    """Without its sign: a number or a duration."""
    if isinstance(value, Decimal):
        return DIGITS.abs(value)
    if isinstance(value, Months):
        return Months(abs(value.months))
    return Span(abs(value.nanoseconds)) if isinstance(value, Span) else None


@NUMBERS.function("modulo", "dividend", "divisor")
def modulo(dividend: Any, divisor: Any) -> Value:
    """What is left of a division rounded down: it has the sign of the divisor."""
    if not isinstance(dividend, Decimal) or not isinstance(divisor, Decimal) or not divisor:
        return None
    rest = DIGITS.remainder(dividend, divisor)
    if not rest.is_finite():
        return None
    return DIGITS.add(rest, divisor) if rest and (rest < 0) is not (divisor < 0) else rest


def _of_one(name: str, operation: Callable[[Decimal], Decimal]) -> None:
    def run(number: Any) -> Value:
        return finite(operation(number)) if isinstance(number, Decimal) else None

    NUMBERS.function(name, "number")(run)


_of_one("sqrt", DIGITS.sqrt)
_of_one("exp", DIGITS.exp)
_of_one("log", DIGITS.ln)


@NUMBERS.function("even", "number")
def even(number: Any) -> Value:
    """Whether a whole number divides by two; null if it is not whole."""
    rest = _half(number)
    return None if rest is None else rest == 0


@NUMBERS.function("odd", "number")
def odd(number: Any) -> Value:
    """Whether a whole number does not divide by two; null if it is not whole."""
    rest = _half(number)
    return None if rest is None else rest != 0


def _half(number: Any) -> Decimal | None:
    if not isinstance(number, Decimal) or number != number.to_integral_value():
        return None
    return finite(DIGITS.remainder(number, Decimal(2)))
