"""Signing in and out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update

from handlers.store.tables import account
from tests.web.conftest import Browser, Site

WRONG = "用户名或密码不正确"
LOCKED = "已锁定，09:45 以后可以再试"


def fail(browser: Browser, username: str, times: int) -> str:
    """Try a wrong password so many times; the text of the last answer."""
    return [browser.sign_in(username, "not the password").get_data(as_text=True) for _ in range(times)][-1]


def test_the_right_password_leads_in(site: Site) -> None:
    answer = site.browser().sign_in("chen.jing")
    assert answer.status_code == 302
    assert answer.location == "/"


def test_user_names_may_be_typed_in_capitals_and_with_spaces(site: Site) -> None:
    assert site.browser().sign_in(" Chen.Jing ").status_code == 302


def test_unknown_name_and_wrong_password_get_the_same_answer(site: Site) -> None:
    known = site.browser().sign_in("chen.jing", "not the password")
    unknown = site.browser().sign_in("nobody.here", "not the password")
    assert known.status_code == unknown.status_code == 422
    assert WRONG in known.get_data(as_text=True)
    assert WRONG in unknown.get_data(as_text=True)


@pytest.mark.parametrize("username", ["chen.jing", "nobody.here"])
def test_after_five_failures_a_name_is_locked_whether_it_exists_or_not(site: Site, username: str) -> None:
    browser = site.browser()
    assert WRONG in fail(browser, username, 4)
    assert LOCKED in fail(browser, username, 1)
    assert LOCKED in fail(browser, username, 1)


def test_a_locked_name_refuses_even_the_right_password(site: Site) -> None:
    browser = site.browser()
    fail(browser, "chen.jing", 5)
    assert LOCKED in browser.sign_in("chen.jing").get_data(as_text=True)


def test_the_lock_opens_after_fifteen_minutes_and_the_count_starts_anew(site: Site) -> None:
    browser = site.browser()
    fail(browser, "chen.jing", 5)
    site.time.advance(timedelta(minutes=15))
    assert WRONG in fail(browser, "chen.jing", 4)
    assert browser.sign_in("chen.jing").status_code == 302


def test_a_success_forgets_earlier_failures(site: Site) -> None:
    fail(site.browser(), "chen.jing", 4)
    site.browser("chen.jing")
    assert WRONG in fail(site.browser(), "chen.jing", 4)


def test_a_disabled_account_answers_like_an_unknown_one(site: Site) -> None:
    with site.database.write() as connection:
        connection.execute(update(account).where(account.c.username == "chen.jing").values(active=False))
    assert WRONG in site.browser().sign_in("chen.jing").get_data(as_text=True)


def test_signing_in_makes_a_new_session_and_a_new_csrf_token(site: Site) -> None:
    browser = site.browser()
    before = browser.token()
    browser.sign_in("chen.jing")
    assert browser.get("/password").status_code == 200
    answer = browser.client.post("/password", data={"csrf_token": before, "old": "x"})
    assert answer.status_code == 400


def test_the_cookie_from_before_the_sign_in_stays_worthless(site: Site) -> None:
    browser = site.browser()
    browser.token()
    before = browser.cookie()
    browser.sign_in("chen.jing")
    thief = site.browser()
    thief.client.set_cookie("banli", before)
    assert thief.get("/password").status_code == 302


def test_a_copied_cookie_does_not_outlive_the_sign_out(site: Site) -> None:
    browser = site.browser("chen.jing")
    thief = site.browser()
    thief.client.set_cookie("banli", browser.cookie())
    assert thief.get("/password").status_code == 200
    assert browser.post("/logout").location == "/login"
    assert thief.get("/password").status_code == 302


def test_signing_out_needs_a_post(site: Site) -> None:
    browser = site.browser("chen.jing")
    assert browser.get("/logout").status_code == 405
    assert browser.get("/password").status_code == 200


def test_eight_idle_hours_end_a_session_but_work_keeps_it(site: Site) -> None:
    browser = site.browser("chen.jing")
    for _ in range(3):
        site.time.advance(timedelta(hours=1))
        assert browser.get("/password").status_code == 200
    site.time.advance(timedelta(hours=8, seconds=1))
    assert browser.get("/password").status_code == 302


def test_after_twelve_hours_everybody_signs_in_again_however_much_they_work(site: Site) -> None:
    browser = site.browser("chen.jing")
    for _ in range(12):
        site.time.advance(timedelta(hours=1))
        assert browser.get("/password").status_code == 200
    site.time.advance(timedelta(seconds=1))
    assert browser.get("/password").status_code == 302


def test_five_wrong_old_passwords_lock_as_a_sign_in_does(site: Site) -> None:
    browser = site.browser("chen.jing")
    new = "a quite new password"
    for _ in range(4):
        answer = browser.post("/password", {"old": "guessed", "new": new, "again": new})
        assert "该用户名将锁定 15 分钟" in answer.get_data(as_text=True)
    locked = browser.post("/password", {"old": "guessed", "new": new, "again": new})
    assert "该用户名已锁定" in locked.get_data(as_text=True)
    right = browser.post("/password", {"old": "banli-demo-2026", "new": new, "again": new})
    assert (right.status_code, "该用户名已锁定" in right.get_data(as_text=True)) == (422, True)
    assert "已锁定" in site.browser().sign_in("chen.jing").get_data(as_text=True)
    site.time.advance(timedelta(minutes=15, seconds=1))
    assert browser.post("/password", {"old": "banli-demo-2026", "new": new, "again": new}).status_code == 302


def test_disabling_an_account_ends_its_sessions_at_once(site: Site) -> None:
    browser = site.browser("chen.jing")
    site.browser("admin").post(f"/admin/people/{site.account_id('chen.jing')}/disable")
    assert browser.get("/password").status_code == 302


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "http:evil.example",
        "/%0d%0aSet-Cookie:x",
        "",
    ],
)
def test_the_way_back_never_leaves_this_site(site: Site, target: str) -> None:
    location = site.browser().sign_in("chen.jing", next=target).location
    assert location.startswith("/")
    assert not location.startswith("//")
    assert "\\" not in location
    assert "\r" not in location


def test_the_way_back_leads_to_the_page_that_was_asked_for(site: Site) -> None:
    browser = site.browser()
    location = browser.get("/admin/substitutions?a=1&b=二").location
    assert location.startswith("/login?next=")
    page = browser.get(location).get_data(as_text=True)
    assert 'value="/admin/substitutions?a=1&amp;b=二"' in page
    assert browser.sign_in("chen.jing", next="/admin/substitutions?a=1").location == "/admin/substitutions?a=1"


def test_a_form_sent_too_late_leads_back_to_its_page_with_a_word_why(site: Site) -> None:
    browser = site.browser("chen.jing")
    token = browser.token()
    site.time.advance(timedelta(hours=9))
    answer = browser.client.post(
        "/password", data={"csrf_token": token}, headers={"Referer": "http://localhost/password"}
    )
    assert answer.location == "/login?next=/password"
    assert "登录已过期" in browser.get(answer.location).get_data(as_text=True)


def test_a_draft_that_is_saved_without_a_session_leaves_the_page_and_what_was_typed_where_they_are(site: Site) -> None:
    browser = site.browser("chen.jing")
    token = browser.token()
    site.time.advance(timedelta(hours=9))
    answer = browser.client.post("/tasks/1/draft", data={"csrf_token": token}, headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert "HX-Redirect" not in answer.headers
    assert "登录" in answer.get_data(as_text=True)


def test_only_a_page_of_this_site_says_where_to_go_after_signing_in_again(site: Site) -> None:
    for host in ("elsewhere.example", "localhost.elsewhere.example", "localhost:8000", "[unfinished"):
        answer = site.browser().get("/password", headers={"HX-Request": "true", "Referer": f"http://{host}/password"})
        assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login")


def test_an_htmx_request_without_a_session_sends_the_whole_page_to_the_login(site: Site) -> None:
    answer = site.browser().get("/password", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"].startswith("/login")


def test_the_page_that_htmx_names_is_the_one_to_come_back_to(site: Site) -> None:
    told = {"HX-Request": "true", "HX-Current-URL": "http://localhost/cases?q=1", "Referer": "http://localhost/people"}
    answer = site.browser().get("/password", headers=told)
    assert answer.headers["HX-Redirect"] == "/login?next=/cases%3Fq%3D1"


def test_a_password_kept_with_older_parameters_is_hashed_anew(site: Site) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("an old password 123")
    with site.database.write() as connection:
        connection.execute(update(account).where(account.c.username == "chen.jing").values(password_hash=old))
    assert site.browser().sign_in("chen.jing", "an old password 123").status_code == 302
    with site.database.read() as connection:
        kept = connection.scalar(select(account.c.password_hash).where(account.c.username == "chen.jing"))
    assert kept is not None
    assert kept != old
    assert site.browser().sign_in("chen.jing", "an old password 123").status_code == 302


def test_changing_the_password_ends_other_sessions_and_keeps_this_one(site: Site) -> None:
    here, elsewhere = site.browser("chen.jing"), site.browser("chen.jing")
    new = "a quite new password"
    data = {"old": "banli-demo-2026", "new": new, "again": new}
    assert here.post("/password", data).status_code == 302
    assert here.get("/password").status_code == 200
    assert elsewhere.get("/password").status_code == 302
    assert site.browser().sign_in("chen.jing", new).status_code == 302


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"old": "wrong", "new": "a quite new password", "again": "a quite new password"}, "当前密码不正确"),
        ({"old": "banli-demo-2026", "new": "short", "again": "short"}, "密码至少 10 个字符"),
        ({"old": "banli-demo-2026", "new": "xxchen.jingxx", "again": "xxchen.jingxx"}, "不能包含用户名"),
        ({"old": "banli-demo-2026", "new": "a quite new password", "again": "another"}, "不一致"),
        ({"old": "banli-demo-2026", "new": "banli-demo-2026", "again": "banli-demo-2026"}, "与当前密码相同"),
        ({"old": "banli-demo-2026", "new": "aaaaaaaaaaaa", "again": "aaaaaaaaaaaa"}, "过于简单"),
    ],
)
def test_a_new_password_is_refused_with_its_reason(site: Site, data: dict[str, object], sentence: str) -> None:
    answer = site.browser("chen.jing").post("/password", data)
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)
