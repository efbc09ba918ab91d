"""Makes closures of a tree, once: an evaluation then costs a call per node and no look at the tree.

A node compiles the nodes inside it by the compiler that it is handed. Which function compiles which node is told to
that compiler (`closures.py` has the table): so it imports none of them, and they import nobody above them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from forms.feel.bounds import Budget
from forms.feel.errors import FeelError
from forms.feel.evaluating import Run, constant, constant_of, new_frame
from forms.feel.functions import Builtin
from forms.feel.tree import Node


class NodeCompiler:
    """Compiles nodes, each by its kind's entry in `of`; `functions` are the built-ins that the reader allowed."""

    def __init__(self, of: CompilerOf, functions: Mapping[str, Builtin]) -> None:
        self._of = of
        self.functions = functions
        self.framed = False
        """Whether anything compiled so far takes from the budget or binds a name: else a frame needs no places."""

    def compile(self, node: Node) -> Run:
        """The closure of one node, folded to its value if it is the same for every frame."""
        return self._of[type(node)](self, node)

    def folded(self, run: Run, *parts: Run) -> Run:
        """The value of `run` now, if all its parts are constant; else `run`."""
        if not all(constant_of(part) for part in parts):
            return run
        try:
            return constant(run(new_frame({}, Budget(), 2)))
        except FeelError:
            return run


CompilerOf: TypeAlias = Mapping[type, Callable[[NodeCompiler, Any], Run]]
"""The function that compiles a node, by the node's class."""
