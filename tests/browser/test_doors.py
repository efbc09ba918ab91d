"""Who gets in where: wrong roles, wrong addresses, wrong passwords, and the way out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from handlers.people.demo_people import DEMO_PASSWORD
from tests.browser.visitor import Visitor
from tests.support.cases import start_training


@pytest.mark.parametrize(
    ("username", "address", "title"),
    [
        ("chen.jing", "/admin/people", "没有权限"),
        ("wang.jianguo", "/cases/new/training", "没有权限"),
        ("chen.jing", "/cases/999999", "页面不存在"),
        ("chen.jing", "/tasks/999999", "页面不存在"),
        ("chen.jing", "/nowhere", "页面不存在"),
    ],
)
def test_a_closed_door_says_so_in_chinese(sign_in: Callable[..., Any], username: str, address: str, title: str) -> None:
    visitor = sign_in(username)
    visitor.go(address)
    visitor.heading(title)
    visitor.follow("回到首页")
    visitor.heading("待办")


def test_the_drafter_sees_the_approval_but_cannot_decide(sign_in: Callable[..., Any], backstage: Any) -> None:
    clerk = sign_in("chen.jing")
    case = start_training(backstage, training_name="自己不能批的培训")
    clerk.go(f"/tasks/{backstage.open_task(case).id}")
    clerk.sees("这一步不在您的办理范围内")
    expect(clerk.page.get_by_role("button", name="提交")).to_have_count(0)


def test_a_case_of_others_is_not_there(sign_in: Callable[..., Any], backstage: Any) -> None:
    colleague = sign_in("zhao.lei")
    case = start_training(backstage, training_name="别人的培训")
    colleague.go("/cases?q=别人的培训")
    colleague.sees("没有符合条件的事项")
    colleague.go(f"/cases/{case}")
    colleague.heading("页面不存在")


def try_password(visitor: Visitor, username: str, password: str) -> None:
    visitor.page.get_by_label("用户名").fill(username)
    visitor.page.get_by_label("密码").fill(password)
    visitor.press("登录")


def test_five_wrong_passwords_lock_the_name_until_an_administrator_unlocks_it(
    sign_in: Callable[..., Any], new_window: Callable[..., Any]
) -> None:
    visitor, admin = new_window(), sign_in("admin")
    visitor.go("/login")
    for number in range(5):
        try_password(visitor, "owner", f"不对的密码{number}")
        visitor.sees("用户名或密码不正确" if number < 4 else "该用户名已锁定")
    try_password(visitor, "owner", DEMO_PASSWORD)
    visitor.sees("该用户名已锁定")

    admin.go("/admin/people")
    admin.page.get_by_role("searchbox", name="姓名或用户名").fill("owner")
    admin.press("筛选")
    admin.sees("登录锁定")
    admin.follow("何文")
    admin.press("解除锁定")
    admin.sees("已解除何文的登录锁定。")
    try_password(visitor, "owner", DEMO_PASSWORD)
    visitor.heading("待办")


def test_after_signing_out_the_pages_are_closed(sign_in: Callable[..., Any]) -> None:
    visitor = sign_in("observer", afresh=True)
    visitor.go("/cases")
    visitor.heading("事项")
    visitor.press("冯涛的个人菜单")
    visitor.press("退出登录")
    visitor.sees("您已安全退出。")
    visitor.page.go_back()
    visitor.heading("登录")
    visitor.go("/cases")
    visitor.heading("登录")
