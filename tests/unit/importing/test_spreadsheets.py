"""Files as people hand them in: encodings, separators, workbooks, and things that are no register at all."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from handlers.files.reading_tables import MAX_BYTES, SheetRow, SpreadsheetRefused, cell_text, read_spreadsheet
from handlers.files.writing_tables import REASON, harmless, rejects, write_list
from tests.support.registers import as_csv, as_xlsx

WANTED = ("登记编号", "登记时间", "内容")
TABLE = [
    {"登记编号": "A001", "登记时间": "2026-03-02 09:30", "内容": '他说："退款，\n否则投诉"'},
    {"登记编号": "A002", "登记时间": "2026/3/2", "内容": "逗号,分号;制表\t都在"},
]
EXPECTED = [("A001", "2026-03-02 09:30", '他说："退款，\n否则投诉"'), ("A002", "2026/3/2", "逗号,分号;制表\t都在")]


def cells(content: bytes, name: str = "登记表.csv") -> list[tuple[str, ...]]:
    return [line.cells for line in read_spreadsheet(content, name, WANTED).lines]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_encoding_and_separator_are_found_out(encoding: str, delimiter: str) -> None:
    assert cells(as_csv(TABLE, encoding=encoding, delimiter=delimiter)) == EXPECTED


def test_a_workbook_gives_the_same_texts_with_numbers_and_dates_as_people_see_them() -> None:
    book = as_xlsx(
        [{"登记编号": 13812345678, "登记时间": datetime(2026, 3, 2, 9, 30), "内容": 12.5, "备": True, "空": None}]  # noqa: DTZ001
    )
    assert cells(book, "登记表.xlsx") == [("13812345678", "2026-03-02 09:30:00", "12.5", "是")]


def test_a_title_above_the_headings_and_blank_rows_are_passed_over() -> None:
    content = as_csv([*TABLE, dict.fromkeys(WANTED, "")], title="全国12315平台投诉举报登记表\r\n导出时间：2026-03-02")
    sheet = read_spreadsheet(content, "a.csv", WANTED)
    assert sheet.headings == WANTED
    assert [line.cells for line in sheet.lines] == EXPECTED


def test_what_exports_add_to_keep_a_number_as_text_is_taken_off() -> None:
    content = as_csv([{"登记编号": '="00123"', "登记时间": "20260302\t", "内容": "'+8613812345678"}])
    assert cells(content) == [("00123", "20260302", "+8613812345678")]


def test_a_number_that_excel_has_cut_is_shown_as_excel_shows_it() -> None:
    assert cell_text(110101199003074512) == "1.10101199003075E+17"


def bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * (201 * 1024 * 1024))
    return buffer.getvalue()


def million_cells() -> bytes:
    """30 KB that hold seven million empty cells."""
    buffer, whole = io.BytesIO(), io.BytesIO(as_xlsx(TABLE))
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            archive.writestr(name, source.read(name).replace(b"</row></sheetData>", b"<c/>" * 7_000_000))
    return buffer.getvalue()


def not_a_book() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("readme.txt", "nothing")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (lambda: b"", "是空文件"),
        (lambda: b"\xef\xbb\xbf", "是空文件"),
        (lambda: b" \r\n ", "是空文件"),
        (lambda: b"%PDF-1.7\n...", "内容是 PDF"),
        (lambda: bytes.fromhex("d0cf11e0a1b11ae1") + b"x" * 600, "旧版 Excel"),
        (lambda: "<html><table><tr><td>登记编号</td></tr></table>".encode(), "内容是网页"),
        (lambda: b"x" * (MAX_BYTES + 1), "超过 20 MB"),
        (lambda: as_csv([{"姓名": "王", "电话": "1"}]), "没有找到此来源的任何一个列名"),
        (lambda: as_csv([dict.fromkeys(WANTED, "")]), "只有表头"),
        (lambda: as_csv(TABLE).replace("退款".encode(), "退款".encode()[:2]), "编码不对"),
        (lambda: as_csv(TABLE, encoding="utf-16"), "UTF-16"),
        (lambda: as_csv(TABLE, encoding="gb18030")[:-3] + b"\xff\xff\x80", "编码不对"),
        (lambda: bytes(range(256)) * 20, "编码不对"),
        (lambda: as_xlsx(TABLE)[:700], "不是完好的 Excel"),
        (not_a_book, "不是完好的 Excel"),
        (bomb, "解开后过大"),
        (million_cells, "解开后过大"),
        (lambda: ("登记编号" + ",x" * 300 + "\n1,2").encode(), "超过 200 列"),
        (lambda: ("登记编号\n" + "1\n" * 20_020).encode(), "超过 20000 行"),
    ],
)
def test_what_is_no_register_is_refused_in_one_sentence(content: Callable[[], bytes], words: str) -> None:
    with pytest.raises(SpreadsheetRefused, match=words) as refused:
        read_spreadsheet(content(), "登记表.csv", WANTED)
    assert str(refused.value).endswith("。")


@given(st.binary(max_size=300))
def test_whatever_bytes_come_the_answer_is_a_table_or_a_sentence(content: bytes) -> None:
    try:
        lines = read_spreadsheet(content, "a.csv", WANTED).lines
    except SpreadsheetRefused:
        return
    assert lines


@given(st.lists(st.text("退款赔偿质量食品ABC123，。", min_size=1, max_size=30), min_size=1, max_size=8))
def test_gb18030_and_utf8_are_never_confused_under_known_headings(texts: list[str]) -> None:
    table = [{"登记编号": "1", "登记时间": "2026-03-02", "内容": text} for text in texts]
    for encoding in ("utf-8", "gb18030"):
        sheet = read_spreadsheet(as_csv(table, encoding=encoding), "a.csv", WANTED)
        assert [line.cells[2] for line in sheet.lines] == texts


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_bad_rows_go_back_in_the_form_they_came_in_and_can_come_again(encoding: str) -> None:
    sheet = read_spreadsheet(as_csv(TABLE, encoding=encoding, delimiter=";"), "a.csv", WANTED)
    first = rejects(sheet, [(sheet.lines[1], "日期不对")])
    again = read_spreadsheet(first, "a.csv", WANTED)
    assert (again.encoding, again.delimiter) == (encoding, ";")
    assert again.headings == (*WANTED, REASON)
    assert again.lines == (SheetRow(2, (*EXPECTED[1], "日期不对")),)
    assert read_spreadsheet(rejects(again, [(again.lines[0], "仍不对")]), "a.csv", WANTED).headings == again.headings


def test_bad_rows_of_a_workbook_go_back_as_a_workbook() -> None:
    sheet = read_spreadsheet(as_xlsx(TABLE), "a.xlsx", WANTED)
    again = read_spreadsheet(rejects(sheet, [(sheet.lines[0], "缺电话")]), "a.xlsx", WANTED)
    assert again.lines[0].cells == (*EXPECTED[0], "缺电话")


@pytest.mark.parametrize("text", ["=1+1", "+86", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_nothing_written_out_is_a_formula(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert harmless(text) == f"'{text}"
    path = tmp_path_factory.mktemp("out") / "list.xlsx"
    assert write_list(path, "台账", "=谁", ["甲"], [[text]]) == 1
    sheet = load_workbook(path)["台账"]
    for cell in (sheet["A1"], sheet["A3"]):
        assert cell.data_type == "s"
        assert str(cell.value).startswith("'")
