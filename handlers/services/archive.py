"""The service functions of the diagram `archive`: what is in the file of a case, what is missing, and its number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from forms.wording import chinese_date
from handlers.people.actors import department_names
from handlers.service_registry import HandlerContext, HandlerRefused, service
from handlers.store.counters import next_value
from handlers.store.tables import attachment, letter
from handlers.time_source import beijing_date

ABSENT = "papers_absent"
"""Fact key: why papers are missing for good. Once it is answered the file counts as complete."""
MISSING_LENGTH = 80
"""Characters of the list of missing papers: it stands in the title of a task, which holds 120."""


@service("archive.contents")
def contents(context: HandlerContext, papers: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The list of contents of the case's file, and the papers that are not there yet.

    `papers` come from the table `archive_class`: where the case has the letter `letter`, one of the facts `fields` must
    hold a scan; `paper` is what people call it. Gives `contents` (rows of texts: `position`, `number` 文号, `author`
    责任者, `title`, `date`, `pages`), `missing` (names, empty if none) and `papers_complete` (yes or no).
    Source: S2:42 统一装订、分类保管，做到整齐规范、统一有序.
    """
    letters = _letters(context)
    missing = [] if context.facts.get(ABSENT) else list(_missing(context, papers, {row.template for row in letters}))
    return {
        "contents": _numbered([*_letter_rows(context, letters), *_attachment_rows(context)]),
        "missing": _listed(missing),
        "papers_complete": "no" if missing else "yes",
    }


@service("archive.number")
def number(context: HandlerContext, unit: str, archive_class: str) -> Mapping[str, Any]:
    """`archive_no`: unit, year, class and the next number of that series, such as `塘沽所-2026-TS-0012`.

    Raises: HandlerRefused, if the table gave no class.
    """
    if not archive_class:
        raise HandlerRefused("归档类别表没有给出类别代码，不能编档案号，请流程负责人补上这一行的类别代码后重试")
    name = department_names(context.connection).get(unit, unit)
    series = f"{unit}-{context.today.year}-{archive_class}"
    value = next_value(context.connection, context.seal_key, f"archive:{series}")
    return {"archive_no": f"{name}-{context.today.year}-{archive_class}-{value:04}"}


def _letters(context: HandlerContext) -> list[Any]:
    statement = select(letter.c.template, letter.c.number, letter.c.title, letter.c.issued_at, letter.c.context)
    return list(
        context.connection.execute(statement.where(letter.c.instance_id == context.instance_id).order_by(letter.c.id))
    )


def _missing(context: HandlerContext, papers: Sequence[Mapping[str, Any]], issued: set[str]) -> Iterator[str]:
    for paper in papers:
        if paper["letter"] in issued and not any(context.facts.get(field) for field in paper["fields"]):
            yield paper["paper"]


def _letter_rows(context: HandlerContext, letters: Sequence[Any]) -> Iterator[dict[str, str]]:
    for row in letters:
        yield {
            "number": row.number,
            "author": row.context["bureau"]["bureau"],
            "title": row.title,
            "date": chinese_date(beijing_date(row.issued_at)),
            "pages": "1份",
        }


def _attachment_rows(context: HandlerContext) -> Iterator[dict[str, str]]:
    statement = select(attachment.c.filename, attachment.c.uploaded_at).where(
        attachment.c.instance_id == context.instance_id
    )
    for row in context.connection.execute(statement.order_by(attachment.c.id)):
        yield {
            "number": "",
            "author": "",
            "title": f"附件：{row.filename}",
            "date": chinese_date(beijing_date(row.uploaded_at)),
            "pages": "1份",
        }


def _numbered(rows: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    return [{"position": str(position), **row} for position, row in enumerate(rows, 1)]


def _listed(names: Sequence[str]) -> str:
    text = "、".join(names)
    return text if len(text) <= MISSING_LENGTH else f"{text[: MISSING_LENGTH - 2]}等"
