"""台账 and 导入 on the screen: who may, what is shown, what is handed out."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import lxml.html
import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update

from handlers.files.reading_tables import read_spreadsheet
from handlers.register.import_sources import all_sources, shipped
from handlers.store.tables import import_run, register, register_export
from tests.support.bureau import Bureau
from tests.support.office import Office, text
from tests.support.registers import PLATFORM_ROW, as_csv, prepared_sqlite, rows
from webapp.engine import make_imports


@pytest.fixture(scope="session")
def letters_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepared_sqlite(tmp_path_factory.mktemp("letters") / "banli.sqlite")


@pytest.fixture
def office(letters_template: Path, tmp_path: Path) -> Iterator[Office]:
    shutil.copyfile(letters_template, tmp_path / "banli.sqlite")
    bureau = Bureau(f"sqlite:///{tmp_path / 'banli.sqlite'}")
    yield Office(bureau, tmp_path)
    bureau.close()


def hand_in(
    office: Office, content: bytes, name: str = "三月.csv", who: str = "he.min", source: str = "platform"
) -> str:
    """Hand a file in and let the worker check it; the address of its page."""
    office.bureau.time.advance(timedelta(minutes=1))
    data = {"source": source, "file": (io.BytesIO(content), name)}
    answer = office.browser(who).post("/register/import", data)
    assert answer.status_code == 302, text(answer)
    let_worker_work(office)
    return str(answer.headers["Location"])


def let_worker_work(office: Office) -> None:
    work = make_imports(office.bureau.engine, office.services.settings)
    with office.bureau.database.read() as connection:
        waiting = connection.scalars(
            select(import_run.c.id).where(import_run.c.state.in_(("checking", "running")))
        ).all()
    for run_id in waiting:
        work.carry_out(run_id)


def bring_in(office: Office, content: bytes, who: str = "he.min") -> None:
    address = hand_in(office, content, who=who)
    office.bureau.time.advance(timedelta(minutes=1))
    assert office.browser(who).post(f"{address}/start").status_code == 302
    let_worker_work(office)


def test_a_file_is_checked_shown_and_then_imported(office: Office) -> None:
    bad = {**PLATFORM_ROW, "登记编号": "B20260001", "登记时间": "昨天"}
    address = hand_in(office, as_csv([*rows(3), bad], encoding="gb18030"))
    browser = office.browser("he.min")
    page = text(browser.get(address))
    assert "检查完毕，尚未导入" in page
    assert "导入这 3 行" in page
    assert "“登记时间”是“昨天”" in page
    assert "产品质量" in page
    for secret in ("王小明", "13800000001"):
        assert secret not in page
    assert "台账里还没有" in text(browser.get("/register"))
    office.bureau.time.advance(timedelta(minutes=1))
    assert browser.post(f"{address}/start").status_code == 302
    moving = text(browser.get(address))
    assert 'hx-trigger="every 1s"' in moving
    assert "正在导入" in text(browser.get(f"{address}/state"))
    let_worker_work(office)
    done = text(browser.get(f"{address}/state"))
    assert "已导入" in done
    assert "hx-trigger" not in done
    back = browser.get(f"{address}/rejects")
    assert quote("三月（退回）.csv") in back.headers["Content-Disposition"]
    assert read_spreadsheet(back.data, "a.csv", shipped()["platform"].headings).encoding == "gb18030"
    listed = text(browser.get("/register"))
    assert listed.count('class="row-link"') == 3
    assert "不必再按一次" in text(browser.post(f"{address}/start", follow_redirects=True))


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "a.csv", "是空文件"),
        (b"%PDF-1.7 ", "a.xlsx", "内容是 PDF"),
        (b"x" * (40 * 1024 * 1024), "a.csv", "超过 20 MB"),
        (as_csv([{"号": "1"}]), "a.csv", "没有找到此来源的任何一个列名"),
        (as_csv([{"登记编号": "1"}]), "a.csv", "缺少必需的列：登记时间"),
        ("登记编号,登记时间\n1,二〇二六".encode("utf-16"), "a.csv", "UTF-16"),
    ],
)
def test_a_wrong_file_is_refused_at_the_door(office: Office, content: bytes, name: str, words: str) -> None:
    data = {"source": "platform", "file": (io.BytesIO(content), name)}
    answer = office.browser("he.min").post("/register/import", data)
    assert answer.status_code == 422
    assert words in text(answer)
    with office.bureau.database.read() as connection:
        assert connection.scalar(select(import_run.c.id)) is None


def test_a_post_without_a_file_or_with_an_unknown_source_says_so(office: Office) -> None:
    browser = office.browser("he.min")
    assert "请选择要导入的文件" in text(browser.post("/register/import", {"source": "platform"}))
    data = {"source": "<b>x", "file": (io.BytesIO(as_csv(rows(1))), "a.csv")}
    page = text(browser.post("/register/import", data))
    assert "没有“&lt;b&gt;x”这个来源" in page


@pytest.mark.parametrize(
    ("username", "status"),
    [("he.min", 200), ("lin.tao", 200), ("liu.fang", 200), ("admin", 200), ("chen.jing", 403), ("observer", 403)],
)
def test_who_may_import(office: Office, username: str, status: int) -> None:
    browser = office.browser(username)
    assert browser.get("/register/import").status_code == status
    assert browser.get("/register/import/sources/platform").status_code == status
    assert ("/register/import" in text(browser.get("/register"))) == (status == 200)


def test_bad_rows_are_handed_only_to_who_brought_them(office: Office) -> None:
    address = hand_in(office, as_csv([{**PLATFORM_ROW, "登记时间": "?"}]))
    assert office.browser("lin.tao").get(address).status_code == 200
    assert office.browser("lin.tao").get(f"{address}/rejects").status_code == 404
    assert office.browser("he.min").get(f"{address}/rejects").status_code == 200
    assert office.browser("he.min").get("/register/import/99").status_code == 404
    assert office.browser("he.min").get("/register/import/99/rejects").status_code == 404


def test_everybody_sees_in_the_register_what_they_see_in_the_list_of_cases(office: Office) -> None:
    bring_in(office, as_csv(rows(2)))
    for username, number in (("he.min", 2), ("lin.tao", 2), ("liu.fang", 2), ("chen.jing", 0), ("observer", 2)):
        browser = office.browser(username)
        assert text(browser.get("/register")).count('class="row-link"') == number
        assert text(browser.get("/cases")).count('class="row-link"') == number


def test_the_address_narrows_the_list_and_paging_keeps_it(office: Office) -> None:
    bring_in(office, as_csv([*rows(25), {**PLATFORM_ROW, "业务类型": "举报", "业务类别": "食品"}]))
    browser = office.browser("liu.fang")
    assert text(browser.get("/register?type=report")).count('class="row-link"') == 1
    assert (
        text(browser.get("/register?category=food&channel=platform_app&since=2026-03-01")).count('class="row-link"')
        == 1
    )
    page = text(browser.get("/register?type=complaint&page=2"))
    assert page.count('class="row-link"') == 5
    assert "type=complaint" in page
    assert "没有符合条件的件" in text(browser.get("/register?until=2020-01-01"))
    assert "第一页" in text(browser.get("/register?page=9"))
    assert text(browser.get("/register?type=nonsense&since=nonsense")).count('class="row-link"') == 20


@pytest.mark.parametrize(
    ("changes", "cell"),
    [
        ({}, ["投诉 · 产品质量", "全国12315平台（APP、小程序、公众号） · 王*明"]),
        ({"channel": "", "category": ""}, ["投诉", "王*明"]),
        ({"channel": "", "case_type": ""}, ["产品质量", "王*明"]),
        ({"case_type": "", "category": ""}, ["—", "全国12315平台（APP、小程序、公众号） · 王*明"]),
    ],
)
def test_a_line_of_the_list_never_begins_with_the_dot_between_its_parts(
    office: Office, changes: dict[str, str], cell: list[str]
) -> None:
    bring_in(office, as_csv(rows(1)))
    with office.bureau.database.write() as connection:
        connection.execute(update(register).values({"case_type": "complaint", **changes}))
    tree = lxml.html.document_fromstring(text(office.browser("liu.fang").get("/register")))
    assert [line.text_content().strip() for line in tree.xpath("//td[@data-label='类型与渠道']/span")] == cell
    (people,) = tree.xpath("//td[@data-label='现在在']//span[@class='place-people']")
    assert people.text_content() == "12315投诉举报中心·中心审核员（待领）"
    assert [glued.text for glued in people] == ["心·"]


def test_the_export_is_the_filtered_list_masked_marked_and_written_down(office: Office) -> None:
    letters = rows(3)
    letters[1]["涉及主体名称"] = "=cmd|'/c calc'!A1"
    bring_in(office, as_csv([*letters, {**PLATFORM_ROW, "业务类型": "举报"}]))
    browser = office.browser("liu.fang")
    answer = browser.post("/register/export?type=complaint")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.status_code == 200
    book = load_workbook(io.BytesIO(answer.data))
    lines = [[cell.value for cell in row] for row in book.active.iter_rows()]
    assert "刘芳（liu.fang）" in lines[0][0]
    assert "2026-03-02 09:32" in lines[0][0]
    assert lines[1][:3] == ["编号", "类型", "渠道"]
    assert len(lines) == 5
    assert {line[1] for line in lines[2:]} == {"投诉"}
    assert {line[5] for line in lines[2:]} == {"王*明"}
    assert "'=cmd|'/c calc'!A1" in {line[6] for line in lines[2:]}
    assert all(cell.data_type in ("s", "n") for row in book.active.iter_rows() for cell in row)
    whole = str(lines)
    assert not any(secret in whole for secret in ("王小明", "13800000001", "永安里"))
    with office.bureau.database.read() as connection:
        (row,) = connection.execute(select(register_export)).all()
    assert (row.account_id, row.rows, row.filters) == (
        office.bureau.actor("liu.fang").account_id, 3, {"type": "complaint"},
    )  # fmt: skip


def test_an_export_leaves_no_file_open(office: Office) -> None:
    bring_in(office, as_csv(rows(1)))
    browser = office.browser("liu.fang")
    browser.post("/register/export").close()
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        browser.post("/register/export").close()
    assert len(list(Path("/proc/self/fd").iterdir())) <= before


def test_nothing_and_too_much_are_not_exported(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = office.browser("liu.fang")
    assert "没有导出" in text(browser.post("/register/export?type=report", follow_redirects=True))
    bring_in(office, as_csv(rows(3)))
    monkeypatch.setattr("webapp.register.listing.EXPORT_LIMIT", 2)
    assert "一次最多导出 2 条" in text(browser.post("/register/export", follow_redirects=True))
    assert " disabled" in text(browser.get("/register"))


def test_the_mapping_of_a_source_is_changed_on_its_page(office: Office) -> None:
    browser = office.browser("he.min")
    page = text(browser.get("/register/import/sources/platform"))
    assert 'name="column:respondent_name"' in page
    assert "微信小程序=platform_app" in page
    changes = {"name": "省平台", "column:source_number": "工单号", "column:brand": "", "fixed:channel": "platform_app",
               "words:channel": "小程序=platform_app\n\n门户＝platform_web"}  # fmt: skip
    assert browser.post("/register/import/sources/platform", changes).status_code == 302
    with office.bureau.database.read() as connection:
        saved = all_sources(connection)["platform"]
    assert (saved.name, saved.columns["source_number"], "brand" in saved.columns) == ("省平台", "工单号", False)
    assert saved.columns["received_at"] == "登记时间"
    assert (saved.fixed["channel"], saved.words["channel"]) == (
        "platform_app", {"小程序": "platform_app", "门户": "platform_web"},
    )  # fmt: skip
    bring_in(office, as_csv([{**PLATFORM_ROW, "工单号": "G20260001", "来源渠道": "门户"}]))
    with office.bureau.database.read() as connection:
        (row,) = connection.execute(select(register)).all()
    assert (row.source_number, row.channel) == ("G20260001", "platform_web")


def test_a_mapping_is_folded_by_the_groups_of_the_form_and_opened_where_something_is_wrong(office: Office) -> None:
    browser, address = office.browser("he.min"), "/register/import/sources/platform"
    page = text(browser.get(address))
    parts = re.findall(r'<details class="steps-details"( open)?>\s*<summary>([^<]+)<span[^>]*>（([^）]+)）', page)
    assert [(name, opened) for opened, name, _ in parts[:2]] == [("编号和类型", " open"), ("来件", "")]
    assert not any(opened for opened, *_ in parts[1:])
    assert parts[0][2] == "2 项，2 项已设置"
    assert page.count('name="column:') == sum(int(said.partition(" ")[0]) for *_, said in parts)
    wrong = text(browser.post(address, {"name": " "}))
    assert wrong.count('<details class="steps-details" open>') == len(parts)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"column:received_at": " "}, "编号和收到时间两列必须指定列名"),
        ({"words:channel": "小程序"}, "每行写一个对照"),
        ({"name": " "}, "来源名称不能空着"),
    ],
)
def test_a_mapping_that_cannot_work_is_refused_and_keeps_what_was_typed(
    office: Office, changes: dict[str, str], words: str
) -> None:
    browser = office.browser("he.min")
    answer = browser.post("/register/import/sources/platform", {"column:goods": "牌子", **changes})
    assert answer.status_code == 422
    assert words in text(answer)
    assert 'value="牌子"' in text(answer)
    assert browser.get("/register/import/sources/nothing").status_code == 404


def test_a_failed_import_says_why(office: Office) -> None:
    address = hand_in(office, as_csv(rows(1)))
    with office.bureau.database.write() as connection:
        connection.execute(update(import_run).values(state="failed", problem="导入中断。", report=None))
    page = text(office.browser("he.min").get(address))
    assert "导入中断。" in page
    assert "没有导入" in page
    assert "三月.csv" in text(office.browser("he.min").get("/register/import"))


def test_the_page_of_a_check_tells_what_was_not_understood_before_anything_is_imported(office: Office) -> None:
    row = {**rows(2)[0], "办件备注": "加急"}
    address = hand_in(office, as_csv([row, row, {**rows(2)[1], "办件备注": "", "提供方电话": "12"}]))
    page = lxml.html.document_fromstring(text(office.browser("he.min").get(address)))
    notices = [notice.text_content() for notice in page.xpath("//*[contains(@class, 'alert')]")]
    assert any("没有用到的列：办件备注" in notice for notice in notices)
    assert any("文件里没有的列：是否匿名" in notice for notice in notices)
    (known,) = page.xpath("//section[@aria-labelledby='known-title']//tbody/tr")
    assert "第 2 行编号相同" in known.text_content()
    cases = page.xpath("//section[@aria-labelledby='cases-title']")[0]
    answers = dict(
        zip(cases.xpath(".//dt/text()"), [dd.text_content().split() for dd in cases.xpath(".//dd")], strict=True)
    )
    assert answers["所在街道（镇）"] == ["塘沽街道", "推定"]
    assert answers["网络交易"] == ["—", "待补"]
    assert answers["姓名（名称）"] == ["王*明"]
    sums = [int(dd.split()[0]) for dd in page.xpath("//section[@aria-labelledby='result-title']//dd/text()")]
    assert sums[0] == sum(sums[1:]) == 3


def test_a_report_of_an_earlier_release_is_still_shown(office: Office) -> None:
    address = hand_in(office, as_csv([{**PLATFORM_ROW, "登记时间": "?"}]))
    with office.bureau.database.write() as connection:
        report = connection.execute(select(import_run.c.report)).scalar_one() or {}
        older = {key: report[key] for key in ("file", "first")} | {"bad": [{"line": 2, "reason": "旧的原因"}]}
        connection.execute(update(import_run).values(report=older))
    page = text(office.browser("he.min").get(address))
    assert "旧的原因" in page
    assert "将这样登记" not in page
