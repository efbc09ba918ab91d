"""The part of FEEL that a form's page evaluates too: 隐藏条件, 必填条件 and computed fields.

The expression is read by the one reader and evaluated here by the one evaluator; `forms.js` evaluates the same tree as
lists of JSON, so a page shows and the server checks by one rule. What the page cannot do is refused when the form is
read. Three built-ins are the page's own, because an answer that is missing must not make a sum or a condition unknown:
`count` and `sum` of nothing are 0, `sum` passes over empty cells, and nothing contains anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, TypeAlias

from forms.feel.arithmetic import add
from forms.feel.comparing import equal
from forms.feel.errors import FeelError
from forms.feel.expression import Expression, read_with
from forms.feel.expression_reader import ExpressionReader
from forms.feel.functions import STANDARD, Builtin
from forms.feel.functions.registry import Theme, together
from forms.feel.names import Scope
from forms.feel.tree import (
    Arithmetic,
    Between,
    Comparison,
    ContextOf,
    Filter,
    For,
    FunctionCall,
    If,
    In,
    InstanceOf,
    Interval,
    ListOf,
    Literal,
    Logic,
    Negation,
    Node,
    Path,
    Quantified,
    Variable,
)
from forms.feel.values import Value

MAX_LENGTH: Final = 500
JsonTree: TypeAlias = list[Any]

PAGE = Theme()


@PAGE.function("count", "list")
def count(values: Any) -> Value:
    """How many items; 0 of what is no list."""
    return Decimal(len(values)) if isinstance(values, list) else Decimal(0)


@PAGE.function("sum", "list")
def total(values: Any) -> Value:
    """Of the numbers in a list."""
    result: Value = Decimal(0)
    for value in values if isinstance(values, list) else ():
        result = add(result, value) if isinstance(value, Decimal) else result
    return result


@PAGE.function("list contains", "list", "element")
def list_contains(values: Any, element: Any) -> Value:
    """Whether an item equals the element."""
    return isinstance(values, list) and any(equal(item, element) is True for item in values)


FUNCTIONS: Final[Mapping[str, Builtin]] = {"not": STANDARD["not"], **together(PAGE)}
_HEADS: Final = {"list contains": "contains"}


@dataclass(frozen=True, slots=True)
class PageExpression:
    """An expression of a form: `source` as written, `tree` for the page, `names` the field keys it mentions."""

    source: str
    tree: JsonTree
    names: frozenset[str]
    expression: Expression = field(repr=False, compare=False)

    def value(self, answers: Mapping[str, object]) -> Value:
        """The result over `answers` (field key -> Decimal, str, bool, list or None); an empty text is null."""
        return self.expression.evaluate({name: _answer(answers.get(name)) for name in self.names})

    def holds(self, answers: Mapping[str, object]) -> bool:
        """Whether the result is plainly true; null and anything else is not."""
        return self.value(answers) is True


class _PageReader(ExpressionReader):
    """An empty text is no answer, in a condition as in a field: `note = ""` asks whether nothing was written."""

    def text(self) -> Node:
        node = super().text()
        return Literal(None) if node == Literal("") else node


def _answer(value: object) -> object:
    if isinstance(value, list):
        return [{key: _answer(cell) for key, cell in row.items()} if isinstance(row, dict) else row for row in value]
    return None if value == "" else value


def read_page_expression(source: str) -> PageExpression:
    """Read an expression such as `=kind = "other" and count(courses) > 0`; the leading `=` may be left out.

    Raises: FeelError, with the place of the mistake, or naming what a page cannot evaluate.
    """
    text = source.strip().removeprefix("=").strip()
    if not text:
        raise FeelError('条件是空的，请写成例如 =kind = "other" 的样子。')
    if len(text) > MAX_LENGTH:
        raise FeelError(f"条件太长（最多 {MAX_LENGTH} 个字符），请拆成几个字段。")
    expression = read_with(_PageReader(text, Scope(None), FUNCTIONS, {}))
    return PageExpression(source, _json(expression.tree), expression.names, expression)


def _json(node: Node | None) -> JsonTree:
    if isinstance(node, Literal) and isinstance(node.value, (str, bool, Decimal, type(None))):
        return ["value", _number(node.value) if isinstance(node.value, Decimal) else node.value]
    if isinstance(node, Variable):
        return ["name", node.name]
    if isinstance(node, Path) and isinstance(node.source, Variable):
        return ["path", node.source.name, node.name]
    if isinstance(node, Negation):
        return ["-", ["value", 0], _json(node.part)]
    if isinstance(node, Logic):
        tree = _json(node.parts[0])
        for part in node.parts[1:]:
            tree = [node.word, tree, _json(part)]
        return tree
    if isinstance(node, Comparison) or (isinstance(node, Arithmetic) and node.sign != "**"):
        return [node.sign, _json(node.left), _json(node.right)]
    if isinstance(node, FunctionCall):
        return [_HEADS.get(node.name, node.name), *(_json(argument) for argument in node.arguments)]
    sign, words = _REFUSED[type(node)]
    known = "、".join(FUNCTIONS)
    raise FeelError(f"表单的条件里不能用{words}（{sign}），请用比较、and、or、加减乘除和 {known}。", sign)


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


_REFUSED: Final[Mapping[type, tuple[str, str]]] = {
    Arithmetic: ("**", "乘方"),
    Literal: ("@", "日期和时间"),
    Between: ("between", "范围"),
    In: ("in", "“在其中”"),
    Interval: ("..", "范围"),
    If: ("if", "“如果”"),
    For: ("for", "循环"),
    Quantified: ("satisfies", "循环"),
    Filter: ("[]", "筛选"),
    Path: (".", "多层取值"),
    InstanceOf: ("instance of", "类型判断"),
    ListOf: ("[]", "列表"),
    ContextOf: ("{}", "一组值"),
}
