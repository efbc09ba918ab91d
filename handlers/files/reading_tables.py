"""Reading the registers that other systems export: CSV and XLSX as rows of text, whatever the encoding.

Every cell comes out as the text a person would see: a day or a moment in ISO form, a whole number without `.0`. What
cannot be read is told in one Chinese sentence, because the person at the screen has only the file and that sentence.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from handlers.files import signatures
from handlers.files.folding import heading_key
from handlers.files.text_files import decode
from handlers.files.workbooks import Sheet, WorkbookRefused, cell_name, read_workbook

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 200
MAX_CELL = 10_000
HEADING_WITHIN = 10
"""Exports often begin with a title and a date line; the headings are looked for in so many first rows."""
CSV, XLSX = "csv", "xlsx"
_DELIMITERS = ",\t;"
_ESCAPED = re.compile(r"_x(000[9Aa]|000[Dd]|005[Ff])_")
_WRITTEN = {"0009": "\t", "000A": "\n", "000D": "\r", "005F": "_"}


class SpreadsheetRefused(Exception):
    """The file cannot be read; the text is one Chinese sentence for the person who has it."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row of data with its number in the file, the first line being 1.

    `sheet`: the name of its sheet, where the file has several that were read. `unread`: column (from 0) to the name of
    a cell whose formula has no result.
    """

    number: int
    cells: tuple[str, ...]
    sheet: str = ""
    unread: Mapping[int, str] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """Where it stands, for people: 第 3 行, or 工作表“三月”第 3 行."""
        return f"工作表“{self.sheet}”第 {self.number} 行" if self.sheet else f"第 {self.number} 行"


@dataclass(frozen=True, slots=True)
class Spreadsheet:
    """A file that was read, with what is needed to write rows back in the same form.

    `passed_over`: names of sheets that hold something and were not read. `from_1904`: plain numbers that are days count
    from 1904-01-01, as files of old Macs have it.
    """

    kind: str
    encoding: str
    delimiter: str
    headings: tuple[str, ...]
    lines: tuple[SheetRow, ...]
    passed_over: tuple[str, ...] = ()
    from_1904: bool = False


def read_spreadsheet(content: bytes, filename: str, headings: Iterable[str]) -> Spreadsheet:
    """The rows below the headings; blank rows are left out. Sheets with the same headings are read one after the other.

    `headings`: those that are looked for. They decide where the table begins, and between two encodings that both fit.
    Raises: SpreadsheetRefused.
    """
    texts = frozenset(headings)
    keys = frozenset(filter(None, map(heading_key, texts)))
    _refuse_what_is_no_table(content, filename)
    if content.startswith(signatures.ZIP):
        sheet = _from_workbook(content, filename, keys)
    else:
        encoding, text = decode(content, filename, texts, SpreadsheetRefused)
        delimiter = _delimiter(text, keys)
        lines = list(_bounded(_csv_rows(text, delimiter, filename), filename))
        place = _heading_row(lines, keys, filename)
        below = tuple(line for line in lines if line.number > place.number)
        sheet = Spreadsheet(CSV, encoding, delimiter, place.cells, below)
    if not sheet.lines:
        raise SpreadsheetRefused(f"“{filename}”只有表头，没有数据。请核对导出的条件后重新导出。")
    return sheet


def _from_workbook(content: bytes, filename: str, keys: frozenset[str]) -> Spreadsheet:
    try:
        book = read_workbook(content, max_rows=MAX_ROWS + HEADING_WITHIN, max_columns=MAX_COLUMNS)
    except WorkbookRefused as refused:
        raise SpreadsheetRefused(f"“{filename}”{refused}") from refused
    filled = [(sheet, lines) for sheet in book.sheets if (lines := list(_lines_of(sheet, filename)))]
    if not filled:
        raise SpreadsheetRefused(f"“{filename}”里没有内容。请重新导出。")
    fit = {sheet.name: _fit(lines, keys) for sheet, lines in filled}
    least = max(1, max(fit.values()) // 2)
    read = [(sheet, lines) for sheet, lines in filled if fit[sheet.name] >= least and not sheet.hidden]
    if not read:
        _heading_row(filled[0][1], keys, filename)
        raise SpreadsheetRefused(f"“{filename}”里有数据的工作表是隐藏的。请在 Excel 里取消隐藏，核对后再导入。")
    columns, merged = list[str](), list[SheetRow]()
    for sheet, lines in read:
        place = _heading_row(lines, keys, filename)
        _refuse_uncomputed_heading(place, filename)
        targets = _targets(columns, place.cells)
        label = sheet.name if len(read) > 1 else ""
        merged += [_moved(line, targets, label) for line in lines if line.number > place.number]
    if len(merged) > MAX_ROWS:
        raise SpreadsheetRefused(f"“{filename}”超过 {MAX_ROWS} 行。请按日期分几次导出，再分别导入。")
    names = {sheet.name for sheet, _ in read}
    passed_over = tuple(sheet.name for sheet, _ in filled if sheet.name not in names)
    return Spreadsheet(XLSX, "", "", tuple(columns), tuple(merged), passed_over, book.from_1904)


def _fit(lines: Sequence[SheetRow], keys: frozenset[str]) -> int:
    """How many of the wanted headings the best of the first rows has."""
    return max(_matching(line.cells, keys) for line in lines[:HEADING_WITHIN])


def _matching(cells: Iterable[str], keys: frozenset[str]) -> int:
    return len(keys.intersection(map(heading_key, cells)))


def _lines_of(sheet: Sheet, filename: str) -> Iterator[SheetRow]:
    for line in _bounded(sheet.rows, filename, sheet.uncomputed):
        columns = sheet.uncomputed.get(line.number, ())
        yield SheetRow(line.number, line.cells, "", {column: cell_name(line.number, column) for column in columns})


def _refuse_uncomputed_heading(place: SheetRow, filename: str) -> None:
    for name in place.unread.values():
        raise SpreadsheetRefused(
            f"“{filename}”的列名单元格 {name} 是公式，没有算出结果。请用 Excel 打开，保存一次后再导入。"
        )


def _targets(columns: list[str], headings: Sequence[str]) -> list[int]:
    """For each column of a sheet its place among all `columns`, which grow by what no earlier sheet had."""
    targets, taken = list[int](), set[int]()
    for heading in headings:
        key = heading_key(heading)
        same = (place for place, known in enumerate(columns) if heading_key(known) == key and place not in taken)
        place = next(same, -1)
        if place < 0:
            place = len(columns)
            columns.append(heading)
        taken.add(place)
        targets.append(place)
    return targets


def _moved(line: SheetRow, targets: Sequence[int], sheet: str) -> SheetRow:
    """The row with its cells in the places of the headings that they stand under; what has no heading stays behind."""
    places = [targets[column] if column < len(targets) else column for column in range(len(line.cells))]
    cells = [""] * (max([*places, *targets]) + 1)
    for place, text in zip(places, line.cells, strict=True):
        cells[place] = text
    while cells and not cells[-1]:
        cells.pop()
    unread = {targets[column]: name for column, name in line.unread.items() if column < len(targets)}
    return SheetRow(line.number, tuple(cells), sheet, unread)


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


def _bounded(
    rows: Iterable[Sequence[str]], filename: str, even_if_blank: Mapping[int, tuple[int, ...]] | None = None
) -> Iterator[SheetRow]:
    """The rows that hold something; those of `even_if_blank` hold formulas that give nothing."""
    for number, cells in enumerate(rows, 1):
        if number > MAX_ROWS + HEADING_WITHIN:
            raise SpreadsheetRefused(f"“{filename}”超过 {MAX_ROWS} 行。请按日期分几次导出，再分别导入。")
        if len(cells) > MAX_COLUMNS:
            raise SpreadsheetRefused(
                f"“{filename}”第 {number} 行超过 {MAX_COLUMNS} 列，不像投诉举报登记表。请核对文件。"
            )
        texts = tuple(_plain(cell) for cell in cells)
        if any(texts) or (even_if_blank and number in even_if_blank):
            yield SheetRow(number, texts)


def _heading_row(lines: Sequence[SheetRow], keys: frozenset[str], filename: str) -> SheetRow:
    best = max(lines[:HEADING_WITHIN], key=lambda line: _matching(line.cells, keys), default=None)
    if best is None:
        raise SpreadsheetRefused(f"“{filename}”里没有内容。请重新导出。")
    if not _matching(best.cells, keys):
        seen = "、".join(cell for cell in best.cells if cell)[:60]
        raise SpreadsheetRefused(
            f"“{filename}”里没有找到此来源的任何一个列名（首行是：{seen}）。请核对选的来源，或在“来源设置”中改列名。"
        )
    return best


def _plain(cell: str) -> str:
    """The cell without what exports add so that Excel keeps a number as text: `="…"`, a leading ', a tab.

    SheetRow breaks that Excel and XlsxWriter write as `_x000D_` are line breaks.
    """
    text = _ESCAPED.sub(lambda match: _WRITTEN[match[1].upper()], cell.replace("\ufeff", ""))
    text = re.sub(r"\r\n?", "\n", text).strip(" \t\u3000\xa0\n")
    if text.startswith('="') and text.endswith('"') and len(text) > 2:
        text = text[2:-1]
    if len(text) > 1 and text[0] == "'" and text[1] in "=+-@":
        text = text[1:]
    return text[:MAX_CELL]


def _delimiter(text: str, keys: frozenset[str]) -> str:
    """The separator by which most of the wanted headings appear; where that says nothing, the most columns."""
    head = text[:20_000].splitlines()[:HEADING_WITHIN]

    def weight(delimiter: str) -> tuple[int, int]:
        rows = [[_plain(cell) for cell in row] for row in csv.reader(head, delimiter=delimiter)]
        return max((_matching(row, keys), len(row)) for row in rows) if rows else (0, 0)

    return max(_DELIMITERS, key=weight)


def _csv_rows(text: str, delimiter: str, filename: str) -> Iterator[Sequence[str]]:
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as error:
        raise SpreadsheetRefused(
            f"“{filename}”的引号不成对，无法分行。请用 Excel 打开，另存为 .xlsx 后再导入。"
        ) from error
