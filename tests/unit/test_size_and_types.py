"""What keeps the code honest and short, counted: bare `Any` among parameters, the length of functions, empty names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FEW = 20
LONGEST = 50
PACKAGES = ("processes", "handlers", "forms", "webapp")
EMPTY_NAMES = {"found", "one", "wanted"}


def _functions(folder: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node


def _parameters(function: ast.FunctionDef) -> Iterator[ast.arg]:
    given = function.args
    yield from (*given.posonlyargs, *given.args, *given.kwonlyargs)
    yield from (parameter for parameter in (given.vararg, given.kwarg) if parameter is not None)


def _bound_names(source: str) -> Iterator[tuple[int, str]]:
    """Line and name of each assignment, loop variable and parameter."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg


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
        for folder in PACKAGES
        for where, node in _functions(folder)
        if node.end_lineno is not None and node.end_lineno - node.lineno + 1 > LONGEST and "migrations" not in where
    ]
    assert long == []


def test_a_thing_that_has_a_name_is_not_called_found_one_or_wanted() -> None:
    empty = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for folder in PACKAGES
        for path in sorted((ROOT / folder).rglob("*.py"))
        for line, name in _bound_names(path.read_text(encoding="utf-8"))
        if name in EMPTY_NAMES
    ]
    assert empty == []


@pytest.mark.parametrize(
    "source",
    [
        "found = 1",
        "found: int = 1",
        "found += 1",
        "a, found = 1, 2",
        "for found in (): pass",
        "[found for found in ()]",
        "(found := 1)",
        "with a as found: pass",
        "def f(found): pass",
        "def f(*, found): pass",
        "lambda found: 1",
    ],
)
def test_every_way_to_bind_a_name_is_counted(source: str) -> None:
    assert "found" in {name for _, name in _bound_names(source)}


def test_reading_a_name_or_an_attribute_is_not_counted() -> None:
    assert not list(_bound_names("print(found, case.one, f(wanted=1))"))
