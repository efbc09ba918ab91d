"""Letters 文书: numbered in the action that issues them, made into a Word file by a job after it.

Issuing snapshots everything the letter says, so what is rendered a minute or a repair later is what held at issue.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, literal, select, update

from forms.form_file import Field, FormError, FormFile
from handlers.files.file_types import FileRefused
from handlers.jobs import queue
from handlers.jobs.queue import JobContext, job
from handlers.letters.index import LetterKind, read_index
from handlers.letters.snapshot import snapshot
from handlers.letters.template import TemplateFailed, render_docx
from handlers.service_registry import HandlerContext, HandlerRefused, service
from handlers.store.counters import next_value
from handlers.store.database import Database
from handlers.store.tables import counter, definition, letter, release_part, room_of

PENDING, READY, FAILED = "pending", "ready", "failed"
INDEX = "letters"
"""Key of the index of all letters (title and number format), published beside the templates as kind "letter"."""
STUCK_AFTER = timedelta(minutes=10)
"""Far longer than the three seconds a letter takes: a letter still pending then has lost its job. Or it waits behind
bulk work, where a second job is one too many and does no harm."""

MOST_INDEXES = 20
"""How many versions of the index are kept in memory."""

logger = logging.getLogger(__name__)
_indexes: dict[str, Mapping[str, LetterKind]] = {}


@dataclass(frozen=True, slots=True)
class Papers:
    """What a release has for its letters."""

    template_id: int
    kind: LetterKind
    answers: Mapping[str, Field]


@service("letters.issue")
def issue(context: HandlerContext, template: str, title: str = "", **parameters: Any) -> Mapping[str, Any]:
    """Issue the letter `template` of the case's release: number it, keep what it says, leave the job that makes it.

    `title` overrides the index; the other parameters are for the template, as `parameters`.
    Gives `letter` (id) and `letter_number` (文号). Six SQL statements, plus the job's two.
    Raises: HandlerRefused, if the release has no such template, or the letter would print a code that nothing names.
    """
    papers = _papers(context, template)
    values = snapshot(context, papers.answers, parameters)
    _refuse_codes(papers, values["unnamed"])
    number = _take_number(context, papers.kind.number_format, values["bureau"]["number_prefix"])
    row = {
        "instance_id": context.instance_id,
        "definition_id": papers.template_id,
        "template": template,
        "title": (title or papers.kind.title)[: room_of(letter.c.title)],
        "number": number,
        "context": values | {"number": number, "goes_out": papers.kind.is_delivered(parameters)},
        "state": PENDING,
        "issued_at": context.now,
    }
    letter_id: int = context.connection.execute(insert(letter).values(row).returning(letter.c.id)).scalar_one()
    queue.enqueue(context.connection, "letters.render", letter_id)
    return {"letter": letter_id, "letter_number": number}


def _refuse_codes(papers: Papers, unnamed: Mapping[str, str]) -> None:
    for key in sorted(papers.kind.facts & set(unnamed)):
        asked = papers.answers[key].label or key
        raise HandlerRefused(
            f"文书“{papers.kind.title}”要写的“{asked}”只有代码“{unnamed[key]}”，没有名称，不予签发。"
            "请系统管理员补上这个科室、人员或选项的名称后重试。"
        )


@job("letters.render")
def render(context: JobContext, letter_id: int) -> None:
    """Make the file of a letter that has none. A letter that is ready stays as it is, whoever asks again."""
    statement = select(letter.c.state, letter.c.context, definition.c.content).join(definition)
    with context.database.read() as connection:
        row = connection.execute(statement.where(letter.c.id == letter_id)).one_or_none()
    if row is None or row.state != PENDING:
        return
    try:
        sha256 = context.files.put(render_docx(row.content, row.context))
    except (TemplateFailed, FileRefused) as refusal:
        logger.warning("letter %s failed: %s", letter_id, refusal)
        _settle(context, letter_id, state=FAILED, error=str(refusal))
    else:
        _settle(context, letter_id, state=READY, sha256=sha256, error=None)


def retry(connection: Connection, letter_id: int) -> bool:
    """Try a failed letter again, with the newest version of its template; whether it had failed.

    The newest and not the release's own: a template that failed once fails again, and mending it made a new version.
    """
    row = connection.execute(select(letter.c.template).where(letter.c.id == letter_id)).one_or_none()
    if row is None:
        return False
    newest = (
        select(definition.c.id)
        .where(definition.c.kind == "letter", definition.c.key == row.template)
        .order_by(definition.c.number.desc())
        .limit(1)
    )
    failed = letter.c.id == letter_id, letter.c.state == FAILED
    changed = update(letter).where(*failed).values(state=PENDING, error=None, definition_id=newest.scalar_subquery())
    if not connection.execute(changed).rowcount:
        return False
    queue.enqueue(connection, "letters.render", letter_id)
    return True


def requeue_stuck(database: Database, now: datetime) -> int:
    """Leave a new job for every letter that has been pending for too long, one an hour at most; how many letters."""
    # Written out and not bound: a plan that is kept for every state cannot use the index of the pending ones.
    pending = letter.c.state == literal(PENDING, literal_execute=True)
    stuck = select(letter.c.id).where(pending, letter.c.issued_at < now - STUCK_AFTER)
    return queue.requeue(database, "letters.render", stuck, now)


def _settle(context: JobContext, letter_id: int, **result: Any) -> None:
    # Only from pending: a second job that comes late must not turn a letter that people have seen into a failure.
    still = letter.c.id == letter_id, letter.c.state == PENDING
    with context.database.write() as connection:
        connection.execute(update(letter).where(*still).values(rendered_at=context.time.now(), **result))


def _take_number(context: HandlerContext, number_format: str, prefix: str) -> str:
    year = context.today.year
    # Replaced one by one: str.format would let a format reach into objects.
    series = number_format.replace("{prefix}", prefix).replace("{year}", str(year))
    counted = f"letter:{series.replace('{number}', '')}"
    if len(counted) > room_of(counter.c.name):
        raise HandlerRefused(f"文号“{series[:20]}…”太长。请流程负责人改短 letters.yaml 中的文号格式，发布后重试。")
    value = next_value(context.connection, context.seal_key, counted)
    return series.replace("{number}", str(value))


def _papers(context: HandlerContext, template: str) -> Papers:
    parts = select(definition.c.id, definition.c.kind, definition.c.key, definition.c.sha256).join(release_part)
    statement = parts.where(release_part.c.release_id == context.release_id, definition.c.kind.in_(("form", "letter")))
    rows = context.connection.execute(statement.order_by(definition.c.kind, definition.c.key)).all()
    letters = {row.key: row for row in rows if row.kind == "letter"}
    if template not in letters:
        raise HandlerRefused(f"文书模板“{template}”没有随流程发布。请流程负责人发布该模板后重试。")
    answers: dict[str, Field] = {}
    for row in rows:
        if row.kind == "form":
            answers |= _form(context, row.key).answers()
    index = letters.get(INDEX)
    kinds = _kinds(context.connection, index.id, index.sha256) if index else {}
    return Papers(letters[template].id, kinds.get(template, LetterKind(template)), answers)


def _form(context: HandlerContext, key: str) -> FormFile:
    try:
        return context.form(key)
    except FormError as error:
        raise HandlerRefused(f"{error}请流程负责人改好表单并发布后重试。") from error


def _kinds(connection: Connection, definition_id: int, sha256: str) -> Mapping[str, LetterKind]:
    """What the index says, read once by its hash: a definition never changes, so nothing kept grows old."""
    if sha256 not in _indexes:
        if len(_indexes) >= MOST_INDEXES:
            _indexes.clear()
        content = select(definition.c.content).where(definition.c.id == definition_id)
        _indexes[sha256] = read_index(connection.execute(content).scalar_one())
    return _indexes[sha256]
