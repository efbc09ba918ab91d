"""Reading the registers that other systems export: CSV and XLSX as rows of text, whatever the encoding.

Every cell comes out as the text a person would see: a day or a moment in ISO form, a whole number without `.0`. What
cannot be read is told in one Chinese sentence, because the person at the screen has only the file and that sentence.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from handlers.files import signatures
from handlers.files.text_files import decode

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 200
MAX_CELL = 10_000
MAX_TAGS = 6_000_000
"""20,000 rows of sixty cells. A file of 200 KB can hold forty million empty ones, which would take minutes to read."""
HEADING_WITHIN = 10
"""Exports often begin with a title and a date line; the headings are looked for in so many first rows."""
CSV, XLSX = "csv", "xlsx"
_DELIMITERS = ",\t;"


class SpreadsheetRefused(Exception):
    """The file cannot be read; the text is one Chinese sentence for the person who has it."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row of data with its number in the file, the first line being 1."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spreadsheet:
    """A file that was read, with what is needed to write rows back in the same form."""

    kind: str
    encoding: str
    delimiter: str
    headings: tuple[str, ...]
    lines: tuple[SheetRow, ...]


def read_spreadsheet(content: bytes, filename: str, headings: Iterable[str]) -> Spreadsheet:
    """The rows below the headings; blank rows are left out.

    `headings`: those that are looked for. They decide where the table begins, and between two encodings that both fit.
    Raises: SpreadsheetRefused.
    """
    known_headings = frozenset(headings)
    _refuse_what_is_no_table(content, filename)
    if content.startswith(signatures.ZIP):
        kind, encoding, delimiter, rows = XLSX, "", "", _xlsx_rows(content, filename)
    else:
        encoding, text = decode(content, filename, known_headings, SpreadsheetRefused)
        kind, delimiter = CSV, _delimiter(text, known_headings)
        rows = _csv_rows(text, delimiter, filename)
    sheet_rows = list(_bounded(rows, filename))
    place = _heading_row(sheet_rows, known_headings, filename)
    lines = tuple(line for line in sheet_rows if line.number > place.number)
    if not lines:
        raise SpreadsheetRefused(f"“{filename}”只有表头，没有数据。请核对导出的条件后重新导出。")
    return Spreadsheet(kind, encoding, delimiter, place.cells, lines)


def _refuse_what_is_no_table(content: bytes, filename: str) -> None:
    if not content.removeprefix(b"\xef\xbb\xbf").strip():
        raise SpreadsheetRefused(f"“{filename}”是空文件。请重新导出。")
    if len(content) > MAX_BYTES:
        raise SpreadsheetRefused(f"“{filename}”超过 {MAX_BYTES // 1024 // 1024} MB。请按日期分几次导出，再分别导入。")
    if content.startswith(signatures.OLE):
        raise SpreadsheetRefused(f"“{filename}”是旧版 Excel（.xls）文件。请用 Excel 另存为 .xlsx 或 CSV 后再导入。")
    if content.startswith(signatures.PDF):
        raise SpreadsheetRefused(f"“{filename}”的内容是 PDF，不是表格。请在原平台导出 Excel 或 CSV 文件。")
    if content[:1000].lstrip().lower().startswith((b"<!doctype html", b"<html", b"<?xml", b"<table")):
        raise SpreadsheetRefused(f"“{filename}”的内容是网页，不是表格。请用 Excel 打开，另存为 .xlsx 后再导入。")


def _bounded(rows: Iterable[Sequence[str]], filename: str) -> Iterator[SheetRow]:
    for number, cells in enumerate(rows, 1):
        if number > MAX_ROWS + HEADING_WITHIN:
            raise SpreadsheetRefused(f"“{filename}”超过 {MAX_ROWS} 行。请按日期分几次导出，再分别导入。")
        if len(cells) > MAX_COLUMNS:
            raise SpreadsheetRefused(
                f"“{filename}”第 {number} 行超过 {MAX_COLUMNS} 列，不像投诉举报登记表。请核对文件。"
            )
        texts = tuple(_plain(cell) for cell in cells)
        if any(texts):
            yield SheetRow(number, texts)


def _heading_row(lines: Sequence[SheetRow], headings: frozenset[str], filename: str) -> SheetRow:
    best = max(lines[:HEADING_WITHIN], key=lambda line: len(headings.intersection(line.cells)), default=None)
    if best is None:
        raise SpreadsheetRefused(f"“{filename}”里没有内容。请重新导出。")
    if not headings.intersection(best.cells):
        seen = "、".join(cell for cell in best.cells if cell)[:60]
        raise SpreadsheetRefused(
            f"“{filename}”里没有找到此来源的任何一个列名（首行是：{seen}）。请核对选的来源，或在“来源设置”中改列名。"
        )
    return best


def _plain(cell: str) -> str:
    """The cell without what exports add so that Excel keeps a number as text: `="…"`, a leading ', a tab."""
    text = cell.replace("\ufeff", "").replace("\r\n", "\n").strip(" \t\u3000\xa0\n")
    if text.startswith('="') and text.endswith('"') and len(text) > 2:
        text = text[2:-1]
    if len(text) > 1 and text[0] == "'" and text[1] in "=+-@":
        text = text[1:]
    return text[:MAX_CELL]


def _delimiter(text: str, headings: frozenset[str]) -> str:
    """The separator by which most of the wanted headings appear; where that says nothing, the most columns."""
    head = text[:20_000].splitlines()[:HEADING_WITHIN]

    def weight(delimiter: str) -> tuple[int, int]:
        rows = [[_plain(cell) for cell in row] for row in csv.reader(head, delimiter=delimiter)]
        return max((len(headings.intersection(row)), len(row)) for row in rows) if rows else (0, 0)

    return max(_DELIMITERS, key=weight)


def _csv_rows(text: str, delimiter: str, filename: str) -> Iterator[Sequence[str]]:
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as error:
        raise SpreadsheetRefused(
            f"“{filename}”的引号不成对，无法分行。请用 Excel 打开，另存为 .xlsx 后再导入。"
        ) from error


def _xlsx_rows(content: bytes, filename: str) -> Iterator[Sequence[str]]:
    with _workbook(content, filename) as workbook:
        sheet = workbook.worksheets[0]
        sheet.reset_dimensions()  # what the file says of its own size may be wrong, or meant to exhaust us
        for row in sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS + 1):
            cells = [cell_text(value) for value in row]
            while cells and not cells[-1]:
                cells.pop()
            yield cells


@contextmanager
def _workbook(content: bytes, filename: str) -> Iterator[Any]:
    from openpyxl import load_workbook  # late: half a second that only imports and exports need

    broken = SpreadsheetRefused(f"“{filename}”不是完好的 Excel 文件（.xlsx）。请用 Excel 打开，另存一次后再导入。")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if signatures.unpacks_too_large(archive.infolist()) or _tags(archive) > MAX_TAGS:
                raise SpreadsheetRefused(f"“{filename}”解开后过大。请按日期分几次导出，再分别导入。")
        workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        if not workbook.worksheets:
            raise broken
        try:
            yield workbook
        finally:
            workbook.close()
    except SpreadsheetRefused:
        raise
    except Exception as error:  # openpyxl raises whatever the damage happens to cause
        raise broken from error


def _tags(archive: zipfile.ZipFile) -> int:
    """How many tags the parts have, without reading them as XML; no more are counted than are too many."""
    tags = 0
    for entry in archive.infolist():
        with archive.open(entry) as part:
            while tags <= MAX_TAGS and (chunk := part.read(1 << 20)):
                tags += chunk.count(b"<")
    return tags


def cell_text(value: object) -> str:
    """A cell of a workbook as text.

    A whole number beyond 15 digits has lost its end in Excel; it is shown as Excel does, 1.2E+17, and refused later.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, int | float):
        if abs(value) >= 1e15:
            return f"{value:.14E}"
        return str(int(value)) if value == int(value) else repr(value)
    return str(value)
