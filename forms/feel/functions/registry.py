"""How a built-in is declared: its name, its parameters by name, and what it does.

To add one, write a function over FEEL values in the module of its theme and decorate it::

    @TEXT.function("string length", "string")
    def string_length(text: Value) -> Value: ...

A parameter with `?` may be left out, `...` takes any number. What does not fit is null, never an exception.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Signature:
    """One way to call a built-in.

    `budgeted`: it repeats something, so it is given the evaluation's budget before its arguments. `scalars`: its
    parameters are no lists, so a list of one is taken for its item.
    """

    parameters: tuple[str, ...]
    required: int
    run: Callable[..., Any]
    variadic: bool = False
    budgeted: bool = False
    scalars: bool = False

    def takes(self, positional: int) -> bool:
        """Whether that many arguments without names fit."""
        return positional > 0 if self.variadic else self.required <= positional <= len(self.parameters)


@dataclass(frozen=True, slots=True)
class Builtin:
    """A built-in function with all its signatures.

    `late`: what it does is given at evaluation (`clock`, `today`); such a one has a single signature.
    """

    name: str
    signatures: tuple[Signature, ...]
    late: bool = False

    def written(self) -> str:
        """How it may be called, for a sentence: `substring(string, start position, length)`."""
        ways = (f"{self.name}({', '.join(s.parameters)}{'…' if s.variadic else ''})" for s in self.signatures)
        return " 或 ".join(ways)


def late(name: str, *parameters: str) -> Builtin:
    """A built-in of the caller's: it is declared for reading and given by name at each evaluation."""
    return Builtin(name, (_signature(parameters, _missing),), late=True)


def _missing(*arguments: object) -> None:
    return None


def _signature(
    parameters: tuple[str, ...], run: Callable[..., Any], *, budgeted: bool = False, scalars: bool = False
) -> Signature:
    if parameters == ("...",):
        return Signature((), 0, run, variadic=True, budgeted=budgeted)
    names = tuple(name.removesuffix("?") for name in parameters)
    required = sum(not name.endswith("?") for name in parameters)
    return Signature(names, required, run, budgeted=budgeted, scalars=scalars)


@dataclass(slots=True)
class Theme:
    """The built-ins of one module; `scalars` as in `Signature`."""

    scalars: bool = False
    known: dict[str, Builtin] = field(default_factory=dict)

    def function(self, name: str, *parameters: str, budgeted: bool = False) -> Callable[[Function], Function]:
        """Decorates what a call with these parameters does; several of one name are its signatures in order."""

        def declare(run: Function) -> Function:
            before = self.known.get(name)
            signatures = before.signatures if before else ()
            declared = _signature(parameters, run, budgeted=budgeted, scalars=self.scalars)
            self.known[name] = Builtin(name, (*signatures, declared))
            return run

        return declare


def together(*themes: Theme) -> Mapping[str, Builtin]:
    """All built-ins of several themes by name."""
    return {name: builtin for theme in themes for name, builtin in theme.known.items()}


def as_list(value: Any) -> list[Any] | None:
    """A list as it is, another value as a list of one, null as null: what the standard does with a list parameter."""
    if isinstance(value, list):
        return value
    return None if value is None else [value]


def alike(values: list[Any], kind: type) -> Iterator[bool]:
    """Whether each value is of one kind."""
    return (type(value) is kind for value in values)
