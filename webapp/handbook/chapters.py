"""The chapters as they are read: title, HTML, and the sections that the search looks through."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from markdown_it.token import Token
from markupsafe import Markup

from webapp.handbook.contents import ORDER
from webapp.handbook.markdown import Address, anchor_of, parse, plain_text, render

_KEPT = re.compile(r"(```.*?```|【[^】]*】|`[^`]*`)", re.DOTALL)
"""What is written in code or stands on the screen of every bureau keeps its words."""
_INLINE = "inline"


@dataclass(frozen=True, slots=True)
class Passage:
    """What stands below one heading. `anchor` is empty for the beginning of a chapter."""

    chapter: str
    title: str
    heading: str
    anchor: str
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """One page of the handbook. `summary` is its first paragraph."""

    name: str
    title: str
    summary: str
    html: Markup
    sections: tuple[Passage, ...]


def source_of(name: str) -> str:
    """The Markdown of a chapter."""
    return files("webapp.handbook").joinpath("chapters", f"{name}.md").read_text(encoding="utf-8")


def in_words_of(worded: Callable[[str], str], source: str) -> str:
    """The Markdown in a bureau's own words."""
    pieces = _KEPT.split(source)
    return "".join(piece if position % 2 else worded(piece) for position, piece in enumerate(pieces))


def read_chapter(name: str, source: str, address: Address) -> Chapter:
    """A chapter from its Markdown, which begins with its title and a paragraph that says what it is about."""
    tokens = parse(source)
    title, body = plain_text(tokens[1]), tokens[3:]
    summary = plain_text(body[1])
    return Chapter(name, title, summary, Markup(render(body, address)), tuple(_sections(name, title, body)))  # noqa: S704 - rendered without raw HTML


def read_all(worded: Callable[[str], str], address: Address) -> Mapping[str, Chapter]:
    """All chapters by name, in the order of the pages."""
    return {name: read_chapter(name, in_words_of(worded, source_of(name)), address) for name in ORDER}


def _sections(name: str, title: str, body: Sequence[Token]) -> Iterator[Passage]:
    heading, anchor, level, texts = title, "", 1, list[str]()
    for position, token in enumerate(body):
        if token.type == "heading_open":
            yield Passage(name, title, heading, anchor, level, " ".join(texts))
            heading, level, texts = plain_text(body[position + 1]), int(token.tag[1:]), []
            anchor = anchor_of(heading)
        elif token.type == _INLINE and body[position - 1].type != "heading_open":
            texts.append(plain_text(token))
        elif token.type == "fence":
            texts.append(token.content)
    yield Passage(name, title, heading, anchor, level, " ".join(texts))
