"""`banli calendar import`: the dry run, the import, and bad files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from handlers.clocks.holiday_notices import notice_json
from tests.commands.test_calendar_commands import NOTICE
from tests.commands.test_limits import at
from tests.support.bureau import Bureau
from tests.support.limited import clocks, in_mediation
from tests.unit.web.test_cli_operations import Desk


@pytest.fixture
def notice_file(tmp_path: Path) -> Path:
    path = tmp_path / "2027.json"
    path.write_text(json.dumps(notice_json(NOTICE), ensure_ascii=False), encoding="utf-8")
    return path


def test_without_a_name_it_only_says_what_would_move(house: Bureau, tmp_path: Path, notice_file: Path) -> None:
    at(house, "2026-12-10")
    case = in_mediation(house, "2026-12-10")
    desk = Desk(house, tmp_path)
    told = desk.run("calendar", "import", str(notice_file))
    assert told.exit_code == 0, told.output
    assert f"{house.case(case).number}  调解  2027-02-09 → 2027-02-14" in told.output
    assert "没有导入" in told.output
    assert clocks(house, case, "mediation")[0].provisional
    done = desk.run("calendar", "import", str(notice_file), "--as", "admin", "--yes")
    assert "已导入" in done.output
    assert not clocks(house, case, "mediation")[0].provisional
    assert "变动的期限 limits moved：0" in desk.run("calendar", "import", str(notice_file)).output


def test_who_may_not_and_what_cannot_be_read_are_refused(bureau: Bureau, tmp_path: Path, notice_file: Path) -> None:
    desk = Desk(bureau, tmp_path)
    assert "只有系统管理员" in desk.run("calendar", "import", str(notice_file), "--as", "chen.jing", "--yes").output
    notice_file.write_text("{", encoding="utf-8")
    bad = desk.run("calendar", "import", str(notice_file))
    assert (bad.exit_code, "放假通知有误" in bad.output) == (1, True)
    assert "读不到文件" in desk.run("calendar", "import", str(tmp_path / "none.json")).output
