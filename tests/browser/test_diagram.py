"""The drawing says where a case stands, for the called process too; and bpmn.io's mark stays visible."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, expect

from tests.browser.visitor import Visitor
from tests.support.cases import decide, start_training


def drawing(visitor: Visitor) -> Locator:
    """The drawing, once it is there."""
    box = visitor.page.locator("[data-diagram-ready]")
    expect(box).to_be_visible()
    return box


def shape(box: Locator, name: str) -> Locator:
    """The shape with this label."""
    return box.locator(".djs-shape").filter(has_text=name).last


def test_done_current_and_coming_steps_are_marked_in_both_drawings(sign_in: Callable[..., Any], backstage: Any) -> None:
    leader = sign_in("li.guoqiang")
    case = start_training(backstage, training_name="看图的培训")
    decide(backstage, case, "wang.jianguo", "agree")
    leader.go(f"/cases/{case}")
    tabs = leader.page.get_by_role("list", name="流程图")
    expect(tabs.locator("[aria-current]")).to_have_text("通用审批链当前")
    box = drawing(leader)
    expect(box.locator(".mark-current")).to_have_count(1)
    expect(box.locator(".mark-people")).to_contain_text("局领导")
    assert box.locator(".mark-done").count() >= 2
    assert box.locator(".mark-flow").count() >= 2
    mark = box.get_by_role("link", name="Powered by bpmn.io")
    expect(mark).to_be_visible()
    mark.scroll_into_view_if_needed()
    assert mark.evaluate("e => { const r = e.getBoundingClientRect(); return r.width > 20 && r.height > 10 }")

    expect(leader.page.locator("#main")).to_contain_text("信息表5.1 运行流程：")
    expect(leader.page.locator("#main")).not_to_contain_text("（S1:")  # a mark for those who check the diagram

    leader.follow("信息化技术交流与培训", within=tabs)
    box = drawing(leader)
    expect(box.locator(".mark-current")).to_have_count(1)
    expect(box.locator(".mark-done").filter(has_text="形成培训方案").last).to_be_attached()
    expect(box.locator(".mark-visit").filter(has_text="陈静")).to_be_attached()
    expect(box.get_by_role("img").first).to_have_attribute(
        "aria-label", "流程图，当前在：审批培训方案。步骤表有同样的内容。"
    )
    leader.follow("看子流程", within=box)
    expect(leader.page.get_by_role("list", name="流程图").locator("[aria-current]")).to_have_text("通用审批链当前")


def test_the_buttons_zoom_and_lead_back_to_the_current_step(sign_in: Callable[..., Any], backstage: Any) -> None:
    office = sign_in("wang.jianguo")
    case = start_training(backstage, training_name="放大看的培训")
    office.go(f"/tasks/{backstage.open_task(case).id}")
    box = drawing(office)
    viewport = box.locator(".viewport")
    fitted = viewport.get_attribute("transform")
    office.press("放大", within=box)
    expect(viewport).not_to_have_attribute("transform", str(fitted))
    office.press("当前步骤", within=box)
    expect(viewport).to_have_attribute("transform", str(fitted))


def test_fitting_the_width_shows_all_of_a_wide_drawing_with_short_labels(
    sign_in: Callable[..., Any], backstage: Any
) -> None:
    clerk = sign_in("chen.jing", viewport={"width": 600, "height": 844})
    case = start_training(backstage, training_name="很宽的图")
    clerk.go(f"/cases/{case}?scope=training")
    box = drawing(clerk)
    clerk.press("适合宽度", within=box)
    frame = box.locator("[data-diagram-canvas]").bounding_box()
    whole = box.locator(".viewport").bounding_box()
    assert frame
    assert whole
    assert frame["x"] <= whole["x"]
    assert whole["x"] + whole["width"] <= frame["x"] + frame["width"]
    for label in box.locator(".mark-label").all():
        assert "（待领）" not in label.inner_text()
        assert label.get_attribute("title")


def test_on_a_phone_nothing_is_wider_than_the_screen(sign_in: Callable[..., Any], backstage: Any) -> None:
    title = "这是一个名称特别长的培训项目用来看看手机上六十个字的标题会不会把页面撑破需要一直写到六十个字为止才算数对吧"
    office = sign_in("sun.yue", viewport={"width": 390, "height": 844})
    case = start_training(backstage, training_name=title)
    for address in ("/inbox?tab=pool", f"/tasks/{backstage.open_task(case).id}", f"/cases?q={title}"):
        office.go(address)
        assert office.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
