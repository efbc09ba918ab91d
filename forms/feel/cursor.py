"""A place in the tokens of an expression, with what every part of the reader needs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from forms.feel.bounds import MAX_DEPTH, MAX_NODES
from forms.feel.errors import FeelError, shown
from forms.feel.functions import Builtin
from forms.feel.kinds import Kind
from forms.feel.names import BoundName, ItemScope, Scope
from forms.feel.tokeniser import Token, tokenise
from forms.feel.tree import Node

FIRST_SLOT = 2
"""A frame holds the variables, the budget, and then the values of the names that the expression binds."""
_CHINESE_PUNCTUATION = re.compile("[“”‘’（），；：【】＝＞＜！]")


class Cursor:
    """Reads tokens from left to right; counts nodes and brackets; hands out slots."""

    def __init__(self, text: str, scope: Scope, functions: Mapping[str, Builtin], kinds: Mapping[str, Kind]) -> None:
        self.source = text
        self.tokens = tokenise(text)
        self.position = 0
        self.scope = scope
        self.functions = functions
        self.kinds = kinds
        self.calls: set[str] = set()
        self.entries: set[str] = set()
        """Keys of all contexts read so far: a path may name them, also those of several words."""
        self.slots = FIRST_SLOT
        self.most_slots = FIRST_SLOT
        self.nodes = 0
        self._depth = 0

    def expression(self) -> Node:
        """One whole expression."""
        raise NotImplementedError

    def operand(self, level: int) -> Node:
        """An expression of operators that bind at least as tightly as `level`."""
        raise NotImplementedError

    @property
    def token(self) -> Token:
        """The next token."""
        return self.tokens[self.position]

    def at(self, *texts: str, ahead: int = 0) -> bool:
        """Whether one of these signs or keywords comes next."""
        token = self.tokens[min(self.position + ahead, len(self.tokens) - 1)]
        return token.kind in {"sign", "word"} and token.text in texts

    def take(self) -> Token:
        """The next token, passed over."""
        token = self.token
        if token.kind != "end":
            self.position += 1
        return token

    def accept(self, *texts: str) -> bool:
        """Pass over one of these if it comes next."""
        present = self.at(*texts)
        self.position += present
        return present

    def expect(self, text: str, after: str = "") -> None:
        """Pass over this sign or keyword.

        Raises: FeelError, if something else comes.
        """
        if not self.accept(text):
            if self.token.kind == "other":
                raise self.unexpected()
            raise FeelError(f"{after}缺少“{text}”，请补上{self.hint()}。")

    def unexpected(self) -> FeelError:
        """That the next token cannot stand here."""
        token = self.token
        if token.kind == "end":
            return FeelError("表达式没有写完。")
        if token.kind == "other":
            piece = self.source[token.start : token.start + 10].strip()
            return FeelError(f"“{piece}”不能识别，文字要放在英文双引号里{self.hint()}。")
        if token.text in {"and", "or"}:
            return FeelError(f"“{token.text}”的前面缺少内容。")
        return FeelError(f"“{shown(token.text)}”的位置不对，请检查前后是否缺少 and、or 或括号{self.hint()}。")

    def hint(self) -> str:
        """What often is the cause: Chinese punctuation outside of texts."""
        outside = "".join(token.text for token in self.tokens if token.kind != "string")
        return "；里面有中文标点，请改用英文半角标点" if _CHINESE_PUNCTUATION.search(outside) else ""

    def made(self, node: Node) -> Node:
        """Count a node.

        Raises: FeelError, if there are too many.
        """
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise FeelError("表达式太长，请拆成几个，或改用决策表。")
        return node

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """One bracket further in.

        Raises: FeelError, if that is too deep.
        """
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise FeelError("括号层数太多，请拆成几个表达式。")
        yield
        self._depth -= 1

    def slot(self) -> int:
        """A place in the frame for a name that is bound here."""
        self.slots += 1
        self.most_slots = max(self.most_slots, self.slots)
        return self.slots - 1

    @contextmanager
    def binding(self) -> Iterator[list[BoundName | ItemScope]]:
        """Names bound within are forgotten afterwards, and their slots free again."""
        slots, known = self.slots, len(self.scope.inner)
        yield self.scope.inner
        self.slots = slots
        del self.scope.inner[known:]
