"""One expression or table cell of the older, Python-like notation written in FEEL, by the form of its tree.

Only what means the same in both is written; the rest is refused with what to write instead. The one difference that
stays is FEEL's own: values of different kinds compare to null, so a condition over them is not taken.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from forms.feel import FeelError, read_expression, read_unary_tests
from processes.engine.language.compiled_expression import CELL_VALUE
from processes.engine.language.expressions import ExpressionError, compile_python
from processes.engine.language.kinds_of_names import BOOLEAN, FILLED, LIST, STRING
from processes.engine.language.own_functions import FUNCTIONS
from processes.engine.language.unary_tests import CellError, read_cell, split_cell, with_cell_value

_CHOICE, _OR, _AND, _COMPARED, _SUM, _PRODUCT, _SIGNED, _WHOLE = range(8)
"""How tightly a text binds, from `if` to what stands alone."""
_COMPARISONS: Final[Mapping[type[ast.cmpop], str]] = {
    ast.Eq: "=",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_ARITHMETIC: Final[Mapping[type[ast.operator], tuple[str, int]]] = {
    ast.Add: ("+", _SUM),
    ast.Sub: ("-", _SUM),
    ast.Mult: ("*", _PRODUCT),
    ast.Div: ("/", _PRODUCT),
}
_EMPTY_OUTPUTS: Final[Mapping[str, str]] = {"": "null", "-": "null", "true": "true", "false": "false", "null": "null"}
Kinds = Mapping[str, str]
_Written = tuple[str, int]


def feel_text(text: str, kinds: Kinds, *, condition: bool = False) -> str:
    """The expression in FEEL. `kinds`: what the variables hold, where that is known (`kinds_of_names`).

    A `condition` must be true or false by its form.
    Raises: ExpressionError, for a text that cannot be read or not be translated, with what to write instead.
    """
    tree = compile_python(text).tree.body
    writer = _FeelWriter(text, kinds)
    written = writer.truth(tree) if condition else writer.value(tree)
    return _read_again(written[0], text)


def feel_cell(text: str, kinds: Kinds) -> str:
    """An input cell, or the allowed values of a column, in FEEL. Raises: ExpressionError."""
    try:
        cell = read_cell(text)
        written = _formula(text, kinds) if cell.formula is not None else _choices(text.strip())
        read_unary_tests(written, functions=FUNCTIONS)
    except (CellError, FeelError) as error:
        raise ExpressionError(str(error), text) from error
    return written


def feel_output(text: str, kinds: Kinds) -> str:
    """An output cell in FEEL: nothing and `-` are null there. Raises: ExpressionError."""
    stripped = text.strip()
    return _EMPTY_OUTPUTS.get(stripped) or feel_text(stripped, kinds)


def _read_again(written: str, text: str) -> str:
    try:
        read_expression(written, functions=FUNCTIONS)
    except FeelError as error:
        raise ExpressionError(f"改写成 FEEL 得到 {written}，不能用：{error.sentence}", text) from error
    return written


def _formula(text: str, kinds: Kinds) -> str:
    tree = compile_python(with_cell_value(text)).tree.body
    return _FeelWriter(text, kinds).truth(tree)[0]


def _choices(text: str) -> str:
    """Cells are unary tests already; only the quotes of texts differ."""
    return ", ".join(_requoted(part) for part in split_cell(text)) if "'" in text else text


def _requoted(part: str) -> str:
    pieces = part.split("'")
    if len(pieces) % 2 == 0 or '"' in part:
        return part
    return "".join(_quoted(piece) if place % 2 else piece for place, piece in enumerate(pieces))


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


class _FeelWriter:
    """Writes the nodes of one tree."""

    def __init__(self, text: str, kinds: Kinds) -> None:
        self.text = text
        self.kinds = kinds

    def refused(self, sentence: str) -> ExpressionError:
        return ExpressionError(sentence, self.text)

    def value(self, node: ast.expr) -> _Written:
        """A node for its value."""
        write = _NODES.get(type(node))
        if write is None:
            raise self.refused("这种写法在 FEEL 里没有对应的写法，请拆成决策表或简单的表达式")
        return write(self, node)

    def within(self, node: ast.expr, tightness: int) -> str:
        """A node for its value, in brackets if it would fall apart beside what binds so tightly."""
        return _bracketed(self.value(node), tightness)

    def truth(self, node: ast.expr) -> _Written:
        """A node for whether it holds: what the older notation took for true by its content is asked outright."""
        if isinstance(node, ast.BoolOp):
            return self._logic(node, self.truth)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return f"not({self.truth(node.operand)[0]})", _WHOLE
        if isinstance(node, ast.Name):
            return self._filled(node.id)
        if not _is_truth(node):
            part = ast.unparse(node)
            raise self.refused(f"{part} 不是判断，FEEL 里永远不成立：请写出比较，例如 {part} != null，或 {part} > 0")
        return self.value(node)

    def _filled(self, name: str) -> _Written:
        kind = self.kinds.get(name)
        if kind is None:
            raise self.refused(
                f"{name} 不是判断，也不知道它是什么：是真假请写 {name} == True，是文字请写 {name} != None and "
                f"{name} != ''，是列表请写 len({name}) > 0，然后再改写"
            )
        asked = FILLED[kind].format(name)
        return asked, _AND if " and " in asked else _COMPARED

    def _logic(self, node: ast.BoolOp, write: Callable[[ast.expr], _Written]) -> _Written:
        word, tightness = ("and", _AND) if isinstance(node.op, ast.And) else ("or", _OR)
        parts = [_bracketed(write(part), tightness) for part in node.values]
        return f" {word} ".join(parts), tightness

    def of_logic(self, node: ast.BoolOp) -> _Written:
        """`a or b` of things that are not true or false gives one of them."""
        if all(_is_truth(part) or self._is_flag(part) for part in node.values):
            return self._logic(node, self.truth)
        *first, last = node.values
        written = self.value(last)
        for part in reversed(first):
            held = self._held(part, last)
            kept, other = self.value(part)[0], written[0]
            pair = (kept, other) if isinstance(node.op, ast.Or) else (other, kept)
            written = f"if {held} then {pair[0]} else {pair[1]}", _CHOICE
        return written

    def _is_flag(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and self.kinds.get(node.id) == BOOLEAN

    def _held(self, part: ast.expr, fallback: ast.expr) -> str:
        """Whether a part counts as true; beside a text that stands for it, a variable is a text too."""
        text = isinstance(fallback, ast.Constant) and isinstance(fallback.value, str)
        if text and isinstance(part, ast.Name) and part.id not in self.kinds:
            return FILLED[STRING].format(part.id)
        return self.truth(part)[0]

    def of_compare(self, node: ast.Compare) -> _Written:
        """A chain is its pairs, joined."""
        operands = [node.left, *node.comparators]
        pairs = [self._pair(operands[i], sign, operands[i + 1]) for i, sign in enumerate(node.ops)]
        if len(pairs) == 1:
            return pairs[0]
        return " and ".join(_bracketed(pair, _AND) for pair in pairs), _AND

    def _pair(self, left: ast.expr, sign: ast.cmpop, right: ast.expr) -> _Written:
        if isinstance(sign, (ast.In, ast.NotIn)):
            return self._membership(left, right, negated=isinstance(sign, ast.NotIn))
        both = self.within(left, _SUM), self.within(right, _SUM)
        return f"{both[0]} {_COMPARISONS[type(sign)]} {both[1]}", _COMPARED

    def _membership(self, left: ast.expr, right: ast.expr, *, negated: bool) -> _Written:
        if isinstance(right, (ast.List, ast.Tuple)) and right.elts and all(map(_is_written, right.elts)):
            listed = ", ".join(self.value(item)[0] for item in right.elts)
            inside = f"{self.within(left, _SUM)} in ({listed})"
            return (f"not({inside})", _WHOLE) if negated else (inside, _COMPARED)
        contained = f"list contains({self.value(right)[0]}, {self.value(left)[0]})"
        if isinstance(right, ast.Constant) or (isinstance(right, ast.Name) and self.kinds.get(right.id) == STRING):
            contained = f"contains({self.value(right)[0]}, {self.value(left)[0]})"
        return (f"not({contained})" if negated else contained), _WHOLE

    def of_choice(self, node: ast.IfExp) -> _Written:
        """`a if b else c`."""
        first, second = self.value(node.body)[0], self.value(node.orelse)[0]
        return f"if {self.truth(node.test)[0]} then {first} else {second}", _CHOICE

    def of_unary(self, node: ast.UnaryOp) -> _Written:
        """`not`, minus, plus."""
        if isinstance(node.op, ast.Not):
            return self.truth(node)
        inner = self.within(node.operand, _SIGNED)
        return (f"-{inner}", _SIGNED) if isinstance(node.op, ast.USub) else (inner, _SIGNED)

    def of_binary(self, node: ast.BinOp) -> _Written:
        """Arithmetic, texts joined, lists joined."""
        if isinstance(node.op, ast.FloorDiv):
            return f"floor({self.within(node.left, _PRODUCT)} / {self.within(node.right, _SIGNED)})", _WHOLE
        if isinstance(node.op, ast.Mod):
            return f"modulo({self.value(node.left)[0]}, {self.value(node.right)[0]})", _WHOLE
        if isinstance(node.op, ast.Add) and (_is_list(node.left, self.kinds) or _is_list(node.right, self.kinds)):
            return f"concatenate({self.value(node.left)[0]}, {self.value(node.right)[0]})", _WHOLE
        sign, tightness = _ARITHMETIC[type(node.op)]
        return f"{self.within(node.left, tightness)} {sign} {self.within(node.right, tightness + 1)}", tightness

    def of_item(self, node: ast.Subscript) -> _Written:
        """Positions count from 1 in FEEL; an entry stands after a dot."""
        index = node.slice
        number = ast.literal_eval(index) if not isinstance(index, ast.Name) else None
        inner = self.within(node.value, _WHOLE)
        if isinstance(number, int) and not isinstance(number, bool):
            return f"{inner}[{number + 1 if number >= 0 else number}]", _WHOLE
        if isinstance(number, str) and number.isidentifier():
            return f"{inner}.{number}", _WHOLE
        raise self.refused("方括号里只能写定的数字或字段名才能改写成 FEEL，请改写")

    def of_call(self, node: ast.Call) -> _Written:
        """The few functions of the older notation."""
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        given = [self.value(argument)[0] for argument in node.args]
        if name == "round":
            return f"decimal({given[0]}, {given[1] if len(given) > 1 else 0})", _WHOLE
        if name == "len":
            return f"{self._length(node.args[0])}({given[0]})", _WHOLE
        return f"{name}({', '.join(given)})", _WHOLE

    def _length(self, node: ast.expr) -> str:
        text = isinstance(node, ast.Name) and self.kinds.get(node.id) == STRING
        return "string length" if text or isinstance(node, ast.Constant) else "count"

    def of_list(self, node: ast.List | ast.Tuple) -> _Written:
        """`[a, b]`."""
        return "[" + ", ".join(self.value(item)[0] for item in node.elts) + "]", _WHOLE

    def of_context(self, node: ast.Dict) -> _Written:
        """`{"a": b}`; a key that is no text has no entry in FEEL."""
        entries = []
        for key, item in zip(node.keys, node.values, strict=True):
            if not (isinstance(key, ast.Constant) and isinstance(key.value, str)):
                raise self.refused("字典的键要写成文字，FEEL 的内容以名称为键")
            entries.append(f"{_quoted(key.value)}: {self.value(item)[0]}")
        return "{" + ", ".join(entries) + "}", _WHOLE

    def of_name(self, node: ast.Name) -> _Written:
        """A variable, or the value that a cell is asked about."""
        return ("?" if node.id == CELL_VALUE else node.id), _WHOLE

    def of_constant(self, node: ast.Constant) -> _Written:
        """A text, a number, true, false, null."""
        value = node.value
        if isinstance(value, bool) or value is None:
            return {True: "true", False: "false", None: "null"}[value], _WHOLE
        if isinstance(value, (int, float)):
            return format(Decimal(repr(value)), "f"), _WHOLE
        return _quoted(str(value)), _WHOLE


def _bracketed(written: _Written, tightness: int) -> str:
    return written[0] if written[1] >= tightness else f"({written[0]})"


def _is_written(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant)


def _is_truth(node: ast.expr) -> bool:
    """Whether a node is true or false by its form alone."""
    if isinstance(node, ast.BoolOp):
        return all(map(_is_truth, node.values))
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.Not)
    return isinstance(node, ast.Compare) or (isinstance(node, ast.Constant) and isinstance(node.value, bool))


def _is_list(node: ast.expr, kinds: Kinds) -> bool:
    return isinstance(node, (ast.List, ast.Tuple)) or (isinstance(node, ast.Name) and kinds.get(node.id) == LIST)


_NODES: Final[Mapping[type[ast.expr], Callable[[_FeelWriter, Any], _Written]]] = {
    ast.BoolOp: _FeelWriter.of_logic,
    ast.Compare: _FeelWriter.of_compare,
    ast.IfExp: _FeelWriter.of_choice,
    ast.UnaryOp: _FeelWriter.of_unary,
    ast.BinOp: _FeelWriter.of_binary,
    ast.Subscript: _FeelWriter.of_item,
    ast.Call: _FeelWriter.of_call,
    ast.List: _FeelWriter.of_list,
    ast.Tuple: _FeelWriter.of_list,
    ast.Dict: _FeelWriter.of_context,
    ast.Name: _FeelWriter.of_name,
    ast.Constant: _FeelWriter.of_constant,
}
