"""Putting a mutant in the place of what it changes.

A change inside a function is put into the function that everybody holds already: only its code object is another one.
What runs once, when a module is imported, is changed by importing it so: see `fresh.py`.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import CodeType, FunctionType, ModuleType
from typing import Any

from tests.mutation.mutants import callables
from tests.mutation.targets import source_path

NOTE = "__called__"
WRAPPED = ("fget", "func", "__func__", "__wrapped__")
"""Where properties, class methods and caches have the function."""


class NotInstalled(Exception):
    """The function that the mutant is in is not to be had: a wrapper hides it, or it has other free variables now."""


@contextmanager
def listening(module: str, note: Callable[[str], None]) -> Iterator[None]:
    """Within the block every call of a function of the imported `module` is told to `note`, by its qualified name.

    Only these functions become slower: a trace of all calls would make the tests take several times as long.
    """
    tree = ast.parse(source_path(module).read_text(encoding="utf-8"))
    for name, function in callables(tree):
        call = ast.Call(ast.Name(NOTE, ast.Load()), [ast.Constant(name)], [])
        function.body.insert(int(ast.get_docstring(function) is not None), ast.Expr(call))
    codes = _by_name(ast.fix_missing_locations(tree), module)
    heard = {target: target.__code__ for name in codes for target in _functions(sys.modules[module], name)}
    setattr(sys.modules[module], NOTE, note)
    for target in heard:
        with suppress(ValueError):  # it has a variable of a scope around it; then no mutant can be put in either
            target.__code__ = codes[target.__qualname__]
    try:
        yield
    finally:
        for target, code in heard.items():
            target.__code__ = code
        delattr(sys.modules[module], NOTE)


def put_in_place(module: str, function: str, tree: ast.Module) -> None:
    """Give the function or method `function` (qualified name) of the imported `module` the code that it has in `tree`.

    Raises: NotInstalled.
    """
    codes = _by_name(tree, module)
    for target in _functions(sys.modules[module], function):
        try:
            target.__code__ = codes[function]
        except (KeyError, ValueError) as error:
            raise NotInstalled(function) from error
        return
    raise NotInstalled(function)


def _by_name(tree: ast.Module, module: str) -> dict[str, CodeType]:
    return {code.co_qualname: code for code in _codes(compile(tree, str(source_path(module)), "exec"))}


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)


def _functions(module: ModuleType, name: str) -> Iterator[FunctionType]:
    holder: Any = module
    for part in name.split("."):
        holder = getattr(holder, "__dict__", {}).get(part)
        if holder is None:
            return
    while holder is not None and not isinstance(holder, FunctionType):
        holder = next((inner for key in WRAPPED if (inner := getattr(holder, key, None))), None)
    if holder is None:
        return
    # Such as a context manager: what was decorated is inside.
    yield getattr(holder, "__wrapped__", holder)


def import_so(module: str, tree: ast.Module) -> None:
    """Let `module`, which nobody has imported yet, be imported as `tree` says."""
    sys.meta_path.insert(0, _Changed(module, compile(tree, str(source_path(module)), "exec")))


class _Changed(MetaPathFinder, Loader):
    def __init__(self, module: str, code: CodeType) -> None:
        self._module, self._code = module, code

    def find_spec(self, fullname: str, path: Any, target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname != self._module:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None:
            spec.loader = self
        return spec

    def create_module(self, spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        exec(self._code, module.__dict__)  # noqa: S102 - that is what a mutant is for
