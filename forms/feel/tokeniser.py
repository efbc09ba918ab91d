"""Cuts a text into tokens. Names of several words are put together later, by those who know which are declared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from forms.feel.bounds import MAX_SOURCE
from forms.feel.errors import FeelError

# fmt: off
KEYWORDS: Final = frozenset({
    "if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "between", "and", "or", "instance", "of",
    "true", "false", "null", "function",
})
# fmt: on
_WORD = r"(?:[^\W\d]|[\U00010000-\U000EFFFF])(?:\w|[\U00010000-\U000EFFFF])*"
_TOKEN = re.compile(
    rf"""
    (?P<space>\s+|//[^\n]*|/\*.*?\*/)
  | (?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<string>@?"(?:[^"\\]|\\.)*")
  | (?P<word>{_WORD})
  | (?P<sign>\.\.|\*\*|->|<=|>=|!=|[-+*/=<>(){{}}\[\],.:?])
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{6})|(.))", re.DOTALL)
_SINGLE: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}


@dataclass(frozen=True, slots=True)
class Token:
    """One token: `kind` is number, string, word, sign, other or end; `start` and `end` its place in the text."""

    kind: str
    text: str
    start: int
    end: int


def tokenise(text: str) -> list[Token]:
    """The tokens of `text` without spaces and comments, with an end token.

    Raises: FeelError, for a text that is too long.
    """
    if len(text) > MAX_SOURCE:
        raise FeelError(f"表达式太长（最多 {MAX_SOURCE} 个字符），请拆开写。")
    tokens = [
        Token(str(match.lastgroup), match.group(), match.start(), match.end())
        for match in _TOKEN.finditer(text)
        if match.lastgroup != "space"
    ]
    tokens.append(Token("end", "", len(text), len(text)))
    return tokens


@lru_cache(maxsize=8192)
def words_of(name: str) -> tuple[str, ...]:
    """A declared name as the tokens it is written with: `Extra days case 1` are four."""
    return tuple(token.text for token in tokenise(name)[:-1])


def unquoted(text: str) -> str:
    """The content of a string token: escapes resolved, surrogate pairs joined."""
    content = _ESCAPE.sub(_unescaped, text[text.index('"') + 1 : -1])
    if any("\ud800" <= character <= "\udfff" for character in content):
        content = content.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return content


def _unescaped(match: re.Match[str]) -> str:
    short, long, single = match.groups()
    if single is not None:
        # What is no escape of FEEL keeps its backslash: patterns such as \s are written so.
        return _SINGLE.get(single, "\\" + single)
    code = int(short or long, 16)
    return chr(code) if code <= 0x10FFFF else "\ufffd"
