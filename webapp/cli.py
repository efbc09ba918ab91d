"""The command `banli`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click

from handlers.database import Database
from webapp.cli_clock import clock
from webapp.config import Settings, SettingsError, read_settings


def _settings() -> Settings:
    try:
        return read_settings(os.environ)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def main() -> None:
    """办理 Banli: 12315 投诉举报中心的流程系统。 Runs the procedures of a 12315 centre.

    设置都在环境变量 BANLI_* 中，见 README。 All settings are environment variables BANLI_*, see the README.
    """


@main.command()
def run() -> None:
    """准备好并启动网页和后台（make run 用它）。 Set up what is missing, then start web and worker."""
    from webapp.setup import set_up
    from webapp.supervisor import serve

    settings = _settings()
    click.echo("办理 Banli: 准备 setting up")
    with _database(settings) as database:
        set_up(settings, database, click.echo)
    sys.exit(serve(settings))


@main.command()
def setup() -> None:
    """建立或升级数据库，发布随程序的流程。 Create or upgrade the database, publish the shipped procedures."""
    from webapp.setup import set_up

    settings = _settings()
    with _database(settings) as database:
        published = set_up(settings, database, click.echo)
    for kind, key, number in published.versions:
        click.echo(f"  + {kind} {key} 第{number}版")
    for process, number in published.releases:
        click.echo(f"  + 流程 {process} 发布第{number}版")


@main.command()
def serve() -> None:
    """启动网页和后台，不做准备。 Start web and worker without setting up."""
    from webapp.supervisor import serve as serve_all

    sys.exit(serve_all(_settings()))


@main.command()
def worker() -> None:
    """只启动一个后台进程。 Start one worker only; for further machines."""
    from webapp.worker import main as work

    work(_settings())


@main.command()
@click.argument("paths", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="机器可读的结果。 Findings as JSON.")
def check(paths: tuple[Path, ...], as_json: bool) -> None:
    """检查流程图、决策表、表单能否真正运行。 Check that diagrams, tables and forms can really run.

    不写文件名则检查全部随程序的文件。 Without FILE, everything that is shipped is checked.
    """
    import handlers.services  # noqa: F401 - the checker asks which service functions exist
    from processes.engine.check import main as check_main

    sys.exit(check_main([str(path) for path in paths], as_json))


@main.command()
@click.option("--coverage", "with_coverage", is_flag=True, help="列出没有走到的地方。 List what no scenario walks.")
def scenarios(with_coverage: bool) -> None:
    """演练流程负责人写的全部情形。 Play all scenarios that ship, each from an empty bureau."""
    from processes.engine.scenarios import run as player

    books = list(player.shipped_books())
    failures, _ = player.check_rows(books, player.shipped_parts()[1])
    reports = []
    with player.sqlite_stages() as fresh:
        for report in player.play_all(books, fresh):
            reports.append(report)
            click.echo(f"{'通过' if report.passed else '不符'}  {report.book}  {report.title}")
            for sentence in report.failures:
                click.echo(f"      {sentence}")
    for sentence in failures:
        click.echo(sentence)
    missing = player.coverage(books, reports) if with_coverage else []
    for gap in missing:
        click.echo(f"没有走到  {gap.place}")
    if with_coverage and not missing:
        click.echo("全部流向、边界事件和决策表行都走到了。 Everything is walked.")
    sys.exit(1 if failures or missing or not all(report.passed for report in reports) else 0)


@main.group()
def audit() -> None:
    """办理记录的核查。 The append-only history."""


@audit.command()
@click.option("--json", "as_json", is_flag=True, help="机器可读的结果。 Problems as JSON.")
def verify(as_json: bool) -> None:
    """核查全部办理记录是否被改动、删除或调换。 Find changed, removed or reordered rows, and name them."""
    from processes.engine import history

    settings = _settings()
    with _database(settings) as database, database.read() as connection:
        problems = list(history.verify(connection, settings.audit_key.encode()))
    if as_json:
        click.echo(json.dumps([problem.__dict__ for problem in problems], ensure_ascii=False))
    for problem in problems if not as_json else ():
        click.echo(f"{problem.number}: {problem.sentence}")
    if not problems and not as_json:
        click.echo("全部办理记录完好。 All histories are intact.")
    sys.exit(1 if problems else 0)


@main.command()
@click.argument("target", metavar="FILE", type=click.Path(path_type=Path))
def backup(target: Path) -> None:
    """把数据库和附件备份到一个文件（运行中即可）。 Back database and files up into FILE, while it all runs."""
    from webapp.backup import BackupError
    from webapp.backup import backup as write_backup

    try:
        size = write_backup(_settings(), target)
    except BackupError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"已备份到 {target}（{size / 1024 / 1024:.1f} MB）。密钥不在其中，请另外保管。 Keys are not in it.")


@main.command()
@click.argument("source", metavar="FILE", type=click.Path(exists=True, path_type=Path))
def restore(source: Path) -> None:
    """从备份恢复到空的安装。 Bring a backup back into an empty installation."""
    from webapp.backup import BackupError
    from webapp.backup import restore as read_backup

    try:
        read_backup(_settings(), source)
    except BackupError as error:
        raise click.ClickException(str(error)) from error
    click.echo("已恢复。请运行 banli audit verify 核查。 Restored; now run banli audit verify.")


main.add_command(clock)


class _database:
    """The installation's database, closed at the end."""

    def __init__(self, settings: Settings) -> None:
        settings.var.mkdir(parents=True, exist_ok=True)
        self._database = Database(settings.database_url)

    def __enter__(self) -> Database:
        return self._database

    def __exit__(self, *_: object) -> None:
        self._database.close()
