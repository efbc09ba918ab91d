"""Placeholders that are none: full-width or single braces, braces that are not closed. They would be printed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_WIDE = re.compile(r"[{｛]\s*[{｛%％][^{}｛｝]{0,200}?[}｝%％]\s*[}｝]")
_SINGLE = re.compile(r"(?<![{｛])[{｛«]\s*([^{}｛｝«»%％#]{1,100}?)\s*[}｝»](?![}｝])")
_RIGHT = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}")
_LEFT_OVER = re.compile(r"\{\{|\}\}|\{%|%\}|[｛]{2}|[｝]{2}|[{｛]\s*％|％\s*[}｝]")
_NARROW = str.maketrans("｛｝％", "{}%")


def wrong_braces(text: str, knows: Callable[[str], bool]) -> Iterator[str]:
    """What in the text of a paragraph looks like a placeholder and would not be filled in, as sentences.

    `knows`: whether a name is one that letters can use. `{甲}` is text, `{case.number}` is a slip.
    """
    for match in _WIDE.finditer(text):
        if written := _if_wide(match[0]):
            yield f"占位符「{match[0]}」用了全角括号，会原样印在文书上，请改成半角的 {written}"
    rest = _WIDE.sub(lambda match: "" if _if_wide(match[0]) else match[0], text)
    rest = _RIGHT.sub("", rest)
    for match in _SINGLE.finditer(rest):
        if knows(match[1]):
            yield f"「{match[0]}」会原样印在文书上，要填写的内容用两层半角大括号，请改成 {{{{ {match[1]} }}}}"
    rest = _SINGLE.sub("", rest)
    if left := _LEFT_OVER.search(rest):
        yield (
            f"「{text[:60].strip()}」里的占位符没有写完整（{left[0]} 没有配对），"
            "请在同一段里写成 {{ … }} 或 {% … %}"
        )


def _if_wide(placeholder: str) -> str:
    """The placeholder in plain braces; empty if it has none but these."""
    compact = re.sub(r"^(.)\s*(.)|(.)\s*(.)$", lambda match: "".join(filter(None, match.groups())), placeholder)
    edges = compact[:2] + compact[-2:]
    if not set(edges) & set("｛｝％"):
        return ""
    return compact[:2].translate(_NARROW) + compact[2:-2] + compact[-2:].translate(_NARROW)
