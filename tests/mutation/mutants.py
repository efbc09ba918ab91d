"""Small wrong changes to a piece of Python, one at a time, made on its syntax tree.

Texts for people are left alone: a mutant is of interest here when it can change a date, a count, a flag or a condition.
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
CONDITIONS = ("where", "and_", "or_")
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
    qualified: str = ""
    """Qualified name of the function or method that is changed; empty for what runs at import."""
    spoken_of_in: frozenset[str] = frozenset()
    """Of what runs at import: the functions that use a name that the changed statement defines."""

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
    bodies = _bodies(tree)
    for position, node in enumerate(nodes):
        if node in skipped:
            continue
        for describe, edit in _edits(node):
            line = getattr(node, "lineno", 0)
            before = " ".join(ast.unparse(node).split())[:90] if line else type(node).__name__
            build = partial(_change, tree, position, edit)
            name, qualified = functions.get(node, "module"), bodies.get(node, "")
            spoken = frozenset() if qualified else _speaking_of(tree, node)
            yield Mutant(line, name, f"{before} -> {describe}", build, qualified, spoken)


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


def _bodies(tree: ast.Module) -> dict[ast.AST, str]:
    """What runs when a function of the module, or a method, is called: its name. Defaults run at import."""
    names: dict[ast.AST, str] = {}
    for name, function in callables(tree):
        for statement in function.body:
            names |= dict.fromkeys(ast.walk(statement), name)
    return names


def callables(parent: ast.Module | ast.ClassDef, prefix: str = "") -> Iterator[tuple[str, ast.FunctionDef]]:
    """The functions and methods, each with its qualified name."""
    for node in parent.body:
        if isinstance(node, ast.FunctionDef):
            yield f"{prefix}{node.name}", node
        elif isinstance(node, ast.ClassDef):
            yield from callables(node, f"{prefix}{node.name}.")


def _speaking_of(tree: ast.Module, node: ast.AST) -> frozenset[str]:
    """The functions that use, at one or two removes, what the statement around `node` defines."""
    defined = {name for statement in tree.body if node in ast.walk(statement) for name in _defined(statement)}
    for statement in tree.body:
        if not isinstance(statement, ast.FunctionDef | ast.ClassDef) and defined & _used(statement):
            defined |= _defined(statement)
    return frozenset(name for name, function in callables(tree) if defined & _used(function))


def _defined(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return {statement.name}
    return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def _used(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load)}


def _edits(node: ast.AST) -> Iterator[tuple[str, Edit]]:
    yield from _operator_edits(node)
    yield from _value_edits(node)
    yield from _condition_edits(node)
    yield from _statement_edits(node)


def _operator_edits(node: ast.AST) -> Iterator[tuple[str, Edit]]:
    if isinstance(node, ast.Compare):
        for i, operator in enumerate(node.ops):
            for other in SWAPS.get(type(operator), ()):
                yield f"{other.__name__} at {i}", partial(_set_item, field="ops", index=i, value=other())
    elif isinstance(node, (ast.BoolOp, ast.BinOp, ast.AugAssign)):
        for other in SWAPS.get(type(node.op), ()):
            yield other.__name__, partial(_set, field="op", value=other())
        if isinstance(node, ast.BoolOp):
            for i in range(len(node.values)):
                yield f"without operand {i}", partial(_without, index=i)
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
            yield f"without {keyword.arg}", partial(_drop, field="keywords", index=i)
    elif isinstance(node, ast.comprehension):
        for i in range(len(node.ifs)):
            yield "without its condition", partial(_drop, field="ifs", index=i)


def _condition_edits(node: ast.AST) -> Iterator[tuple[str, Edit]]:
    """Of a query, and of who has a permission."""
    if isinstance(node, ast.Call):
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if called in CONDITIONS and len(node.args) > 1:
            for i in range(len(node.args)):
                yield f"without condition {i}", partial(_drop, field="args", index=i)
        elif called == "where":
            yield "without its condition", lambda n: n.func.value  # type: ignore[attr-defined]
    elif isinstance(node, ast.Set) and len(node.elts) > 1:
        for i in range(len(node.elts)):
            yield f"without element {i}", partial(_drop, field="elts", index=i)


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
