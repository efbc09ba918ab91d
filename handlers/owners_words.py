"""What code reads of the owners' files by name: an end, a step, a form key, a choice, a column, a message, a fact.

Whoever reads such a word declares it beside the reader, so that the check can say what a renaming would stop.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class WordKind(StrEnum):
    """What a word is in the owners' files; the value is what people call it."""

    END = "结束事件名称"
    STEP = "步骤编号"
    SENT = "发出的消息"
    HEARD = "等待的消息"
    FACT = "事项内容"
    KEY = "字段"
    CHOICE = "选项"
    COLUMN = "输出列"


@dataclass(frozen=True, slots=True)
class Word:
    """`name` as it stands in `holder`, the key of a diagram, form or table. `field`: of a choice.

    `service`: the service function that asks for it; a diagram that does not call it owes nothing.
    """

    kind: WordKind
    holder: str
    name: str
    field: str = ""
    service: str = ""


@dataclass(frozen=True, slots=True)
class Reliance:
    """`reader` says in Chinese what would stop working without `word`."""

    reader: str
    word: Word


_reliances: list[Reliance] = []


def relies_on(reader: str, *words: Word) -> None:
    """Declare what the calling module reads. `reader`: in Chinese, what would stop working, as in “…就不能用了”."""
    _reliances.extend(Reliance(reader, word) for word in words)


def reliances() -> tuple[Reliance, ...]:
    """Everything declared by the modules imported so far."""
    return tuple(_reliances)


def end(process: str, name: str) -> Word:
    """An outcome that is told by the name of the end event."""
    return Word(WordKind.END, process, name)


def step(process: str, node: str, *, service: str) -> Word:
    """A step that is told by its id, by a service function that the procedure calls."""
    return Word(WordKind.STEP, process, node, service=service)


def sent(process: str, message: str) -> Word:
    """A message of the procedure that the code acts upon."""
    return Word(WordKind.SENT, process, message)


def heard(process: str, message: str) -> Word:
    """A message of the code that the procedure acts upon."""
    return Word(WordKind.HEARD, process, message)


def facts(process: str, *names: str) -> Iterable[Word]:
    """Facts that the procedure's own steps give."""
    return [Word(WordKind.FACT, process, name) for name in names]


def keys(form: str, *names: str) -> Iterable[Word]:
    """Fields of a form."""
    return [Word(WordKind.KEY, form, name) for name in names]


def choices(form: str, field: str, *values: str) -> Iterable[Word]:
    """Values that a field of a form offers."""
    return [Word(WordKind.CHOICE, form, value, field) for value in values]


def columns(table: str, *names: str) -> Iterable[Word]:
    """Outputs of a decision table."""
    return [Word(WordKind.COLUMN, table, name) for name in names]
