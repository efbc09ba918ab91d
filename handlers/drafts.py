"""What a person has typed and not yet submitted. Drafts are per person: nobody overwrites a colleague's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from handlers.records import draft


@dataclass(frozen=True, slots=True)
class Draft:
    """Form values by field key, as typed."""

    values: Mapping[str, Any]
    saved_at: datetime


def find_draft(connection: Connection, account_id: int, subject: str) -> Draft | None:
    """The person's draft on `subject` (`task:<id>` or `start:<process>`)."""
    row = connection.execute(
        select(draft.c["values"], draft.c.saved_at).where(draft.c.account_id == account_id, draft.c.subject == subject)
    ).one_or_none()
    return Draft(row._mapping["values"], row.saved_at) if row else None


def save_draft(connection: Connection, account_id: int, subject: str, values: Mapping[str, Any], now: datetime) -> None:
    """Keep `values` in place of the person's earlier draft on `subject`."""
    key = (draft.c.account_id == account_id, draft.c.subject == subject)
    changed = connection.execute(update(draft).where(*key).values({"values": dict(values), "saved_at": now}))
    if changed.rowcount == 0:
        row = {"account_id": account_id, "subject": subject, "values": dict(values), "saved_at": now}
        connection.execute(insert(draft).values(row))


def drop_draft(connection: Connection, account_id: int, subject: str) -> None:
    """Forget the person's draft on `subject`."""
    connection.execute(delete(draft).where(draft.c.account_id == account_id, draft.c.subject == subject))


def draft_subjects(connection: Connection, account_id: int) -> frozenset[str]:
    """What the person has drafts on."""
    return frozenset(connection.execute(select(draft.c.subject).where(draft.c.account_id == account_id)).scalars())
