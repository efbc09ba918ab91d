"""The commands on a case's file that move nothing: a note, a look at personal data, the delivery of a letter.

For everybody who works on the case. Each leaves an entry in its history.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from handlers.cases.case_file import may_work
from handlers.letters import delivery
from handlers.people.actors import Actor
from handlers.personal import kept_apart
from handlers.store.states import EventKind
from handlers.store.tables import attachment
from processes.engine.cases import task_writes
from processes.engine.cases.personal_answers import labels_of
from processes.engine.cases.work import Work, entry
from processes.engine.errors import NotFound, NotYours, Refused

NOTE_LENGTH = 2000


@dataclass(frozen=True, slots=True)
class Delivery:
    """How and when a letter reached somebody. `way`: a code of `delivery.WAYS`; `proof`: in words."""

    letter_id: int
    way: str
    delivered_on: date
    recipient: str
    proof: str


def note(work: Work, actor: Actor, text: str, files: Sequence[int]) -> None:
    """Keep a note 记事, with files that the person has uploaded. Raises: NotYours, Refused."""
    _must_work(work, actor)
    words = kept_apart.covered(work.connection, work.case.id, text.strip())
    if not words:
        raise Refused("请写明记事内容")
    if len(words) > NOTE_LENGTH:
        raise Refused(f"记事最多{NOTE_LENGTH}个字，请分几次记录")
    detail = {"files": _take_files(work, actor, files)}
    work.entries.append(entry(actor, EventKind.NOTE, comment=words, detail=detail))
    work.save()


def _take_files(work: Work, actor: Actor, files: Sequence[int]) -> list[dict[str, object]]:
    task_writes.adopt_files(work.connection, files, owner=work.case.id, for_task=None, by=actor.account_id)
    mine = attachment.c.id.in_(list(files)), attachment.c.instance_id == work.case.id
    rows = work.connection.execute(select(attachment).where(*mine).order_by(attachment.c.id)).all() if files else ()
    if len(rows) < len(set(files)):
        raise Refused("有附件已不存在，请重新上传")
    return [{"name": row.filename, "sha256": row.sha256} for row in rows]


def reveal(work: Work, actor: Actor, purpose: str) -> dict[str, str]:
    """The real personal data of a case as label to value, once. Raises: NotYours, Refused."""
    _must_work(work, actor)
    case_id = work.case.id
    why = kept_apart.covered(work.connection, case_id, purpose.strip())[: kept_apart.PURPOSE_LENGTH]
    if not why:
        raise Refused("请写明查看个人信息的用途")
    known = kept_apart.held(work.connection, case_id)
    if not known:
        raise Refused("此事项没有登记个人信息")
    labels = labels_of(work.shared.library, work.release, work.case.release_id, known)
    kept_apart.reveal(work.connection, case_id, actor.account_id, list(labels), why, work.now)
    detail = {"fields": list(labels), "labels": list(labels.values())}
    work.entries.append(entry(actor, EventKind.VIEWED, comment=why, detail=detail))
    work.save()
    return {label: known[key].value for key, label in labels.items()}


def record_delivery(work: Work, actor: Actor, given: Delivery) -> None:
    """Record how and when a letter of the case reached somebody. Raises: NotFound, NotYours, Refused."""
    _must_work(work, actor)
    letter = delivery.letter_of(work.connection, work.case.id, given.letter_id)
    if letter is None:
        raise NotFound("此事项没有这份文书")
    texts = given.recipient, given.proof
    to, shown = (kept_apart.covered(work.connection, work.case.id, text.strip()) for text in texts)
    try:
        delivery.record(
            work.connection,
            letter,
            way=given.way,
            delivered_on=given.delivered_on,
            recipient=to,
            proof=shown,
            by=actor.account_id,
            now=work.now,
        )
    except delivery.DeliveryRefused as refused:
        raise Refused(str(refused)) from refused
    what = {"letter": letter.title, "number": letter.number, "way": delivery.WAYS[given.way], "recipient": to}
    detail = what | {"delivered_on": given.delivered_on.isoformat()}
    work.entries.append(entry(actor, EventKind.DELIVERED, comment=shown, detail=detail))
    work.save()


def _must_work(work: Work, actor: Actor) -> None:
    if not may_work(work.connection, actor, work.case.id):
        raise NotYours("只有经办此事项的人和负责人可以进行这项操作")
