"""Files become cases: once each, the bad rows back with their reasons, whatever cuts the work short."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select, update

from handlers.files.reading_tables import read_spreadsheet
from handlers.jobs import queue
from handlers.register import import_runs
from handlers.register.import_sources import MappingRefused, read_mapping, shipped
from handlers.store.tables import account, import_run, import_source, instance
from handlers.store.tables import register as table
from processes.importing.opening import Imports
from processes.importing.registration import ImportRefused, as_receiver
from processes.importing.rows import Importer, Outcome
from tests.support.bureau import SEAL_KEY, Bureau
from tests.support.job_rows import turns
from tests.support.registers import PLATFORM_ROW, as_csv, as_xlsx, imports, rows
from webapp.cli.main import main

SOURCE = shipped()["platform"]


@pytest.fixture
def bureau(letters_bureau: Bureau) -> Bureau:
    return letters_bureau


@pytest.fixture
def work(bureau: Bureau, tmp_path: Path) -> Imports:
    return imports(bureau, tmp_path)


def bring_in(bureau: Bureau, work: Imports, content: bytes, *, who: str = "he.min", source: str = "platform") -> Any:
    """Import a file; its run as it then stands. A minute passes, so that one run is later than the other."""
    bureau.time.advance(timedelta(minutes=1))
    run_id = work.open_run(shipped()[source], "登记表.csv", content, bureau.actor(who), import_runs.RUNNING)
    work.carry_out(run_id)
    return run(work, run_id)


def run(work: Imports, run_id: int) -> Any:
    with work.database.read() as connection:
        return import_runs.find_run(connection, run_id)


def counts(run: Any) -> tuple[int, int, int, int]:
    return run.rows, run.added, run.known, run.bad


def cases(bureau: Bureau) -> list[Any]:
    with bureau.database.read() as connection:
        joined = instance.join(table, table.c.instance_id == instance.c.id)
        return list(connection.execute(select(instance, table).select_from(joined).order_by(instance.c.id)))


def test_every_row_becomes_a_case_as_if_a_receiver_had_typed_it(bureau: Bureau, work: Imports) -> None:
    done = bring_in(bureau, work, as_csv([PLATFORM_ROW], encoding="gb18030"))
    assert (done.state, counts(done)) == ("done", (1, 1, 0, 0))
    (case,) = cases(bureau)
    facts = case.facts
    assert facts["received_at"] == "2026-03-01T09:30:00+08:00"
    assert (facts["wants_compensation"], facts["reports_violation"], facts["asks_only"]) == (True, False, False)
    assert (facts["channel"], facts["category"], facts["demands"]) == (
        "platform_app",
        "quality",
        ["refund", "compensate"],
    )
    assert (facts["amount"], facts["bought_on"]) == ("199.00", "2026-02-20")
    assert (facts["address_known"], facts["street"], facts["is_online"]) == ("yes", "塘沽街道", "no")
    assert (case.source, case.source_number, case.case_type) == ("platform", "1120000020260301000001", "complaint")
    assert bureau.open_task(case.id).node == "initial_review"
    with bureau.database.read() as connection:
        assert connection.scalar(select(account.c.username).where(account.c.id == case.started_by)) == "he.min"


def test_the_same_file_again_adds_nothing(bureau: Bureau, work: Imports) -> None:
    content = as_csv(rows(5))
    assert counts(bring_in(bureau, work, content)) == (5, 5, 0, 0)
    assert counts(bring_in(bureau, work, content)) == (5, 0, 5, 0)
    assert counts(bring_in(bureau, work, as_xlsx(rows(6)))) == (6, 1, 5, 0)
    assert len(cases(bureau)) == 6


def test_a_number_that_stands_twice_in_a_file_is_taken_once(bureau: Bureau, work: Imports) -> None:
    assert counts(bring_in(bureau, work, as_csv([*rows(2), *rows(1)]))) == (3, 2, 1, 0)


def test_bad_rows_come_back_with_all_their_reasons_and_can_be_mended(bureau: Bureau, work: Imports) -> None:
    bad = [
        {**PLATFORM_ROW, "登记编号": ""},
        {**PLATFORM_ROW, "登记编号": "B20260002", "登记时间": "3/2/2026", "业务类别": "天文"},
        {**PLATFORM_ROW, "登记编号": "B20260003", "登记时间": "2027-01-01", "提供方电话": "12"},
        {**PLATFORM_ROW, "登记编号": "B20260004", "业务类型": "表扬"},
        {**PLATFORM_ROW, "登记编号": "B20260005", "提供方电话": "1.3812345678E+10"},
    ]
    done = bring_in(bureau, work, as_csv([*rows(2), *bad], encoding="gb18030", delimiter=";"))
    assert (done.state, counts(done)) == ("done", (7, 2, 0, 5))
    content = work.files.path(done.rejects).read_bytes()
    sheet = read_spreadsheet(content, "a.csv", SOURCE.headings)
    assert (sheet.encoding, sheet.delimiter, sheet.headings[-1]) == ("gb18030", ";", "原因")
    reasons = [line.cells[-1] for line in sheet.lines]
    for reason, words in zip(
        reasons,
        (["编号无法防止重复"], ["3/2/2026", "天文"], ["收到", "联系电话"], ["表扬"], ["科学计数"]),
        strict=True,
    ):
        assert all(word in reason for word in words), reason
    assert "请填写" not in reasons[1]  # a cell that could not be read is not also called empty
    assert [line["line"] for line in done.report["bad"]] == [4, 5, 6, 7, 8]
    mended = content.decode("gb18030").replace("3/2/2026", "2026-03-02").replace("天文", "食品")
    assert counts(bring_in(bureau, work, mended.encode("gb18030"))) == (5, 1, 0, 4)


def test_letters_of_every_type_tick_what_they_ask_for(bureau: Bureau, work: Imports) -> None:
    kinds = {"投诉": "complaint", "举报": "report", "咨询": "enquiry", "投诉举报": "complaint"}
    letters = [{**PLATFORM_ROW, "登记编号": f"T2026000{number}", "业务类型": kind} for number, kind in enumerate(kinds)]
    assert counts(bring_in(bureau, work, as_csv(letters))) == (4, 4, 0, 0)
    assert [case.case_type for case in cases(bureau)] == list(kinds.values())
    mixed = cases(bureau)[-1].facts
    assert mixed["wants_compensation"]
    assert mixed["reports_violation"]


@pytest.mark.parametrize(
    ("source", "row", "expected"),
    [
        (
            "city_centre",
            {"市中心编号": "TJ-2026-0315", "分拨时间": "2026/3/1 8:05", "类别": "投诉", "办结期限": "2026年3月9日",
             "投诉举报人": "王小明", "联系电话": "13812345678", "被投诉举报人": "汉沽万家超市",
             "被投诉举报人地址": "汉沽街道1号",
             "商品服务": "牛奶", "业务分类": "食品", "基本情况": PLATFORM_ROW["内容"], "请求": "退款"},
            {"channel": "city_centre", "assigner_doc_no": "TJ-2026-0315", "assigner_reply_on": "2026-03-09"},
        ),
        (
            "hotline_12345",
            {"工单编号": "GD20260301001", "转办时间": "46082.5", "诉求类型": "求助", "办理时限": "20260310",
             "来电人": "王小明", "来电号码": "13812345678", "被反映单位": "大港快修部", "被反映单位地址": "大港街道2号",
             "商品或服务": "修手机", "问题分类": "其他", "工单内容": PLATFORM_ROW["内容"], "诉求": "维修、赔偿"},
            {"channel": "hotline_12345", "assigner_reply_on": "2026-03-10", "demands": ["repair", "compensate"]},
        ),
    ],
)  # fmt: skip
def test_hotline_and_city_centre_keep_their_own_number_and_due_date(
    bureau: Bureau, work: Imports, source: str, row: dict[str, str], expected: dict[str, Any]
) -> None:
    done = bring_in(bureau, work, as_csv([row]), source=source)
    assert counts(done) == (1, 1, 0, 0), done.report
    (case,) = cases(bureau)
    assert {key: case.facts[key] for key in expected} == expected
    assert case.source == source


def test_checking_shows_what_would_happen_and_leaves_nothing(bureau: Bureau, work: Imports) -> None:
    bring_in(bureau, work, as_csv(rows(1)))
    again = {**rows(1)[0], "登记编号": "N20260001"}
    content = as_csv([*rows(2), again, {**PLATFORM_ROW, "登记编号": "B20260001", "登记时间": "?"}])
    run_id = work.open_run(SOURCE, "a.csv", content, bureau.actor("he.min"), import_runs.CHECKING)
    work.carry_out(run_id)
    found = run(work, run_id)
    assert (found.state, counts(found), found.duplicates) == ("checked", (4, 2, 1, 1), 1)
    assert len(cases(bureau)) == 1
    first = found.report["first"]
    assert [row["verdict"] for row in first] == ["known", "added", "added", "bad"]
    assert ["业务类别", "产品质量"] in first[1]["cells"]
    assert "王小明" not in json.dumps(found.report, ensure_ascii=False)
    assert "1380000" not in json.dumps(found.report, ensure_ascii=False)
    bureau.time.advance(timedelta(minutes=1))
    with bureau.database.write() as connection:
        who = bureau.actor("lin.tao").account_id
        assert import_runs.begin(connection, run_id, who, bureau.time.now())
        assert not import_runs.begin(connection, run_id, who, bureau.time.now())
    work.carry_out(run_id)
    assert counts(run(work, run_id)) == (4, 2, 1, 1)
    work.carry_out(run_id)  # the job once more: it has been done
    assert len(cases(bureau)) == 3


@pytest.mark.parametrize(("days", "counted"), [(30, 1), (89, 1), (91, 0)])
def test_checking_counts_as_duplicates_what_repeats_a_letter_of_the_last_ninety_days(
    bureau: Bureau, work: Imports, days: int, counted: int
) -> None:
    received_on = date(2026, 3, 1) - timedelta(days=days)
    bring_in(bureau, work, as_csv(rows(1, 登记时间=f"{received_on} 09:30")))
    content = as_csv([{**rows(1)[0], "登记编号": "N20260001"}])
    run_id = work.open_run(SOURCE, "a.csv", content, bureau.actor("he.min"), import_runs.CHECKING)
    work.carry_out(run_id)
    assert (counts(run(work, run_id)), run(work, run_id).duplicates) == ((1, 1, 0, 0), counted)


def test_who_gave_no_telephone_has_no_way_to_be_reached(bureau: Bureau, work: Imports) -> None:
    silent = {**rows(1)[0], "登记编号": "N20260001", "提供方电话": ""}
    assert counts(bring_in(bureau, work, as_csv([*rows(1), silent]))) == (2, 2, 0, 0)
    assert [case.facts["no_contact"] for case in cases(bureau)] == [False, True]


def test_an_import_that_was_cut_short_goes_on_and_counts_right(
    bureau: Bureau, work: Imports, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_in(bureau, work, as_csv(rows(2)))
    bureau.time.advance(timedelta(minutes=1))
    run_id = work.open_run(SOURCE, "a.csv", as_csv(rows(8)), bureau.actor("he.min"), import_runs.RUNNING)
    go = Importer._row

    def die(self: Importer, line: Any, outcome: Outcome, seen: set[str]) -> None:
        if outcome.done == 5:
            raise KeyboardInterrupt  # as if the worker had been killed
        go(self, line, outcome, seen)

    with monkeypatch.context() as patch:
        patch.setattr(Importer, "_row", die)
        with pytest.raises(KeyboardInterrupt):
            work.carry_out(run_id)
    assert (run(work, run_id).state, len(cases(bureau))) == ("running", 5)
    work.carry_out(run_id)
    assert counts(run(work, run_id)) == (8, 6, 2, 0)
    assert len(cases(bureau)) == 8


def test_a_row_that_breaks_the_program_does_not_take_the_others_along(
    bureau: Bureau, work: Imports, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = bureau.engine.start

    def fragile(actor: Any, process: str, values: dict[str, Any]) -> Any:
        if values["respondent_name"] == "滨海2号商行":
            raise ZeroDivisionError
        return start(actor, process, values)

    monkeypatch.setattr(bureau.engine, "start", fragile)
    done = bring_in(bureau, work, as_csv(rows(3)))
    assert counts(done) == (3, 2, 0, 1)
    assert "错误编号" in done.report["bad"][0]["reason"]


def test_what_an_import_leaves_to_be_done_waits_behind_what_people_leave(
    bureau: Bureau, work: Imports, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = bureau.engine.start

    def start_and_send(*order: Any) -> Any:
        result = start(*order)
        with bureau.database.write() as connection:
            queue.enqueue(connection, "posts.deliver", result.instance_id)
        return result

    monkeypatch.setattr(bureau.engine, "start", start_and_send)
    bring_in(bureau, work, as_csv(rows(2)))
    assert turns(bureau.database, "posts.deliver") == [queue.BULK, queue.BULK]


def test_two_imports_of_one_file_at_once_make_each_case_once(
    bureau: Bureau, work: Imports, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_in(bureau, work, as_csv(rows(2)))
    blind = {"times": 2}
    earlier = Importer._earlier

    def not_yet(self: Importer, number: str) -> str:
        if blind["times"]:
            blind["times"] -= 1
            return ""
        return earlier(self, number)

    monkeypatch.setattr(Importer, "_earlier", not_yet)
    done = bring_in(bureau, work, as_csv(rows(1)))
    assert counts(done)[1:] in {(0, 1, 0), (0, 0, 1)}
    assert len(cases(bureau)) == 2


def test_who_may_import_registers_in_the_centres_name(bureau: Bureau, work: Imports) -> None:
    for number, who in enumerate(("he.min", "lin.tao", "liu.fang", "admin")):
        row = {**PLATFORM_ROW, "登记编号": f"W2026000{number}"}
        assert counts(bring_in(bureau, work, as_csv([row]), who=who)) == (1, 1, 0, 0)
    assert {case.department for case in cases(bureau)} == {"centre"}
    with bureau.database.read() as connection:
        leave = as_receiver(connection, bureau.actor("admin"), "receiver")
        assert ("receiver", "centre") in leave.grants
        with pytest.raises(ImportRefused, match="您的角色不能导入"):
            as_receiver(connection, bureau.actor("wang.jianguo"), "receiver")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.4", "内容是 PDF"),
        (as_csv([{"登记编号": "1", "内容": "x"}]), "缺少必需的列：登记时间"),
        (as_csv([{"工单编号": "1", "转办时间": "x"}]), "没有找到此来源的任何一个列名"),
    ],
)
def test_a_wrong_file_ends_in_one_sentence(bureau: Bureau, work: Imports, content: bytes, words: str) -> None:
    done = bring_in(bureau, work, content)
    assert done.state == "failed"
    assert words in done.problem


def test_a_run_without_its_file_or_its_person_says_so(bureau: Bureau, work: Imports) -> None:
    who = bureau.actor("he.min")
    run_id = work.open_run(SOURCE, "a.csv", as_csv(rows(1)), who, import_runs.RUNNING)
    work.files.path(run(work, run_id).sha256).unlink()
    work.carry_out(run_id)
    assert "不在服务器上" in run(work, run_id).problem
    run_id = work.open_run(SOURCE, "a.csv", as_csv(rows(1)), who, import_runs.RUNNING)
    with bureau.database.write() as connection:
        connection.execute(update(account).where(account.c.id == who.account_id).values(active=False))
    work.carry_out(run_id)
    assert "已停用" in run(work, run_id).problem


GOOD = {"name": "某平台", "columns": {"source_number": "号", "received_at": "时间"}}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff", "UTF-8"),
        (b"[]", "只能有"),
        (json.dumps({**GOOD, "extra": 1}).encode(), "只能有"),
        (json.dumps({**GOOD, "name": ""}).encode(), "name"),
        (json.dumps({**GOOD, "columns": []}).encode(), "对照表"),
        (json.dumps({**GOOD, "columns": {"source_number": "号"}}).encode(), "必须指定列名"),
        (json.dumps({**GOOD, "columns": {**GOOD["columns"], "channel": 3}}).encode(), "必须是文字"),  # type: ignore[dict-item]
        (json.dumps({**GOOD, "words": {"channel": "x"}}).encode(), "对照表"),
    ],
)
def test_a_mapping_of_another_shape_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(MappingRefused, match=words):
        read_mapping("mine", content, None)
    assert read_mapping("mine", json.dumps(GOOD).encode(), None).name == "某平台"
    with pytest.raises(MappingRefused, match="来源代码"):
        read_mapping("我的", json.dumps(GOOD).encode(), None)


@pytest.fixture
def shell(bureau: Bureau, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The command line over this bureau, in an empty folder."""
    for name, value in {
        "BANLI_DATABASE_URL": bureau.database.url,
        "BANLI_AUDIT_KEY": SEAL_KEY.decode(),
        "BANLI_SECRET_KEY": "a secret for tests only, long enough",
        "BANLI_VAR": str(tmp_path / "var"),
    }.items():
        monkeypatch.setenv(name, value)
    return tmp_path


def command(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["import", *map(str, arguments)])
    return result.exit_code, result.output


def total(bureau: Bureau) -> int:
    with bureau.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def test_the_command_checks_first_then_imports_and_hands_bad_rows_back(bureau: Bureau, shell: Path) -> None:
    path = shell / "三月.csv"
    path.write_bytes(as_csv([*rows(3), {**PLATFORM_ROW, "登记编号": "B20260001", "登记时间": "?"}], encoding="gb18030"))
    status, output = command(path, "--source", "platform", "--dry-run")
    assert status == 1
    assert "将登记新件 3" in output
    assert "第 5 行" in output
    assert total(bureau) == 0
    assert not list(shell.glob("*退回*"))
    status, output = command(path, "--source", "platform", "--as", "he.min")
    assert status == 1, output
    assert total(bureau) == 3
    back = read_spreadsheet((shell / "三月（退回）.csv").read_bytes(), "a.csv", SOURCE.headings)
    assert len(back.lines) == 1
    path.write_bytes(as_csv(rows(3)))
    status, output = command(path, "--source", "platform", "--as", "he.min")
    assert (status, total(bureau)) == (0, 3)
    assert "已有 3" in output
    with bureau.database.read() as connection:
        assert [run.state for run in connection.execute(select(import_run))] == ["done", "done"]


def test_the_command_says_in_a_sentence_what_it_cannot_do(bureau: Bureau, shell: Path) -> None:
    path = shell / "a.csv"
    path.write_bytes(as_csv(rows(1)))
    for arguments, words in (
        ((path, "--source", "platform"), "--as"),
        ((path, "--source", "nowhere", "--dry-run"), "没有“nowhere”这个来源"),
        ((path, "--source", "platform", "--as", "nobody"), "没有 nobody 这个账号"),
        ((path, "--source", "platform", "--as", "wang.jianguo"), "不能导入"),
        ((path, "--source", "city_centre", "--dry-run"), "列名"),
    ):
        status, output = command(*arguments)
        assert status == 1
        assert words in output
    assert total(bureau) == 0


def test_a_mapping_given_once_is_kept_for_its_source(bureau: Bureau, shell: Path) -> None:
    (shell / "map.json").write_text(
        json.dumps(
            {
                "name": "微信公众号",
                "columns": {
                    "source_number": "号",
                    "received_at": "何时",
                    "facts_text": "说什么",
                    "respondent_name": "谁",
                },
                "fixed": {
                    "channel": "online",
                    "category": "other",
                    "goods": "不详",
                    "wants_reply": "no",
                    "wants_compensation": "true",
                    "demands": "other",
                },
            }
        )
    )
    path = shell / "a.csv"
    path.write_bytes(as_csv([{"号": "X1", "何时": "2026-03-01", "说什么": "说了什么事情", "谁": "某店"}]))
    arguments = (path, "--source", "wechat", "--as", "he.min")
    status, output = command(*arguments, "--map", shell / "map.json", "--dry-run")
    assert "新件 1" in output, output
    with bureau.database.read() as connection:
        assert connection.scalar(select(import_source.c.code)) is None
    status, output = command(*arguments, "--map", shell / "map.json")
    assert (status, total(bureau)) == (0, 1), output
    status, output = command(*arguments)
    assert (status, total(bureau)) == (0, 1), output
