"""`banli requirements`: the duties of the source documents, and where each is kept and shown."""

from __future__ import annotations

import json

import click


@click.command()
@click.option("--json", "as_json", is_flag=True, help="机器可读的结果。 As JSON.")
def requirements(as_json: bool) -> None:
    """列出原文的每项职责由流程的哪里落实、由哪些情形演示。 Trace every duty.

    有职责没有情形演示的，返回 1。 Exit code 1 if a duty is shown by no scenario.
    """
    from processes.engine.scenarios.requirements import shipped_requirements, shown_by
    from processes.engine.scenarios.run import shipped_books

    shown = shown_by(list(shipped_books()))
    rows = shipped_requirements()
    if as_json:
        data = [
            {
                "requirement": row.number,
                "clause": row.clause,
                "words": row.words,
                "kept_by": row.kept_by,
                "shown_by": shown.get(row.number, []),
            }
            for row in rows
        ]
        click.echo(json.dumps(data, ensure_ascii=False, indent=1))
    for row in rows if not as_json else ():
        click.echo(f"{row.number}  {row.clause}  {row.words}")
        click.echo(f"    落实 kept by：{'；'.join(row.kept_by)}")
        click.echo(f"    情形 shown by：{'；'.join(shown.get(row.number, [])) or '没有 none'}")
    raise SystemExit(1 if any(row.number not in shown for row in rows) else 0)
