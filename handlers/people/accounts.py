"""Accounts: making, changing and ending them. Every refusal is a Chinese sentence beside the field it is about."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from handlers.people.actors import Grant, covers
from handlers.people.passwords import check_password, hash_password, password_problem
from handlers.people.profiles import active_profile, role_name
from handlers.people.roles import ROLES
from handlers.people.task import Task
from handlers.store.states import TaskState
from handlers.store.tables import account, department, membership, task

USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,39}")
PAGE_SIZE = 20


class PeopleRefused(Exception):
    """A change to people that may not be made. `field` names the input it belongs to, empty if none."""

    def __init__(self, sentence: str, field: str = "") -> None:
        """`sentence` is Chinese and says what to do."""
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One account in the administrator's list."""

    id: int
    username: str
    name: str
    active: bool
    locked_until_at: datetime | None
    last_login_at: datetime | None
    grants: tuple[Grant, ...]


def create_account(
    connection: Connection,
    *,
    username: str,
    name: str,
    password: str,
    grants: Iterable[Grant],
    now: datetime,
    hashed: str = "",
) -> int:
    """Make an account and return its id. `hashed`: the password's hash, if it is made already. Raises PeopleRefused."""
    username, name = username.strip().lower(), name.strip()
    if not USERNAME.fullmatch(username):
        raise PeopleRefused("用户名由小写字母、数字、点、横线组成，以字母开头，2 至 40 个字符。", "username")
    _check_name(name)
    if problem := password_problem(password, username):
        raise PeopleRefused(problem, "password")
    values = {
        "username": username,
        "name": name,
        "password_hash": hashed or hash_password(password),
        "active": True,
        "session_epoch": 1,
        "failed_logins": 0,
        "created_at": now,
    }
    try:
        with connection.begin_nested():
            row = connection.execute(insert(account).values(values).returning(account.c.id)).one()
    except IntegrityError as error:
        raise PeopleRefused(f"用户名 {username} 已被使用，请换一个。", "username") from error
    set_grants(connection, row.id, grants)
    return int(row.id)


def rename(connection: Connection, account_id: int, name: str) -> None:
    """Change the name shown to others. Past history keeps the old one. Raises PeopleRefused."""
    _check_name(name.strip())
    connection.execute(update(account).where(account.c.id == account_id).values(name=name.strip()))


def _check_name(name: str) -> None:
    if not 1 <= len(name) <= 40:
        raise PeopleRefused("请填写姓名，最多 40 个字。", "name")


def set_grants(connection: Connection, account_id: int, grants: Iterable[Grant]) -> None:
    """Replace a person's roles. Raises PeopleRefused for unknown ones, or if no administrator would be left."""
    new_grants = set(grants)
    departments = set(connection.scalars(select(department.c.code)))
    for role, code in sorted(new_grants):
        if role not in ROLES:
            raise PeopleRefused(f"没有“{role}”这个角色。", "grants")
        if not code:
            raise PeopleRefused(f"请为角色“{role_name(active_profile(connection), role)}”选择科室。", "grants")
        if code not in departments:
            raise PeopleRefused(f"没有“{code}”这个科室。", "grants")
    if "administrator" not in {role for role, _ in new_grants}:
        _keep_an_administrator(connection, account_id)
    connection.execute(delete(membership).where(membership.c.account_id == account_id))
    _give_back_claims(connection, account_id, frozenset(new_grants))
    if new_grants:
        rows = [{"account_id": account_id, "role": role, "department": code} for role, code in sorted(new_grants)]
        connection.execute(insert(membership), rows)


def _give_back_claims(connection: Connection, account_id: int, grants: frozenset[Grant]) -> None:
    """Tasks that the person claimed and may no longer do go back to their pool; what was assigned waits for a head."""
    claimed = select(task).where(
        task.c.assignee_id == account_id, task.c.state == TaskState.OPEN, task.c.claimed_at.is_not(None)
    )
    lost = [row.id for row in connection.execute(claimed) if not covers(grants, Task.of(row))]
    if lost:
        connection.execute(
            update(task)
            .where(task.c.id.in_(lost), task.c.assignee_id == account_id, task.c.state == TaskState.OPEN)
            .values(assignee_id=None, claimed_at=None)
        )


def assigned_tasks(connection: Connection, account_id: int) -> int:
    """How many open tasks wait for this very person."""
    waiting = task.c.assignee_id == account_id, task.c.state == TaskState.OPEN
    return connection.execute(select(func.count()).select_from(task).where(*waiting)).scalar_one()


def _keep_an_administrator(connection: Connection, leaving_id: int) -> None:
    administrators = set(
        connection.scalars(
            select(account.c.id)
            .join(membership, membership.c.account_id == account.c.id)
            .where(membership.c.role == "administrator", account.c.active.is_(True))
        )
    )
    if administrators == {leaving_id}:
        raise PeopleRefused("这是最后一位系统管理员，请先指定另一位。", "grants")


def set_active(connection: Connection, account_id: int, *, active: bool) -> None:
    """Disable an account and end its sessions, or enable it again. Raises PeopleRefused for the last administrator."""
    if not active:
        _keep_an_administrator(connection, account_id)
        _give_back_claims(connection, account_id, frozenset())
    connection.execute(
        update(account)
        .where(account.c.id == account_id)
        .values(active=active, session_epoch=account.c.session_epoch + 1, failed_logins=0, locked_until_at=None)
    )


def unlock(connection: Connection, account_id: int) -> None:
    """Forget failed sign-ins."""
    connection.execute(update(account).where(account.c.id == account_id).values(failed_logins=0, locked_until_at=None))


def reset_password(connection: Connection, account_id: int) -> str:
    """Give the account a new random password, end its sessions, and return the password to be handed over once."""
    password = secrets.token_urlsafe(12)
    _store_password(connection, account_id, password)
    return password


def change_password(connection: Connection, account_id: int, *, old: str, new: str) -> None:
    """Change one's own password; all sessions end. Raises PeopleRefused."""
    row = connection.execute(
        select(account.c.username, account.c.password_hash).where(account.c.id == account_id)
    ).one()
    if not check_password(row.password_hash, old):
        raise PeopleRefused("当前密码不正确。", "old")
    if problem := password_problem(new, row.username):
        raise PeopleRefused(problem, "new")
    if old == new:
        raise PeopleRefused("新密码与当前密码相同，请换一个。", "new")
    _store_password(connection, account_id, new)


def _store_password(connection: Connection, account_id: int, password: str) -> None:
    connection.execute(
        update(account)
        .where(account.c.id == account_id)
        .values(
            password_hash=hash_password(password),
            session_epoch=account.c.session_epoch + 1,
            failed_logins=0,
            locked_until_at=None,
        )
    )


def end_sessions(connection: Connection, account_id: int) -> None:
    """Make every cookie of this person worthless, on whatever device."""
    connection.execute(
        update(account).where(account.c.id == account_id).values(session_epoch=account.c.session_epoch + 1)
    )


def find_account(connection: Connection, account_id: int) -> AccountLine | None:
    """One account with its roles."""
    row = connection.execute(_columns().where(account.c.id == account_id)).first()
    return None if row is None else _lines(connection, [row])[0]


def list_accounts(
    connection: Connection, *, search: str = "", department_code: str = "", page: int = 1
) -> tuple[list[AccountLine], int]:
    """One page of accounts, active ones first, and how many there are in all."""
    condition = account.c.id > 0
    if search:
        condition &= or_(*(c.icontains(search, autoescape=True) for c in (account.c.name, account.c.username)))
    if department_code:
        members = select(membership.c.account_id).where(membership.c.department == department_code)
        condition &= account.c.id.in_(members)
    total = connection.scalar(select(func.count()).select_from(account).where(condition)) or 0
    query = _columns().where(condition).order_by(account.c.active.desc(), account.c.username)
    rows = connection.execute(query.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)).all()
    return _lines(connection, rows), total


def _columns() -> Select[*tuple[Any, ...]]:
    return select(
        account.c.id,
        account.c.username,
        account.c.name,
        account.c.active,
        account.c.locked_until_at,
        account.c.last_login_at,
    )


def _lines(connection: Connection, rows: Iterable[Row[*tuple[Any, ...]]]) -> list[AccountLine]:
    rows = list(rows)
    held: dict[int, list[Grant]] = {row.id: [] for row in rows}
    memberships = connection.execute(
        select(membership.c.account_id, membership.c.role, membership.c.department).where(
            membership.c.account_id.in_(held)
        )
    )
    for account_id, role, code in memberships:
        held[account_id].append((role, code))
    order = {code: position for position, code in enumerate(ROLES)}
    return [
        AccountLine(
            id=row.id,
            username=row.username,
            name=row.name,
            active=row.active,
            locked_until_at=row.locked_until_at,
            last_login_at=row.last_login_at,
            grants=tuple(sorted(held[row.id], key=lambda grant: (order.get(grant[0], len(order)), grant[1]))),
        )
        for row in rows
    ]
