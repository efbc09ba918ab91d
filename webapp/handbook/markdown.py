"""One chapter's Markdown as HTML. Raw HTML is shown as text; 【提交】 is the name of something on a page."""

from __future__ import annotations

import re
from collections.abc import Callable, MutableMapping, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

UI_NAME = re.compile(r"【([^】]+)】")
"""A button, a menu entry, a heading or a field, written as it reads on the page."""
CHAPTER_LINK = re.compile(r"(?P<chapter>[a-z-]+)\.md(?P<anchor>#.+)?")
_NO_ANCHOR = re.compile(r"[^\w\s-]")
_LATIN = re.compile(r"[\x21-\x7e]")

Address = Callable[[str], str]
"""The address of a chapter, by its name."""


def anchor_of(heading: str) -> str:
    """The id of a heading, as the usual viewers of Markdown make it, so that links work there too."""
    return re.sub(r"\s", "-", _NO_ANCHOR.sub("", heading.strip().lower()))


def parse(source: str) -> list[Token]:
    """The chapter as tokens, with an id on every heading and no gaps where a Chinese line was broken."""
    tokens = _reader().parse(source)
    for position, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", anchor_of(plain_text(tokens[position + 1])))
        for before, gap, after in _breaks(token.children or []):
            if not (_LATIN.match(before.content[-1:]) and _LATIN.match(after.content[:1])):
                gap.type, gap.content = "text", ""
    return tokens


def _breaks(children: Sequence[Token]) -> list[tuple[Token, Token, Token]]:
    triples = zip(children, children[1:], children[2:], strict=False)
    return [triple for triple in triples if triple[1].type == "softbreak"]


def plain_text(token: Token) -> str:
    """What a reader sees of an inline token, without marks."""
    texts = (" " if child.type == "softbreak" else child.content for child in token.children or [])
    return UI_NAME.sub(r"\1", "".join(texts))


def render(tokens: Sequence[Token], address: Address) -> str:
    """HTML of the tokens; links between chapters lead to where `address` says."""
    reader = _reader()
    return str(reader.renderer.render(tokens, reader.options, {"address": address}))


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    reader.add_render_rule("text", _text)
    reader.add_render_rule("table_open", _table_open)
    reader.add_render_rule("table_close", _table_close)
    reader.add_render_rule("link_open", _link_open)
    for part in ("th_open", "td_open"):
        reader.add_render_rule(part, _cell_open)
    return reader


Environment = MutableMapping[str, Any]


def _text(_: RendererHTML, tokens: Sequence[Token], at: int, __: OptionsDict, ___: Environment) -> str:
    return UI_NAME.sub(r'<b class="ui-name">\1</b>', escapeHtml(tokens[at].content))


def _table_open(_: RendererHTML, __: Sequence[Token], ___: int, ____: OptionsDict, _____: Environment) -> str:
    return '<div class="table-responsive"><table class="table">\n'


def _table_close(_: RendererHTML, __: Sequence[Token], ___: int, ____: OptionsDict, _____: Environment) -> str:
    return "</table></div>\n"


def _cell_open(self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: Environment) -> str:
    tokens[at].attrs.pop("style", None)  # alignment would be an inline style, which the CSP forbids
    return self.renderToken(tokens, at, options, env)


def _link_open(self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: Environment) -> str:
    link = CHAPTER_LINK.fullmatch(str(tokens[at].attrs["href"]))
    if link:
        tokens[at].attrs["href"] = env["address"](link["chapter"]) + (link["anchor"] or "")
    return self.renderToken(tokens, at, options, env)
