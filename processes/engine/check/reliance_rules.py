"""Words of the owners' files that code reads: whoever renames one is told what would stop working."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module

from handlers.owners_words import Reliance, Word, WordKind, reliances
from processes.engine.check import scope
from processes.engine.check.bundle import Bundle, Diagram
from processes.engine.check.finding import ERROR, Finding

_DECLARING = (
    "handlers.services",
    "handlers.register.keeping",
    "processes.engine.commands.warning",
    "processes.engine.limits.messages",
    "processes.importing.translation",
)
"""Modules that declare on being imported; most stand above the check, so they are asked for by name."""
_OF_DIAGRAMS = frozenset({WordKind.END, WordKind.STEP, WordKind.SENT, WordKind.HEARD, WordKind.FACT})
_Names = dict[tuple[str, WordKind], frozenset[str]]


def check(bundle: Bundle) -> Iterator[Finding]:
    """Every declared word that is missing in a diagram, form or table of the bundle; one finding per word.

    A holder that is not here says nothing: the bundle may be a part of the set.
    """
    known: _Names = {}
    for word, readers in _declared().items():
        if word.kind in _OF_DIAGRAMS:
            diagram = bundle.diagrams.get(word.holder)
            if diagram is None or not _asks(diagram, word):
                continue
            if word.name not in _of_diagram(diagram, word.kind, bundle, known):
                yield diagram.error(None, "owners_word", _sentence(word, readers))
        elif word.kind is WordKind.COLUMN and word.holder in bundle.tables:
            path, table = bundle.tables[word.holder]
            if word.name not in {output.name for output in table.outputs}:
                yield Finding(path, table.key, table.name, "owners_word", ERROR, _sentence(word, readers))
        else:
            yield from _of_form(word, readers, bundle)


@cache
def _declared() -> Mapping[Word, Sequence[str]]:
    for module in _DECLARING:
        import_module(module)
    return _grouped(reliances())


def _grouped(every: Sequence[Reliance]) -> Mapping[Word, Sequence[str]]:
    readers: dict[Word, list[str]] = defaultdict(list)
    for reliance in every:
        if reliance.reader not in readers[reliance.word]:
            readers[reliance.word].append(reliance.reader)
    return readers


def _asks(diagram: Diagram, word: Word) -> bool:
    return not word.service or any(node.handler == word.service for node in diagram.process.nodes.values())


def _of_diagram(diagram: Diagram, kind: WordKind, bundle: Bundle, known: _Names) -> frozenset[str]:
    key = diagram.process.id, kind
    if key not in known:
        known[key] = _names(diagram, kind, bundle)
    return known[key]


def _names(diagram: Diagram, kind: WordKind, bundle: Bundle) -> frozenset[str]:
    process = diagram.process
    if kind is WordKind.END:
        return frozenset(node.name for node in process.of_kind("endEvent"))
    if kind is WordKind.STEP:
        return frozenset(process.nodes)
    if kind is WordKind.SENT:
        return process.thrown_messages
    if kind is WordKind.HEARD:
        return process.caught_messages | process.start_messages
    return frozenset(scope.produced(diagram, bundle))


def _of_form(word: Word, readers: Sequence[str], bundle: Bundle) -> Iterator[Finding]:
    form = (bundle.forms or {}).get(word.holder)
    if form is None:
        return
    answers = form.answers()
    if word.kind is WordKind.KEY:
        missing = word.name not in answers
    else:
        missing = word.field in answers and word.name not in answers[word.field].labels()
    if missing:
        path = next((path for path, file in bundle.form_files() if file is form), f"{form.key}.form")
        yield Finding(path, word.field or form.key, form.name, "owners_word", ERROR, _sentence(word, readers))


def _sentence(word: Word, readers: Sequence[str]) -> str:
    place = f"“{word.field}”的" if word.field else ""
    return (
        f"系统要用到{place}{word.kind}「{word.name}」，这里没有（改名或者删除了）：{'；'.join(readers)}就会出错。"
        f"请改回「{word.name}」；确实要改的，请先与系统管理员商定"
    )
