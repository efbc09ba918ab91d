"""`banli posts`: messages between cases that did not arrive."""

from __future__ import annotations

import click

from forms.beijing import BEIJING
from handlers.cases import posts
from handlers.time_source import SystemTime
from webapp.cli.shared import environment_settings, ready_database


@click.command("posts")
@click.option("--resend", "again", is_flag=True, help="全部重新投递。 Deliver them again.")
def post_list(again: bool) -> None:
    """列出没有送到的消息。 List messages that did not arrive.

    无人接收的，或者发出十分钟还在途中的。排除原因（如发布缺少的流程）后用 --resend 重新投递；有无人接收的消息时
    返回 1。 Nobody took them, or they are late. Exit code 1 if nobody took one.
    """
    now = SystemTime().now()
    with ready_database(environment_settings()) as database:
        if again:
            with database.write() as connection:
                stranded = posts.stranded(connection, now)
                for row in stranded:
                    posts.resend(connection, row.id)
            click.echo(f"重新投递 {len(stranded)} 条消息。 Messages put back on their way.")
        with database.read() as connection:
            rows = posts.stranded(connection, now)
    for row in rows:
        sent_at = f"{row.sent_at.astimezone(BEIJING):%Y-%m-%d %H:%M}"
        click.echo(f"{row.number}  {row.name}  {sent_at}  {row.problem or '在途 on its way'}")
    if not rows:
        click.echo("没有送不到的消息。 Every message has arrived.")
    raise SystemExit(1 if any(row.problem for row in rows) else 0)
