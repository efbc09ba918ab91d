"""Signing in: the check, the lockout, and what an attacker may not learn from either."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from sqlalchemy import Row, case, select, update

from handlers.people.passwords import check_password, hash_password, needs_rehash, waste_time
from handlers.store.database import Database
from handlers.store.tables import account

ALLOWED_FAILURES = 5
LOCKOUT = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class SignIn:
    """The answer to one attempt: `account_id` is None if it failed; trying is useless until `locked_until_at`."""

    account_id: int | None = None
    locked_until_at: datetime | None = None


class UnknownNames:
    """Failures for user names that do not exist.

    They lock like real ones, or a lockout would tell which names are real. Kept in memory and bounded: an attacker
    makes up names faster than a table could be cleaned.
    """

    def __init__(self, capacity: int = 4096) -> None:
        """Remember at most `capacity` names; the oldest go first."""
        self._capacity = capacity
        self._names: OrderedDict[str, tuple[int, datetime | None]] = OrderedDict()
        self._lock = Lock()

    def locked_until(self, username: str, now: datetime) -> datetime | None:
        """Until when this name is locked, if it is."""
        until = self._names.get(username, (0, None))[1]
        return until if until is not None and until > now else None

    def fail(self, username: str, now: datetime) -> datetime | None:
        """Count one failure; the end of the lockout if this was the last one allowed."""
        with self._lock:
            count, until = self._names.pop(username, (0, None))
            if until is not None and until <= now:
                count = 0
            count += 1
            until = now + LOCKOUT if count >= ALLOWED_FAILURES else None
            self._names[username] = (count, until)
            while len(self._names) > self._capacity:
                self._names.popitem(last=False)
            return until


unknown_names = UnknownNames()

_LOOKUP = select(
    account.c.id, account.c.password_hash, account.c.active, account.c.failed_logins, account.c.locked_until_at
)


def sign_in(database: Database, username: str, password: str, now: datetime) -> SignIn:
    """Try to sign in. After five failures in a row a name is locked for 15 minutes, whatever is typed.

    The slow hash is computed outside any transaction, so that sign-ins never hold up the writers of cases.
    """
    username = username.strip().lower()[:40]
    with database.read() as connection:
        row = connection.execute(_LOOKUP.where(account.c.username == username)).first()
    if row is None or not row.active:
        return _unknown(username, password, now)
    if row.locked_until_at is not None and row.locked_until_at > now:
        return SignIn(locked_until_at=row.locked_until_at)
    if check_password(row.password_hash, password):
        return _succeed(database, row, password, now)
    return _fail(database, row, now)


def _unknown(username: str, password: str, now: datetime) -> SignIn:
    if until := unknown_names.locked_until(username, now):
        return SignIn(locked_until_at=until)
    waste_time(password)
    return SignIn(locked_until_at=unknown_names.fail(username, now))


def _fail(database: Database, row: Row[*tuple[Any, ...]], now: datetime) -> SignIn:
    # An expired lockout starts the count anew. Counted in SQL, so that guesses sent at once are all counted.
    expired = account.c.locked_until_at.is_not(None) & (account.c.locked_until_at <= now)
    count = case((expired, 0), else_=account.c.failed_logins) + 1
    with database.write() as connection:
        connection.execute(
            update(account)
            .where(account.c.id == row.id)
            .values(
                failed_logins=count,
                locked_until_at=case((count >= ALLOWED_FAILURES, now + LOCKOUT), else_=None),
            )
        )
        until = connection.scalar(select(account.c.locked_until_at).where(account.c.id == row.id))
    return SignIn(locked_until_at=until)


def _succeed(database: Database, row: Row[*tuple[Any, ...]], password: str, now: datetime) -> SignIn:
    rehashed = {"password_hash": hash_password(password)} if needs_rehash(row.password_hash) else {}
    with database.write() as connection:
        # Looked at again: a flood of parallel guesses may have locked the name while this one was being hashed.
        until = connection.scalar(select(account.c.locked_until_at).where(account.c.id == row.id))
        if until is not None and until > now:
            return SignIn(locked_until_at=until)
        connection.execute(
            update(account)
            .where(account.c.id == row.id)
            .values(failed_logins=0, locked_until_at=None, last_login_at=now, **rehashed)
        )
    return SignIn(account_id=row.id)
