"""Reads what operators stand between: values, names, calls, brackets, paths and filters."""

from __future__ import annotations

from forms.feel.brackets import COMPARISONS, BracketReader
from forms.feel.errors import FeelError, shown
from forms.feel.functions import REFUSED, Builtin
from forms.feel.functions.conversion import read_number
from forms.feel.names import BoundName, ItemScope, matching
from forms.feel.node_facts import keys_of
from forms.feel.properties import NAMES
from forms.feel.temporal_text import read_temporal
from forms.feel.tokeniser import KEYWORDS, unquoted
from forms.feel.tree import Filter, FunctionCall, Literal, Local, Node, Path

_DIGITS = 34
_FEW = 12
"""Functions that a sentence still lists."""
_WORDS = {"true": True, "false": False, "null": None}
_NEVER_FIRST = frozenset({")", "]", "}", ",", ".", "..", ":", "*", "/", "**", "+", *COMPARISONS})
_FUNCTION = "不能自己定义函数（function），请直接写出要算的内容，或改用决策表。"


class PrimaryReader(BracketReader):
    """The part of the reader below the operators."""

    def postfix(self) -> Node:
        """A primary with the paths, filters and calls behind it."""
        node = self.primary()
        while True:
            if self.at("."):
                node = self.path(node)
            elif self.at("[") and self._begins_filter():
                node = self.filter(node)
            elif self.at("("):
                before = shown(self.tokens[self.position - 1].text)
                raise FeelError(f"“{before}”不是函数，后面不能写括号；函数名前后请不要加引号。", f"{before}()")
            else:
                return node

    def _begins_filter(self) -> bool:
        """`[1..5[` ends with a bracket that begins nothing."""
        after = self.tokens[self.position + 1]
        return after.kind != "end" and not (
            after.text in _NEVER_FIRST or (after.kind == "word" and after.text in KEYWORDS - set(_FIRST_WORDS))
        )

    def primary(self) -> Node:
        """One value, name, call or bracket."""
        token = self.token
        if token.kind == "number":
            return self._number()
        if token.kind == "string":
            return self.text()
        if token.kind == "word":
            return self._word()
        if self.at("(", "[", "]"):
            with self.deeper():
                return self.bracket()
        if self.at("{"):
            with self.deeper():
                return self.context()
        meaning = self.scope.find(self.tokens, self.position) if token.text == "?" else None
        if meaning is None:
            raise self.unexpected()
        self.take()
        return self.made(meaning[0])

    def _number(self) -> Node:
        token = self.take()
        value = read_number(token.text)
        if value is None or sum(map(str.isdigit, token.text.lower().partition("e")[0].lstrip("0."))) > _DIGITS:
            raise FeelError(f"数字“{shown(token.text)}”太大或太长，最多 {_DIGITS} 位有效数字。", shown(token.text))
        return self.made(Literal(value))

    def text(self) -> Node:
        """A text, or a date, time or duration written as `@"…"`."""
        text = self.take().text
        if text[0] != "@":
            return self.made(Literal(unquoted(text)))
        value = read_temporal(unquoted(text))
        if value is None:
            raise FeelError(
                f'{shown(text)} 不是日期、时间或时长，请写成例如 @"2026-03-02"、@"09:30:00"、@"P3D"。', shown(text)
            )
        return self.made(Literal(value))

    def _word(self) -> Node:
        word = self.token.text
        if word in _WORDS:
            self.take()
            return self.made(Literal(_WORDS[word]))
        if word == "function":
            raise FeelError(_FUNCTION, "function")
        if word in KEYWORDS:
            raise self.unexpected()
        if self._may_be_call():
            name, length = matching(self.functions, self.tokens, self.position)
            if length and self.at("(", ahead=length):
                self.position += length
                return self._call(self.functions[name])
        meaning = self.scope.find(self.tokens, self.position)
        if meaning is None or self.at("(", ahead=meaning[1]):
            raise self._unknown(word)
        self.position += meaning[1]
        return self.made(meaning[0])

    def _may_be_call(self) -> bool:
        """Whether a bracket comes behind the words that stand here."""
        end = self.position
        while self.tokens[end].kind == "word":
            end += 1
        return self.tokens[end].text == "("

    def _unknown(self, word: str) -> FeelError:
        """That nobody declares a name; `word` is the first of it."""
        end = self.position
        while self.tokens[end + 1].kind in {"word", "number"} and self.tokens[end + 1].text not in KEYWORDS:
            end += 1
        name = self.source[self.token.start : self.tokens[end].end]
        if self.tokens[end + 1].text == "(":
            few = len(self.functions) <= _FEW
            advice = REFUSED.get(name) or (f"可以用的是 {'、'.join(self.functions)}" if few else "请用内置函数")
            return FeelError(f"函数“{shown(name)}”不能用，{advice}。", f"{shown(name)}()")
        if name in self.functions:
            return FeelError(f"函数“{name}”的后面要写括号。", name)
        similar = self.scope.similar(name)
        advice = f"是不是“{similar}”？" if similar else "请检查是否写错，或先在表单、决策表、流程里给出。"
        return FeelError(f"没有“{shown(name)}”这个名称，{advice}", shown(name))

    def path(self, source: Node) -> Node:
        """`source.name`; a name that the source is known not to have is refused."""
        self.take()
        keys = keys_of(source, self.scope)
        name, length = matching([*NAMES, *self.entries, *(keys or ())], self.tokens, self.position)
        if not length:
            if self.token.kind != "word":
                raise FeelError("“.”的后面要写表格中的字段，或日期、时间的某一部分。")
            name, length = self.token.text, 1
        if keys is not None and name not in keys:
            raise FeelError(f"没有“{shown(name)}”这一项，有的是 {shown('、'.join(sorted(keys)))}。", shown(name))
        self.position += length
        return self.made(Path(source, name))

    def filter(self, source: Node) -> Node:
        """`source[condition]`."""
        self.take()
        with self.binding() as inner, self.deeper():
            slot = self.slot()
            inner.append(ItemScope(slot, keys_of(source, self.scope)))
            condition = self.expression()
            self.expect("]")
        return self.made(Filter(source, slot, condition))

    def _call(self, builtin: Builtin) -> Node:
        self.calls.add(builtin.name)
        with self.deeper():
            self.expect("(")
            given: list[Node] = []
            named: dict[str, Node] = {}
            while not self.accept(")"):
                name = self._parameter()
                if name:
                    named[name] = self.expression()
                else:
                    given.append(self.expression())
                if not self.at(")"):
                    self.expect(")" if self.token.kind == "end" else ",", f"函数 {builtin.name}() 里")
        return self.made(_fitted(builtin, given, named))

    def _parameter(self) -> str:
        """The name before a colon, passed over, or an empty text."""
        end = self.position
        while self.tokens[end].kind == "word":
            end += 1
        if end == self.position or self.tokens[end].text != ":":
            return ""
        name = " ".join(token.text for token in self.tokens[self.position : end])
        self.position = end + 1
        return name

    def local(self, name: str, keys: frozenset[str] | None) -> Local:
        """Bind a name from here on."""
        slot = self.slot()
        self.scope.inner.append(BoundName(name, slot, keys))
        return Local(slot, name)


_FIRST_WORDS = ("true", "false", "null", "if", "for", "some", "every", "function")


def _fitted(builtin: Builtin, given: list[Node], named: dict[str, Node]) -> FunctionCall:
    """The call with its arguments in order.

    Raises: FeelError, if no signature takes them.
    """
    for number, signature in enumerate(builtin.signatures):
        if not named and signature.takes(len(given)):
            return FunctionCall(builtin.name, tuple(given), number)
        if named and not given and set(named) <= set(signature.parameters):
            arguments = tuple(named.get(name) for name in signature.parameters)
            if all(argument is not None for argument in arguments[: signature.required]):
                return FunctionCall(builtin.name, arguments, number)
    raise FeelError(f"函数“{builtin.name}”的参数不对，请写成 {builtin.written()}。", f"{builtin.name}()")
