"""What an administrator does at the command line: look after what failed, and let people in."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click
from sqlalchemy import Connection, Row, select

from forms.beijing import BEIJING
from handlers.letters import issuing
from handlers.people import accounts
from handlers.people.actors import Actor, Grant, load_actor
from handlers.people.roles import ROLES
from handlers.store.database import Database
from handlers.store.states import CaseStatus
from handlers.store.tables import account as account_table
from handlers.store.tables import incident, instance, letter
from handlers.time_source import SystemTime, beijing_date
from webapp.cli.shared import environment_settings, ready_database

_ASCII_BRACKETS = str.maketrans("[]()（）", "〔〕〔〕〔〕")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="机器可读的结果。 As JSON.")
def incidents(as_json: bool) -> None:
    """列出处理出错、等待修复的事项。 List the cases that wait for a repair.

    排除原因后用 banli retry 重试；有待修复的事项时返回 1。 Then use banli retry. Exit code 1 if there are any.
    """
    with ready_database(environment_settings()) as database, database.read() as connection:
        rows = _open_incidents(connection)
    if as_json:
        click.echo(json.dumps([_as_data(row) for row in rows], ensure_ascii=False))
    for row in rows if not as_json else ():
        click.echo(f"{row.number}  {row.title}")
        click.echo(f"    步骤 step：{row.node_name}")
        click.echo(f"    原因 reason：{row.message}")
        click.echo(f"    自 since {_beijing(row.opened_at)}，已试 attempts {row.attempts}")
    if not rows and not as_json:
        click.echo("没有出错的事项。 Nothing waits for a repair.")
    raise SystemExit(1 if rows else 0)


@click.command()
@click.argument("number", metavar="CASE_NUMBER")
@click.option("--as", "username", required=True, metavar="USERNAME", help="以谁的名义，记入办理记录。 Who does it.")
def retry(number: str, username: str) -> None:
    """重新执行事项出错的一步。 Carry out once more what failed in a case.

    CASE_NUMBER 如 培训〔2026〕3号，括号可写作 [ ]。 The brackets may be typed as [ ].
    """
    from processes.engine.errors import CommandRefused
    from webapp.engine import make_engine

    settings, time = environment_settings(), SystemTime()
    with ready_database(settings) as database:
        actor = find_actor(database, username, time.now())
        case = _case(database, number.translate(_ASCII_BRACKETS))
        try:
            result = make_engine(database, time, settings).retry(actor, case)
        except CommandRefused as refused:
            raise click.ClickException(f"{refused}。") from refused
    if result.held:
        raise click.ClickException(f"{result.held}。请先排除原因，再重试。")
    click.echo(f"{result.number} 重试成功，继续办理。 Done; the case goes on.")


@click.command("letters")
@click.option("--retry", "again", is_flag=True, help="重新生成全部失败的文书。 Make the failed ones again.")
def letter_list(again: bool) -> None:
    """列出没有生成或生成失败的文书。 List the letters that are not made, or failed.

    有失败的文书时返回 1。 Exit code 1 if a letter has failed.
    """
    with ready_database(environment_settings()) as database:
        if again:
            click.echo(f"重新生成 {_retry_failed(database)} 份文书。 Failed letters put back to work.")
        with database.read() as connection:
            rows = _unmade_letters(connection)
    for row in rows:
        state = "失败 failed" if row.state == issuing.FAILED else "等待生成 pending"
        click.echo(f"{row.number}  {row.title}（{row.case}）  {state}  {row.error or ''}".rstrip())
    if not rows:
        click.echo("全部文书都已生成。 All letters are made.")
    raise SystemExit(1 if any(row.state == issuing.FAILED for row in rows) else 0)


@click.group()
def account() -> None:
    """账号：建立、重设密码。 Accounts: create one, reset a password.

    其余的在网页的“人员”中办理。 Everything else is in the browser, under 人员.
    """


@account.command()
@click.argument("username")
@click.argument("name")
@click.option(
    "--role", "grants", multiple=True, required=True, metavar="ROLE@DEPARTMENT",
    help="角色和科室，可写多次，如 administrator@office。 A role in a department; may be repeated.",
)  # fmt: skip
def create(username: str, name: str, grants: Sequence[str]) -> None:
    """建立账号，打印初始密码。 Create an account and print its first password.

    新的安装用它建立第一位系统管理员。 A new installation gets its first administrator in this way.
    """
    password, time = secrets.token_urlsafe(12), SystemTime()
    with ready_database(environment_settings()) as database:
        try:
            with database.write() as connection:
                accounts.create_account(
                    connection,
                    username=username,
                    name=name,
                    password=password,
                    grants=[_grant(text) for text in grants],
                    now=time.now(),
                )
        except accounts.PeopleRefused as refused:
            raise click.ClickException(refused.sentence) from refused
    click.echo(f"{username} 的密码 password: {password}")
    click.echo("请当面告知本人，登录后修改。 Hand it over in person; to be changed after signing in.")


@account.command("reset-password")
@click.argument("username")
def reset_password(username: str) -> None:
    """重设密码并解除锁定，打印新密码。 Unlock an account, print a new password; its sessions end."""
    with ready_database(environment_settings()) as database, database.write() as connection:
        row = connection.execute(select(account_table).where(account_table.c.username == username.lower())).first()
        if row is None:
            raise click.ClickException(f"没有 {username} 这个账号。 No such account.")
        password = accounts.reset_password(connection, row.id)
    click.echo(f"{row.username}（{row.name}）的新密码 new password: {password}")
    click.echo("请当面告知本人，登录后修改。 Hand it over in person; to be changed after signing in.")
    if not row.active:
        click.echo("注意：此账号已停用，由系统管理员启用后才能登录。 The account is disabled.")


def _open_incidents(connection: Connection) -> Sequence[Row[*tuple[Any, ...]]]:
    statement = (
        select(
            instance.c.number,
            instance.c.title,
            incident.c.node_name,
            incident.c.message,
            incident.c.opened_at,
            incident.c.attempts,
        )
        .join(instance, incident.c.instance_id == instance.c.id)
        .where(incident.c.resolved_at.is_(None), instance.c.status == CaseStatus.INCIDENT)
        .order_by(incident.c.opened_at)
    )
    return connection.execute(statement).all()


def _as_data(row: Row[*tuple[Any, ...]]) -> dict[str, Any]:
    return {
        "case": row.number,
        "title": row.title,
        "step": row.node_name,
        "reason": row.message,
        "since": row.opened_at.astimezone(BEIJING).isoformat(),
        "attempts": row.attempts,
    }


def _unmade_letters(connection: Connection) -> Sequence[Row[*tuple[Any, ...]]]:
    statement = (
        select(letter.c.number, letter.c.title, letter.c.state, letter.c.error, instance.c.number.label("case"))
        .join(instance, letter.c.instance_id == instance.c.id)
        .where(letter.c.state != issuing.READY)
        .order_by(letter.c.id)
    )
    return connection.execute(statement).all()


def _retry_failed(database: Database) -> int:
    failed = select(letter.c.id).where(letter.c.state == issuing.FAILED).order_by(letter.c.id)
    with database.write() as connection:
        return sum(issuing.retry(connection, letter_id) for letter_id in connection.scalars(failed).all())


def find_actor(database: Database, username: str, now: datetime) -> Actor:
    """The person with this user name. Raises ClickException."""
    with database.read() as connection:
        account_id = connection.scalar(select(account_table.c.id).where(account_table.c.username == username.lower()))
        actor = None if account_id is None else load_actor(connection, account_id, beijing_date(now))
    if actor is None:
        raise click.ClickException(f"没有 {username} 这个账号，或已停用。 No such account.")
    return actor


def _case(database: Database, number: str) -> int:
    with database.read() as connection:
        instance_id = connection.scalar(select(instance.c.id).where(instance.c.number == number))
    if instance_id is None:
        raise click.ClickException(f"没有编号为 {number} 的事项。 No such case.")
    return int(instance_id)


def _grant(given: str) -> Grant:
    role, at, department = given.partition("@")
    if not at or role not in ROLES:
        raise click.ClickException(f"--role {given} 看不懂，要写成 角色@科室。可选的角色：{'、'.join(ROLES)}。")
    return role, department


def _beijing(moment: datetime) -> str:
    return f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M}"
