"""With the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from tests.support.cases import start_training

MOST_TABS = 60


def test_the_first_tab_offers_to_skip_the_menu(sign_in: Callable[..., Any]) -> None:
    clerk = sign_in("chen.jing")
    clerk.go("/inbox")
    clerk.page.keyboard.press("Tab")
    skip = clerk.page.get_by_role("link", name="跳到正文")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    clerk.page.keyboard.press("Enter")
    expect(clerk.page.locator("#main")).to_be_focused()


def test_a_task_is_decided_by_keys_in_the_order_of_reading(sign_in: Callable[..., Any], backstage: Any) -> None:
    office = sign_in("wang.jianguo")
    case = start_training(backstage, training_name="只用键盘的培训")
    office.go(f"/tasks/{backstage.open_task(case).id}")
    keyboard = office.page.keyboard
    order = []
    for _ in range(MOST_TABS):
        keyboard.press("Tab")
        focused = office.page.evaluate("(document.activeElement.name || document.activeElement.innerText || '').trim()")
        order.append(focused)
        if focused == "decision":
            keyboard.press("Space")
        if focused == "提交":
            break
    wanted = ["跳到正文", "decision", "comment", "提交"]
    assert [name for name in order if name in wanted] == wanted
    expect(office.page.get_by_role("radio", name="同意")).to_be_checked()
    keyboard.press("Enter")
    office.heading("已提交：办公室审核")
