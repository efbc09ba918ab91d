"""Who looked at whose personal data or took a file out, when and what for: the list that answers for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, func, select

from handlers.store.tables import account, instance, personal_view
from handlers.time_source import beginning_of

PAGE_SIZE: Final = 50


@dataclass(frozen=True, slots=True)
class ViewQuery:
    """Which views: of one person, of cases whose number contains a text, within days (Beijing dates, inclusive)."""

    account_id: int | None = None
    number: str = ""
    since: date | None = None
    until: date | None = None
    page: int = 1


def list_views(connection: Connection, query: ViewQuery) -> tuple[list[Row[Any]], int]:
    """One page of views, newest first, with `name`, `number` and `title`; and how many there are in all."""
    statement = (
        select(personal_view, account.c.name, instance.c.number, instance.c.title)
        .join(account, account.c.id == personal_view.c.account_id)
        .join(instance, instance.c.id == personal_view.c.instance_id)
    )
    if query.account_id is not None:
        statement = statement.where(personal_view.c.account_id == query.account_id)
    if query.number:
        statement = statement.where(instance.c.number.contains(query.number, autoescape=True))
    if query.since is not None:
        statement = statement.where(personal_view.c.viewed_at >= _midnight(query.since))
    if query.until is not None:
        statement = statement.where(personal_view.c.viewed_at < _midnight(query.until + timedelta(days=1)))
    total = connection.scalar(select(func.count()).select_from(statement.subquery())) or 0
    newest = statement.order_by(personal_view.c.viewed_at.desc(), personal_view.c.id.desc())
    rows = connection.execute(newest.limit(PAGE_SIZE).offset((query.page - 1) * PAGE_SIZE)).all()
    return list(rows), total


def _midnight(day: date) -> datetime:
    return beginning_of(day).astimezone(UTC)
