"""Expressions of diagrams and tables: a small, bounded part of Python's expression language.

The text is parsed, every node is held against a whitelist, and arithmetic, subscripts and calls are rewritten to
guarded functions. The result is compiled once. `simpleeval` walks the tree at every evaluation, which costs ten times
as much; a compiled code object over a checked tree keeps the price of a gateway at two or three microseconds.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from types import CodeType

from processes.engine.diagrams.expression_places import MARK
from processes.engine.language import guards
from processes.engine.language.compiled_expression import NO_CLOCK, CompiledExpression
from processes.engine.language.feel_expression import FeelExpression
from processes.engine.language.guards import ExpressionError

__all__ = [
    "FUNCTIONS",
    "CompiledExpression",
    "ExpressionError",
    "PythonExpression",
    "compile_expression",
    "compile_python",
]

MAX_SOURCE = 2_000
MAX_NODES = 400
MAX_NESTING = 30
FUNCTIONS = frozenset({"len", "min", "max", "sum", "round", "clock"})

# A guard's name starts with a character no identifier can start with, so no text can name a guard.
_GUARD = "·"
_OPERATORS: Mapping[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.FloorDiv: "floor_divide",
    ast.Mod: "modulo",
}
_COMPARISONS = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn)
_PLAIN = (ast.Expression, ast.BoolOp, ast.And, ast.Or, ast.Compare, ast.IfExp, ast.List, ast.Tuple, ast.Load)
_REFUSED: Mapping[type[ast.AST], str] = {
    ast.Attribute: "不能用点号取属性，请直接用变量名或方括号",
    ast.Lambda: "不能定义函数",
    ast.JoinedStr: "不能用 f 字符串，请用加号连接文字",
    ast.NamedExpr: "不能在表达式里赋值",
    ast.Starred: "不能用星号展开",
    ast.Pow: "不能用乘方",
    ast.Slice: "方括号里只能写一个下标",
    ast.Set: "请用方括号写列表",
    ast.Is: "请用 == 比较",
    ast.IsNot: "请用 != 比较",
    ast.ListComp: "不能写循环",
    ast.SetComp: "不能写循环",
    ast.DictComp: "不能写循环",
    ast.GeneratorExp: "不能写循环",
}
_GLOBALS: dict[str, object] = {
    "__builtins__": {},
    **{_GUARD + name: guard for name, guard in guards.GUARDS.items()},
}
_CHINESE_PUNCTUATION = re.compile("[“”‘’（），；：【】＝＞＜！]")
_SCALARS = (str, int, float, bool, type(None))


class PythonExpression(CompiledExpression):
    """An expression of the older notation."""

    __slots__ = ("_code", "_tree")

    def __init__(self, text: str, tree: ast.Expression, code: CodeType) -> None:
        self.text = text
        self._tree = tree
        self._code = code
        self.calls = frozenset(node.func.id for node in _calls(tree) if isinstance(node.func, ast.Name))
        called = {id(node.func) for node in _calls(tree)}
        self.names = frozenset(n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in called)
        self.clock_codes = frozenset(_clock_codes(tree))

    @property
    def tree(self) -> ast.Expression:
        """As written, not the guarded one."""
        return self._tree

    def holds(self, variables: Mapping[str, object]) -> bool:
        """In this notation whatever is not empty holds."""
        return bool(self.evaluate(variables))

    def evaluate(
        self, variables: Mapping[str, object], functions: Mapping[str, Callable[..., object]] | None = None
    ) -> object:
        """The value over `variables`. `functions` gives `clock`, where the place of use has one.

        Raises: ExpressionError, for a variable that is missing, types that do not fit or a result out of bounds.
        """
        scope = _GLOBALS
        if "clock" in self.calls:
            if functions is None or "clock" not in functions:
                raise ExpressionError(NO_CLOCK, self.text)
            scope = {**_GLOBALS, _GUARD + "clock": functions["clock"]}
        try:
            # The code object was compiled from a checked tree; names beginning with an underscore are refused there.
            result = eval(self._code, scope, variables)  # noqa: S307
        except NameError as error:
            raise ExpressionError(f"没有变量「{error.name}」", self.text) from error
        except guards.FAULTS as error:
            raise ExpressionError(guards.sentence(error), self.text) from error
        if not isinstance(result, _SCALARS):
            guards.check_size(result, self.text)
        elif isinstance(result, str) and len(result) > guards.MAX_TEXT:
            raise ExpressionError(guards.TEXT_TOO_LONG, self.text)
        return result


@lru_cache(maxsize=4096)
def compile_expression(text: str) -> CompiledExpression:
    """Check and compile `text`: FEEL where it bears the mark of a file that declares FEEL, else the older notation.

    Raises: ExpressionError, with a Chinese sentence saying what is not allowed and what to write instead.
    """
    return FeelExpression(text.removeprefix(MARK)) if text.startswith(MARK) else compile_python(text)


def compile_python(text: str) -> PythonExpression:
    """Check and compile `text` in the older notation. Raises: as `compile_expression`."""
    tree = _parse(text)
    _check(tree, text)
    # Parsed again, because the rewriting changes the tree in place.
    guarded = ast.fix_missing_locations(_Guarding().visit(_parse(text)))
    try:
        code = compile(guarded, "<expression>", "eval")
    except (ValueError, SyntaxError, RecursionError, MemoryError) as error:
        raise ExpressionError("写法无法理解，请简化", text) from error
    return PythonExpression(text, tree, code)


def _parse(text: str) -> ast.Expression:
    if not isinstance(text, str) or not text.strip():
        raise ExpressionError("表达式是空的", str(text))
    if len(text) > MAX_SOURCE:
        raise ExpressionError(f"表达式超过 {MAX_SOURCE} 个字符，请拆成决策表", text)
    if "\\" in text:
        raise ExpressionError("表达式里不能有反斜杠", text)
    try:
        return ast.parse(" ".join(text.split("\n")).strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        hint = "，里面有中文标点，请改用英文半角标点" if _CHINESE_PUNCTUATION.search(text) else ""
        raise ExpressionError(f"写法不对，读不懂{hint}", text) from error


def _check(tree: ast.Expression, text: str) -> None:
    """Every node against the whitelist, without recursion: depth itself is one of the bounds."""
    pending: list[tuple[ast.AST, int]] = [(tree, 0)]
    seen = 0
    while pending:
        node, depth = pending.pop()
        seen += 1
        if seen > MAX_NODES:
            raise ExpressionError("表达式太长，请拆成决策表", text)
        if depth > MAX_NESTING:
            raise ExpressionError("表达式嵌套太深，请拆成决策表", text)
        problem = _problem(node)
        if problem:
            raise ExpressionError(problem, text)
        pending.extend((child, depth + 1) for child in ast.iter_child_nodes(node))


def _problem(node: ast.AST) -> str:
    """Why this node is not allowed, or an empty string."""
    if isinstance(node, _PLAIN + _COMPARISONS) or type(node) in _OPERATORS:
        return ""
    if isinstance(node, (ast.BinOp, ast.UnaryOp, ast.Not, ast.USub, ast.UAdd)):
        return ""
    if isinstance(node, ast.Constant):
        return _constant_problem(node.value)
    if isinstance(node, ast.Name):
        return "变量名不能以下划线开头" if node.id.startswith("_") else ""
    if isinstance(node, ast.Dict):
        return "" if all(isinstance(key, ast.Constant) for key in node.keys) else "字典的键必须是写定的文字或数字"
    if isinstance(node, ast.Subscript):
        return "" if _simple_index(node.slice) else "方括号里只能写文字、数字或变量名"
    if isinstance(node, ast.Call):
        return _call_problem(node)
    return _REFUSED.get(type(node), "用了不允许的写法")


def _constant_problem(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int):
        return "" if abs(value) <= guards.MAX_INTEGER else "数字太大"
    if isinstance(value, float):
        return "" if abs(value) <= guards.MAX_INTEGER else "数字太大"
    return "" if isinstance(value, str) else "用了不允许的写法"


def _simple_index(index: ast.expr) -> bool:
    if isinstance(index, ast.UnaryOp) and isinstance(index.op, ast.USub):
        index = index.operand
    return isinstance(index, (ast.Constant, ast.Name))


def _call_problem(node: ast.Call) -> str:
    if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
        return "只能调用 len、min、max、sum、round、clock"
    if node.keywords:
        return f"{node.func.id}() 里不能写「名称=值」"
    return "" if node.args else f"{node.func.id}() 里要写内容"


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _clock_codes(tree: ast.AST) -> Iterator[str]:
    for node in _calls(tree):
        if isinstance(node.func, ast.Name) and node.func.id == "clock":
            yield from (a.value for a in node.args[:1] if isinstance(a, ast.Constant) and isinstance(a.value, str))


class _Guarding(ast.NodeTransformer):
    """Rewrites arithmetic, subscripts and calls into calls of guards."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        return _guard_call(_OPERATORS[type(node.op)], node.left, node.right)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Not):
            return node
        return _guard_call("negate" if isinstance(node.op, ast.USub) else "positive", node.operand)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        return _guard_call("item", node.value, node.slice)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        function = node.func
        arguments = [self.visit(argument) for argument in node.args]
        return _guard_call(function.id if isinstance(function, ast.Name) else "", *arguments)


def _guard_call(name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(func=ast.Name(id=_GUARD + name, ctx=ast.Load()), args=list(arguments), keywords=[])
