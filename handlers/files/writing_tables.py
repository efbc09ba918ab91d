"""Writing rows back: bad rows in the form they came in, and lists as XLSX. No cell is ever a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from handlers.files.reading_tables import CSV, SheetRow, Spreadsheet

REASON = "原因"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_ILLEGAL = {code: None for code in (*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20))}


def harmless(text: str) -> str:
    """The text as a cell that no spreadsheet program takes for a formula: what people typed must not run there."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def rejects(sheet: Spreadsheet, bad: Iterable[tuple[SheetRow, str]]) -> bytes:
    """The rows with their reason in a last column, in the kind, encoding and separator of `sheet`.

    A column 原因 that is there already (the file is itself one of rejects) is replaced.
    """
    keep = [index for index, heading in enumerate(sheet.headings) if heading != REASON]
    rows = [[*(sheet.headings[index] for index in keep), REASON]]
    for line, reason in bad:
        rows.append([*(line.cells[index] if index < len(line.cells) else "" for index in keep), reason])
    guarded = [[harmless(cell) for cell in row] for row in rows]
    return _as_csv(sheet, guarded) if sheet.kind == CSV else _as_xlsx(guarded)


def _as_csv(sheet: Spreadsheet, rows: Sequence[Sequence[str]]) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=sheet.delimiter).writerows(rows)
    return buffer.getvalue().encode(sheet.encoding)


def _as_xlsx(rows: Iterable[Sequence[str]]) -> bytes:
    buffer = io.BytesIO()
    book, sheet = new_book("退回的行")
    for row in rows:
        sheet.append([legal(cell) or None for cell in row])
    book.save(buffer)
    return buffer.getvalue()


def write_list(path: Path, title: str, notice: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> int:
    """A list as XLSX at `path`, row by row so that its length costs no memory; how many rows.

    `notice` stands in the first line: who took the list out, when, and that it is confidential.
    """
    book, sheet = new_book(title)
    sheet.append([harmless(notice)])
    sheet.append(list(headings))
    number = 0
    for row in rows:
        sheet.append([legal(harmless(cell)) or None for cell in row])
        number += 1
    book.save(path)
    return number


def new_book(title: str) -> tuple[Any, Any]:
    """An empty write-only workbook and its sheet."""
    from openpyxl import Workbook  # late: only imports and exports need it

    book = Workbook(write_only=True)
    return book, book.create_sheet(title)


def legal(text: str) -> str:
    """Without the control characters that a workbook may not hold."""
    return text.translate(_ILLEGAL)
