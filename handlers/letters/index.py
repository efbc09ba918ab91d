"""The index of all letters, `letters.yaml`: what each is called, how it is numbered, and whether it goes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import yaml


class LetterIndexError(ValueError):
    """The index cannot be read; the text is a Chinese sentence for its owner."""


@dataclass(frozen=True, slots=True)
class LetterKind:
    """What the index says of a template.

    `goes_out`: whether it is delivered to somebody; or the parameter which, where it is not empty, names to whom.
    `parameters`: what a step passes; `rows`: the columns of those that are tables; `facts`: what it says of the case.
    """

    title: str
    number_format: str = "{prefix}〔{year}〕{number}号"
    goes_out: bool | str = True
    parameters: tuple[str, ...] = ()
    rows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    facts: frozenset[str] = frozenset()

    def is_delivered(self, parameters: Mapping[str, Any]) -> bool:
        """Whether a letter issued with `parameters` leaves the office."""
        return self.goes_out if isinstance(self.goes_out, bool) else bool(parameters.get(self.goes_out))


@lru_cache(maxsize=20)
def read_index(content: bytes) -> Mapping[str, LetterKind]:
    """Every letter of the index, by template. Kept by content. Raises: LetterIndexError."""
    try:
        entries = yaml.safe_load(content)
    except yaml.YAMLError as error:
        raise LetterIndexError("文书索引 letters.yaml 不是完好的 YAML，请检查缩进、冒号和引号") from error
    if not isinstance(entries, dict):
        raise LetterIndexError("文书索引 letters.yaml 应当一项对应一个模板，请按文件开头的说明写")
    return {str(key): _kind(str(key), entry) for key, entry in entries.items()}


def _kind(key: str, entry: Any) -> LetterKind:
    said = entry if isinstance(entry, dict) else {}
    title, number_format = said.get("title"), said.get("number_format")
    if not (isinstance(title, str) and title and isinstance(number_format, str) and number_format):
        raise LetterIndexError(f"文书索引里“{key}”要写明 title（名称）和 number_format（文号格式）")
    goes_out = said.get("goes_out", True)
    if not isinstance(goes_out, bool) and goes_out not in (said.get("parameters") or ()):
        raise LetterIndexError(f"文书索引里“{key}”的 goes_out 要写 true、false，或者它的一个传入值（parameters）的名字")
    parameters, rows = said.get("parameters") or (), said.get("rows") or {}
    if not (isinstance(parameters, (list, tuple)) and isinstance(rows, dict) and all(map(_is_names, rows.values()))):
        raise LetterIndexError(f"文书索引里“{key}”的 parameters 要写成 [名字, 名字]，rows 要写成 {{名字: [列, 列]}}")
    columns = {str(name): tuple(map(str, listed)) for name, listed in rows.items()}
    facts = frozenset(map(str, said.get("facts") or ()))
    return LetterKind(title, number_format, goes_out, tuple(map(str, parameters)), columns, facts)


def _is_names(value: Any) -> bool:
    return isinstance(value, list)
