"""`banli clock`: what it prints beside the bare answer, and every way to get it wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from webapp.cli.clock import clock

START = ["--from", "2026-03-02T09:30+08:00"]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(clock, list(arguments))


def test_working_days_are_the_default_and_a_bare_date_is_a_beijing_day() -> None:
    assert run("--from", "2026-03-02", "--amount", "7").stdout == "2026-03-11\n"


def test_explaining_begins_with_the_same_answer() -> None:
    lines = run(*START, "--amount", "60", "--unit", "cd", "--explain").stdout.splitlines()
    assert lines[0] == "2026-05-06"
    assert "2026-05-03 周日　顺延：劳动节" in lines
    assert lines[-1] == "结论：2026-05-06（周三）24:00 届满（北京时间）。"


def test_json_has_the_answer_and_its_parts() -> None:
    answer = json.loads(run(*START, "--amount", "7", "--json").stdout)
    assert answer == {
        "answer": "2026-03-11", "started_on": "2026-03-02", "amount": 7, "unit": "WD", "roll": "non-working",
        "state": "running", "due_on": "2026-03-11", "estimated_on": "2026-03-11", "last_counted_on": "2026-03-11",
        "ends_at": "2026-03-12T00:00:00+08:00", "remaining": None, "provisional": False,
    }  # fmt: skip


def test_json_explained_lists_every_day_with_the_notice_it_rests_on() -> None:
    answer = json.loads(run("--from", "2026-02-13", "--amount", "1", "--json", "--explain").stdout)
    assert [(day["day"], day["kind"], day["number"]) for day in answer["days"]] == [
        ("2026-02-13", "start", None), ("2026-02-14", "counted", 1),
    ]  # fmt: skip
    assert "国办发明电〔2025〕7号" in answer["days"][1]["source"]
    assert answer["conclusion"].startswith("结论：2026-02-14")


def test_json_of_an_unknown_day_gives_no_moment_to_rely_on() -> None:
    answer = json.loads(run("--from", "2026-12-07", "--amount", "60", "--unit", "CD", "--json").stdout)
    assert (answer["answer"], answer["due_on"], answer["ends_at"]) == ("PROVISIONAL:", None, None)
    assert (answer["estimated_on"], answer["provisional"]) == ("2027-02-09", True)


def test_json_of_a_suspended_limit_says_paused() -> None:
    answer = json.loads(run(*START, "--amount", "7", "--pause", "2026-03-04/", "--json").stdout)
    assert (answer["state"], answer["remaining"], answer["due_on"], answer["ends_at"]) == ("paused", 5, None, None)


def test_several_pauses_may_stand_in_one_option_or_in_several() -> None:
    one = run(*START, "--amount", "15", "--pause", "2026-03-04/2026-03-06;2026-03-11/2026-03-13")
    two = run(*START, "--amount", "15", "--pause", "2026-03-04/2026-03-06", "--pause", "2026-03-11/2026-03-13")
    assert one.stdout == two.stdout == "2026-03-27\n"


def test_an_uncertain_remainder_is_said_beside_the_answer() -> None:
    result = run("--from", "2026-12-28", "--amount", "7", "--pause", "2027-01-05/")
    assert result.stdout == "PAUSED:2\n"
    assert "暂定" in result.stderr


def test_a_notice_file_makes_the_answer_certain(tmp_path: Path) -> None:
    days = {
        "元旦": ("01-01", "01-03"), "春节": ("02-05", "02-11"), "清明节": ("04-03", "04-05"),
        "劳动节": ("05-01", "05-05"), "端午节": ("06-09", "06-09"), "中秋节": ("09-15", "09-15"),
        "国庆节": ("10-01", "10-07"),
    }  # fmt: skip
    off = [{"name": name, "start": f"2027-{first}", "end": f"2027-{last}"} for name, (first, last) in days.items()]
    notice = tmp_path / "2027.json"
    notice.write_text(json.dumps({"year": 2027, "notice": "示例", "issued": "2026-11-25", "off": off, "work": []}))
    arguments = ["--from", "2026-12-07", "--amount", "60", "--unit", "CD"]
    assert run(*arguments, "--notice", str(notice)).stdout == "2027-02-12\n"
    notice.write_text("{}")
    refused = run(*arguments, "--notice", str(notice))
    assert refused.exit_code == 2
    assert refused.stderr.startswith("错误：放假通知")


def test_help_speaks_both_languages() -> None:
    text = run("--help").stdout
    assert "推算期限届满日" in text
    assert "Work out when a legal time limit ends" in text


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "缺少 --from"),
        (START, "缺少 --amount"),
        (["--from"], "--from 缺少取值"),
        (["--from", "明天", "--amount", "7"], "起算时间 明天 不对"),
        (["--from", "2026-02-30", "--amount", "7"], "起算时间 2026-02-30 不对"),
        (["--from", "2026-03-02T09:30", "--amount", "7"], "缺少时区"),
        (["--from", "2026-03-02 09:30", "--amount", "7"], "缺少时区"),
        (["--from", "9999-12-31T23:00-08:00", "--amount", "7"], "起算时间"),
        (["--from", "1949-10-01", "--amount", "7"], "2000 至 2099"),
        ([*START, "--amount", "0"], "1 至 3650"),
        ([*START, "--amount", "-3"], "1 至 3650"),
        ([*START, "--amount", "7.5"], "1 至 3650"),
        ([*START, "--amount", "3651"], "1 至 3650"),
        ([*START, "--amount", "9" * 5000], "1 至 3650"),
        ([*START, "--amount", "7", "--unit", "H"], "WD（工作日）或 CD"),
        ([*START, "--amount", "7", "--roll", "x"], "顺延方式"),
        ([*START, "--amount", "7", "--pause", "2026-03-04"], "中止期间 2026-03-04 不对"),
        ([*START, "--amount", "7", "--pause", ""], "中止期间"),
        ([*START, "--amount", "7", "--pause", "/2026-03-04"], "中止期间"),
        ([*START, "--amount", "7", "--pause", "2026-03-04/x"], "中止期间"),
        ([*START, "--amount", "7", "--pause", "2026-03-04/9999-01-01"], "2000 至 2099"),
        ([*START, "--amount", "7", "--pause", "2026-03-04/2026-03-01"], "早于"),
        ([*START, "--amount", "7", "--notice", "no-such-file.json"], "读不到放假通知文件"),
        ([*START, "--amount", "7", "--bogus"], "没有 --bogus 这个选项"),
        ([*START, "--amount", "7", "--json=1"], "--json 缺少取值，或不应带取值"),
        (["extra", *START, "--amount", "7"], "命令行不对：extra"),
    ],
)
def test_a_mistake_is_told_in_one_chinese_line_with_exit_2(arguments: list[str], says: str) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("错误：")
    assert says in result.stderr
    assert result.stderr.count("\n") == 1
