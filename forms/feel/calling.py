"""Closures of calls."""

from __future__ import annotations

from typing import Any

from forms.feel import shortcuts
from forms.feel.errors import FeelError
from forms.feel.evaluating import Frame, Run, constant, constant_of
from forms.feel.node_compiler import NodeCompiler
from forms.feel.tree import FunctionCall
from forms.feel.values import from_python


def compile_call(compiler: NodeCompiler, node: FunctionCall) -> Run:
    """A call of a built-in: folded to its value if its arguments are constant and it is not the caller's own."""
    builtin = compiler.functions[node.name]
    given = node.arguments
    while given and given[-1] is None:
        given = given[:-1]
    arguments = tuple(constant(None) if part is None else compiler.compile(part) for part in given)
    if builtin.late:
        compiler.framed = True
        return _late(node.name, arguments)
    signature = builtin.signatures[node.signature]
    quick = shortcuts.call(node, signature.run, arguments[0]) if len(arguments) == 1 else None
    if quick:
        return compiler.folded(quick, *arguments)
    if signature.scalars:
        arguments = tuple(_scalar(argument) for argument in arguments)
    made = compiler.folded(_calling(signature.run, arguments, budgeted=signature.budgeted), *arguments)
    compiler.framed = compiler.framed or (signature.budgeted and not constant_of(made))
    return made


def _scalar(run: Run) -> Run:
    """A list of one as its item: `upper case(names[item = "Bob"])`."""
    if constant_of(run):
        return run

    def scalar(frame: Frame) -> Any:
        value = run(frame)
        return value[0] if type(value) is list and len(value) == 1 else value

    return scalar


def _late(name: str, arguments: tuple[Run, ...]) -> Run:
    def run(frame: Frame) -> Any:
        function = frame[1].functions.get(name)
        if function is None:
            raise FeelError(f"这里不能用 {name}()。", f"{name}()")
        return from_python(function(*[argument(frame) for argument in arguments]))

    return run


def _calling(function: Any, arguments: tuple[Run, ...], *, budgeted: bool) -> Run:
    if budgeted:
        return lambda frame: function(frame[1], *[argument(frame) for argument in arguments])
    if len(arguments) == 1:
        only = arguments[0]
        return lambda frame: function(only(frame))
    if len(arguments) == 2:
        first, second = arguments
        return lambda frame: function(first(frame), second(frame))
    return lambda frame: function(*[argument(frame) for argument in arguments])
