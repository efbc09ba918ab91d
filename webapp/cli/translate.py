"""`banli translate`: diagrams and tables of the older notation, written in FEEL."""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path

import click


@click.command()
@click.argument(
    "paths", metavar="FILE...", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), help="写到此文件夹。 Write there.")
def translate(paths: tuple[Path, ...], folder: Path | None) -> None:
    """把流程图、决策表里的表达式改写成 FEEL。 Rewrite expressions as FEEL.

    不写 --to 则改写原文件。有一处不能改写的，整个文件不动，并说明在哪里、应当怎样写。
    In place unless --to is given. A file with an expression that cannot be translated stays as it is.
    """
    from processes.engine.diagrams.safe_xml import HostileXml
    from processes.engine.publishing.publish import KINDS, Source, shipped_sources
    from processes.engine.publishing.translating import TranslationRefused, kinds_of
    from processes.engine.publishing.translating import translate as translated

    contents = {path: path.read_bytes() for path in paths}
    given = [Source(KINDS.get(path.suffix, ""), path.stem, content) for path, content in contents.items()]
    own = {(source.kind, source.key) for source in given}
    shipped = shipped_sources(files("processes"), files("forms"))
    kinds = kinds_of([*given, *(source for source in shipped if (source.kind, source.key) not in own)])
    failed = False
    for path, content in contents.items():
        try:
            written = translated(content, path.name, kinds)
        except (HostileXml, TranslationRefused) as error:
            failed = True
            click.echo(str(error))
            continue
        target = (folder or path.parent) / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(written)
        click.echo(f"{target}：已用 FEEL 写 written in FEEL")
    sys.exit(1 if failed else 0)
