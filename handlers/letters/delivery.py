"""How letters reached their recipients 送达: way, day, recipient and proof, as the procedural rules want it on file.

Recorded on the case page, or by a diagram after the step in which somebody has stated it: nobody enters it twice.
Source: the ways of 民事诉讼法 (第七章第二节 送达), and those by which a centre tells people: platform and telephone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select

from handlers.personal import kept_apart
from handlers.service_registry import HandlerContext, HandlerRefused, service
from handlers.store.tables import account, delivery, letter
from handlers.time_source import beijing_date, read_moment

WAYS: Final[Mapping[str, str]] = {
    "direct": "直接送达",
    "mail": "邮寄送达",
    "electronic": "电子送达",
    "platform": "平台告知",
    "phone": "电话告知",
    "left": "留置送达",
    "entrusted": "委托送达",
    "announcement": "公告送达",
}
"""Ways of delivery by code, the usual ones first. Forms take them as the choice list `delivery_ways`."""
UNREACHABLE: Final = "unreachable"
"""What a form with `delivery_ways:or_unreachable` offers beside the ways: nothing was delivered, which is on file."""
UNREACHABLE_WORDS: Final = "无法联系，记录在案"
RECIPIENT_LENGTH, PROOF_LENGTH = 80, 500


class DeliveryRefused(Exception):
    """A delivery that cannot be; the text is a Chinese sentence for who records it."""


def record(
    connection: Connection,
    letter_row: Row[Any],
    *,
    way: str,
    delivered_on: date,
    recipient: str,
    proof: str,
    by: int,
    now: datetime,
) -> None:
    """Write down one delivery of a letter; a letter may have several, one for each recipient.

    Raises: DeliveryRefused.
    """
    if letter_row.state != "ready":
        raise DeliveryRefused("文书还没有制作好，不能登记送达")
    if way not in WAYS:
        raise DeliveryRefused("请选择送达方式")
    if not recipient or not proof:
        raise DeliveryRefused("请写明受送达人和送达凭证")
    if delivered_on > beijing_date(now):
        raise DeliveryRefused("送达日期不能晚于今天")
    if delivered_on < beijing_date(letter_row.issued_at):
        raise DeliveryRefused("送达日期不能早于文书的制发日期")
    _write(connection, letter_row.id, recipient, way, delivered_on, proof, by=by, now=now)


@service("letters.delivered")
def delivered(
    context: HandlerContext,
    template: str,
    recipient: str | Sequence[str],
    way: str | Sequence[str],
    delivered_on: str | Sequence[str],
    proof: str,
    by: int,
) -> Mapping[str, Any]:
    """Record that the newest letter `template` of the case has reached its recipients, as a step has just stated.

    Several recipients: lists of the same length in `recipient`, `way` and `delivered_on` (ISO date or moment). `by` is
    the account that did the step. The day is kept as stated, also one before the letter was made: a person stands for
    it. What is recorded already is not recorded again, and nothing is where the case has no such letter or the way is
    `unreachable`. The letter's file need not be ready: a delivery is of the letter and not of the file.
    Gives `recorded`, how many rows were written. Raises: HandlerRefused, if a way is unknown or the lists do not match.
    Source: S2:37, S2:39 (R053, R055).
    """
    stated = _stated(recipient, way, delivered_on)
    newest = select(letter.c.id).where(letter.c.instance_id == context.instance_id, letter.c.template == template)
    letter_id = context.connection.scalar(newest.order_by(letter.c.id.desc()).limit(1))
    if letter_id is None or not stated:
        return {"recorded": 0}
    rows = context.connection.execute(select(delivery).where(delivery.c.letter_id == letter_id)).all()
    known = {(row.recipient, row.delivered_on) for row in rows}
    shown = kept_apart.covered(context.connection, context.instance_id, proof.strip())
    fresh = [(to, how, day) for to, how, day in stated if (to, day) not in known]
    for to, how, day in fresh:
        _write(context.connection, letter_id, to, how, day, shown, by=by, now=context.now)
    return {"recorded": len(fresh)}


def _stated(
    recipient: str | Sequence[str], way: str | Sequence[str], delivered_on: str | Sequence[str]
) -> list[tuple[str, str, date]]:
    """Recipient, way and Beijing day of each delivery; without those where nobody was reached."""
    columns = [[item] if isinstance(item, str) else list(item) for item in (recipient, way, delivered_on)]
    if len({len(column) for column in columns}) != 1:
        raise HandlerRefused("登记送达时，受送达人、送达方式和送达日期的个数不一致。请流程负责人检查流程图上的参数。")
    unknown = [code for code in columns[1] if code not in WAYS and code != UNREACHABLE]
    if unknown:
        raise HandlerRefused(f"送达方式“{unknown[0]}”不认识。请流程负责人检查流程图和表单的送达方式。")
    stated = zip(*columns, strict=True)
    return [(to, how, beijing_date(read_moment(text))) for to, how, text in stated if how != UNREACHABLE]


def _write(
    connection: Connection,
    letter_id: int,
    recipient: str,
    way: str,
    delivered_on: date,
    proof: str,
    *,
    by: int,
    now: datetime,
) -> None:
    connection.execute(
        insert(delivery).values(
            letter_id=letter_id,
            recipient=recipient[:RECIPIENT_LENGTH],
            way=way,
            delivered_on=delivered_on,
            proof=proof[:PROOF_LENGTH],
            recorded_by=by,
            recorded_at=now,
        )
    )


def deliveries(connection: Connection, letter_ids: Iterable[int]) -> dict[int, list[Row[Any]]]:
    """Recorded deliveries by letter, first delivered first, with `by` the name of who recorded."""
    ids = list(letter_ids)
    by_letter: dict[int, list[Row[Any]]] = {}
    if ids:
        rows = connection.execute(
            select(delivery, account.c.name.label("by"))
            .join(account, account.c.id == delivery.c.recorded_by)
            .where(delivery.c.letter_id.in_(ids))
            .order_by(delivery.c.delivered_on, delivery.c.id)
        )
        for row in rows:
            by_letter.setdefault(row.letter_id, []).append(row)
    return by_letter


def letter_of(connection: Connection, instance_id: int, letter_id: int) -> Any | None:
    """A letter of the case, without what it says."""
    columns = letter.c.id, letter.c.title, letter.c.number, letter.c.state, letter.c.issued_at
    statement = select(*columns).where(letter.c.id == letter_id, letter.c.instance_id == instance_id)
    return connection.execute(statement).one_or_none()
