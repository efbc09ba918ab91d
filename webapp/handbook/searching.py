"""Looking a word up in the handbook: every section that says it, the most telling first."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from webapp.handbook.chapters import Chapter, Passage

LIMIT = 30
"""Hits on one page; who gets more asks for too little."""
AROUND = 42
"""Characters of the text shown before and after the first word."""
ENOUGH = 0.6
"""Share of a question's known pairs of characters that a section must hold, where none holds the question itself."""
_TITLE, _HEADING, _TEXT_AT_MOST = 20, 10, 9


@dataclass(frozen=True, slots=True)
class SectionHit:
    """A section that says what was looked for. `excerpt` has the words marked."""

    section: Passage
    excerpt: Markup


def search(chapters: Iterable[Chapter], asked: str) -> list[SectionHit]:
    """Sections with all words of `asked`; if there are none, those with most of its pairs of characters."""
    words = _folded(asked).split()
    sections = [section for chapter in chapters for section in chapter.sections]
    if not words:
        return []
    hits = _ranked(sections, words, needed=len(words))
    if not hits:
        words = _known_pairs(sections, words)
        hits = _ranked(sections, words, needed=max(1, round(len(words) * ENOUGH)))
    return [SectionHit(section, excerpt(section.text, words)) for section in hits[:LIMIT]]


def _known_pairs(sections: Sequence[Passage], words: Sequence[str]) -> list[str]:
    """Neighbouring characters that the handbook has anywhere: 派给 of 怎样改派给别人 may stand nowhere else."""
    pairs = sorted({word[at : at + 2] for word in words for at in range(len(word) - 1)})
    everything = _folded("\n".join(section.heading + section.text for section in sections))
    return [pair for pair in pairs if pair in everything]


def _folded(text: str) -> str:
    """Full-width letters and capitals as small ones, each character in its place."""
    folded = (unicodedata.normalize("NFKC", character).lower() for character in text)
    return "".join(new if len(new) == 1 else old for new, old in zip(folded, text, strict=True))


def _ranked(sections: Sequence[Passage], words: Sequence[str], needed: int) -> list[Passage]:
    """Those that say at least `needed` of `words`, by their points; sections alike keep the order of the book."""
    points = [tuple(_points(section, words)) for section in sections]
    enough = [pair for pair in zip(points, sections, strict=True) if sum(map(bool, pair[0])) >= needed and any(pair[0])]
    return [section for _, section in sorted(enough, key=lambda pair: -sum(pair[0]))]


def _points(section: Passage, words: Sequence[str]) -> Iterator[int]:
    title, heading, text = (_folded(part) for part in (section.title, section.heading, section.text))
    for word in words:
        in_title = _TITLE if word in title and not section.anchor else 0
        yield in_title + (_HEADING if word in heading else 0) + min(_TEXT_AT_MOST, text.count(word))


def excerpt(text: str, words: Sequence[str]) -> Markup:
    """The text around the first of `words`, each of them marked."""
    folded = _folded(text)
    places = [place for place in (folded.find(word) for word in words) if place >= 0]
    start = max(0, min(places, default=0) - AROUND)
    end = min(len(text), min(places, default=0) + 2 * AROUND)
    cut = "…" if start else "", "…" if end < len(text) else ""
    return Markup("{}{}{}").format(cut[0], _marked(text[start:end], words), cut[1])


def _marked(text: str, words: Sequence[str]) -> Markup:
    folded, at, parts = _folded(text), 0, list[Markup]()
    while at < len(text):
        word = next((word for word in words if folded.startswith(word, at)), "")
        piece = text[at : at + (len(word) or 1)]
        parts.append(Markup("<mark>{}</mark>").format(piece) if word else Markup.escape(piece))
        at += len(piece)
    return Markup("").join(parts)
