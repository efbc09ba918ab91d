"""Which names an expression may use, and how they are found in its tokens, also those of several words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeAlias

from forms.feel.tokeniser import Token, words_of
from forms.feel.tree import ItemName, Local, Node, Variable

Keys: TypeAlias = frozenset[str] | None
"""The entries that a value is known to have; None if nothing is known."""


@dataclass(frozen=True, slots=True)
class BoundName:
    """A name that the expression itself binds."""

    name: str
    slot: int
    keys: Keys = None


@dataclass(frozen=True, slots=True)
class ItemScope:
    """The inside of a filter: the item's entries are names there."""

    slot: int
    keys: Keys


def matching(names: Iterable[str], tokens: Sequence[Token], position: int) -> tuple[str, int]:
    """(the longest of the names that stands at a position, its number of tokens), or ("", 0)."""
    best, length = "", 0
    for name in names:
        words = words_of(name)
        size = len(words)
        if size > length and all(tokens[position + place].text == word for place, word in enumerate(words)):
            best, length = name, size
    return best, length


class Names:
    """The names that a place of use declares, made ready once for all the expressions that stand there.

    `declared`: the names, or name -> entries where those are known; None declares every word.
    """

    def __init__(self, declared: Iterable[str] | Mapping[str, Collection[str] | None] | None) -> None:
        self.open = declared is None
        entries = declared if isinstance(declared, Mapping) else dict.fromkeys(declared or ())
        self.entries: dict[str, Keys] = {
            name: None if keys is None else frozenset(keys) for name, keys in entries.items()
        }
        self.by_word: dict[str, list[str]] = {}
        for name in self.entries:
            for word in words_of(name)[:1]:
                self.by_word.setdefault(word, []).append(name)


Declared: TypeAlias = Names | Iterable[str] | Mapping[str, Collection[str] | None] | None


class Scope:
    """The names at one place of an expression, from the innermost to those that the place of use declares."""

    def __init__(self, declared: Declared) -> None:
        self.declared = declared if isinstance(declared, Names) else Names(declared)
        self.inner: list[BoundName | ItemScope] = []
        self.used: set[str] = set()

    def find(self, tokens: Sequence[Token], position: int) -> tuple[Node, int] | None:
        """What the name at a position means and how many tokens it takes; None if nobody declares it."""
        meaning = self._find(tokens, position, len(self.inner))
        if meaning is not None:
            self.used.update(_variables(meaning[0]))
        return meaning

    def _find(self, tokens: Sequence[Token], position: int, level: int) -> tuple[Node, int] | None:
        best: tuple[Node, int] | None = None
        for index in reversed(range(level)):
            scope = self.inner[index]
            if isinstance(scope, ItemScope):
                return _longer(best, self._in_item(scope, tokens, position, index))
            name, length = matching((scope.name,), tokens, position)
            if length:
                best = _longer(best, (Local(scope.slot, name), length))
        return _longer(best, self._variable(tokens, position))

    def _in_item(self, scope: ItemScope, tokens: Sequence[Token], position: int, level: int) -> tuple[Node, int] | None:
        outer = self._find(tokens, position, level)
        text = tokens[position].text
        if text == "item":
            outer = Local(scope.slot, "item"), 1
        unknown = (text,) if tokens[position].kind == "word" else ()
        keys = unknown if scope.keys is None else scope.keys
        name, length = matching(keys, tokens, position)
        if not length or (outer is not None and outer[1] > length):
            return outer
        same = outer[0] if outer is not None and outer[1] == length else None
        return ItemName(scope.slot, name, same), length

    def _variable(self, tokens: Sequence[Token], position: int) -> tuple[Node, int] | None:
        text = tokens[position].text
        name, length = matching(self.declared.by_word.get(text, ()), tokens, position)
        if length:
            return Variable(name), length
        return (Variable(text), 1) if self.declared.open and tokens[position].kind == "word" else None

    def keys_of(self, node: Node) -> Keys:
        """The entries that a name's value is known to have."""
        if isinstance(node, Variable):
            return self.declared.entries.get(node.name)
        if isinstance(node, Local):
            bound = (scope for scope in self.inner if scope.slot == node.slot)
            return next((scope.keys for scope in bound), None)
        return None

    def similar(self, name: str) -> str:
        """A declared name that looks like this one, or an empty text."""
        known = [*self.declared.entries, *(scope.name for scope in self.inner if isinstance(scope, BoundName))]
        return next(iter(get_close_matches(name, known, 1)), "")


def _longer(left: tuple[Node, int] | None, right: tuple[Node, int] | None) -> tuple[Node, int] | None:
    """The longer match; of two equal ones the inner (left) one."""
    if left is None or right is None:
        return left or right
    return right if right[1] > left[1] else left


def _variables(node: Node | None) -> Iterable[str]:
    while isinstance(node, ItemName):
        node = node.outer
    return (node.name,) if isinstance(node, Variable) else ()
