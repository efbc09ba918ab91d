"""Workbooks as Excel and other programs write them: formulas, the 1904 date system, escapes, several sheets."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from handlers.files.reading_tables import Spreadsheet, SpreadsheetRefused, read_spreadsheet
from handlers.files.workbooks import cell_name

HEADINGS = ("登记编号", "登记时间", "内容")
MOMENT = datetime(2026, 3, 2, 9, 30)  # noqa: DTZ001 - a cell has no zone


def saved(book: Workbook, change: Callable[[str, bytes], bytes] = lambda name, part: part) -> bytes:
    buffer, changed = io.BytesIO(), io.BytesIO()
    book.save(buffer)
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(changed, "w") as target:
        for name in source.namelist():
            target.writestr(name, change(name, source.read(name)))
    return changed.getvalue()


def book_of(*sheets: Sequence[Sequence[Any]]) -> Workbook:
    book = Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets, 1):
        sheet = book.create_sheet(f"{number}月")
        for row in rows:
            sheet.append(list(row))
    return book


def read(content: bytes) -> Spreadsheet:
    return read_spreadsheet(content, "登记表.xlsx", HEADINGS)


def test_line_breaks_that_excel_escapes_are_line_breaks() -> None:
    def escape(name: str, part: bytes) -> bytes:
        return part.replace(b"one\ntwo", b"one_x000D_\ntwo_x005F_x")

    sheet = read(saved(book_of([HEADINGS, ("A1", "2026-03-02", "one\ntwo")]), escape))
    assert sheet.lines[0].cells == ("A1", "2026-03-02", "one\ntwo_x")


def test_a_formula_without_a_result_is_named_by_its_cell_and_a_computed_one_is_read() -> None:
    def compute(name: str, part: bytes) -> bytes:
        return part.replace(b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>")

    rows = [HEADINGS, ("=A9", "=1+1", "x"), ("A2", "2026-03-02", "=1/0")]
    first, second = read(saved(book_of(rows), compute)).lines
    assert (dict(first.unread), first.cells[1]) == ({0: "A2"}, "2")
    assert dict(second.unread) == {2: "C3"}
    assert cell_name(12, 27) == "AB12"


@pytest.mark.parametrize(("stale", "unread"), [(True, {2: "C2"}), (False, {})])
def test_a_zero_counts_as_a_result_unless_the_file_asks_to_be_computed(stale: bool, unread: dict[int, str]) -> None:
    def change(name: str, part: bytes) -> bytes:
        part = part.replace(b"<f>A9</f><v></v>", b"<f>A9</f><v>0</v>")
        return part if stale else part.replace(b'fullCalcOnLoad="1"', b"")

    (line,) = read(saved(book_of([HEADINGS, ("A1", "2026-03-02", "=A9")]), change)).lines
    assert dict(line.unread) == unread


def test_a_cell_with_an_error_is_not_an_empty_one() -> None:
    (line,) = read(saved(book_of([HEADINGS, ("A1", "2026-03-02", "#N/A")]))).lines
    assert dict(line.unread) == {2: "C2"}


@pytest.mark.parametrize("from_1904", [False, True])
def test_days_of_both_date_systems_are_the_same_days(from_1904: bool) -> None:
    book = book_of([HEADINGS, ("A1", MOMENT, "x")])
    if from_1904:
        book.epoch = CALENDAR_MAC_1904
    sheet = read(saved(book))
    assert (sheet.lines[0].cells[1], sheet.from_1904) == ("2026-03-02 09:30:00", from_1904)


def test_chinese_long_dates_are_days_and_not_numbers() -> None:
    book = book_of([HEADINGS, ("A1", 46083, "x")])

    book["1月"]["B2"].number_format = "[$-804]yyyy"  # stored as the first format of its own, 164
    sheet = read(saved(book, lambda name, part: part.replace(b'numFmtId="164"', b'numFmtId="31"')))
    assert sheet.lines[0].cells[1] == "2026-03-02"


def test_every_sheet_with_the_headings_is_read_whatever_their_order() -> None:
    turned = [tuple(reversed(HEADINGS)), ("y", "2026-03-03", "A2")]
    sheet = read(saved(book_of([HEADINGS, ("A1", "2026-03-02", "x")], turned, [("说明",), ("导出人",)])))
    assert [line.cells for line in sheet.lines] == [("A1", "2026-03-02", "x"), ("A2", "2026-03-03", "y")]
    assert [line.place for line in sheet.lines] == ["工作表“1月”第 2 行", "工作表“2月”第 2 行"]
    assert sheet.passed_over == ("3月",)


def test_a_hidden_sheet_is_named_and_not_read() -> None:
    book = book_of([HEADINGS, ("A1", "2026-03-02", "x")], [HEADINGS, ("A2", "2026-03-02", "y")])
    book["2月"].sheet_state = "hidden"
    sheet = read(saved(book))
    assert (len(sheet.lines), sheet.passed_over) == (1, ("2月",))


def test_a_dimension_that_says_one_cell_is_not_believed() -> None:
    def lie(name: str, part: bytes) -> bytes:
        return part.replace(b'<dimension ref="A1:C2"/>', b'<dimension ref="A1"/>')

    assert read(saved(book_of([HEADINGS, ("A1", "2026-03-02", "x")]), lie)).lines[0].cells == ("A1", "2026-03-02", "x")


def test_a_cell_far_out_is_refused_before_it_fills_the_memory_and_a_mere_format_there_is_not() -> None:
    def far(cell: bytes) -> Callable[[str, bytes], bytes]:
        return lambda name, part: part.replace(b"</sheetData>", b'<row r="1048576">' + cell + b"</row></sheetData>")

    book = book_of([HEADINGS, ("A1", "2026-03-02", "x")])
    with pytest.raises(SpreadsheetRefused, match="超过 200 列"):
        read(saved(book, far(b'<c r="XFD1048576"><v>1</v></c>')))
    assert len(read(saved(book, far(b'<c r="XFD1048576" s="0"/>'))).lines) == 1
