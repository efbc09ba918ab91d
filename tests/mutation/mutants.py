"""Small wrong changes to a piece of Python, one at a time, made on its syntax tree.

Texts for people are left alone: a mutant is of interest here when it can change a date, a count or a flag.
"""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial

SWAPS: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add,),
    ast.BitOr: (ast.BitAnd,),
    ast.BitAnd: (ast.BitOr,),
    ast.LShift: (ast.RShift,),
}
NAME_SWAPS = {
    "min": "max", "max": "min", "any": "all", "all": "any", "WORKING": "HOLIDAY", "HOLIDAY": "PROVISIONAL",
    "PROVISIONAL": "WORKING",
}  # fmt: skip
MEMBER_SWAPS = {
    "WORKING_DAYS": "CALENDAR_DAYS", "CALENDAR_DAYS": "WORKING_DAYS", "NON_WORKING": "NONE", "COUNTED": "SKIPPED",
    "SKIPPED": "COUNTED", "MET": "MISSED", "MISSED": "MET", "PAUSED": "RUNNING",
    "RUNNING": "PAUSED", "starts_on": "ends_on", "ends_on": "starts_on",
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One changed module: `where` and `change` tell a person what is different."""

    line: int
    function: str
    change: str
    build: Callable[[], ast.Module]
    """Makes the changed tree. Only when it is needed: hundreds of trees at once slow everything down."""

    @property
    def name(self) -> str:
        """Stable under edits elsewhere in the file: no line number in it."""
        return f"{self.function}: {self.change}"


Edit = Callable[[ast.AST], ast.AST | None]


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of `source` outside annotations, docstrings and texts."""
    tree = ast.parse(source)
    nodes = list(ast.walk(tree))
    skipped = _not_run(tree)
    functions = _functions(tree)
    for position, node in enumerate(nodes):
        if node in skipped:
            continue
        for describe, edit in _edits(node):
            line = getattr(node, "lineno", 0)
            before = " ".join(ast.unparse(node).split())[:90] if line else type(node).__name__
            yield Mutant(
                line, functions.get(node, "module"), f"{before} -> {describe}", partial(_change, tree, position, edit)
            )


def _change(tree: ast.Module, position: int, edit: Edit) -> ast.Module:
    changed = copy.deepcopy(tree)
    target = list(ast.walk(changed))[position]
    _replace(changed, target, edit(target))
    return ast.fix_missing_locations(changed)


def numbered(found: Iterable[Mutant]) -> Iterator[Mutant]:
    """The same mutants, the second and further ones of one name with a number, so that names are unique."""
    seen: Counter[str] = Counter()
    for mutant in found:
        seen[mutant.name] += 1
        times = seen[mutant.name]
        yield mutant if times == 1 else replace(mutant, change=f"{mutant.change} #{times}")


def _not_run(tree: ast.Module) -> set[ast.AST]:
    roots: list[ast.AST] = []
    for node in ast.walk(tree):
        for field in ("annotation", "returns"):
            roots += [found] if (found := getattr(node, field, None)) is not None else []
        roots += getattr(node, "decorator_list", [])
        if isinstance(node, (ast.Expr, ast.JoinedStr, ast.Import, ast.ImportFrom, ast.Raise)) and not isinstance(
            getattr(node, "value", None), (ast.Yield, ast.Call)
        ):
            roots.append(node)
    return {inner for root in roots for inner in ast.walk(root)}


def _functions(tree: ast.Module) -> dict[ast.AST, str]:
    names: dict[ast.AST, str] = {}
    for node in ast.walk(tree):  # breadth first: the innermost function comes last and stays
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names |= dict.fromkeys(ast.walk(node), node.name)
    return names


def _edits(node: ast.AST) -> Iterator[tuple[str, Edit]]:
    yield from _operator_edits(node)
    yield from _value_edits(node)
    yield from _statement_edits(node)


def _operator_edits(node: ast.AST) -> Iterator[tuple[str, Edit]]:
    if isinstance(node, ast.Compare):
        for i, operator in enumerate(node.ops):
            for other in SWAPS.get(type(operator), ()):
                yield f"{other.__name__} at {i}", lambda n, i=i, other=other: _set_item(n, "ops", i, other())
    elif isinstance(node, (ast.BoolOp, ast.BinOp, ast.AugAssign)):
        for other in SWAPS.get(type(node.op), ()):
            yield other.__name__, lambda n, other=other: _set(n, "op", other())
        if isinstance(node, ast.BoolOp):
            for i in range(len(node.values)):
                yield f"without operand {i}", lambda n, i=i: _without(n, i)
    elif isinstance(node, ast.UnaryOp):
        yield "operand alone", lambda n: n.operand  # type: ignore[attr-defined]
    elif isinstance(node, ast.IfExp):
        yield "always first", lambda n: n.body  # type: ignore[attr-defined]
        yield "always second", lambda n: n.orelse  # type: ignore[attr-defined]


def _value_edits(node: ast.AST) -> Iterator[tuple[str, Edit]]:
    if isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield str(not node.value), lambda n: ast.Constant(not n.value)  # type: ignore[attr-defined]
        elif isinstance(node.value, int):
            yield "one more", lambda n: ast.Constant(n.value + 1)  # type: ignore[attr-defined]
            yield "one less", lambda n: ast.Constant(n.value - 1)  # type: ignore[attr-defined]
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in NAME_SWAPS:
        yield NAME_SWAPS[node.id], lambda n: ast.Name(NAME_SWAPS[n.id], ast.Load())  # type: ignore[attr-defined]
    elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and node.attr in MEMBER_SWAPS:
        yield MEMBER_SWAPS[node.attr], lambda n: _set(n, "attr", MEMBER_SWAPS[n.attr])  # type: ignore[attr-defined]
    elif isinstance(node, ast.Call):
        for i, keyword in enumerate(node.keywords):
            yield f"without {keyword.arg}", lambda n, i=i: _drop(n, "keywords", i)
    elif isinstance(node, ast.comprehension):
        for i in range(len(node.ifs)):
            yield "without its condition", lambda n, i=i: _drop(n, "ifs", i)


def _statement_edits(node: ast.AST) -> Iterator[tuple[str, Edit]]:
    if isinstance(node, (ast.If, ast.While)):
        yield "condition always false", lambda n: _set(n, "test", ast.Constant(False))
        yield "condition turned round", lambda n: _set(n, "test", ast.UnaryOp(ast.Not(), n.test))  # type: ignore[attr-defined]
    if isinstance(node, ast.If):
        yield "condition always true", lambda n: _set(n, "test", ast.Constant(True))
    if isinstance(node, (ast.Assign, ast.AugAssign, ast.Raise)) or (
        isinstance(node, ast.Expr) and isinstance(node.value, (ast.Call, ast.Yield))
    ):
        yield "left out", lambda n: ast.Pass()
    if isinstance(node, ast.Return) and node.value is not None:
        yield "returns None", lambda n: ast.Return(ast.Constant(None))
    if isinstance(node, ast.Continue):
        yield "break", lambda n: ast.Break()


def _set(node: ast.AST, field: str, value: object) -> ast.AST:
    setattr(node, field, value)
    return node


def _set_item(node: ast.AST, field: str, index: int, value: object) -> ast.AST:
    getattr(node, field)[index] = value
    return node


def _drop(node: ast.AST, field: str, index: int) -> ast.AST:
    del getattr(node, field)[index]
    return node


def _without(node: ast.AST, index: int) -> ast.AST:
    _drop(node, "values", index)
    values: list[ast.expr] = node.values  # type: ignore[attr-defined]
    return values[0] if len(values) == 1 else node


def _replace(tree: ast.AST, old: ast.AST, new: ast.AST | None) -> None:
    if new is old or new is None:
        return
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, field, new)
                return
            if isinstance(value, list) and any(item is old for item in value):
                value[[item is old for item in value].index(True)] = new
                return
