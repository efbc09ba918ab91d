"""The people of the demo bureau. They fit both profiles: each has a centre, an office and leaders."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from handlers.accounts import create_account
from handlers.people import Grant
from handlers.records import account

DEMO_PASSWORD = "banli-demo-2026"  # noqa: S105 - printed on the demo's own login page

DEMO_PEOPLE: tuple[tuple[str, str, tuple[Grant, ...]], ...] = (
    ("chen.jing", "陈静", (("centre_clerk", "centre"),)),
    ("zhao.lei", "赵磊", (("centre_clerk", "centre"),)),
    ("liu.fang", "刘芳", (("centre_head", "centre"),)),
    ("wang.jianguo", "王建国", (("office_reviewer", "office"),)),
    ("sun.yue", "孙悦", (("office_reviewer", "office"),)),
    ("li.guoqiang", "李国强", (("bureau_leader", "leaders"), ("deputy_director", "leaders"))),
    ("zhou.min", "周敏", (("bureau_leader", "leaders"),)),
    ("admin", "系统管理员", (("administrator", "office"),)),
    ("owner", "何文", (("process_owner", "centre"),)),
    ("observer", "冯涛", (("observer", "leaders"),)),
)
"""User name, name, roles in departments."""


def install_demo_people(connection: Connection, now: datetime) -> int:
    """Create the demo accounts that are not there yet; how many that were. Those that exist stay as they are."""
    there = set(connection.scalars(select(account.c.username)))
    missing = [person for person in DEMO_PEOPLE if person[0] not in there]
    for username, name, grants in missing:
        create_account(connection, username=username, name=name, password=DEMO_PASSWORD, grants=grants, now=now)
    return len(missing)
