"""The systems whose exports are imported, each with its column mapping: shipped as data, changed on the page.

A mapping has three parts: `columns` (field to column heading, or to several: see `alternatives`), `fixed` (field to
what holds where the file has no such column or an empty cell) and `words` (field to what the words in its column mean).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from handlers.store.tables import import_source

NUMBER, TYPE = "source_number", "case_type"
"""Fields of a mapping that no form has: the case's number in the other system, and complaint, report or enquiry."""
ALWAYS = (NUMBER, "received_at")
"""Without these columns a file cannot be taken."""
_PARTS = ("columns", "fixed", "words")


class MappingRefused(Exception):
    """A mapping that cannot be used; the text is a Chinese sentence."""


@dataclass(frozen=True, slots=True)
class ImportSource:
    """One system. `changed_at` is None while the mapping is the shipped one."""

    code: str
    name: str
    columns: Mapping[str, str]
    fixed: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]]
    changed_at: datetime | None = None

    @property
    def headings(self) -> frozenset[str]:
        """All column headings that are looked for."""
        return frozenset(
            heading for text in self.columns.values() for headings in alternatives(text) for heading in headings
        )

    def as_data(self) -> dict[str, Any]:
        """The mapping as it is stored."""
        return {part: getattr(self, part) for part in _PARTS}


def alternatives(text: str) -> tuple[tuple[str, ...], ...]:
    """The headings of a field, best first: `A|B+C` is the column A, and where that has nothing, B and C joined."""
    ways = (way.split("+") for way in text.replace("｜", "|").replace("＋", "+").split("|"))
    named = (tuple(heading.strip() for heading in way if heading.strip()) for way in ways)
    return tuple(headings for headings in named if headings)


def all_sources(connection: Connection) -> dict[str, ImportSource]:
    """Every source by code, the shipped ones first; what was saved stands in place of what was shipped."""
    saved = {row.code: _read(row.code, {**row.mapping, "name": row.name}, row.changed_at) for row in _rows(connection)}
    return {**shipped(), **saved}


def save_source(connection: Connection, source: ImportSource, changed_by: int | None, now: datetime) -> None:
    """Keep the mapping of a source, new or known."""
    insert = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
    row = {"name": source.name, "mapping": source.as_data(), "changed_by": changed_by, "changed_at": now}
    statement = insert(import_source).values(code=source.code, **row)
    connection.execute(statement.on_conflict_do_update(index_elements=["code"], set_=row))


def make_known(connection: Connection, source: ImportSource, now: datetime) -> None:
    """See that a shipped source has its row, so that a run can refer to it; one that has it stays as it is."""
    insert = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
    row = {"code": source.code, "name": source.name, "mapping": source.as_data(), "changed_by": None, "changed_at": now}
    connection.execute(insert(import_source).values(row).on_conflict_do_nothing(index_elements=["code"]))


def read_mapping(code: str, content: bytes, known: ImportSource | None) -> ImportSource:
    """A mapping from a JSON file. A source that is `known` keeps its name where the file gives none.

    Raises: MappingRefused.
    """
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except ValueError as error:
        raise MappingRefused("列对应文件不是 UTF-8 的 JSON 文件。请照帮助“导入”一章的样子写。") from error
    if not isinstance(data, dict) or set(data) - {"name", *_PARTS}:
        raise MappingRefused("列对应文件只能有 name、columns、fixed、words 四项。请照帮助“导入”一章的样子写。")
    if known is None and not data.get("name"):
        raise MappingRefused(f"来源“{code}”还没有登记过，列对应文件里要用 name 写明它的名称。")
    if len(code) > 40 or not code.replace("_", "").isalnum() or not code.isascii():
        raise MappingRefused("来源代码只能用英文字母、数字和下划线，最多 40 个字符。")
    return checked(_read(code, {"name": known.name if known else "", **data}, None))


def checked(source: ImportSource) -> ImportSource:
    """The same source. Raises MappingRefused where a part has another shape, or a column that must be there is not."""
    texts = [source.name, *source.columns.values(), *source.fixed.values()]
    tables = list(source.words.values())
    if not all(isinstance(table, dict) for table in tables):
        raise MappingRefused("列对应中 words 的每一项都要写成“原词：选项值”的对照表。")
    if not all(isinstance(text, str) for text in [*texts, *(word for table in tables for word in table.values())]):
        raise MappingRefused("列对应中的列名和选项值都必须是文字。")
    if any(len(text) > 200 for text in texts) or not source.name.strip():
        raise MappingRefused("来源名称不能空着；名称、列名都不能超过200字。")
    if any(not alternatives(source.columns.get(field, "")) for field in ALWAYS):
        raise MappingRefused("编号和收到时间两列必须指定列名：没有编号就无法防止重复导入，没有时间就无法计算期限。")
    return source


@cache
def shipped() -> dict[str, ImportSource]:
    """The three sources that come with the program, by code."""
    folder = files("handlers.register").joinpath("source_files")
    order = ("platform", "hotline_12345", "city_centre")
    return {code: _read(code, json.loads(folder.joinpath(f"{code}.json").read_bytes()), None) for code in order}


def _rows(connection: Connection) -> list[Any]:
    return list(connection.execute(select(import_source).order_by(import_source.c.code)))


def _read(code: str, data: Mapping[str, Any], changed_at: datetime | None) -> ImportSource:
    parts = {part: data.get(part, {}) for part in _PARTS}
    if not all(isinstance(part, dict) for part in parts.values()):
        raise MappingRefused("列对应中 columns、fixed、words 都必须是对照表。")
    return ImportSource(code, str(data.get("name", "")), **parts, changed_at=changed_at)
