"""What is known about a node from its form alone: the entries it has, and whether it is true or false."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from forms.feel.bounds import MAX_HEIGHT
from forms.feel.errors import FeelError
from forms.feel.names import Keys, Scope
from forms.feel.tree import (
    Between,
    Comparison,
    ContextOf,
    Filter,
    For,
    In,
    InstanceOf,
    ListOf,
    Literal,
    Logic,
    Node,
    Quantified,
)

_TREE = Literal.__module__
_LEVELS_OF_NODE = 2
"""With the test, entry or iteration that a node may stand in."""


def keys_of(node: Node, scope: Scope) -> Keys:
    """The entries of a context, or those that the items of a list have between them; None if that is not known."""
    while isinstance(node, (Filter, For)):
        node = node.source if isinstance(node, Filter) else node.body
    if isinstance(node, ContextOf):
        return frozenset(entry.key for entry in node.entries)
    if isinstance(node, ListOf):
        if not node.items or not all(isinstance(item, ContextOf) for item in node.items):
            return None
        return frozenset(entry.key for item in node.items if isinstance(item, ContextOf) for entry in item.entries)
    return scope.keys_of(node)


def is_question(node: Node) -> bool:
    """Whether a node is true or false by its form: a comparison, `and`, `some …`."""
    return isinstance(node, (Comparison, Logic, Between, In, Quantified, InstanceOf))


def children(node: Any) -> Iterator[object]:
    """The nodes, tests, entries and iterations directly below one."""
    for name in node.__match_args__:
        value = getattr(node, name)
        for part in value if isinstance(value, tuple) else (value,):
            if type(part).__module__ == _TREE:
                yield part


def walk(root: object) -> Iterator[object]:
    """Every node of a tree, the root first."""
    return (node for node, _ in _levels(root))


def check_height(root: object, nodes: int) -> None:
    """Refuse a tree that is higher than the evaluator should climb; one of few `nodes` cannot be.

    Raises: FeelError.
    """
    if nodes * _LEVELS_OF_NODE > MAX_HEIGHT and any(level > MAX_HEIGHT for _, level in _levels(root)):
        raise FeelError("表达式嵌套太深，请拆成几个表达式。")


def _levels(root: object) -> Iterator[tuple[object, int]]:
    pending = [(root, 0)]
    while pending:
        node, level = pending.pop()
        yield node, level
        pending.extend((child, level + 1) for child in children(node))
