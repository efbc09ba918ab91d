"""The command `banli`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from webapp.cli.calendar import calendar
from webapp.cli.clock import clock
from webapp.cli.importing import import_file
from webapp.cli.operations import account, incidents, letter_list, retry
from webapp.cli.posts import post_list
from webapp.cli.requirements import requirements
from webapp.cli.shared import environment_settings, open_database, ready_database
from webapp.cli.translate import translate
from webapp.config import Settings
from webapp.operations.modes import keep_to_owner

if TYPE_CHECKING:
    from processes.engine.publishing.publish import Published


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def main() -> None:
    """办理 Banli：12315 投诉举报中心的流程系统。 Runs the procedures of a 12315 centre.

    设置都在环境变量 BANLI_* 中，见帮助的“设置”一章。 All settings are environment variables BANLI_*: handbook, 设置.

    每个子命令都有 --help。 Every command has its own --help.
    """
    keep_to_owner()


@main.command()
def run() -> None:
    """准备并启动，make run 用它。 Set up, then start web and worker.

    BANLI_DEMO=1 时另装示范人员和事项。 With BANLI_DEMO=1, demo people and cases come along.
    """
    from webapp.operations.supervisor import serve

    settings = environment_settings()
    click.echo("办理 Banli: 准备 setting up")
    _set_up(settings)
    sys.exit(serve(settings))


@main.command()
def setup() -> None:
    """建立或升级数据库，发布流程。 Create or upgrade the database.

    随程序的流程、决策表、表单、文书模板有变化的，发布为新版本；在办事项不受影响。可反复运行。
    Publishes what is new among the shipped procedures; running cases keep theirs. Safe to run again.
    """
    published = _set_up(environment_settings())
    for kind, key, number in published.versions:
        click.echo(f"  + {kind} {key} 第{number}版")
    for process, number in published.releases:
        click.echo(f"  + 流程 {process} 发布第{number}版")
    for sentence in published.notices:
        click.echo(f"  ! {sentence}")


@main.command()
def serve() -> None:
    """启动网页和后台，不做准备。 Start web and worker only."""
    from webapp.operations.supervisor import serve as serve_all

    sys.exit(serve_all(environment_settings()))


@main.command()
def worker() -> None:
    """只启动一个后台进程。 Start one worker, on any machine.

    想启动几个就几个，在几台机器上都可以。 As many as you like, on as many machines as you like.
    """
    from webapp.operations.worker import main as work

    work(environment_settings())


@main.command()
@click.argument("paths", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="机器可读的结果。 Findings as JSON.")
def check(paths: tuple[Path, ...], as_json: bool) -> None:
    """检查流程图等能否真正运行。 Check diagrams, tables, forms.

    不写文件名则检查全部随程序的文件。 Without FILE, everything that is shipped is checked.
    """
    import handlers.services  # noqa: F401 - the checker asks which service functions exist
    from processes.engine.check import main as check_main

    sys.exit(check_main([str(path) for path in paths], as_json))


@main.command()
@click.option("--coverage", "with_coverage", is_flag=True, help="列出没有走到的地方。 List what no scenario walks.")
@click.option(
    "--mark",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="把走到（绿）和没走到（红）的标在流程图上，存到此文件夹。 Write the diagrams, coloured, to this folder.",
)
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def scenarios(files: tuple[Path, ...], with_coverage: bool, folder: Path | None) -> None:
    """演练随程序的全部情形，或只演练给出的情形文件。 Play the scenarios.

    每个情形都从空的单位开始，不动本机的数据。 Each begins with an empty bureau; your data stay untouched.
    """
    from processes.engine.scenarios import run as player
    from processes.engine.scenarios.book import ScenarioError, read_book

    try:
        books = [read_book(path.read_bytes(), path.name) for path in files] or list(player.shipped_books())
    except ScenarioError as error:
        raise click.ClickException(str(error)) from error
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
    missing = player.coverage(books, reports) if with_coverage or folder else []
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        for process, content in player.marked_diagrams(reports, missing):
            (folder / f"{process}.bpmn").write_bytes(content)
        click.echo(f"流程图已存到 {folder}，可以用流程设计器打开。 Diagrams written.")
    for gap in missing:
        click.echo(f"没有走到  {gap.place}")
    if with_coverage and not missing:
        click.echo("全部流向、边界事件和决策表行都走到了。 Everything is walked.")
    sys.exit(1 if failures or missing or not all(report.passed for report in reports) else 0)


@main.group()
def audit() -> None:
    """核查办理记录。 Check the append-only history."""


@audit.command()
@click.option("--json", "as_json", is_flag=True, help="机器可读的结果。 Problems as JSON.")
def verify(as_json: bool) -> None:
    """核查全部办理记录是否被改动、删除或调换。 Find changed, removed or reordered rows, and name them."""
    from processes.engine.cases import history

    settings = environment_settings()
    with ready_database(settings) as database, database.snapshot() as connection:
        problems = list(history.verify(connection, settings.audit_key.encode()))
        anchor = history.anchor(connection)
    if as_json:
        click.echo(json.dumps([problem.__dict__ for problem in problems], ensure_ascii=False))
    for problem in problems if not as_json else ():
        click.echo(f"{problem.number}: {problem.sentence}")
    if not problems and not as_json:
        click.echo("全部办理记录完好。 All histories are intact.")
        click.echo(f"现状校验值，请抄存在系统之外 anchor, to be noted elsewhere: {anchor}")
    sys.exit(1 if problems else 0)


@audit.command()
@click.option("--json", "as_json", is_flag=True, help="机器可读的结果。 As JSON.")
def opinions(as_json: bool) -> None:
    """列出与他人此前意见一字不差的意见，由人判断。 List opinions that repeat somebody else's earlier one."""
    from dataclasses import asdict

    from processes.engine.cases.repeated_opinions import repeated_opinions

    with ready_database(environment_settings()) as database, database.snapshot() as connection:
        repeated = list(repeated_opinions(connection))
    if as_json:
        click.echo(json.dumps([asdict(item) for item in repeated], ensure_ascii=False))
        return
    for item in repeated:
        click.echo(f"{item.number}: {item.sentence}")
    click.echo(f"共 {len(repeated)} 条。 {len(repeated)} in all.")


@main.command()
@click.argument("target", metavar="FILE", type=click.Path(path_type=Path))
def backup(target: Path) -> None:
    """备份数据库和附件。 Back everything up into FILE.

    程序运行中即可备份。密钥不在其中，请另外保管。 It may all be running. Keys are not in it.
    """
    from webapp.operations.backup import BackupError
    from webapp.operations.backup import backup as write_backup

    try:
        size = write_backup(environment_settings(), target)
    except BackupError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"已备份到 {target}（{size / 1024 / 1024:.1f} MB）。密钥不在其中，请另外保管。 Keys are not in it.")


@main.command()
@click.argument("source", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(source: Path) -> None:
    """从备份恢复到空的安装。 Restore FILE into an empty installation.

    先停止网页和后台；恢复后运行 banli audit verify。 Stop web and worker first; then verify.
    """
    from webapp.operations.backup import BackupError
    from webapp.operations.backup import restore as read_backup

    try:
        read_backup(environment_settings(), source)
    except BackupError as error:
        raise click.ClickException(str(error)) from error
    click.echo("已恢复。请运行 banli audit verify 核查。 Restored; now run banli audit verify.")


def _set_up(settings: Settings) -> Published:
    from handlers.people.profiles import ProfileError
    from handlers.store.schema import SchemaTooNew
    from processes.engine.publishing.publish import PublishError
    from webapp.operations.setup import set_up

    try:
        with open_database(settings) as database:
            return set_up(settings, database, click.echo)
    except (ProfileError, SchemaTooNew, PublishError) as error:
        raise click.ClickException(str(error)) from error


for command in (
    account,
    calendar,
    clock,
    import_file,
    incidents,
    letter_list,
    post_list,
    requirements,
    retry,
    translate,
):
    main.add_command(command)

if __name__ == "__main__":
    main()
