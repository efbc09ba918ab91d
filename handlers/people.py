"""Who somebody is, and what that lets them do.

`load_actor` runs on every request and `may_do` on every task, so the statements are built once, when this is imported.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, Protocol

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Text,
    and_,
    bindparam,
    false,
    func,
    or_,
    select,
    true,
    type_coerce,
)

from handlers.records import account, department, membership, substitution, task
from handlers.roles import ROLES, has_permission

Grant = tuple[str, str]
"""A role in a department, as (role code, department code)."""


class Absence(NamedTuple):
    """A person who is away today, and for whom somebody acts."""

    account_id: int
    name: str
    grants: frozenset[Grant]


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person, with what they may do today in their own right and for others."""

    account_id: int
    name: str
    username: str
    grants: frozenset[Grant]
    substitutes_for: tuple[Absence, ...] = ()
    session_epoch: int = 0

    @property
    def roles(self) -> frozenset[str]:
        """Codes of the person's own roles, in whatever department."""
        return frozenset(role for role, _ in self.grants)

    @property
    def departments(self) -> frozenset[str]:
        """Codes of the departments the person belongs to."""
        return frozenset(code for _, code in self.grants)

    def has(self, permission: str) -> bool:
        """Whether the person holds a named permission. Standing in for somebody gives tasks, not permissions."""
        return has_permission(permission, self.roles)


class Person(NamedTuple):
    """Somebody, for a list to choose from."""

    account_id: int
    name: str
    username: str


class Permit(NamedTuple):
    """Leave to do a task: in one's own right, or for the absent person named here."""

    on_behalf_of: int | None = None
    on_behalf_of_name: str | None = None


class TaskLike(Protocol):
    """The columns of a task row that decide who may do it."""

    @property
    def role(self) -> str:
        """Role code of the lane."""

    @property
    def department(self) -> str | None:
        """Department code, or None for the whole bureau."""

    @property
    def assignee_id(self) -> int | None:
        """Account the task was given to, if any."""

    @property
    def excluded(self) -> list[int]:
        """Accounts that may not do it."""


_ACCOUNT = (
    select(
        account.c.id,
        account.c.name,
        account.c.username,
        account.c.session_epoch,
        membership.c.role,
        membership.c.department,
    )
    .select_from(account.outerjoin(membership, membership.c.account_id == account.c.id))
    .where(account.c.id == bindparam("account_id"), account.c.active == true())
)

_ABSENT = (
    select(account.c.id, account.c.name, membership.c.role, membership.c.department)
    .select_from(
        substitution.join(account, account.c.id == substitution.c.absent_id).join(
            membership, membership.c.account_id == account.c.id
        )
    )
    .where(
        substitution.c.substitute_id == bindparam("account_id"),
        substitution.c.starts_on <= bindparam("today"),
        substitution.c.ends_on >= bindparam("today"),
        substitution.c.revoked_at.is_(None),
        account.c.active == true(),
    )
    .order_by(account.c.id)
)


def load_actor(connection: Connection, account_id: int, today: date) -> Actor | None:
    """The person with this account, or None if there is none or it is disabled. Two statements.

    `today` is the Beijing date; both ends of a substitution count.
    """
    rows = connection.execute(_ACCOUNT, {"account_id": account_id}).all()
    if not rows:
        return None
    first = rows[0]
    return Actor(
        account_id=first.id,
        name=first.name,
        username=first.username,
        grants=frozenset((row.role, row.department) for row in rows if row.role is not None),
        substitutes_for=tuple(_absences(connection, account_id, today)),
        session_epoch=first.session_epoch,
    )


def _absences(connection: Connection, account_id: int, today: date) -> Iterator[Absence]:
    people: dict[int, tuple[str, set[Grant]]] = {}
    for row in connection.execute(_ABSENT, {"account_id": account_id, "today": today}):
        people.setdefault(row.id, (row.name, set()))[1].add((row.role, row.department))
    for absent_id, (name, grants) in people.items():
        yield Absence(absent_id, name, frozenset(grants))


def may_do(actor: Actor, task_row: TaskLike | Row[Any]) -> Permit | None:
    """Leave for `actor` to do the task, or None.

    A task given to somebody is theirs, or their substitute's while they are away. Others go by role and department.
    Four eyes: an excluded person gets no leave in any way, and nobody gets leave in the place of an excluded person.
    """
    excluded = frozenset(task_row.excluded)
    if actor.account_id in excluded:
        return None
    absences = [absent for absent in actor.substitutes_for if absent.account_id not in excluded]
    if _holds(actor.account_id, actor.grants, task_row):
        if not _in_pool(actor.grants, task_row):
            # Claimed in somebody's place: claiming first must not hide for whom they act.
            for absent in absences:
                if _in_pool(absent.grants, task_row):
                    return Permit(absent.account_id, absent.name)
        return Permit()
    for absent in absences:
        if _holds(absent.account_id, absent.grants, task_row):
            return Permit(absent.account_id, absent.name)
    return None


def _holds(account_id: int, grants: frozenset[Grant], task_row: TaskLike | Row[Any]) -> bool:
    if task_row.assignee_id is not None:
        return bool(task_row.assignee_id == account_id)
    return _in_pool(grants, task_row)


def _in_pool(grants: frozenset[Grant], task_row: TaskLike | Row[Any]) -> bool:
    if task_row.department is None or _bureau_wide(task_row.role):
        return any(role == task_row.role for role, _ in grants)
    return (task_row.role, task_row.department) in grants


def _bureau_wide(role: str) -> bool:
    return role in ROLES and ROLES[role].is_bureau_wide


def assigned_to(actor: Actor) -> ColumnElement[bool]:
    """Condition on `task`: given to the person, or to somebody they stand in for. Agrees with `may_do`."""
    return and_(
        _not_excluded(actor.account_id),
        or_(
            task.c.assignee_id == actor.account_id,
            *(
                and_(task.c.assignee_id == absent.account_id, _not_excluded(absent.account_id))
                for absent in actor.substitutes_for
            ),
        ),
    )


def claimable_by(actor: Actor) -> ColumnElement[bool]:
    """Condition on `task`: given to nobody yet, and the person may take it. Agrees with `may_do`."""
    return and_(
        task.c.assignee_id.is_(None),
        _not_excluded(actor.account_id),
        or_(
            _within(actor.grants),
            *(and_(_within(absent.grants), _not_excluded(absent.account_id)) for absent in actor.substitutes_for),
        ),
    )


def _within(grants: frozenset[Grant]) -> ColumnElement[bool]:
    matches = [
        task.c.role == role
        if _bureau_wide(role)
        else and_(task.c.role == role, or_(task.c.department == code, task.c.department.is_(None)))
        for role, code in sorted(grants)
    ]
    return or_(false(), *matches)


def _not_excluded(account_id: int) -> ColumnElement[bool]:
    # The column is a JSON list as text, `[3,17]`; with its brackets turned into commas every id stands between two.
    listed = func.replace(func.replace(type_coerce(task.c.excluded, Text), "[", ","), "]", ",")
    return listed.not_like(f"%,{account_id},%")


def candidates(connection: Connection, role: str, department_code: str | None) -> list[Person]:
    """Active people who hold `role`, by name; of one department unless the role is bureau-wide or none is given."""
    query = (
        select(account.c.id, account.c.name, account.c.username)
        .join(membership, membership.c.account_id == account.c.id)
        .where(membership.c.role == role, account.c.active == true())
        .distinct()
        .order_by(account.c.name, account.c.id)
    )
    if department_code is not None and not _bureau_wide(role):
        query = query.where(membership.c.department == department_code)
    return [Person(*row) for row in connection.execute(query)]


def department_names(connection: Connection) -> dict[str, str]:
    """Names of all departments by code, in the profile's order."""
    rows = connection.execute(select(department.c.code, department.c.name).order_by(department.c.position))
    return {row.code: row.name for row in rows}
