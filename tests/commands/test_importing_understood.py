"""An import says what it did not understand, and loses no letter."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from handlers.files.reading_tables import read_spreadsheet
from handlers.register import import_runs
from handlers.register.import_sources import ImportSource, shipped
from handlers.store.tables import instance
from handlers.store.tables import register as table
from processes.importing.opening import Imports
from tests.support.bureau import Bureau
from tests.support.registers import PLATFORM_ROW, as_csv, as_xlsx, rows

SOURCE = shipped()["platform"]
SHORT_PHONE = {"提供方电话": "1381234000"}


@pytest.fixture
def bureau(letters_bureau: Bureau) -> Bureau:
    return letters_bureau


def go(bureau: Bureau, work: Imports, content: bytes, state: str = import_runs.RUNNING) -> Any:
    """Import (or only check) a file; its run as it then stands. The parts of the sum are all rows."""
    bureau.time.advance(timedelta(minutes=1))
    run_id = work.open_run(SOURCE, "登记表", content, bureau.actor("he.min"), state)
    work.carry_out(run_id)
    with work.database.read() as connection:
        run = import_runs.find_run(connection, run_id)
    assert run is not None
    assert run.problem is None
    assert run.added + run.known + run.bad == run.rows
    return run


def check(bureau: Bureau, work: Imports, content: bytes) -> Any:
    return go(bureau, work, content, import_runs.CHECKING)


def counts(run: Any) -> tuple[int, int, int, int]:
    return run.rows, run.added, run.known, run.bad


def all_facts(bureau: Bureau) -> list[dict[str, Any]]:
    with bureau.database.read() as connection:
        joined = instance.join(table, table.c.instance_id == instance.c.id)
        return list(connection.scalars(select(instance.c.facts).select_from(joined).order_by(instance.c.id)))


def reasons(run: Any) -> str:
    return " ".join(row["reason"] for row in run.report["bad"])


def told(run: Any) -> str:
    return " ".join(run.report["told"])


def without(row: dict[str, str], *headings: str) -> dict[str, str]:
    return {heading: text for heading, text in row.items() if heading not in headings}


def test_the_number_of_a_bad_row_is_not_known_to_the_rows_after_it(bureau: Bureau, work: Imports) -> None:
    content = as_csv([{**PLATFORM_ROW, **SHORT_PHONE}, PLATFORM_ROW])
    assert counts(check(bureau, work, content)) == (2, 1, 0, 1)
    assert counts(go(bureau, work, content)) == (2, 1, 0, 1)
    assert len(all_facts(bureau)) == 1


def test_a_known_row_names_its_case_and_in_a_check_the_row_before_it(bureau: Bureau, work: Imports) -> None:
    twice = as_csv([PLATFORM_ROW, PLATFORM_ROW])
    assert check(bureau, work, twice).report["known"][0]["case"] == "与第 2 行编号相同，只登记一件"
    done = go(bureau, work, twice)
    assert counts(done) == (2, 1, 1, 0)
    with bureau.database.read() as connection:
        number = connection.scalar(select(instance.c.number))
    assert done.report["known"] == [{"line": 3, "place": "第 3 行", "case": f"已登记为 {number}"}]


def test_letters_whose_numbers_were_rounded_to_one_all_come_back(bureau: Bureau, work: Imports) -> None:
    rounded = [{**row, "登记编号": "1202611300005500"} for row in rows(3)]
    done = go(bureau, work, as_csv(rounded))
    assert counts(done) == (3, 0, 0, 3)
    assert "表格软件" in reasons(done)
    numbers = [{**row, "登记编号": 1202611300005501 + place} for place, row in enumerate(rows(3))]
    assert counts(go(bureau, work, as_xlsx(numbers))) == (3, 0, 0, 3)
    assert not all_facts(bureau)


def test_a_rounded_number_is_not_known_from_another_letter_that_it_was_registered_for(
    bureau: Bureau, work: Imports
) -> None:
    first, second = ({**row, "登记编号": "1202611300005500"} for row in rows(2))
    assert counts(go(bureau, work, as_csv([first]))) == (1, 1, 0, 0)
    assert counts(go(bureau, work, as_csv([first]))) == (1, 0, 1, 0)
    other = go(bureau, work, as_csv([{**second, "登记时间": "2026-03-01 15:12"}]))
    assert counts(other) == (1, 0, 0, 1)
    assert "表格软件" in reasons(other)


def test_a_heading_that_is_missing_or_not_used_is_told_and_nobody_becomes_anonymous(
    bureau: Bureau, work: Imports
) -> None:
    row = {**without(PLATFORM_ROW, "提供方姓名"), "举报人": "王小明"}
    done = go(bureau, work, as_csv([row]))
    assert "没有用到的列：举报人" in told(done)
    assert "提供方姓名" in told(done)
    assert counts(done) == (1, 0, 0, 1)
    assert "不能断定来件人匿名" in reasons(done)
    done = go(bureau, work, as_csv([{**without(PLATFORM_ROW, "提供方电话"), "手机": "13812345678"}]))
    assert "没有用到的列：手机" in told(done)
    assert counts(done) == (1, 0, 0, 1)


def test_an_empty_cell_of_a_column_that_is_there_still_says_anonymous(bureau: Bureau, work: Imports) -> None:
    go(bureau, work, as_csv([{**PLATFORM_ROW, "提供方姓名": "", "网络平台名称": ""}]))
    (facts,) = all_facts(bureau)
    assert (facts["anonymous"], facts["is_online"]) == (True, "no")


@pytest.mark.parametrize("heading", ["提供方姓名*", "提供方\n姓名", "提供方姓名（必填）", " 提供方　姓名"])
def test_a_heading_written_a_little_differently_is_used(bureau: Bureau, work: Imports, heading: str) -> None:
    row = {heading if key == "提供方姓名" else key: text for key, text in PLATFORM_ROW.items()}
    done = go(bureau, work, as_csv([row]))
    (facts,) = all_facts(bureau)
    assert (facts["anonymous"], facts["person_name"]) == (False, "王*明")
    assert "没有用到的列" not in told(done)


def with_second(heading: str, cells: list[str], table: list[dict[str, str]]) -> bytes:
    """A file in which `heading` stands once more, at the end."""
    lines = as_csv([{**row, "#": cell} for row, cell in zip(table, cells, strict=True)]).decode()
    return lines.replace(",#", f",{heading}", 1).encode()


def test_of_a_heading_that_stands_twice_the_filled_cell_is_used_and_long_texts_are_joined(
    bureau: Bureau, work: Imports
) -> None:
    table = rows(2)
    table[1]["内容"] = ""
    done = go(bureau, work, with_second("内容", ["另赔误工费。", "使用两天后漏电，商家拒绝退货。"], table))
    assert "内容（2 次）" in told(done)
    first, second = all_facts(bureau)
    assert first["facts_text"] == f"{PLATFORM_ROW['内容']}\n另赔误工费。"
    assert second["facts_text"] == "使用两天后漏电，商家拒绝退货。"


def test_two_cells_of_one_heading_that_disagree_are_asked_about(bureau: Bureau, work: Imports) -> None:
    done = go(bureau, work, with_second("提供方电话", ["13900000009"], [PLATFORM_ROW]))
    assert counts(done) == (1, 0, 0, 1)
    assert "不知道以哪个为准" in reasons(done)


def test_a_row_with_more_cells_than_headings_comes_back_whole(bureau: Bureau, work: Imports) -> None:
    content = as_csv(rows(2)).replace("退款、赔偿损失\r\n".encode(), "退款,赔偿损失\r\n".encode(), 1)
    done = go(bureau, work, content)
    assert counts(done) == (2, 1, 0, 1)
    assert "这一行有 15 格，表头只有 14 列：多半是内容里的逗号没有加引号" in reasons(done)
    back = work.files.path(done.rejects).read_bytes()
    (line,) = read_spreadsheet(back, "a.csv", SOURCE.headings).lines
    assert line.cells[13:15] == ("退款", "赔偿损失")
    again = go(bureau, work, back)
    assert counts(again) == (1, 0, 0, 1)
    assert "这一行有 15 格" in reasons(again)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("匿名", (True, "")), ("不愿透露姓名", (True, "")), ("无", (True, "")), ("/", (True, "")), ("null", (True, "")),
     ("王小明", (False, "王*明"))],
)  # fmt: skip
def test_words_for_a_name_that_is_none_are_not_names(
    bureau: Bureau, work: Imports, name: str, expected: tuple[bool, str]
) -> None:
    go(bureau, work, as_csv([{**PLATFORM_ROW, "提供方姓名": name}]))
    (facts,) = all_facts(bureau)
    assert (facts["anonymous"], facts["person_name"]) == expected


@pytest.mark.parametrize("name", ["***", "王**", "王＊明"])
def test_a_name_that_the_exporter_has_hidden_comes_back(bureau: Bureau, work: Imports, name: str) -> None:
    done = go(bureau, work, as_csv([{**PLATFORM_ROW, "提供方姓名": name}]))
    assert counts(done) == (1, 0, 0, 1)
    assert "没有真实内容" in reasons(done)


def test_a_formula_without_a_result_is_refused_with_the_name_of_its_cell(bureau: Bureau, work: Imports) -> None:
    table: list[dict[str, object]] = [{**rows(2)[0], "涉及金额": "=1+1"}, {**rows(2)[1], "备注": "=1+1"}]
    done = go(bureau, work, as_xlsx([{**table[0], "备注": ""}, table[1]]))
    assert counts(done) == (2, 1, 0, 1)
    assert "“涉及金额”的单元格 J2 是公式" in reasons(done)


def test_streets_are_known_again_in_texts_copied_from_a_pdf(bureau: Bureau, work: Imports) -> None:
    go(bureau, work, as_csv([{**PLATFORM_ROW, "主体地址": "滨海新区⼤港街道1号"}]))
    assert all_facts(bureau)[0]["street"] == "大港街道"


def test_companies_are_known_again_in_texts_copied_from_a_pdf(bureau: Bureau, work: Imports) -> None:
    first, second = rows(2)
    go(bureau, work, as_csv([{**first, "涉及主体名称": "长丰食品门市"}]))
    done = check(bureau, work, as_csv([{**second, "提供方电话": first["提供方电话"], "涉及主体名称": "⻓丰⻝品⻔市"}]))
    assert (done.added, done.duplicates) == (1, 1)


def test_the_check_shows_the_first_five_cases_with_every_answer_that_the_file_does_not_give(
    bureau: Bureau, work: Imports
) -> None:
    run = check(bureau, work, as_csv([{**PLATFORM_ROW, "登记编号": "B2026", **SHORT_PHONE}, *rows(7)]))
    cases = run.report["cases"]
    assert [case["line"] for case in cases] == [3, 4, 5, 6, 7]
    answers = {label: (text, mark) for label, text, mark in cases[0]["answers"]}
    assert answers["姓名（名称）"] == ("王*明", "")
    assert answers["所在街道（镇）"] == ("塘沽街道", "推定")
    assert answers["网络交易"] == ("—", "待补")
    assert answers["业务类别"] == ("产品质量", "")


def test_what_the_file_leaves_open_is_open_in_the_case_and_told_to_the_reviewer(bureau: Bureau, work: Imports) -> None:
    row = without(PLATFORM_ROW, "业务类别", "涉及主体名称", "诉求")
    done = go(bureau, work, as_csv([row]))
    assert counts(done) == (1, 1, 0, 0), done.report
    (facts,) = all_facts(bureau)
    assert (facts["category"], facts["respondent_name"], facts["demands"], facts["wants_reply"]) == (None, "", [], None)
    assert "请核对补充" in facts["import_note"]
    assert "业务类别" in facts["import_note"]
    assert "由系统推定：" in facts["import_note"]


def test_a_field_is_taken_from_the_first_of_several_headings_or_from_their_texts_together() -> None:
    source = ImportSource("x", "x", {"source_number": "号|编号", "facts_text": "标题＋内容"}, {}, {})
    assert source.headings == {"号", "编号", "标题", "内容"}
