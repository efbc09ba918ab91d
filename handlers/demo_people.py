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
    ("he.min", "何敏", (("receiver", "centre"),)),
    ("lin.tao", "林涛", (("reviewer", "centre"), ("supervisor", "centre"))),
    ("gao.feng", "高峰", (("deputy_director", "leaders"),)),
    ("zheng.hong", "郑宏", (("bureau_head", "leaders"),)),
    ("ma.hui", "马慧", (("unit_clerk", "unit_1"), ("mediator", "unit_1"), ("verifier", "unit_1"))),
    ("guo.qiang", "郭强", (("unit_clerk", "unit_1"), ("mediator", "unit_1"), ("verifier", "unit_1"))),
    ("tang.wei", "唐伟", (("unit_head", "unit_1"),)),
    ("luo.jie", "罗洁", (("archivist", "unit_1"), ("archivist", "centre"))),
    ("xu.jing", "徐静", (("unit_clerk", "unit_2"), ("mediator", "unit_2"), ("verifier", "unit_2"))),
    ("han.bin", "韩斌", (("unit_clerk", "unit_2"), ("verifier", "unit_2"), ("archivist", "unit_2"))),
    ("feng.yan", "冯岩", (("unit_head", "unit_2"),)),
    ("deng.chao", "邓超", (("unit_clerk", "unit_3"), ("mediator", "unit_3"), ("verifier", "unit_3"))),
    ("cao.lin", "曹琳", (("unit_head", "unit_3"), ("verifier", "unit_3"), ("archivist", "unit_3"))),
    ("qin.lan", "秦岚", (("unit_clerk", "unit_4"), ("mediator", "unit_4"), ("verifier", "unit_4"))),
    ("bai.yu", "白宇", (("unit_head", "unit_4"), ("verifier", "unit_4"), ("archivist", "unit_4"))),
    (
        "xie.yun",
        "谢芸",
        (("section_clerk", "food"), ("unit_clerk", "food"), ("mediator", "food"), ("verifier", "food")),
    ),
    ("pan.hao", "潘昊", (("section_head", "food"), ("unit_head", "food"), ("verifier", "food"), ("archivist", "food"))),
    (
        "shen.lei",
        "沈磊",
        (("section_clerk", "trade"), ("unit_clerk", "trade"), ("mediator", "trade"), ("verifier", "trade")),
    ),
    (
        "dong.yan",
        "董岩",
        (("section_head", "trade"), ("unit_head", "trade"), ("verifier", "trade"), ("archivist", "trade")),
    ),
    ("ye.ting", "叶婷", (("legal_reviewer", "legal"), ("section_clerk", "legal"))),
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
