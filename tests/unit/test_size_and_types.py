"""What keeps the code honest and short, counted: bare `Any` among parameters, and the length of functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FEW = 20
LONGEST = 50


def _functions(folder: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node


def _parameters(function: ast.FunctionDef) -> Iterator[ast.arg]:
    given = function.args
    yield from (*given.posonlyargs, *given.args, *given.kwonlyargs)
    yield from (one for one in (given.vararg, given.kwarg) if one is not None)


def test_hardly_a_parameter_of_the_engine_may_be_anything() -> None:
    bare = [
        f"{where} {parameter.arg}"
        for where, function in _functions("processes")
        for parameter in _parameters(function)
        if isinstance(parameter.annotation, ast.Name) and parameter.annotation.id == "Any"
    ]
    assert len(bare) < FEW, bare


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        f"{where}: {node.end_lineno - node.lineno + 1}"
        for folder in ("processes", "handlers", "forms", "webapp")
        for where, node in _functions(folder)
        if node.end_lineno is not None and node.end_lineno - node.lineno + 1 > LONGEST and "migrations" not in where
    ]
    assert long == []
