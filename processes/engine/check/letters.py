"""Letters: each template is filled in with samples of every procedure that issues it, for every bureau."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Any

from forms.form_file import Field
from handlers.letters.bounded import TRIALS
from handlers.letters.index import LetterIndexError, LetterKind, read_index
from handlers.letters.samples import TEXT, Occasion
from handlers.letters.snapshot import bureau_words
from handlers.people.profiles import load_profile
from processes.engine.check import scope
from processes.engine.check.bundle import Bundle, Diagram
from processes.engine.check.finding import ERROR, NOTICE, Finding
from processes.engine.diagrams.model import Node

_NOT_PARAMETERS = frozenset({"template", "title"})


def check(letters: Mapping[str, bytes | None], index: bytes | None, bundle: Bundle) -> Iterator[Finding]:
    """Every template of `letters` (path or name to content; None leaves it unexamined)."""
    kinds, issuing, offers = _kinds(index), _issuing(bundle), _Offers(bundle)
    for path, content in letters.items():
        if content is None:
            continue
        key = PurePosixPath(path).name.removesuffix(".docx")
        kind = kinds.get(key, LetterKind(key))
        occasions = [offers.at(*step, kind) for step in issuing.get(key, ())] or [offers.of_index(kind)]
        tried = TRIALS.try_out(content, occasions, _bureaus())
        name = path if path.endswith(".docx") else f"{key}.docx"
        yield from (Finding(name, "", "", "letter_template", ERROR, sentence) for sentence in tried.problems)
        yield from (Finding(name, "", "", "letter_template", NOTICE, sentence) for sentence in tried.notices)


@lru_cache(maxsize=1)
def _bureaus() -> Sequence[Mapping[str, Any]]:
    folder = files("handlers.people").joinpath("profile_files")
    names = sorted(entry.name.removesuffix(".json") for entry in folder.iterdir() if entry.name.endswith(".json"))
    return [bureau_words(load_profile(name)) for name in names]


def _kinds(index: bytes | None) -> Mapping[str, LetterKind]:
    try:
        return read_index(index) if index is not None else {}
    except LetterIndexError:
        return {}  # said of the index itself


def _issuing(bundle: Bundle) -> Mapping[str, list[tuple[Diagram, Node]]]:
    """Template to the steps that issue it."""
    steps: dict[str, list[tuple[Diagram, Node]]] = {}
    for diagram in bundle.diagrams.values():
        for node in diagram.process.of_kind("serviceTask"):
            template = _constant(next((b.value for b in node.inputs if b.name == "template"), ""))
            if node.handler == "letters.issue" and isinstance(template, str):
                steps.setdefault(template, []).append((diagram, node))
    return steps


def _constant(text: str) -> Any:
    expression = scope.compiled(text) if text else None
    return expression.evaluate({}) if expression is not None and expression.constant else None


@dataclass
class _Offer:
    """What a diagram leaves in a case for letters to say."""

    facts: dict[str, Any] = field(default_factory=dict)
    labels: dict[str, Any] = field(default_factory=dict)
    choices: dict[str, Sequence[Any]] = field(default_factory=dict)

    def take(self, other: _Offer) -> None:
        """What another diagram of the same case leaves. What a form asks says more than that there is such a fact."""
        for mine, theirs in ((self.facts, other.facts), (self.labels, other.labels)):
            mine |= {key: value for key, value in theirs.items() if value != TEXT or key not in mine}
        self.choices |= other.choices


class _Offers:
    """What can be said where a letter is issued; each diagram of the bundle is looked at once."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._kept: dict[str, _Offer] = {}

    def at(self, diagram: Diagram, node: Node, kind: LetterKind) -> Occasion:
        """A step that issues the letter: the fields of its release, what its steps set, and what it passes."""
        given = {
            binding.name: _constant(binding.value) for binding in node.inputs if binding.name not in _NOT_PARAMETERS
        }
        offer = self._together(scope.one_case(self._bundle, {diagram.process.id}))
        return Occasion(
            f"在「{node.name or node.id}」这一步",
            offer.facts,
            offer.labels,
            {name: _parameter(name, value, kind) for name, value in given.items()},
            frozenset(name for name, value in given.items() if value is not None),
            offer.choices,
        )

    def of_index(self, kind: LetterKind) -> Occasion:
        """A letter that no step issues yet: everything that any form asks, and the parameters of the index."""
        offer = self._together(self._bundle.diagrams)
        parameters = {name: _parameter(name, None, kind) for name in kind.parameters}
        return Occasion(f"制作「{kind.title}」", offer.facts, offer.labels, parameters, choices=offer.choices)

    def _together(self, keys: Iterable[str]) -> _Offer:
        offer = _Offer()
        for key in sorted(keys):
            if key not in self._kept:
                self._kept[key] = _offer(self._bundle.diagrams[key], self._bundle)
            offer.take(self._kept[key])
        return offer


def _offer(diagram: Diagram, bundle: Bundle) -> _Offer:
    offer = _Offer()
    names = [*scope.produced(diagram, bundle), *scope.ALWAYS, *scope.inherited(diagram, bundle)]
    offer.facts = dict.fromkeys(names, TEXT)
    offer.labels = dict.fromkeys(names, TEXT)
    for node in diagram.process.nodes.values():
        form = bundle.form_of(node)
        for key, answer in (form.answers() if form is not None else {}).items():
            if form is not None and key in form.facts():
                offer.facts[key], offer.labels[key] = _sample(answer)
            elif offer.facts.get(key) == TEXT:  # what a person said for themselves is not kept for letters
                del offer.facts[key], offer.labels[key]
        for name in scope.results(node, bundle):
            if values := [value for value in scope.values_from(node, bundle, name) if value is not None]:
                offer.choices[name] = values
    return offer


def _parameter(name: str, value: Any, kind: LetterKind) -> Any:
    if value is not None:
        return value
    return [dict.fromkeys(kind.rows[name], TEXT)] if name in kind.rows else TEXT


def _sample(answer: Field) -> tuple[Any, Any]:
    """An answer as it is stored and as a letter says it."""
    if answer.kind == "dynamiclist":
        columns = {column.key: _sample(column) for column in answer.fields if column.has_value}
        return [{k: v[0] for k, v in columns.items()}], [{k: v[1] for k, v in columns.items()}]
    if answer.kind == "checkbox":
        return True, "是"
    if answer.kind == "number":
        return ("3.00" if answer.as_text else 3), "3"
    if answer.kind == "datetime":
        return _MOMENTS.get(answer.subtype, _MOMENTS["date"])
    if answer.kind == "filepicker":
        return [1], "1份"
    if not answer.choices:
        return ([TEXT] if answer.multiple else TEXT), TEXT
    first = answer.choices[0]
    return ([first.value] if answer.multiple else first.value), first.label


_MOMENTS = {
    "date": ("2026-03-02", "2026年3月2日"),
    "time": ("09:00", "09:00"),
    "datetime": ("2026-03-02T09:00:00+08:00", "2026年3月2日 9:00"),
}
