"""Forms by themselves: what must be filled in can be seen at some time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import TYPE_CHECKING

from processes.engine.check.bundle import Bundle
from processes.engine.check.finding import ERROR, Finding

if TYPE_CHECKING:
    from forms.feel.page import PageExpression
    from forms.form_file import Field

MAX_COMBINATIONS = 5_000


def check(bundle: Bundle) -> Iterator[Finding]:
    """All rules about the forms of a bundle."""
    for path, form in bundle.form_files():
        answers = form.answers()
        for field, hiding in _shown(form.fields, ()):
            if (field.required or field.required_if) and _always_hidden(hiding, answers):
                sentence = (
                    f"组件“{field.label}”必填，却永远不显示（它或它的分组的隐藏条件总是成立），没有人填得上，"
                    "请改正隐藏条件，或者去掉必填"
                )
                yield Finding(path, field.key, field.label, "form_never_shown", ERROR, sentence)


def _shown(
    fields: Sequence[Field], around: tuple[PageExpression, ...]
) -> Iterator[tuple[Field, tuple[PageExpression, ...]]]:
    """Everything that takes an answer, columns of tables too, with all that hides it."""
    for field in fields:
        hiding = (*around, field.hidden_if) if field.hidden_if else around
        if field.has_value:
            yield field, hiding
        yield from _shown(field.fields, hiding)


def _always_hidden(hiding: Sequence[PageExpression], answers: Mapping[str, Field]) -> bool:
    """Whether some condition holds whatever is chosen. One that looks at more than choices is taken not to."""
    domains = {name: _domain(answers.get(name)) for expression in hiding for name in expression.names}
    decidable = [expression for expression in hiding if all(domains[name] for name in expression.names)]
    points = {name: domains[name] for expression in decidable for name in expression.names}
    if not decidable or prod(map(len, points.values())) > MAX_COMBINATIONS:
        return False
    cases = (dict(zip(points, case, strict=True)) for case in product(*points.values()))
    return all(any(expression.holds(case) for expression in decidable) for case in cases)


def _domain(field: Field | None) -> list[object]:
    """Every answer that a field can have; empty where there is no end of them."""
    if field is None:
        return []
    if field.kind == "checkbox":
        return [True, False, None]
    if field.kind in {"radio", "select"} and field.choices:
        return [None, *(choice.value for choice in field.choices)]
    return []
