"""Who somebody is, and what that lets them do.

`load_actor` runs on every request and `may_do` on every task, so the statements are built once, when this is imported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
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

from handlers.people.roles import ROLES, has_permission
from handlers.people.task import Task
from handlers.store.prepared import Prepared
from handlers.store.tables import account, department, membership, substitution, task

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


class Candidate(NamedTuple):
    """Somebody, for a list to choose from."""

    account_id: int
    name: str
    username: str


class Permit(NamedTuple):
    """Leave to do a task: in one's own right, or for the absent person named here."""

    on_behalf_of: int | None = None
    on_behalf_of_name: str | None = None


_ACCOUNTS = Prepared(
    select(
        account.c.id,
        account.c.name,
        account.c.username,
        account.c.session_epoch,
        membership.c.role,
        membership.c.department,
    )
    .select_from(account.outerjoin(membership, membership.c.account_id == account.c.id))
    .where(
        account.c.active == true(),
        or_(
            account.c.id == bindparam("account_id"),
            account.c.id.in_(
                select(substitution.c.absent_id).where(
                    substitution.c.substitute_id == bindparam("account_id"),
                    substitution.c.starts_on <= bindparam("today"),
                    substitution.c.ends_on >= bindparam("today"),
                    substitution.c.revoked_at.is_(None),
                )
            ),
        ),
    )
    .order_by(account.c.id)
)
"""The person, and those they stand in for today, one row per role."""


def load_actor(connection: Connection, account_id: int, today: date) -> Actor | None:
    """The person with this account, or None if there is none or it is disabled. One statement.

    `today` is the Beijing date; both ends of a substitution count.
    """
    rows = _ACCOUNTS.rows(connection, {"account_id": account_id, "today": today})
    own = [row for row in rows if row.id == account_id]
    if not own:
        return None
    first = own[0]
    return Actor(
        account_id=first.id,
        name=first.name,
        username=first.username,
        grants=frozenset((row.role, row.department) for row in own if row.role is not None),
        substitutes_for=tuple(_absences(row for row in rows if row.id != account_id)),
        session_epoch=first.session_epoch,
    )


def _absences(rows: Iterable[Any]) -> Iterator[Absence]:
    people: dict[int, tuple[str, set[Grant]]] = {}
    for row in rows:
        if row.role is not None:
            people.setdefault(row.id, (row.name, set()))[1].add((row.role, row.department))
    for absent_id, (name, grants) in people.items():
        yield Absence(absent_id, name, frozenset(grants))


def may_do(actor: Actor, asked: Task) -> Permit | None:
    """Leave for `actor` to do the task, or None.

    A task that somebody has is theirs, or their substitute's while they are away; others are for all with the role.
    Whoever has it must still hold the role: a task outlives a transfer to another office, the right to it does not.
    Four eyes: an excluded person gets no leave in any way, and nobody gets leave in the place of an excluded person.
    """
    if actor.account_id in asked.excluded:
        return None
    holder = asked.assignee_id
    if holder in (None, actor.account_id) and covers(actor.grants, asked):
        return Permit()
    for absent in actor.substitutes_for:
        # Claiming first must not hide for whom the substitute acts.
        theirs = holder in (None, actor.account_id, absent.account_id) and covers(absent.grants, asked)
        if theirs and absent.account_id not in asked.excluded:
            return Permit(absent.account_id, absent.name)
    return None


def could_do(actor: Actor, asked: Task) -> bool:
    """Whether the task was ever the person's to do, whoever has it by now: then they may know what became of it."""
    lent = (absent.grants for absent in actor.substitutes_for)
    return asked.assignee_id == actor.account_id or any(covers(grants, asked) for grants in (actor.grants, *lent))


def covers(grants: frozenset[Grant], asked: Task) -> bool:
    """Whether these roles in departments are the ones that the task is for."""
    if asked.department is None or _bureau_wide(asked.role):
        return any(role == asked.role for role, _ in grants)
    return (asked.role, asked.department) in grants


def _bureau_wide(role: str) -> bool:
    return role in ROLES and ROLES[role].is_bureau_wide


def assigned_to(actor: Actor) -> ColumnElement[bool]:
    """Condition on `task`: somebody has it and the person may do it. Agrees with `may_do`."""
    # One condition for the index, on the holders; the rest is wrapped so that SQLite does not plan by it.
    holder = func.coalesce(task.c.assignee_id, 0)
    own = and_(holder == actor.account_id, _within(actor.grants, checked=True))
    lent = (
        and_(
            holder.in_((actor.account_id, absent.account_id)),
            _within(absent.grants, checked=True),
            _not_excluded(absent.account_id),
        )
        for absent in actor.substitutes_for
    )
    holders = (actor.account_id, *(absent.account_id for absent in actor.substitutes_for))
    return and_(task.c.assignee_id.in_(holders), _not_excluded(actor.account_id), or_(own, *lent))


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


def _within(grants: frozenset[Grant], *, checked: bool = False) -> ColumnElement[bool]:
    """Condition on `task`: for one of these roles in departments.

    `checked`: the rows are found by their holder already. The columns are then wrapped, because SQLite would else weigh
    the index over roles against the one over holders, and read the whole table.
    """
    role: ColumnElement[Any] = task.c.role
    department_code: ColumnElement[Any] = task.c.department
    if checked:
        role, department_code = func.coalesce(role, ""), func.nullif(department_code, "")
    matches = [
        role == code
        if _bureau_wide(code)
        else and_(role == code, or_(department_code == unit, department_code.is_(None)))
        for code, unit in sorted(grants)
    ]
    return or_(*matches) if matches else false()


def _not_excluded(account_id: int) -> ColumnElement[bool]:
    # The column is a JSON list as text, `[3,17]`; with its brackets turned into commas every id stands between two.
    listed = func.replace(func.replace(type_coerce(task.c.excluded, Text), "[", ","), "]", ",")
    return listed.not_like(f"%,{account_id},%")


def candidates(connection: Connection, role: str, department_code: str | None) -> list[Candidate]:
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
    return [Candidate(*row) for row in connection.execute(query)]


def department_names(connection: Connection) -> dict[str, str]:
    """Names of all departments by code, in the profile's order."""
    rows = connection.execute(select(department.c.code, department.c.name).order_by(department.c.position))
    return {row.code: row.name for row in rows}


def active_people(connection: Connection) -> list[tuple[int, str]]:
    """(account id, name) of everybody who can sign in, by name."""
    rows = connection.execute(
        select(account.c.id, account.c.name).where(account.c.active == true()).order_by(account.c.name, account.c.id)
    )
    return [(row.id, row.name) for row in rows]
