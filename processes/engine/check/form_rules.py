"""Forms by themselves: what must be filled in can be seen at some time, and what is an opinion is called one."""

from __future__ import annotations

import re
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
_OPINION_KEY = re.compile(r"(?:^|_)(?:comment|opinion|decision)s?(?:_|$)")
_OPINION_LABEL = re.compile("意见|批示|决定|裁定")
_SAID = frozenset({"textfield", "textarea", "radio", "select", "checklist", "checkbox"})
"""Kinds of answers that can say what somebody thinks."""


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
            if _looks_like_an_opinion(field) and not field.opinion:
                sentence = (
                    f"组件“{field.label}”像是一个人的意见或者决定，却没有写明：是的，加属性 opinion=true，"
                    "每次办理都从空白开始，也不会成为事项的内容；文书或者后面的步骤还要用到的，写 opinion=kept；"
                    "不是意见的，写 opinion=false"
                )
                yield Finding(path, field.key, field.label, "opinion_unmarked", ERROR, sentence)


def _looks_like_an_opinion(field: Field) -> bool:
    said = field.kind in _SAID and not field.readonly
    return said and bool(_OPINION_KEY.search(field.key) or _OPINION_LABEL.search(field.label))


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
