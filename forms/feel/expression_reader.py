"""Reads expressions: operators, `if`, `for`, `some`, `every`, `in`, `between`, `instance of`."""

from __future__ import annotations

from forms.feel.brackets import COMPARISONS
from forms.feel.errors import FeelError, shown
from forms.feel.kinds import SIMPLE, ContextKind, Kind, ListKind, RangeKind, Simple
from forms.feel.names import matching
from forms.feel.node_facts import is_question, keys_of
from forms.feel.primary import PrimaryReader
from forms.feel.tree import (
    Arithmetic,
    Between,
    CompareTest,
    Comparison,
    For,
    If,
    In,
    InstanceOf,
    Iteration,
    Logic,
    Negation,
    Node,
    Quantified,
    Test,
    TruthTest,
    ValueTest,
)

_ADDITION = 4
_LEVELS = {
    "or": 1,
    "and": 2,
    **dict.fromkeys((*COMPARISONS, "between", "in"), 3),
    "+": _ADDITION,
    "-": _ADDITION,
    "*": 5,
    "/": 5,
    "**": 6,
}


class ExpressionReader(PrimaryReader):
    """The whole reader; operators by precedence, all from left to right."""

    def whole(self) -> Node:
        """One expression up to the end of the text.

        Raises: FeelError, if something stands behind it.
        """
        node = self.expression()
        if self.token.kind != "end":
            raise self.unexpected()
        return node

    def expression(self) -> Node:
        """One whole expression."""
        with self.deeper():
            return self.operand(1)

    def operand(self, level: int) -> Node:
        """Operators that bind at least as tightly as `level`."""
        left = self.signed_part()
        while (binds := self._level()) >= level:
            left = self.made(self._joined(left, self.take().text, binds))
        return left

    def _level(self) -> int:
        return _LEVELS.get(self.token.text, 0) if self.token.kind in {"sign", "word"} else 0

    def _joined(self, left: Node, word: str, level: int) -> Node:
        if word == "in":
            return In(left, self.tests_of_in())
        if word == "between":
            low = self.operand(_ADDITION)
            self.expect("and", "between 里")
            return Between(left, low, self.operand(_ADDITION))
        right = self.operand(level + 1)
        if level > 3:
            return Arithmetic(word, left, right)
        if level == 3:
            return Comparison(word, left, right)
        before = left.parts if isinstance(left, Logic) and left.word == word else (left,)
        return Logic(word, (*before, right))

    def signed_part(self) -> Node:
        """A primary with minus signs before and `instance of` behind it."""
        if self.at("if", "for", "some", "every"):
            return self._construct()
        minus = 0
        while self.accept("-"):
            minus += 1
        node = self.postfix()
        for _ in range(minus):
            node = self.made(Negation(node))
        if self.at("instance") and self.at("of", ahead=1):
            self.position += 2
            return self.made(InstanceOf(node, self.kind()))
        return node

    def _construct(self) -> Node:
        word = self.take().text
        if word == "if":
            return self._choice()
        with self.binding():
            iterations = [self._iteration()]
            while self.accept(","):
                iterations.append(self._iteration())
            if word == "for":
                partial = self.local("partial", None).slot
                self.expect("return", "for 里")
                return self.made(For(tuple(iterations), self.expression(), partial))
            self.expect("satisfies", f"{word} 里")
            return self.made(Quantified(word, tuple(iterations), self.expression()))

    def _choice(self) -> Node:
        condition = self.expression()
        self.expect("then", "if 里")
        first = self.expression()
        self.expect("else", "if 里")
        return self.made(If(condition, first, self.expression()))

    def _iteration(self) -> Iteration:
        start = self.position
        while self.token.kind in {"word", "number"} and not self.at("in"):
            self.take()
        if start == self.position or not self.at("in"):
            raise FeelError("循环要写成“变量 in 列表”的样子。")
        name = " ".join(token.text for token in self.tokens[start : self.position])
        self.take()
        domain = self.expression()
        upto = self.expression() if self.accept("..") else None
        slot = self.local(name, keys_of(domain, self.scope)).slot
        return Iteration(slot, name, domain, upto)

    def tests_of_in(self) -> tuple[Test, ...]:
        """What stands behind `in`: one test, or several in brackets."""
        if not self.at("("):
            return (self.test(),)
        with self.deeper():
            self.take()
            tests = [self.test()]
            if self.at("..") and isinstance(tests[0], ValueTest):
                return (ValueTest(self.interval("(", tests[0].part)),)
            while self.accept(","):
                tests.append(self.test())
            self.expect(")")
        return tuple(tests)

    def test(self, *, truth: bool = False) -> Test:
        """One test: a sign with a value, a range, a list or a value.

        `truth`: a part that is true or false by its form must be true, as in the cell of a table.
        """
        if self.at(*COMPARISONS):
            sign = self.take().text
            return CompareTest(sign, self.operand(_ADDITION))
        if not truth:
            return ValueTest(self.operand(_ADDITION))
        start = self.position
        part = self.expression()
        asks = any(token.text == "?" and token.kind == "sign" for token in self.tokens[start : self.position])
        return TruthTest(part) if asks or is_question(part) else ValueTest(part)

    def kind(self) -> Kind:
        """The type behind `instance of`."""
        with self.deeper():
            name, length = matching([*SIMPLE, *self.kinds], self.tokens, self.position)
            if not length and not self.at("function"):
                raise FeelError(f"没有“{shown(self.token.text)}”这种类型。", shown(self.token.text))
            self.position += max(length, 1)
            if name in self.kinds:
                return self.kinds[name]
            return self._composed(name) if self.at("<") else Simple(name or "function")

    def _composed(self, name: str) -> Kind:
        self.take()
        if name == "context":
            entries = [self._named_kind()]
            while self.accept(","):
                entries.append(self._named_kind())
            self.expect(">")
            return ContextKind(tuple(entries))
        if name in {"list", "range"}:
            inner = self.kind()
            self.expect(">")
            return ListKind(inner) if name == "list" else RangeKind(inner)
        while not self.accept(">"):
            self.kind()
            if not self.at(">"):
                self.expect(",")
        self.expect("->")
        self.kind()
        return Simple("function")

    def _named_kind(self) -> tuple[str, Kind]:
        start = self.position
        while self.token.kind in {"word", "number"}:
            self.take()
        name = " ".join(token.text for token in self.tokens[start : self.position])
        self.expect(":")
        return name, self.kind()
