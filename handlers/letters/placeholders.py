"""What a template uses, read without running it: every branch counts, whether sample values reach it or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from jinja2 import Environment, nodes

from handlers.letters.samples import Path

_SAME_LIST = frozenset({"list", "reverse", "sort", "selectattr", "rejectattr"})
_ENTRY = frozenset({"first", "last"})
Known = tuple[Any, Path] | None
"""A value as the samples have it, and where it stands; None is a value of which nothing is known."""


@dataclass
class Uses:
    """What a template was seen to use. `unknown` are names that no letter has, in order."""

    known: Mapping[str, Any]
    unknown: dict[str, None] = field(default_factory=dict)
    used: set[Path] = field(default_factory=set)
    compared: dict[tuple[Path, Any], None] = field(default_factory=dict)
    whole: bool = False
    """Whether it takes all facts or parameters at once, so that any of them may matter."""

    def sentences(self) -> Iterator[str]:
        """One for each unknown name."""
        names = sorted(_dotted(self.known))
        for name in self.unknown:
            near = get_close_matches(name, names, n=1, cutoff=0.6)
            advice = f"是不是「{near[0]}」？" if near else "可以用的内容见 letters.yaml 开头的说明。"
            yield f"占位符里的「{name}」不存在，文书会填不出来，{advice}请改正"

    def read(self, environment: Environment, source: str) -> None:
        """Look through one part of the template. Raises: jinja2.TemplateSyntaxError."""
        scope = {name: (value, (name,)) for name, value in self.known.items()}
        everywhere: dict[str, Known] = dict.fromkeys(environment.globals)
        _Reading(self).body([environment.parse(source)], everywhere | scope)


class _Reading:
    """Walks the tree with what each name stands for at its place."""

    def __init__(self, uses: Uses) -> None:
        self.uses = uses

    def body(self, children: list[Any], scope: dict[str, Known]) -> None:
        for child in children:
            self.visit(child, scope)

    def visit(self, node: nodes.Node, scope: dict[str, Known]) -> None:
        if isinstance(node, nodes.For):
            self.loop(node, scope)
        elif isinstance(node, nodes.Assign):
            self.bind(node.target, self.value(node.node, scope), scope)
        elif isinstance(node, nodes.Compare):
            self.comparison(node, scope)
        elif isinstance(node, nodes.Expr):
            self.value(node, scope)
        else:
            inside = scope if isinstance(node, (nodes.Template, nodes.Output, nodes.If)) else dict(scope)
            if isinstance(node, (nodes.Macro, nodes.CallBlock)):
                scope[getattr(node, "name", "caller")] = None
                inside |= {argument.name: None for argument in node.args} | dict.fromkeys(
                    ("caller", "varargs", "kwargs")
                )
            if isinstance(node, (nodes.With, nodes.AssignBlock)):
                targets = node.targets if isinstance(node, nodes.With) else [node.target]
                for target in targets:
                    self.bind(target, None, inside if isinstance(node, nodes.With) else scope)
            self.body([child for child in node.iter_child_nodes() if not _is_target(child)], inside)

    def loop(self, node: nodes.For, scope: dict[str, Known]) -> None:
        listed = self.value(node.iter, scope)
        inside: dict[str, Known] = scope | {"loop": None}
        self.bind(node.target, _entry(listed), inside)
        if node.test is not None:
            self.visit(node.test, inside)
        self.body(node.body, inside)
        self.body(node.else_, dict(scope))

    def bind(self, target: nodes.Node, value: Known, scope: dict[str, Known]) -> None:
        if isinstance(target, nodes.Name):
            scope[target.name] = value
        else:
            scope |= {name.name: None for name in target.find_all(nodes.Name)}

    def comparison(self, node: nodes.Compare, scope: dict[str, Known]) -> None:
        sides = [node.expr, *(operand.expr for operand in node.ops)]
        places = [self.value(side, scope) for side in sides]
        paths = [place[1] for place in places if place is not None]
        for side in sides:
            for path in paths:
                for value in _constants(side):
                    self.uses.compared[path, value] = None

    def value(self, node: nodes.Node, scope: dict[str, Known]) -> Known:
        """What is known of an expression; everything inside it is looked at on the way."""
        if isinstance(node, nodes.Name):
            return self.name(node.name, scope)
        if isinstance(node, (nodes.Getattr, nodes.Getitem)):
            return self.member(node, scope)
        if isinstance(node, nodes.Filter) and node.node is not None and node.name in _SAME_LIST | _ENTRY:
            self.body([*node.args, *node.kwargs], scope)
            inside = self.value(node.node, scope)
            return _entry(inside) if node.name in _ENTRY else inside
        for child in node.iter_child_nodes():
            self.visit(child, scope)
        return None

    def name(self, name: str, scope: dict[str, Known]) -> Known:
        if name not in scope:
            self.uses.unknown[name] = None
            return None
        known = scope[name]
        if known is not None:
            self.uses.used.add(known[1])
            self.uses.whole = self.uses.whole or known[1] in _WHOLE
        return known

    def member(self, node: nodes.Getattr | nodes.Getitem, scope: dict[str, Known]) -> Known:
        whole = self.uses.whole
        owner = self.value(node.node, scope)
        key = _key(node)
        if isinstance(node, nodes.Getitem) and not isinstance(key, (str, int)):
            self.visit(node.arg, scope)
            return owner if isinstance(node.arg, nodes.Slice) else None
        if owner is None:
            return None
        value, path = owner
        if isinstance(key, int):
            return _entry(owner) if isinstance(value, list) else None
        if isinstance(value, dict) and key in value:
            self.uses.whole = whole  # one of its members, not all
            inner = (value[key], (*path, key))
            self.uses.used.add(inner[1])
            return inner
        if not hasattr(value, key):
            self.uses.whole = whole
            self.uses.unknown[".".join([*(part for part in path if part != "[]"), key])] = None
        return None


_WHOLE = frozenset({("facts",), ("labels",), ("parameters",)})


def _entry(listed: Known) -> Known:
    if listed is None or not isinstance(listed[0], list) or not listed[0]:
        return None
    return listed[0][0], (*listed[1], "[]")


def _key(node: nodes.Getattr | nodes.Getitem) -> Any:
    if isinstance(node, nodes.Getattr):
        return node.attr
    index = node.arg.node if isinstance(node.arg, nodes.Neg) else node.arg
    return index.value if isinstance(index, nodes.Const) else None


def _constants(side: nodes.Node) -> list[Any]:
    items = side.items if isinstance(side, (nodes.List, nodes.Tuple)) else [side]
    return [item.value for item in items if isinstance(item, nodes.Const) and isinstance(item.value, (str, int))]


def _is_target(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Name) and node.ctx in {"store", "param"}


def _dotted(known: Mapping[str, Any]) -> Iterator[str]:
    for root, value in known.items():
        members = value[0] if isinstance(value, list) and value else value
        yield root
        if isinstance(members, dict):
            yield from (f"{root}.{key}" for key in members)


def is_meant(known: Mapping[str, Any], name: str) -> bool:
    """Whether `name`, as somebody wrote it in braces, is meant for a value of a letter."""
    root, dot, rest = name.strip().partition(".")
    if dot:
        return root in known and bool(rest)
    return name in {"number", "today", "contact"} or any(name in known.get(part, {}) for part in _FLAT)


_FLAT = ("facts", "labels", "parameters")
