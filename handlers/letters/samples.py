"""Sample values of a letter: everything filled in, nothing filled in, one thing at a time empty, each choice once.

A template must be fillable whatever a case holds; what a case of one kind never shows fails in the first of another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str, ...]
"""Where a value stands: `("facts", "unit")`; `[]` is every entry of a list: `("approvals", "[]", "comment")`."""

TEXT = "样本"
_OPINION = {"step": "审核", "name": "王建国", "decision_label": "同意", "comment": "同意办理", "on": "2026年3月3日"}
_COMMON: Mapping[str, Any] = {
    "number": "监〔2026〕1号",
    "today": "2026年3月2日",
    "contact": "陈静",
    "case": {"number": "训〔2026〕1号", "title": "培训"},
    "approvals": [_OPINION, _OPINION],
    "steps": [{"node": "review", "department": "办公室", **_OPINION}],
}


@dataclass(frozen=True, slots=True)
class Occasion:
    """One step that issues a letter, in one procedure: what a template can use there.

    `where` names the step for people. `facts` and `labels` are sample values by key, `choices` the values that a fact
    can take, where they are few. `parameters` are what the step passes; `fixed` names those that it spells out.
    """

    where: str
    facts: Mapping[str, Any]
    labels: Mapping[str, Any]
    parameters: Mapping[str, Any]
    fixed: frozenset[str] = frozenset()
    choices: Mapping[str, Sequence[Any]] = field(default_factory=dict)

    def values(self, bureau: Mapping[str, Any]) -> dict[str, Any]:
        """Everything filled in, for a bureau as letters know it."""
        told = {"facts": dict(self.facts), "labels": dict(self.labels), "parameters": dict(self.parameters)}
        return {**_COMMON, "bureau": dict(bureau), **told}

    def narrowed(self, keys: Iterable[str]) -> Occasion:
        """The occasion with no more than `keys`: what a template that uses only these can notice of it."""
        kept = frozenset(keys)
        return Occasion(
            self.where,
            _only(kept, self.facts),
            _only(kept, self.labels),
            _only(kept, self.parameters),
            self.fixed & kept,
            _only(kept, self.choices),
        )

    def fixes(self, path: Path) -> bool:
        """Whether the step spells out what stands at `path`."""
        return path[0] == "parameters" and bool(self.fixed.intersection(path[1:2]))


def _only(keys: frozenset[str], values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key in keys}


def everything(occasions: Sequence[Occasion], bureaus: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """All that some occasion of the letter offers: what is not in here is misspelt."""
    known: dict[str, Any] = {}
    for bureau in bureaus:
        for occasion in occasions:
            for root, value in occasion.values(bureau).items():
                known[root] = known.get(root, {}) | value if isinstance(value, dict) else value
    return known


def variants(
    occasion: Occasion, bureau: Mapping[str, Any], used: Iterable[Path], compared: Iterable[tuple[Path, Any]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """(in which case, for people; the values). `used` and `compared` are what the template looks at."""
    filled = occasion.values(bureau)
    yield "各项都填写", filled
    yield "各项都没有填写", _empty(occasion, filled)
    for path in sorted(set(used)):
        if _can_be_empty(path) and not occasion.fixes(path):
            yield f"没有{shown(path)}", _emptied(filled, path)
    chosen = [(("facts", key), value) for key in sorted(_keys(used)) for value in occasion.choices.get(key, ())]
    for path, value in [*compared, *chosen]:
        if not occasion.fixes(path):
            yield f"{shown(path)}是「{value}」", replaced(filled, path, value)


def shown(path: Path) -> str:
    """A path as it is written in a template, quoted."""
    return f"「{'.'.join(part for part in path if part != '[]')}」"


def replaced(values: Any, path: Path, value: Any) -> Any:
    """`values` with another value at `path`; what is not there stays away."""
    if not path:
        return value
    if path[0] == "[]":
        return [replaced(item, path[1:], value) for item in values] if isinstance(values, list) else values
    if not isinstance(values, dict) or path[0] not in values:
        return values
    return {**values, path[0]: replaced(values[path[0]], path[1:], value)}


def _keys(used: Iterable[Path]) -> set[str]:
    return {path[1] for path in used if len(path) > 1 and path[0] == "facts"}


def _can_be_empty(path: Path) -> bool:
    if path[-1] == "[]":
        return False
    if path[0] in {"approvals", "steps"}:
        return path in {("approvals",), ("steps",)} or path[-1] in {"comment", "department", "decision_label"}
    return path[0] in {"facts", "labels", "parameters"} and len(path) > 1


def _emptied(values: dict[str, Any], path: Path) -> dict[str, Any]:
    if path[0] in {"facts", "labels"}:
        # The two say the same of a case, so both are empty.
        values = replaced(values, ("labels", *path[1:]), _nothing(_at(values, ("labels", *path[1:])), ""))
        return dict(replaced(values, ("facts", *path[1:]), _nothing(_at(values, ("facts", *path[1:])), None)))
    return dict(replaced(values, path, _nothing(_at(values, path), "")))


def _empty(occasion: Occasion, filled: dict[str, Any]) -> dict[str, Any]:
    parameters = {
        name: value if name in occasion.fixed else _nothing(value, "") for name, value in occasion.parameters.items()
    }
    return filled | {
        "contact": "",
        "approvals": [],
        "steps": [],
        "facts": {key: _nothing(value, None) for key, value in occasion.facts.items()},
        "labels": {key: _nothing(value, "") for key, value in occasion.labels.items()},
        "parameters": parameters,
    }


def _nothing(value: Any, empty: Any) -> Any:
    """A table without rows is an empty list, anything else `empty`."""
    is_table = isinstance(value, list) and (not value or isinstance(value[0], dict))
    return [] if is_table else empty


def _at(values: Any, path: Path) -> Any:
    for part in path:
        if part == "[]":
            values = values[0] if isinstance(values, list) and values else None
        else:
            values = values.get(part) if isinstance(values, dict) else None
    return values
