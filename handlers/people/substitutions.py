"""Substitution 代理: who acts for whom, from which day to which."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, insert, or_, select, true, update

from handlers.people.accounts import PeopleRefused
from handlers.store.tables import account, substitution

LONGEST_DAYS = 366


@dataclass(frozen=True, slots=True)
class SubstitutionLine:
    """One substitution; both dates count, Beijing time."""

    id: int
    absent_id: int
    absent_name: str
    substitute_id: int
    substitute_name: str
    starts_on: date
    ends_on: date
    reason: str
    revoked_at: datetime | None

    def state(self, today: date) -> str:
        """revoked, future, running or past."""
        if self.revoked_at is not None:
            return "revoked"
        if today < self.starts_on:
            return "future"
        return "running" if today <= self.ends_on else "past"


def create_substitution(
    connection: Connection,
    *,
    absent_id: int,
    substitute_id: int,
    starts_on: date,
    ends_on: date,
    reason: str,
    created_by: int,
    now: datetime,
    today: date,
) -> int:
    """Let `substitute_id` act for `absent_id`; both days count. Returns its id. Raises PeopleRefused."""
    _check_dates(starts_on, ends_on, today)
    if not 1 <= len(reason.strip()) <= 200:
        raise PeopleRefused("请写明代理原因，最多 200 字。", "reason")
    _check_people(connection, absent_id, substitute_id)
    _check_overlap(connection, absent_id, starts_on, ends_on)
    values = {
        "absent_id": absent_id,
        "substitute_id": substitute_id,
        "starts_on": starts_on,
        "ends_on": ends_on,
        "reason": reason.strip(),
        "created_by": created_by,
        "created_at": now,
    }
    return int(connection.execute(insert(substitution).values(values).returning(substitution.c.id)).scalar_one())


def _check_dates(starts_on: date, ends_on: date, today: date) -> None:
    if ends_on < starts_on:
        raise PeopleRefused("结束日期早于开始日期。", "ends_on")
    if starts_on < today:
        raise PeopleRefused("开始日期不能早于今天。", "starts_on")
    if (ends_on - starts_on).days >= LONGEST_DAYS:
        raise PeopleRefused("一次代理最长一年，请缩短期间。", "ends_on")


def _check_people(connection: Connection, absent_id: int, substitute_id: int) -> None:
    if absent_id == substitute_id:
        raise PeopleRefused("不能由本人代理本人，请选择另一位同事。", "substitute_id")
    active = set(
        connection.scalars(
            select(account.c.id).where(account.c.id.in_([absent_id, substitute_id]), account.c.active == true())
        )
    )
    if absent_id not in active:
        raise PeopleRefused("被代理人的账号不存在或已停用。", "absent_id")
    if substitute_id not in active:
        raise PeopleRefused("代理人的账号不存在或已停用，请选择另一位同事。", "substitute_id")


def _check_overlap(connection: Connection, absent_id: int, starts_on: date, ends_on: date) -> None:
    clash = connection.execute(
        select(substitution.c.starts_on, substitution.c.ends_on, account.c.name)
        .join(account, account.c.id == substitution.c.substitute_id)
        .where(
            substitution.c.absent_id == absent_id,
            substitution.c.revoked_at.is_(None),
            substitution.c.starts_on <= ends_on,
            substitution.c.ends_on >= starts_on,
        )
        .limit(1)
    ).first()
    if clash is not None:
        raise PeopleRefused(
            f"{clash.starts_on} 至 {clash.ends_on} 已由{clash.name}代理，请先撤销该代理或改变日期。", "starts_on"
        )


def revoke_substitution(connection: Connection, substitution_id: int, now: datetime) -> None:
    """End a substitution at once. One that is already revoked or over stays as it is."""
    connection.execute(
        update(substitution)
        .where(substitution.c.id == substitution_id, substitution.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def find_substitution(connection: Connection, substitution_id: int) -> SubstitutionLine | None:
    """One substitution."""
    rows = _lines(connection, substitution.c.id == substitution_id)
    return rows[0] if rows else None


def list_substitutions(connection: Connection, *, concerning: int | None = None) -> list[SubstitutionLine]:
    """The newest two hundred substitutions; of one person, on either side, if `concerning` is given."""
    if concerning is None:
        return _lines(connection, true())
    return _lines(connection, or_(substitution.c.absent_id == concerning, substitution.c.substitute_id == concerning))


def _lines(connection: Connection, condition: object) -> list[SubstitutionLine]:
    absent, other = account.alias("absent"), account.alias("other")
    rows = connection.execute(
        select(
            substitution.c.id,
            substitution.c.absent_id,
            absent.c.name,
            substitution.c.substitute_id,
            other.c.name,
            substitution.c.starts_on,
            substitution.c.ends_on,
            substitution.c.reason,
            substitution.c.revoked_at,
        )
        .join(absent, absent.c.id == substitution.c.absent_id)
        .join(other, other.c.id == substitution.c.substitute_id)
        .where(condition)  # type: ignore[arg-type]
        .order_by(substitution.c.starts_on.desc(), substitution.c.id.desc())
        .limit(200)
    )
    return [SubstitutionLine(*row) for row in rows]
