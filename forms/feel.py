"""The small part of FEEL that form files use for 隐藏条件, 必填条件 and computed fields.

The expression is parsed once into a tree of JSON lists. The server evaluates that tree here, the browser evaluates the
same tree in `forms.js`, so a page shows and the server checks by one rule and no text is ever run as code.

Missing answers follow FEEL: an empty answer is null, a comparison of unlike things is null, and null hides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeAlias

MAX_LENGTH: Final = 500
MAX_DEPTH: Final = 20

Tree: TypeAlias = list[object]

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>\d+(?:\.\d+)?)
      | (?P<string>"(?:[^"\\]|\\["\\])*")
      | (?P<name>list\s+contains\b|[A-Za-z_][A-Za-z0-9_]*)
      | (?P<sign><=|>=|!=|[-+*/=<>(),.])
    )""",
    re.VERBOSE,
)
_LITERALS: Final[Mapping[str, object]] = {"true": True, "false": False, "null": None}
_CALLS: Final = {"not": 1, "count": 1, "sum": 1, "list contains": 2}
_COMPARISONS: Final = ("=", "!=", "<", "<=", ">", ">=")


class FeelError(ValueError):
    """An expression that cannot be used; the text is a Chinese sentence."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression: `source` as written, `tree` for JSON, `names` the field keys it mentions."""

    source: str
    tree: Tree
    names: frozenset[str]

    def value(self, answers: Mapping[str, object]) -> object:
        """The result over `answers` (field key -> Decimal, str, bool, list or None)."""
        return evaluate(self.tree, answers)

    def holds(self, answers: Mapping[str, object]) -> bool:
        """Whether the result is plainly true; null and anything else is not."""
        return self.value(answers) is True


def parse(source: str) -> Expression:
    """Read an expression such as `=kind = "other" and count(courses) > 0`; the leading `=` may be left out.

    Raises: FeelError, with the place of the mistake.
    """
    text = source.strip().removeprefix("=").strip()
    if not text:
        raise FeelError('条件是空的，请写成例如 =kind = "other" 的样子。')
    if len(text) > MAX_LENGTH:
        raise FeelError(f"条件太长（最多 {MAX_LENGTH} 个字符），请拆成几个字段。")
    parser = _Parser(_tokens(text))
    tree = parser.disjunction(0)
    if parser.kind:
        raise FeelError(f"条件里“{parser.text}”的位置不对，请检查前后是否缺少 and、or 或括号。")
    return Expression(source=source, tree=tree, names=frozenset(parser.names))


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise FeelError(f"条件里“{text[position : position + 10].strip()}”不能识别，文字要放在英文双引号里。")
        kind = str(match.lastgroup)
        tokens.append((kind, re.sub(r"\s+", " ", match[kind]) if kind == "name" else match[kind]))
        position = match.end()
    return tokens


class _Parser:
    """Recursive descent, one method per level of binding."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.position = 0
        self.names: set[str] = set()

    @property
    def kind(self) -> str:
        return self.tokens[self.position][0] if self.position < len(self.tokens) else ""

    @property
    def text(self) -> str:
        return self.tokens[self.position][1] if self.position < len(self.tokens) else ""

    def take(self) -> str:
        text = self.text
        self.position += 1
        return text

    def expect(self, sign: str) -> None:
        if self.kind != "sign" or self.text != sign:
            raise FeelError(f"条件里缺少“{sign}”，请补上。")
        self.take()

    def next_is(self, *texts: str) -> bool:
        return self.kind in {"sign", "name"} and self.text in texts

    def chain(self, depth: int, below: Callable[[int], Tree], *signs: str) -> Tree:
        if depth > MAX_DEPTH:
            raise FeelError("条件的括号层数太多，请拆成几个字段。")
        left = below(depth)
        while self.next_is(*signs):
            left = [self.take(), left, below(depth)]
        return left

    def disjunction(self, depth: int) -> Tree:
        return self.chain(depth, self.conjunction, "or")

    def conjunction(self, depth: int) -> Tree:
        return self.chain(depth, self.comparison, "and")

    def comparison(self, depth: int) -> Tree:
        left = self.addition(depth)
        if self.kind == "sign" and self.text in _COMPARISONS:
            return [self.take(), left, self.addition(depth)]
        return left

    def addition(self, depth: int) -> Tree:
        return self.chain(depth, self.product, "+", "-")

    def product(self, depth: int) -> Tree:
        return self.chain(depth, self.unary, "*", "/")

    def unary(self, depth: int) -> Tree:
        if depth <= MAX_DEPTH and self.next_is("-"):
            self.take()
            return ["-", ["value", 0], self.unary(depth + 1)]
        return self.primary(depth)

    def primary(self, depth: int) -> Tree:
        kind, text = self.kind, self.take()
        if kind == "number":
            return ["value", float(text) if "." in text else int(text)]
        if kind == "string":
            return ["value", re.sub(r"\\(.)", r"\1", text[1:-1])]
        if kind == "name":
            return self.named(text, depth)
        if text == "(":
            tree = self.disjunction(depth + 1)
            self.expect(")")
            return tree
        raise FeelError(f"条件里“{text}”的位置不对。" if text else "条件没有写完。")

    def named(self, text: str, depth: int) -> Tree:
        if text in _LITERALS:
            return ["value", _LITERALS[text]]
        if text in {"and", "or"}:
            raise FeelError(f"条件里“{text}”的前面缺少内容。")
        if self.next_is("("):
            return self.call(text, depth)
        self.names.add(text)
        if not self.next_is("."):
            return ["name", text]
        self.take()
        if self.kind != "name":
            raise FeelError(f"条件里“{text}.”的后面要写表格中的字段。")
        return ["path", text, self.take()]

    def call(self, function: str, depth: int) -> Tree:
        if function not in _CALLS:
            known = "、".join(_CALLS)
            raise FeelError(f"条件里的函数“{function}”不能用，可以用的是 {known}。")
        self.expect("(")
        arguments = [self.disjunction(depth + 1)]
        while len(arguments) < _CALLS[function]:
            self.expect(",")
            arguments.append(self.disjunction(depth + 1))
        self.expect(")")
        return ["contains" if function == "list contains" else function, *arguments]


def evaluate(tree: Tree, answers: Mapping[str, object]) -> object:
    """The value of a parsed tree; anything that does not fit together is None."""
    head, rest = tree[0], tree[1:]
    if head == "value":
        return _plain(rest[0])
    if head == "name":
        return _plain(answers.get(str(rest[0])))
    if head == "path":
        rows = answers.get(str(rest[0]))
        return [_plain(row.get(str(rest[1]))) for row in rows] if isinstance(rows, list) else None
    return _apply(str(head), [evaluate(part, answers) for part in rest if isinstance(part, list)])


def _plain(value: object) -> object:
    """Numbers as Decimal, an empty text as null: the only kinds the operators know."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Decimal(str(value))
    return None if value == "" else value


def _apply(head: str, values: list[object]) -> object:
    first = values[0]
    if head == "not":
        return not first if isinstance(first, bool) else None
    if head == "count":
        return Decimal(len(first)) if isinstance(first, list) else Decimal(0)
    if head == "sum":
        parts = first if isinstance(first, list) else []
        return sum((part for part in parts if isinstance(part, Decimal)), Decimal(0))
    if head == "contains":
        return values[1] in first if isinstance(first, list) else False
    if head in {"and", "or"}:
        return _logic(head, first, values[1])
    return _compare(head, first, values[1]) if head in _COMPARISONS else _calculate(head, first, values[1])


def _logic(head: str, left: object, right: object) -> bool | None:
    deciding = head == "or"
    if left is deciding or right is deciding:
        return deciding
    return None if not (isinstance(left, bool) and isinstance(right, bool)) else not deciding


def _compare(head: str, left: object, right: object) -> bool | None:
    if left is None or right is None:
        same = left is None and right is None
        return {"=": same, "!=": not same}.get(head)
    if type(left) is not type(right) or isinstance(left, list):
        return None
    if head in {"=", "!="}:
        return (left == right) is (head == "=")
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return _ordered(head, (left > right) - (left < right))
    if isinstance(left, str) and isinstance(right, str):
        return _ordered(head, (left > right) - (left < right))
    return None


def _ordered(head: str, sign: int) -> bool:
    return {"<": sign < 0, "<=": sign <= 0, ">": sign > 0, ">=": sign >= 0}[head]


def _calculate(head: str, left: object, right: object) -> Decimal | None:
    if not (isinstance(left, Decimal) and isinstance(right, Decimal)):
        return None
    try:
        if head == "+":
            return left + right
        if head == "-":
            return left - right
        return left * right if head == "*" else left / right
    except ArithmeticError:
        return None
