"""What FEEL makes of a condition that older notations took for granted: null, and then the flow is not taken.

Only true holds. A condition that is a text, a number or a list never is; one that compares a text with a number is null
whatever the case says. Neither fails, so nobody would see it: the check says it.
"""

from __future__ import annotations

from collections.abc import Iterator

from forms.feel.node_facts import walk
from forms.feel.tree import Arithmetic, Comparison, ContextOf, ListOf, Literal, Negation, Node, Variable
from processes.engine.check import scope
from processes.engine.check.bundle import Bundle, Diagram
from processes.engine.check.finding import Finding
from processes.engine.language.feel_as_ast import plain
from processes.engine.language.feel_expression import FeelExpression

_CONDITIONS = frozenset({"条件", "多实例完成条件"})
_NEVER = (Arithmetic, ListOf, ContextOf, Negation)
_WORDS = {"boolean": "真假", "string": "文字", "number": "数字", "list": "列表"}
_EXAMPLES = {"boolean": "true", "string": '"甲"', "number": "5"}
_OF_FIELDS = {"checkbox": "boolean", "number": "number", "checklist": "list", "taglist": "list", "dynamiclist": "list"}
_OF_COLUMNS = {"boolean": "boolean", "string": "string", "number": "number"}
_NO_ANSWER = frozenset({"filepicker"})


def check(diagram: Diagram, bundle: Bundle) -> Iterator[Finding]:
    """The conditions and comparisons of one diagram in FEEL."""
    for use in scope.uses(diagram):
        expression = scope.compiled(use.text)
        if not isinstance(expression, FeelExpression):
            continue
        if use.what in _CONDITIONS:
            yield from _not_true_or_false(diagram, bundle, use, expression.root)
        yield from _unlike(diagram, bundle, use, expression.root)


def _not_true_or_false(diagram: Diagram, bundle: Bundle, use: scope.Use, root: Node) -> Iterator[Finding]:
    if isinstance(root, Variable):
        kind = kind_of(diagram, bundle, root.name)
        if kind not in {"", "boolean"}:
            sentence = (
                f"{use.what}只写了「{root.name}」，它是{_WORDS[kind]}，永远不算成立；"
                f"请写出比较，例如 {root.name} != null"
            )
            yield diagram.error(use.place, "condition_never", sentence)
    elif isinstance(root, _NEVER) or (isinstance(root, Literal) and not isinstance(root.value, bool)):
        yield diagram.error(use.place, "condition_never", f"{use.what}不是判断，永远不算成立；请写出比较")


def _unlike(diagram: Diagram, bundle: Bundle, use: scope.Use, root: Node) -> Iterator[Finding]:
    for node in walk(root):
        if not isinstance(node, Comparison):
            continue
        for variable, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(variable, Variable) and isinstance(other, Literal):
                yield from _compared(diagram, bundle, use, variable.name, plain(other.value))


def _compared(diagram: Diagram, bundle: Bundle, use: scope.Use, name: str, value: object) -> Iterator[Finding]:
    kind, written = kind_of(diagram, bundle, name), _kind_of_value(value)
    if kind and written and kind != written:
        instead = _EXAMPLES.get(kind)
        how = f"请写成 {instead} 这样的{_WORDS[kind]}" if instead else f"请用 list contains({name}, …)"
        sentence = f"{use.what}里「{name}」是{_WORDS[kind]}，却与{_WORDS[written]}比较，结果总是空，不会成立；{how}"
        yield diagram.error(use.place, "unlike_kinds", sentence)


def _kind_of_value(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, (int, float)) else "string" if isinstance(value, str) else ""


def kind_of(diagram: Diagram, bundle: Bundle, name: str) -> str:
    """`boolean`, `string`, `number` or `list`, if all that sets the variable here agrees; else empty."""
    passed = scope.call_inputs(diagram, bundle) | scope.inherited(diagram, bundle) | scope.ALWAYS
    makers = scope.produced(diagram, bundle).get(name, frozenset())
    if name in passed or not makers:
        return ""
    kinds = {_kind_at(bundle, diagram, maker, name) for maker in makers}
    return kinds.pop() if len(kinds) == 1 else ""


def _kind_at(bundle: Bundle, diagram: Diagram, maker: str, name: str) -> str:
    node = diagram.process.nodes[maker]
    form = bundle.form_of(node)
    if form is not None and name in form.answers():
        kind = form.answers()[name].kind
        return "" if kind in _NO_ANSWER else _OF_FIELDS.get(kind, "string")
    if node.decision in bundle.tables:
        table = bundle.tables[node.decision][1]
        types = [output.type for output in table.outputs if output.name == name]
        if types:
            return "list" if table.gathers else _OF_COLUMNS.get(types[0], "")
    return ""
