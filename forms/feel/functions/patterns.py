"""Regular expressions as XPath writes them, run by `regex` with a limit of time.

Python's own module has no limit: `(a+)+$` over thirty letters would hold a worker for minutes.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, TypeAlias

import regex

from forms.feel.bounds import MATCH_SECONDS, MAX_PATTERN, check_length
from forms.feel.errors import FeelError

Pattern: TypeAlias = Any

_FLAGS = {"s": regex.DOTALL, "m": regex.MULTILINE, "i": regex.IGNORECASE}
_PIECE = re.compile(r"\\[pP]\{[^}]*\}|\\.|\(\?:?|.", re.DOTALL)
_GROUP = re.compile(r"\\(.)|\$(\d)", re.DOTALL)
# Counted repetitions within each other are unrolled by the compiler.
_MAX_COUNT = 1_000
_COUNT = re.compile(r"\{(\d+)(?:,(\d*))?\}")


def compiled(pattern: object, flags: object) -> Pattern | None:
    """The compiled pattern; None if it is not one, or a flag is unknown."""
    if not isinstance(pattern, str) or not (flags is None or isinstance(flags, str)) or len(pattern) > MAX_PATTERN:
        return None
    return _compiled(pattern, flags or "")


@lru_cache(maxsize=512)
def _compiled(pattern: str, flags: str) -> Pattern | None:
    if set(flags) - set("smix"):
        return None
    text = _translated(_without_spaces(pattern) if "x" in flags else pattern, flags)
    counts = [int(number) for pair in _COUNT.findall(text or "") for number in pair if number]
    if text is None or sum(counts) > _MAX_COUNT:
        return None
    options = regex.VERSION1
    for flag in flags:
        options |= _FLAGS.get(flag, 0)
    try:
        return regex.compile(text, options)
    except (regex.error, OverflowError, RecursionError, MemoryError, ValueError):
        return None


def _without_spaces(pattern: str) -> str:
    """Flag x: spaces mean nothing except in a class of characters."""
    depth, kept = 0, []
    for place, character in enumerate(pattern):
        escaped = pattern[place - 1 : place] == "\\" and pattern[max(place - 2, 0) : place] != "\\\\"
        if not escaped:
            depth += (character == "[") - (character == "]")
        if depth or not character.isspace():
            kept.append(character)
    return "".join(kept)


def _translated(pattern: str, flags: str) -> str | None:
    """In the notation of `regex`; None for what XPath does not have."""
    depth, pieces, before = 0, [], ""
    for match in _PIECE.finditer(pattern):
        piece = match.group()
        if piece == "(?" or (piece[:2] in {"\\p", "\\P"} and re.search(r"\s|^..[^{]", piece)):
            return None
        if depth and piece[0] == "\\" and piece[1:].isdigit():
            return None
        pieces.append(_piece(piece, before, depth, flags))
        depth += (piece == "[") - (piece == "]" and depth > 0)
        before = piece
    return "".join(pieces)


def _piece(piece: str, before: str, depth: int, flags: str) -> str:
    if piece[:2] in {"\\p", "\\P"}:
        # XPath names a block `IsBasicLatin`, regex `InBasicLatin`.
        return piece.replace("{Is", "{In")
    if depth:
        return "-[" if piece == "[" and before == "-" else piece
    if piece == "." and "s" not in flags:
        return r"[^\n\r]"
    return r"\Z" if piece == "$" and "m" not in flags else piece


def found(pattern: Pattern, text: str) -> bool:
    """Whether the pattern matches somewhere.

    Raises: FeelError, if that takes too long.
    """
    try:
        return pattern.search(text, timeout=MATCH_SECONDS) is not None
    except TimeoutError as error:
        raise _too_slow(pattern) from error


def replaced(pattern: Pattern, text: str, replacement: str) -> str:
    """`text` with every match replaced.

    Raises: FeelError, if that takes too long or the result is too long.
    """
    length = len(text)

    def expand(match: Any) -> str:
        nonlocal length
        made = _GROUP.sub(lambda part: part[1] or _group(match, int(part[2])), replacement)
        length += len(made) - len(match.group())
        check_length(length)
        return made

    try:
        return str(pattern.sub(expand, text, timeout=MATCH_SECONDS))
    except TimeoutError as error:
        raise _too_slow(pattern) from error


def _group(match: Any, number: int) -> str:
    return (match.group(number) or "") if number <= match.re.groups else ""


def parts(pattern: Pattern, text: str) -> list[str]:
    """The texts between the matches.

    Raises: FeelError, if that takes too long.
    """
    pieces, place = [], 0
    try:
        for match in pattern.finditer(text, timeout=MATCH_SECONDS):
            if match.end() > match.start():
                pieces.append(text[place : match.start()])
                place = match.end()
    except TimeoutError as error:
        raise _too_slow(pattern) from error
    return [*pieces, text[place:]]


def _too_slow(pattern: Pattern) -> FeelError:
    return FeelError(f"正则表达式“{pattern.pattern[:40]}”匹配的时间太长，请写得简单些。")
