"""What a filled-in letter must never say: `None`, an empty bracket, a mark or a word twice where text meets text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from handlers.letters.word_file import paragraphs, read_parts

_FAULT = re.compile(
    r"(?P<none>(?<![A-Za-z0-9_])None(?![A-Za-z0-9_]))"
    r"|(?P<empty>〔 ?〕|（ ?）|\( ?\)|《 ?》|「 ?」|“ ?”)"
    r"|(?P<marks>[，。；：、]{2,})"
    r"|(?P<words>(?P<word>[一-鿿]{2,8})：(?P=word)|元元)"
)
_KINDS = {
    "none": "没有值的内容印成了 None",
    "empty": "括号里是空的",
    "marks": "标点重复",
    "words": "词语重复",
}


def misprints(document: bytes, values: Any) -> Iterator[str]:
    """What is wrong with the text of the .docx `document`: sentences without their end, each with its place.

    `values` are those it was filled in with. What a person wrote stands as it was written, `太差了。。。` too: only
    what the letter adds is judged, and where it meets what was written.
    """
    quoted = sorted({line for line in _lines(values) if _FAULT.search(line)}, key=len, reverse=True)
    for paragraph, _ in paragraphs(read_parts(document)):
        yield from _faults(paragraph, quoted)


def _faults(paragraph: str, quoted: Iterable[str]) -> Iterator[str]:
    own = paragraph
    for line in quoted:
        own = own.replace(line, f"{line[0]}…{line[-1]}")
    for match in _FAULT.finditer(own):
        kind = next(name for name in _KINDS if match[name])
        around = own[max(0, match.start() - 12) : match.end() + 8].strip()
        yield f"{_KINDS[kind]}（「{match[0]}」，在「{around}」处）"


def _lines(values: Any) -> Iterator[str]:
    if isinstance(values, str):
        yield from (line.strip() for line in values.splitlines())
    elif isinstance(values, dict):
        for value in values.values():
            yield from _lines(value)
    elif isinstance(values, (list, tuple)):
        for value in values:
            yield from _lines(value)
