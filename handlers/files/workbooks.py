"""Reading XLSX files as rows of text, sheet by sheet.

The cells come from calamine, which knows the Chinese date formats, the 1904 date system and the escapes of line breaks.
Before it sees a sheet, every cell's place is read here: a cell far out would make it fill gigabytes, and only the XML
shows which formulas were never computed.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from lxml import etree

from handlers.files import signatures

MAX_TAGS: Final = 6_000_000
"""20,000 rows of sixty cells. A file of 200 KB can hold forty million empty ones, which would take minutes to read."""
_RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION: Final = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_TRUE: Final = frozenset({"1", "true"})


class WorkbookRefused(Exception):
    """The file cannot be read; the text is one Chinese sentence without the file's name."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet. `uncomputed`: for a row (from 1), its columns (from 0) whose formula has no result to be used."""

    name: str
    hidden: bool
    rows: tuple[tuple[str, ...], ...]
    uncomputed: Mapping[int, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Workbook:
    """The sheets of a file in their order. `from_1904`: plain numbers that are days count from 1904-01-01."""

    sheets: tuple[Sheet, ...]
    from_1904: bool


@dataclass(slots=True)
class _Extent:
    """Where the filled cells of a sheet end, and which formulas have no result."""

    rows: int
    columns: int
    uncomputed: dict[int, tuple[int, ...]]


def read_workbook(content: bytes, *, max_rows: int, max_columns: int) -> Workbook:
    """All sheets of an XLSX file; chart sheets have no rows. Raises: WorkbookRefused."""
    with _sound(), zipfile.ZipFile(io.BytesIO(content)) as archive:
        if signatures.unpacks_too_large(archive.infolist()) or _tags(archive) > MAX_TAGS:
            raise WorkbookRefused("解开后过大。请按日期分几次导出，再分别导入。")
        book = etree.fromstring(archive.read("xl/workbook.xml"), _parser())
        stale = any(item.get("fullCalcOnLoad") in _TRUE for item in book.iter("{*}calcPr"))
        parts = _parts(archive, book)
        extents = {name: _extent(archive, part, stale=stale) for name, part in parts.items()}
        for name, extent in extents.items():
            if extent.columns > max_columns:
                raise WorkbookRefused(f"的工作表“{name}”超过 {max_columns} 列，不像投诉举报登记表。请核对文件。")
            if extent.rows > max_rows:
                raise WorkbookRefused(f"的工作表“{name}”超过 {max_rows} 行。请按日期分几次导出，再分别导入。")
        from_1904 = any(item.get("date1904") in _TRUE for item in book.iter("{*}workbookPr"))
        return Workbook(tuple(_sheets(content, extents)), from_1904)


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
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, int | float):
        if abs(value) >= 1e15:
            return f"{value:.14E}"
        return str(int(value)) if value == int(value) else repr(value)
    return str(value)


def cell_name(row: int, column: int) -> str:
    """The name of a cell, row from 1 and column from 0: B12."""
    letters, rest = "", column + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return f"{letters}{row}"


@contextmanager
def _sound() -> Iterator[None]:
    """Turns whatever the damage of a file happens to cause into one sentence."""
    try:
        yield
    except WorkbookRefused:
        raise
    except Exception as error:
        raise WorkbookRefused("不是完好的 Excel 文件（.xlsx）。请用 Excel 打开，另存一次后再导入。") from error


def _sheets(content: bytes, extents: Mapping[str, _Extent]) -> Iterator[Sheet]:
    from python_calamine import CalamineWorkbook, SheetVisibleEnum  # late: only imports need it

    with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
        for item in book.sheets_metadata:
            if item.name not in extents:
                continue
            rows = book.get_sheet_by_name(item.name).to_python(skip_empty_area=False)
            texts = tuple(tuple(cell_text(cell) for cell in row) for row in rows)
            hidden = item.visible is not SheetVisibleEnum.Visible
            yield Sheet(item.name, hidden, texts, extents[item.name].uncomputed)


def _parts(archive: zipfile.ZipFile, book: Any) -> dict[str, str]:
    """Name of each work sheet to its part in the archive."""
    links = etree.fromstring(archive.read("xl/_rels/workbook.xml.rels"), _parser())
    targets = {
        link.get("Id"): posixpath.normpath(posixpath.join("xl", link.get("Target"))).removeprefix("/")
        for link in links.iter("{*}Relationship")
        if link.get("Type", "").endswith("/worksheet")
    }
    sheets = {
        sheet.get("name"): targets.get(sheet.get(_RELATION) or sheet.get(_STRICT_RELATION))
        for sheet in book.iter("{*}sheet")
    }
    return {name: part for name, part in sheets.items() if part}


def _extent(archive: zipfile.ZipFile, part: str, *, stale: bool) -> _Extent:
    """Go through the cells of a sheet one by one. `stale`: the file asks for its formulas to be computed when opened.

    A program that writes formulas without computing them stores nothing for their result, or a 0 and that request.
    """
    extent, row, column = _Extent(0, 0, {}), 0, -1
    with archive.open(part) as stream:
        events = etree.iterparse(
            stream, events=("start", "end"), tag=("{*}row", "{*}c"), resolve_entities=False, no_network=True
        )
        for event, element in events:
            is_row = element.tag.endswith("}row")
            if is_row and event == "start":
                row, column = int(element.get("r") or row + 1), -1
            elif event == "end":
                if not is_row:
                    column = _column(element.get("r"), column + 1)
                    _note(extent, element, row, column, stale=stale)
                _forget(element)
    return extent


def _note(extent: _Extent, cell: Any, row: int, column: int, *, stale: bool) -> None:
    if not len(cell):
        return  # only a format
    extent.rows, extent.columns = max(extent.rows, row), max(extent.columns, column + 1)
    if _is_uncomputed(cell, stale=stale):
        extent.uncomputed[row] = (*extent.uncomputed.get(row, ()), column)


def _forget(element: Any) -> None:
    """Let the tree keep nothing of what has been read: a sheet may have millions of cells."""
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]


def _is_uncomputed(cell: Any, *, stale: bool) -> bool:
    if cell.get("t") == "e":
        return True
    if cell.find("{*}f") is None:
        return False
    result = cell.findtext("{*}v")
    return (not result and cell.get("t") != "str") or (stale and result == "0")


def _column(reference: str | None, following: int) -> int:
    """The column of A1, B1 and so on, from 0; a cell without a reference follows the one before it."""
    letters = (reference or "").rstrip("0123456789")
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1 if letters else following


def _parser() -> Any:
    return etree.XMLParser(resolve_entities=False, no_network=True)


def _tags(archive: zipfile.ZipFile) -> int:
    """How many tags the parts have, without reading them as XML; no more are counted than are too many."""
    number = 0
    for entry in archive.infolist():
        with archive.open(entry) as part:
            while number <= MAX_TAGS and (chunk := part.read(1 << 20)):
                number += chunk.count(b"<")
    return number
