"""What administrators do at the command line: incidents, retry, letters, accounts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Connection, select, update

from handlers.cases import posts
from handlers.people.accounts import set_grants
from handlers.people.passwords import check_password
from handlers.store.tables import account, letter, post
from processes.engine.cases import history
from tests.support.bureau import SEAL_KEY, Bureau
from tests.support.cases import decide, start_training
from webapp.cli.main import main

REASON = "局领导"


class Desk:
    """The command line of the bureau's machine."""

    def __init__(self, bureau: Bureau, var: Path) -> None:
        self.bureau = bureau
        self.environment = {
            "BANLI_DEMO": "1",
            "BANLI_DEMO_LETTERS": "0",
            "BANLI_VAR": str(var),
            "BANLI_DATABASE_URL": bureau.database.url,
            "BANLI_AUDIT_KEY": SEAL_KEY.decode(),
        }

    def run(self, *arguments: str, **environment: str) -> Result:
        return CliRunner().invoke(main, arguments, env=self.environment | environment)

    def stored(self, username: str) -> str:
        with self.bureau.database.read() as connection:
            return str(
                connection.execute(select(account.c.password_hash).where(account.c.username == username)).scalar_one()
            )


@pytest.fixture
def desk(bureau: Bureau, tmp_path: Path) -> Desk:
    return Desk(bureau, tmp_path)


@pytest.fixture
def broken(desk: Desk) -> Desk:
    """A case whose next step fails: nobody is a leader."""
    with desk.bureau.database.write() as connection:
        for name in ("li.guoqiang", "zhou.min"):
            set_grants(connection, desk.bureau.actor(name).account_id, [("observer", "leaders")])
    decide(desk.bureau, start_training(desk.bureau), "wang.jianguo", "agree")
    return desk


def repair(desk: Desk) -> None:
    with desk.bureau.database.write() as connection:
        set_grants(connection, desk.bureau.actor("zhou.min").account_id, [("bureau_leader", "leaders")])


def test_an_audit_sees_one_moment_whatever_is_done_while_it_reads(
    bureau_on_both: Bureau, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = start_training(bureau_on_both)
    check, decisions = history._verify_case, iter(["agree"])

    def act_first(connection: Connection, key: bytes, row: Any) -> Iterator[history.AuditProblem]:
        for decision in decisions:
            decide(bureau_on_both, case, "wang.jianguo", decision)
        yield from check(connection, key, row)

    monkeypatch.setattr(history, "_verify_case", act_first)
    desk = Desk(bureau_on_both, tmp_path)
    result = desk.run("audit", "verify", BANLI_DATABASE_URL=address(bureau_on_both))
    assert result.exit_code == 0, result.output
    assert next(decisions, None) is None


def address(bureau: Bureau) -> str:
    """With the password, which a URL otherwise hides."""
    return bureau.database.engine.url.render_as_string(hide_password=False)


def issue_letter(desk: Desk, state: str, error: str | None) -> None:
    case = start_training(desk.bureau)
    decide(desk.bureau, case, "wang.jianguo", "agree")
    decide(desk.bureau, case, "li.guoqiang", "agree")
    with desk.bureau.database.write() as connection:
        connection.execute(update(letter).values(state=state, error=error))


def test_incidents_name_case_step_reason_time_and_attempts(broken: Desk) -> None:
    result = broken.run("incidents")
    assert result.exit_code == 1
    for words in ("培训〔2026〕1号", "12315平台操作培训", "步骤 step：", REASON, "2026-03-02 09:30", "attempts 1"):
        assert words in result.stdout, words


def test_incidents_can_be_read_by_programs(broken: Desk) -> None:
    (found,) = json.loads(broken.run("incidents", "--json").stdout)
    assert REASON in found.pop("reason")
    assert found.pop("step")
    assert found == {
        "case": "培训〔2026〕1号", "title": "12315平台操作培训", "since": "2026-03-02T09:30:00+08:00", "attempts": 1,
    }  # fmt: skip


def test_without_incidents_the_answer_says_so(desk: Desk) -> None:
    result = desk.run("incidents")
    assert (result.exit_code, result.stdout) == (0, "没有出错的事项。 Nothing waits for a repair.\n")
    assert desk.run("incidents", "--json").stdout == "[]\n"


def test_a_cancelled_case_waits_for_no_repair(broken: Desk) -> None:
    broken.bureau.engine.cancel(broken.bureau.actor("liu.fang"), 1, "不再举办")
    assert broken.run("incidents").exit_code == 0


@pytest.mark.parametrize("number", ["培训〔2026〕1号", "培训[2026]1号", "培训(2026)1号"])
def test_retry_after_the_repair_lets_the_case_go_on_in_the_name_given(broken: Desk, number: str) -> None:
    repair(broken)
    result = broken.run("retry", number, "--as", "admin")
    assert (result.exit_code, result.stdout) == (0, "培训〔2026〕1号 重试成功，继续办理。 Done; the case goes on.\n")
    assert broken.bureau.case(1).status == "active"
    assert broken.run("incidents").exit_code == 0
    assert broken.run("audit", "verify").exit_code == 0


def test_a_retry_that_fails_again_says_why(broken: Desk) -> None:
    result = broken.run("retry", "培训[2026]1号", "--as", "owner")
    assert result.exit_code == 1
    assert "仍然出错" in result.stderr
    assert REASON in result.stderr
    assert "attempts 2" in broken.run("incidents").stdout


@pytest.mark.parametrize(
    ("number", "username", "says"),
    [
        ("培训〔2026〕9号", "admin", "没有编号为 培训〔2026〕9号 的事项"),
        ("培训〔2026〕1号", "nobody", "没有 nobody 这个账号"),
        ("培训〔2026〕1号", "chen.jing", "只有系统管理员或流程负责人可以"),
    ],
)
def test_a_retry_that_may_not_be_is_refused_in_a_sentence(broken: Desk, number: str, username: str, says: str) -> None:
    result = broken.run("retry", number, "--as", username)
    assert result.exit_code == 1
    assert says in result.stderr


def test_a_case_without_incident_needs_no_retry(desk: Desk) -> None:
    start_training(desk.bureau)
    assert "没有待处理的故障" in desk.run("retry", "培训[2026]1号", "--as", "admin").stderr


def test_failed_letters_are_listed_and_put_back_to_work(desk: Desk) -> None:
    issue_letter(desk, "failed", "模板缺少“经费”。")
    result = desk.run("letters")
    assert result.exit_code == 1
    for words in ("失败 failed", "模板缺少“经费”。", "培训〔2026〕1号"):
        assert words in result.stdout, words
    again = desk.run("letters", "--retry")
    assert again.exit_code == 0
    assert "重新生成 1 份文书" in again.stdout
    assert "等待生成 pending" in again.stdout


def test_letters_that_are_made_are_not_listed(desk: Desk) -> None:
    issue_letter(desk, "ready", None)
    assert desk.run("letters").stdout == "全部文书都已生成。 All letters are made.\n"
    assert "重新生成 0 份文书" in desk.run("letters", "--retry").stdout


def test_messages_that_nobody_took_are_listed_and_sent_again(desk: Desk) -> None:
    case = start_training(desk.bureau)
    with desk.bureau.database.write() as connection:
        sent = posts.send(connection, case, "nobody_waits", {}, by=None, now=desk.bureau.time.now())
    desk.bureau.engine.deliver(sent)
    result = desk.run("posts")
    assert result.exit_code == 1
    for words in ("培训〔2026〕1号", "nobody_waits", "没有关联的在办事项"):
        assert words in result.stdout, words
    again = desk.run("posts", "--resend")
    assert again.exit_code == 0
    assert "重新投递 1 条消息" in again.stdout
    assert "在途 on its way" in again.stdout
    with desk.bureau.database.write() as connection:
        connection.execute(update(post).values(delivered_at=desk.bureau.time.now()))
    assert desk.run("posts").stdout == "没有送不到的消息。 Every message has arrived.\n"


def test_a_reset_password_unlocks_ends_sessions_and_is_printed_once(desk: Desk) -> None:
    with desk.bureau.database.write() as connection:
        locked = update(account).where(account.c.username == "admin")
        connection.execute(locked.values(failed_logins=9, locked_until_at=desk.bureau.time.now()))
    before = desk.bureau.actor("admin")
    result = desk.run("account", "reset-password", "Admin")
    password = result.stdout.splitlines()[0].rpartition("new password: ")[2]
    assert check_password(desk.stored("admin"), password)
    assert desk.bureau.actor("admin").session_epoch == before.session_epoch + 1
    with desk.bureau.database.read() as connection:
        row = connection.execute(select(account).where(account.c.username == "admin")).one()
    assert (row.failed_logins, row.locked_until_at) == (0, None)


def test_a_reset_of_a_disabled_account_says_that_it_stays_disabled(desk: Desk) -> None:
    with desk.bureau.database.write() as connection:
        connection.execute(update(account).where(account.c.username == "chen.jing").values(active=False))
    assert "已停用" in desk.run("account", "reset-password", "chen.jing").stdout


def test_nobody_s_password_cannot_be_reset(desk: Desk) -> None:
    result = desk.run("account", "reset-password", "nobody")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "没有 nobody 这个账号" in result.stderr


def test_a_new_installation_gets_its_administrator(desk: Desk) -> None:
    result = desk.run("account", "create", "root.admin", "管理员", "--role", "administrator@office")
    password = result.stdout.splitlines()[0].rpartition("password: ")[2]
    assert check_password(desk.stored("root.admin"), password)
    assert desk.bureau.actor("root.admin").grants == {("administrator", "office")}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["admin", "某人", "--role", "administrator@office"], "已被使用"),
        (["Zhang San", "张三", "--role", "administrator@office"], "用户名由小写字母"),
        (["zhang.san", "张三", "--role", "administrator@nowhere"], "没有“nowhere”这个科室"),
        (["zhang.san", "张三", "--role", "king@office"], "看不懂"),
        (["zhang.san", "张三", "--role", "administrator"], "看不懂"),
        (["zhang.san", "张三"], "--role"),
    ],
)
def test_an_account_that_cannot_be_is_refused_in_a_sentence(desk: Desk, arguments: list[str], says: str) -> None:
    result = desk.run("account", "create", *arguments)
    assert result.exit_code != 0
    assert says in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "command", [["incidents"], ["letters"], ["posts"], ["audit", "verify"], ["retry", "1", "--as", "admin"]]
)
def test_an_installation_that_was_not_set_up_is_told_so(desk: Desk, tmp_path: Path, command: list[str]) -> None:
    result = desk.run(*command, BANLI_DATABASE_URL=f"sqlite:///{tmp_path / 'empty.sqlite'}")
    assert result.exit_code == 1
    assert "请先运行 banli setup" in result.stderr


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nonsense", "BANLI_DATABASE_URL 看不懂"),
        ("postgresql://banli@localhost/banli", "postgresql+psycopg://"),
        ("mysql://banli@localhost/banli", "BANLI_DATABASE_URL 看不懂"),
        ("postgresql+psycopg://banli@127.0.0.1:1/banli", "连不上数据库"),
    ],
)
def test_a_database_that_cannot_be_used_is_said_in_a_sentence(desk: Desk, url: str, says: str) -> None:
    result = desk.run("incidents", BANLI_DATABASE_URL=url)
    assert result.exit_code == 1
    assert says in result.stderr


def test_settings_that_are_missing_are_said_in_a_sentence(desk: Desk) -> None:
    result = desk.run("incidents", BANLI_DEMO="0")
    assert result.exit_code == 1
    assert "没有设置 BANLI_SECRET_KEY" in result.stderr


def commands() -> list[list[str]]:
    found = []
    for name, command in main.commands.items():
        found.append([name])
        found.extend([name, inner] for inner in getattr(command, "commands", ()))
    return found


@pytest.mark.parametrize("command", [[], *commands()], ids=lambda words: " ".join(words) or "banli")
def test_help_is_in_chinese_and_english(command: list[str]) -> None:
    result = CliRunner().invoke(main, [*command, "--help"])
    assert result.exit_code == 0
    said = result.stdout.partition("Options:")[0].partition("\n")[2]
    assert re.search("[一-鿿]{2}", said)
    assert re.search("[A-Z][a-z]+ [a-z]+", said)


def test_the_list_of_commands_cuts_no_sentence_short() -> None:
    result = CliRunner().invoke(main, ["--help"], terminal_width=80)
    assert "..." not in result.stdout.partition("Commands:")[2]
    assert all(command in result.stdout for command in main.commands)


def test_a_database_of_a_newer_release_is_left_alone_in_a_sentence(desk: Desk) -> None:
    with desk.bureau.database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    result = desk.run("setup")
    assert result.exit_code == 1
    assert "数据库的版本是 9999，比程序新" in result.stderr


def test_setting_up_twice_publishes_nothing_new(desk: Desk) -> None:
    result = desk.run("setup", BANLI_DEMO="0", BANLI_SECRET_KEY="k" * 40)
    assert result.exit_code == 0
    assert "+" not in result.stdout
