"""Reads what stands in brackets: groups, lists, ranges and contexts."""

from __future__ import annotations

from forms.feel.cursor import Cursor
from forms.feel.errors import FeelError, shown
from forms.feel.names import BoundName
from forms.feel.node_facts import keys_of
from forms.feel.tokeniser import unquoted
from forms.feel.tree import ContextEntry, ContextOf, Interval, ListOf, Node

COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")


class BracketReader(Cursor):
    """The part of the reader within brackets."""

    def bracket(self) -> Node:
        """A group, a list or a range."""
        opening = self.take().text
        if opening == "(" and self.at(*COMPARISONS):
            sign = self.take().text
            return self.made(self.signed(sign, self._closed(self.operand(4))))
        if opening == "[" and self.accept("]"):
            return self.made(ListOf(()))
        first = self.expression()
        if self.at("..") or opening == "]":
            return self.interval(opening, first)
        if opening == "(":
            return self._closed(first)
        items = [first]
        while self.accept(","):
            items.append(self.expression())
        self.expect("]")
        return self.made(ListOf(tuple(items)))

    def _closed(self, node: Node) -> Node:
        self.expect(")")
        return node

    @staticmethod
    def signed(sign: str, end: Node) -> Interval:
        """The range of everything that compares so: `(< 10)`, `(= 10)`."""
        upper, lower = sign in {"<", "<=", "="}, sign in {">", ">=", "=", "!="}
        closed = sign in {"<=", ">=", "="}
        return Interval(end if lower else None, closed and lower, end if upper else None, closed and upper, sign)

    def interval(self, opening: str, low: Node) -> Node:
        """The rest of `[low..high]` from the two points on."""
        self.expect("..")
        high = self.expression()
        if not self.at("]", ")", "["):
            raise FeelError("范围缺少结尾的“]”或“)”，请补上。")
        closing = self.take().text
        return self.made(Interval(low, opening == "[", high, closing == "]"))

    def context(self) -> Node:
        """`{key: value}`; later entries see the earlier ones."""
        self.take()
        entries: list[ContextEntry] = []
        with self.binding() as inner:
            while not self.accept("}"):
                key = self._key()
                if any(entry.key == key for entry in entries):
                    raise FeelError(f"同一组值里写了两次“{shown(key)}”，请删除一个。", shown(key))
                part = self.expression()
                entry = ContextEntry(key, self.slot(), part)
                entries.append(entry)
                self.entries.add(key)
                inner.append(BoundName(key, entry.slot, keys_of(part, self.scope)))
                if not self.at("}"):
                    self.expect(",")
        return self.made(ContextOf(tuple(entries)))

    def _key(self) -> str:
        """A text or the tokens up to the colon; the colon is passed over."""
        start = self.position
        while self.token.kind != "end" and not self.at(":", "}", ",", "{"):
            self.take()
        if not self.at(":") or self.position == start:
            raise FeelError("花括号里要写“名称: 值”，几项之间用逗号隔开。")
        first, last = self.tokens[start], self.tokens[self.position - 1]
        self.take()
        return unquoted(first.text) if first.kind == "string" else " ".join(self.source[first.start : last.end].split())
