"""The administrator's pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from handlers.people.accounts import find_account
from handlers.people.actors import load_actor
from handlers.time_source import beijing_date
from tests.web.conftest import Browser, Site


def text_after(browser: Browser, address: str, data: Mapping[str, object]) -> str:
    """Send a form and read the page it ends on."""
    return browser.post(address, data, follow_redirects=True).get_data(as_text=True)


def test_an_administrator_makes_an_account_that_can_sign_in(site: Site) -> None:
    data = {
        "username": "ma.li",
        "name": "马丽",
        "password": "first-password-1",
        "role": ["unit_clerk", ""],
        "department": ["unit_2", ""],
    }
    assert "已建立马丽的账号" in text_after(site.browser("admin"), "/admin/people/new", data)
    assert site.browser().sign_in("ma.li", "first-password-1").status_code == 302


def test_a_used_user_name_is_refused_beside_its_field_and_nothing_typed_is_lost(site: Site) -> None:
    data = {"username": "chen.jing", "name": "陈静静", "password": "first-password-1", "role": "mediator"}
    text = text_after(site.browser("admin"), "/admin/people/new", {**data, "department": "centre"})
    assert "用户名 chen.jing 已被使用" in text
    assert 'value="陈静静"' in text
    assert '<option value="mediator" selected>' in text


def test_roles_are_replaced_by_what_the_form_says(site: Site) -> None:
    chosen = {"name": "陈静", "role": ["mediator", "verifier", ""], "department": ["centre", "unit_2", ""]}
    site.browser("admin").post(f"/admin/people/{site.account_id('chen.jing')}", chosen)
    with site.database.read() as connection:
        line = find_account(connection, site.account_id("chen.jing"))
    assert line is not None
    assert set(line.grants) == {("mediator", "centre"), ("verifier", "unit_2")}


def test_a_role_without_a_department_is_refused(site: Site) -> None:
    address = f"/admin/people/{site.account_id('chen.jing')}"
    assert "请为角色“调解员”选择科室" in text_after(
        site.browser("admin"), address, {"name": "陈静", "role": "mediator", "department": ""}
    )


def test_the_last_administrator_can_neither_step_down_nor_be_disabled(site: Site) -> None:
    browser, admin = site.browser("admin"), site.account_id("admin")
    data = {"name": "系统管理员", "role": "mediator", "department": "office"}
    assert "最后一位系统管理员" in text_after(browser, f"/admin/people/{admin}", data)
    assert "不能停用自己的账号" in text_after(browser, f"/admin/people/{admin}/disable", {})
    assert browser.get("/admin/people").status_code == 200


def test_a_reset_password_is_shown_once_works_and_ends_the_lock(site: Site) -> None:
    for _ in range(5):
        site.browser().sign_in("chen.jing", "wrong")
    page = site.browser("admin").post(f"/admin/people/{site.account_id('chen.jing')}/reset-password")
    password = page.get_data(as_text=True).split('class="one-time"><code>')[1].split("<")[0]
    assert site.browser().sign_in("chen.jing", password).status_code == 302
    assert site.browser().sign_in("chen.jing").status_code == 422


def test_a_locked_account_is_shown_and_can_be_unlocked(site: Site) -> None:
    for _ in range(5):
        site.browser().sign_in("chen.jing", "wrong")
    browser, address = site.browser("admin"), f"/admin/people/{site.account_id('chen.jing')}"
    assert "登录锁定" in browser.get("/admin/people").get_data(as_text=True)
    assert "已解除陈静的登录锁定" in text_after(browser, f"{address}/unlock", {})
    assert site.browser().sign_in("chen.jing").status_code == 302


def test_a_disabled_account_can_be_enabled_again(site: Site) -> None:
    browser, address = site.browser("admin"), f"/admin/people/{site.account_id('chen.jing')}"
    assert "已停用陈静的账号" in text_after(browser, f"{address}/disable", {})
    assert site.browser().sign_in("chen.jing").status_code == 422
    assert "已重新启用陈静的账号" in text_after(browser, f"{address}/enable", {})
    assert site.browser().sign_in("chen.jing").status_code == 302


def test_an_account_that_does_not_exist_is_not_found(site: Site) -> None:
    assert site.browser("admin").get("/admin/people/9999").status_code == 404


def test_the_list_is_searched_by_name_user_name_and_department(site: Site) -> None:
    browser = site.browser("admin")
    assert "共 <strong>1</strong> 条" in browser.get("/admin/people?q=陈").get_data(as_text=True)
    assert "共 <strong>1</strong> 条" in browser.get("/admin/people?q=zhou.min").get_data(as_text=True)
    assert "共 <strong>3</strong> 条" in browser.get("/admin/people?department=office").get_data(as_text=True)
    assert "没有符合条件的人员" in browser.get("/admin/people?q=%25").get_data(as_text=True)


def test_people_arrange_their_own_substitute_and_nobody_elses(site: Site) -> None:
    data = {
        "absent_id": site.account_id("liu.fang"),
        "substitute_id": site.account_id("zhao.lei"),
        "starts_on": site.today,
        "ends_on": site.today,
        "reason": "年休假",
    }
    site.browser("chen.jing").post("/admin/substitutions", data)
    with site.database.read() as connection:
        actor = load_actor(connection, site.account_id("zhao.lei"), beijing_date(site.time.now()))
    assert actor is not None
    assert [absence.name for absence in actor.substitutes_for] == ["陈静"]


def test_a_refused_substitution_says_why_beside_its_field(site: Site) -> None:
    yesterday = (site.time.now() - timedelta(days=1)).date().isoformat()
    data = {"substitute_id": site.account_id("zhao.lei"), "reason": "年休假", "ends_on": site.today}
    answer = site.browser("chen.jing").post("/admin/substitutions", {**data, "starts_on": yesterday})
    assert answer.status_code == 422
    assert "开始日期不能早于今天" in answer.get_data(as_text=True)


def test_only_the_absent_person_or_an_administrator_revokes_a_substitution(site: Site) -> None:
    data = {"substitute_id": site.account_id("zhao.lei"), "reason": "年休假"}
    site.browser("chen.jing").post("/admin/substitutions", {**data, "starts_on": site.today, "ends_on": site.today})
    substitute = site.browser("zhao.lei")
    assert "您正在代理 <strong>陈静</strong>" in substitute.get("/password").get_data(as_text=True)
    assert substitute.post("/admin/substitutions/1/revoke").status_code == 403
    assert site.browser("admin").post("/admin/substitutions/1/revoke").status_code == 302
    assert "您正在代理" not in substitute.get("/password").get_data(as_text=True)


def test_the_profile_page_warns_of_what_is_missing(site: Site) -> None:
    text = site.browser("owner").get("/admin/profile").get_data(as_text=True)
    assert "没有填写投诉举报机构的联系电话" in text
    assert "没有填写监督渠道" not in text
