"""The people of the demo bureau. They fit both profiles: each has a centre, an office and leaders."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select

from handlers.people.accounts import create_account
from handlers.people.actors import Grant
from handlers.people.passwords import hash_password
from handlers.store.tables import account

DEMO_PASSWORD = "banli-demo-2026"  # noqa: S105 - printed on the demo's own login page

GOODS = ("food", "catering", "drug", "quality")
TRADE = ("trade", "price", "advertising", "registration", "device")
"""Sections that share their people in the demo."""
CLERK = ("unit_clerk", "mediator", "verifier")
SECTION_CLERK = ("section_clerk", *CLERK)
SECTION_HEAD = ("section_head", "unit_head", "verifier", "archivist")


def _in(departments: str | Iterable[str], *roles: str) -> tuple[Grant, ...]:
    """Each of the roles in each of the departments."""
    codes = [departments] if isinstance(departments, str) else departments
    return tuple((role, code) for code in codes for role in roles)


DEMO_PEOPLE: tuple[tuple[str, str, tuple[Grant, ...]], ...] = (
    ("chen.jing", "陈静", _in("centre", "centre_clerk")),
    ("zhao.lei", "赵磊", _in("centre", "centre_clerk")),
    ("liu.fang", "刘芳", _in("centre", "centre_head")),
    ("wang.jianguo", "王建国", _in("office", "office_reviewer")),
    ("sun.yue", "孙悦", _in("office", "office_reviewer")),
    ("li.guoqiang", "李国强", _in("leaders", "bureau_leader", "deputy_director")),
    ("zhou.min", "周敏", _in("leaders", "bureau_leader")),
    ("he.min", "何敏", _in("centre", "receiver")),
    ("lin.tao", "林涛", _in("centre", "reviewer", "supervisor")),
    ("gao.feng", "高峰", _in("leaders", "deputy_director")),
    ("zheng.hong", "郑宏", _in("leaders", "bureau_head")),
    ("ma.hui", "马慧", _in("unit_1", *CLERK)),
    ("guo.qiang", "郭强", _in("unit_1", *CLERK)),
    ("tang.wei", "唐伟", _in("unit_1", "unit_head")),
    ("luo.jie", "罗洁", _in(("unit_1", "centre"), "archivist")),
    ("xu.jing", "徐静", _in("unit_2", *CLERK)),
    ("han.bin", "韩斌", _in("unit_2", "unit_clerk", "verifier", "archivist")),
    ("feng.yan", "冯岩", _in("unit_2", "unit_head")),
    ("deng.chao", "邓超", _in("unit_3", *CLERK)),
    ("yao.lan", "姚岚", _in("unit_3", *CLERK)),
    ("cao.lin", "曹琳", _in("unit_3", "unit_head", "verifier", "archivist")),
    ("qin.lan", "秦岚", _in("unit_4", *CLERK)),
    ("ren.jie", "任杰", _in("unit_4", *CLERK)),
    ("bai.yu", "白宇", _in("unit_4", "unit_head", "verifier", "archivist")),
    ("wei.gang", "魏刚", _in("inspection", *CLERK)),
    ("cui.li", "崔莉", _in("inspection", *CLERK)),
    ("song.jun", "宋军", _in("inspection", "unit_head", "verifier", "archivist")),
    ("xie.yun", "谢芸", _in(GOODS, *SECTION_CLERK)),
    ("lu.ping", "卢萍", _in(GOODS, *CLERK)),
    ("pan.hao", "潘昊", _in(GOODS, *SECTION_HEAD)),
    ("shen.lei", "沈磊", _in(TRADE, *SECTION_CLERK)),
    ("jin.tao", "金涛", _in(TRADE, *CLERK)),
    ("dong.yan", "董岩", _in(TRADE, *SECTION_HEAD)),
    ("ye.ting", "叶婷", _in("legal", "legal_reviewer", "section_clerk")),
    ("admin", "系统管理员", _in("office", "administrator")),
    ("owner", "何文", _in("centre", "process_owner")),
    ("observer", "冯涛", _in("leaders", "observer")),
)
"""User name, name, roles in departments."""


def install_demo_people(connection: Connection, now: datetime) -> int:
    """Create the demo accounts that are not there yet; how many that were. Those that exist stay as they are."""
    there = set(connection.scalars(select(account.c.username)))
    missing = [person for person in DEMO_PEOPLE if person[0] not in there]
    hashed = hash_password(DEMO_PASSWORD) if missing else ""  # once: everybody knows it, and each hash costs a second
    for username, name, grants in missing:
        create_account(
            connection, username=username, name=name, password=DEMO_PASSWORD, hashed=hashed, grants=grants, now=now
        )
    return len(missing)
