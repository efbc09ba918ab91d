"""The lists of people that the administration pages show."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection, select, true

from handlers.store.tables import account, department, membership


@dataclass(slots=True)
class DepartmentLine:
    """One department and the names of its people with their role codes."""

    code: str
    name: str
    kind: str
    people: dict[str, list[str]] = field(default_factory=dict)


def active_people(connection: Connection) -> list[tuple[str, str]]:
    """(account id as text, name and user name) of everybody active, for a list to choose from."""
    rows = connection.execute(
        select(account.c.id, account.c.name, account.c.username)
        .where(account.c.active == true())
        .order_by(account.c.username)
    )
    return [(str(row.id), f"{row.name}（{row.username}）") for row in rows]


def departments_with_people(connection: Connection) -> list[DepartmentLine]:
    """All departments in order, with their active people."""
    lines = {
        row.code: DepartmentLine(row.code, row.name, row.kind)
        for row in connection.execute(select(department).order_by(department.c.position))
    }
    rows = connection.execute(
        select(membership.c.department, membership.c.role, account.c.name)
        .join(account, account.c.id == membership.c.account_id)
        .where(account.c.active == true())
        .order_by(account.c.username, membership.c.role)
    )
    for code, role, name in rows:
        lines[code].people.setdefault(name, []).append(role)
    return list(lines.values())
