"""What makes one submit of a form's page start one case, however often it arrives.

A page carries a token of its own; token and answers together make a mark that the case keeps. The same page with other
answers has another mark: nobody who changes something and submits again is told that it was done already.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, Row, func, select

from handlers.store.tables import instance, task


def start_mark(account_id: int, subject: str, token: str, answers: Mapping[str, Sequence[str]]) -> str:
    """The mark of a submit by a person: `subject` says what is started, `answers` are the posted texts by field."""
    said = orjson.dumps([account_id, subject, token, answers], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(said).hexdigest()


def started_with(connection: Connection, mark: str) -> Row[Any] | None:
    """The case that the submit has started, if it has: (id, number, title, entry), `entry` its first task."""
    entry = select(func.min(task.c.id)).where(task.c.instance_id == instance.c.id).scalar_subquery()
    columns = [instance.c.id, instance.c.number, instance.c.title, entry.label("entry")]
    return connection.execute(select(*columns).where(instance.c.start_mark == mark)).one_or_none()
