"""The tree of an expression: frozen, without positions, the same for the evaluator, the check and the browser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from forms.feel.kinds import Kind
    from forms.feel.values import Value


@dataclass(frozen=True, slots=True)
class Literal:
    """A value written in the text."""

    value: Value


@dataclass(frozen=True, slots=True)
class Variable:
    """A name that the place of use declares."""

    name: str


@dataclass(frozen=True, slots=True)
class Local:
    """A name that the expression itself binds: a loop's variable, an entry of a context, `?`."""

    slot: int
    name: str


@dataclass(frozen=True, slots=True)
class ItemName:
    """A name within a filter: the item's own entry, else what `outer` means, else null."""

    slot: int
    name: str
    outer: Node | None


@dataclass(frozen=True, slots=True)
class Negation:
    """Minus something."""

    part: Node


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`left sign right` with + - * / **."""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Logic:
    """`and` or `or` over two or more parts."""

    word: str
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left sign right` with = != < <= > >=."""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Between:
    """`part between low and high`, both ends included."""

    part: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class AnyTest:
    """`-`: fits everything."""


@dataclass(frozen=True, slots=True)
class CompareTest:
    """`< 5`: the tested value stands on the left."""

    sign: str
    right: Node


@dataclass(frozen=True, slots=True)
class ValueTest:
    """Equal to the value, in the range, or in the list."""

    part: Node


@dataclass(frozen=True, slots=True)
class TruthTest:
    """An expression over `?` that must be true."""

    part: Node


Test: TypeAlias = AnyTest | CompareTest | ValueTest | TruthTest


@dataclass(frozen=True, slots=True)
class In:
    """`part in (tests)`: whether any of them fits."""

    part: Node
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Interval:
    """`[low..high]`, or with a `sign` the range of everything that compares so: `(< 10)`."""

    low: Node | None
    low_closed: bool
    high: Node | None
    high_closed: bool
    sign: str = ""


@dataclass(frozen=True, slots=True)
class If:
    """`if condition then first else second`."""

    condition: Node
    first: Node
    second: Node


@dataclass(frozen=True, slots=True)
class Iteration:
    """`name in domain`, or `name in domain..upto`."""

    slot: int
    name: str
    domain: Node
    upto: Node | None


@dataclass(frozen=True, slots=True)
class For:
    """`for … return body`; `partial` is the slot of the results so far."""

    iterations: tuple[Iteration, ...]
    body: Node
    partial: int


@dataclass(frozen=True, slots=True)
class Quantified:
    """`some` or `every … satisfies body`."""

    word: str
    iterations: tuple[Iteration, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Filter:
    """`source[condition]`: by position if the condition is a number."""

    source: Node
    slot: int
    condition: Node


@dataclass(frozen=True, slots=True)
class Path:
    """`source.name`: an entry, a property of a date or time, or that of each item of a list."""

    source: Node
    name: str


@dataclass(frozen=True, slots=True)
class InstanceOf:
    """`part instance of kind`."""

    part: Node
    kind: Kind


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """A built-in with its arguments in the order of its parameters; a missing optional one is None."""

    name: str
    arguments: tuple[Node | None, ...]
    signature: int


@dataclass(frozen=True, slots=True)
class ListOf:
    """`[a, b]`."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ContextEntry:
    """One entry of a context; later entries see it in its slot."""

    key: str
    slot: int
    part: Node


@dataclass(frozen=True, slots=True)
class ContextOf:
    """`{key: part}`."""

    entries: tuple[ContextEntry, ...]


Node: TypeAlias = (
    Literal
    | Variable
    | Local
    | ItemName
    | Negation
    | Arithmetic
    | Logic
    | Comparison
    | Between
    | In
    | Interval
    | If
    | For
    | Quantified
    | Filter
    | Path
    | InstanceOf
    | FunctionCall
    | ListOf
    | ContextOf
)
