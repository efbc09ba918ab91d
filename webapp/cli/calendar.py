"""`banli calendar`: importing a notice on holidays, first as a dry run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from handlers.clocks.holiday_notice_files import read_notice_file
from handlers.clocks.holiday_notices import Notice, NoticeError
from handlers.time_source import SystemTime
from webapp.cli.operations import find_actor
from webapp.cli.shared import environment_settings, ready_database

if TYPE_CHECKING:
    from processes.engine.commands.recounting import CalendarPlan


@click.group()
def calendar() -> None:
    """工作日历：导入放假通知。 The calendar of working days: import a notice."""


@calendar.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--as", "username", metavar="USERNAME", help="以谁的名义导入；不写只看影响。 Who does it; else a dry run."
)
@click.option("--yes", is_flag=True, help="不再询问。 Do not ask.")
def import_file(file: Path, username: str | None, yes: bool) -> None:
    """导入一份放假通知（JSON 或 CSV）。 Import a notice on holidays.

    先列出变动的日子和期限；写了 --as 的，确认后导入，期限、定时器、待办的到期日一起重算。
    Lists what would change; with --as it is carried out, and limits, timers and desks move.
    """
    from webapp.engine import make_engine

    notice = _read(file)
    settings, time = environment_settings(), SystemTime()
    with ready_database(settings) as database:
        engine = make_engine(database, time, settings)
        _print(notice, engine.plan_notice(notice))
        if username is None:
            click.echo("这是试算，没有导入。导入请加 --as 用户名。 A dry run; add --as USERNAME to import.")
            return
        actor = find_actor(database, username, time.now())
        if not actor.has("admin.calendar"):
            raise click.ClickException("只有系统管理员或流程负责人可以导入放假通知。")
        if not yes:
            click.confirm("确认导入？ Import it?", abort=True)
        done = engine.import_notice(actor, notice)
    click.echo(f"已导入，{len(done.moved)} 个期限已变动。 Imported; {len(done.moved)} limits moved.")


def _read(file: Path) -> Notice:
    try:
        return read_notice_file(file.read_bytes(), file.name)
    except OSError as error:
        raise click.ClickException(f"读不到文件 {file}，请检查路径和权限。") from error
    except NoticeError as error:
        raise click.ClickException("放假通知有误：\n  " + "\n  ".join(error.problems)) from error


def _print(notice: Notice, plan: CalendarPlan) -> None:
    click.echo(f"{notice.title}（{notice.year} 年，{notice.issued_on} 印发）")
    click.echo(f"变动的日子 days changed：{len(plan.days)}")
    for change in plan.days:
        click.echo(f"  {change.day}  {change.before.name} → {change.after.name}")
    click.echo(f"变动的期限 limits moved：{len(plan.moved)}")
    for limit in plan.moved:
        mark = "（暂定）" if limit.provisional else ""
        click.echo(f"  {limit.number}  {limit.name}  {limit.was_on or '扣除中'} → {limit.due_on or '扣除中'}{mark}")
