"""`banli import`: a register that another system exported, from the command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from handlers.files.file_types import clean_filename
from handlers.files.reading_tables import MAX_BYTES, SheetRow, SpreadsheetRefused
from handlers.files.writing_tables import rejects
from handlers.people.actors import Actor
from handlers.register import import_runs
from handlers.register.import_sources import ImportSource, MappingRefused, all_sources, read_mapping, save_source
from handlers.store.database import Database
from handlers.time_source import SystemTime
from processes.importing.opening import Imports
from processes.importing.registration import PERMISSION, ImportRefused, find_source
from processes.importing.rows import Outcome
from processes.importing.run_report import told
from webapp.cli.operations import find_actor
from webapp.cli.shared import environment_settings, ready_database
from webapp.engine import make_engine, make_imports

_SHOWN = 20


@click.command("import")
@click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--source", "code", required=True, help="来源代码，如 platform、hotline_12345、city_centre。 Which system."
)
@click.option(
    "--map", "mapping", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="列对应（JSON），为此来源保存，以后不必再写。 Column mapping, kept for this source.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="只检查，不登记任何事项。 Only show what would happen.")
@click.option("--as", "username", metavar="USERNAME", help="以谁的名义登记；--dry-run 时不用写。 Who does it.")
def import_file(path: Path, code: str, mapping: Path | None, dry_run: bool, username: str | None) -> None:
    """导入其他平台导出的登记表。 Import a register exported by another system.

    CSV（UTF-8、GB18030）或 XLSX。每行成为一件事项；导入过的编号不会重复登记。有错的行写入同目录的
    “（退回）”文件，最后一列是原因，并返回 1。 Each row becomes a case; known numbers are skipped; bad rows
    go, with their reason, to a file beside FILE, and the exit code is 1.
    """
    settings = environment_settings()
    with ready_database(settings) as database:
        actor = _actor(database, username, dry_run)
        work = make_imports(make_engine(database, SystemTime(), settings), settings)
        try:
            source = _source(work, code, mapping, actor, dry_run)
            outcome, kept = _go(work, source, path, actor)
        except (SpreadsheetRefused, ImportRefused, MappingRefused) as refused:
            raise click.ClickException(str(refused)) from refused
    _tell(outcome, dry_run)
    if outcome.bad and not dry_run:
        target = path.with_name(f"{path.stem}（退回）{path.suffix}")
        target.write_bytes(kept)
        click.echo(f"有错的行已写入 {target}，改好后再导入那个文件。 Bad rows, with reasons.")
    raise SystemExit(1 if outcome.bad else 0)


def _actor(database: Database, username: str | None, dry_run: bool) -> Actor | None:
    if dry_run:
        return None
    if username is None:
        raise click.ClickException(
            "请用 --as 写明以谁的名义登记；只想看看结果，请加 --dry-run。 --as USERNAME is missing."
        )
    actor = find_actor(database, username, SystemTime().now())
    if not actor.has(PERMISSION):
        raise click.ClickException(f"{actor.name}的角色不能导入，请用 --as 换一位能导入的人，例如接收员、系统管理员。")
    return actor


def _source(work: Imports, code: str, mapping: Path | None, actor: Actor | None, dry_run: bool) -> ImportSource:
    with work.database.read() as connection:
        if mapping is None:
            return find_source(connection, code)
        known = all_sources(connection).get(code)
    source = read_mapping(code, mapping.read_bytes(), known)
    if not dry_run:
        with work.database.write() as connection:
            save_source(connection, source, actor.account_id if actor else None, work.now())
    return source


def _go(work: Imports, source: ImportSource, path: Path, actor: Actor | None) -> tuple[Outcome, bytes]:
    """Go through the file under a bar; what came of it, and the file of the bad rows."""
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    importer = work.importer(source, content, clean_filename(path.name), actor, work.now())
    for sentence in told(importer):
        click.echo(f"注意 note：{sentence}")
    run_id = None if actor is None else work.open_run(source, path.name, content, actor, import_runs.RUNNING)
    outcome = Outcome(len(importer.sheet.lines))
    steps: Any = importer.go() if run_id is None else work.keeping_books(importer, run_id)
    with click.progressbar(length=outcome.total, label="导入 importing" if actor else "检查 checking") as bar:
        for outcome in steps:
            bar.update(outcome.done - bar.pos)
    return outcome, rejects(importer.sheet, outcome.bad)


def _tell(outcome: Outcome, dry_run: bool) -> None:
    click.echo(f"共 {outcome.total} 行 rows：{'将登记' if dry_run else '登记'}新件 {outcome.new} new，", nl=False)
    click.echo(
        f"已有 {len(outcome.known)} known，可能重复（照样登记） {outcome.duplicates} possible duplicates，"
        f"有错 {len(outcome.bad)} bad"
    )
    _list(outcome.bad)
    _list(outcome.known, "已有：")
    if dry_run:
        for line, case in outcome.cases:
            click.echo(f"  预览 preview {line.place}：{case.number}  新件 new")
            for label, text, mark in case.answers:
                click.echo(f"    {label}：{text}{f'（{mark}）' if mark else ''}")


def _list(rows: Sequence[tuple[SheetRow, str]], words: str = "") -> None:
    for line, text in rows[:_SHOWN]:
        click.echo(f"  {line.place} row：{words}{text}")
    if len(rows) > _SHOWN:
        click.echo(f"  另有 {len(rows) - _SHOWN} 行 more")
