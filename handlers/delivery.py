"""How letters reached their recipients 送达: way, day, recipient and proof, as the procedural rules want it on file.

Source: the ways of 民事诉讼法 (第七章第二节 送达), and those by which a centre tells people: platform and telephone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select

from handlers.records import account, delivery, letter
from handlers.time_source import beijing_date

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
"""Ways of delivery by code, the usual ones first."""
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
    connection.execute(
        insert(delivery).values(
            letter_id=letter_row.id,
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
    wanted = list(letter_ids)
    found: dict[int, list[Row[Any]]] = {}
    if wanted:
        rows = connection.execute(
            select(delivery, account.c.name.label("by"))
            .join(account, account.c.id == delivery.c.recorded_by)
            .where(delivery.c.letter_id.in_(wanted))
            .order_by(delivery.c.delivered_on, delivery.c.id)
        )
        for row in rows:
            found.setdefault(row.letter_id, []).append(row)
    return found


def letter_of(connection: Connection, instance_id: int, letter_id: int) -> Any | None:
    """A letter of the case, without what it says."""
    columns = letter.c.id, letter.c.title, letter.c.number, letter.c.state, letter.c.issued_at
    wanted = select(*columns).where(letter.c.id == letter_id, letter.c.instance_id == instance_id)
    return connection.execute(wanted).one_or_none()
