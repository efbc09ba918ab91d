"""What every answer carries, and cookies."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from handlers.store.database import Database
from handlers.time_source import ManualTime
from tests.web.conftest import MONDAY, Browser, Site, site_settings
from webapp.app import create_app


@pytest.mark.parametrize("address", ["/login", "/password", "/no-such-page", "/admin/people", "/static/favicon.svg"])
def test_every_answer_has_the_security_headers(site: Site, address: str) -> None:
    headers = site.browser("chen.jing").get(address).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_pages_of_signed_in_people_are_not_kept_by_the_browser(site: Site) -> None:
    assert site.browser("chen.jing").get("/password").headers["Cache-Control"] == "no-store"


def test_built_files_are_kept_for_ever_and_others_are_not(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.static_files.manifest", lambda: {"main.css": "main-1A2B3C4D.css"})
    browser = site.browser()
    assert "immutable" not in browser.get("/static/favicon.svg").headers.get("Cache-Control", "")
    assert 'href="/static/dist/main-1A2B3C4D.css"' in browser.get("/login").get_data(as_text=True)
    built = browser.get("/static/dist/main-1A2B3C4D.css")
    assert ("immutable" in built.headers.get("Cache-Control", "")) == (built.status_code == 200)


def test_the_cookie_is_kept_from_scripts_and_other_sites(site: Site) -> None:
    answer = site.browser().sign_in("chen.jing")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_outside_the_demo_the_cookie_travels_by_https_only(people_template: Path, tmp_path: Path) -> None:
    shutil.copyfile(people_template, tmp_path / "banli.sqlite")
    settings = site_settings(tmp_path, demo=False, secure_cookies=True)
    app = create_app(settings, database=Database(settings.database_url), time=ManualTime(MONDAY))
    answer = Browser(app.test_client()).get("/login", base_url="https://localhost")
    assert answer.headers["Set-Cookie"].startswith("__Host-banli=")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "max-age" in answer.headers["Strict-Transport-Security"]
    assert "演示账号" not in answer.get_data(as_text=True)


def test_too_many_sign_ins_from_one_address_are_slowed_down(people_template: Path, tmp_path: Path) -> None:
    shutil.copyfile(people_template, tmp_path / "banli.sqlite")
    settings = site_settings(tmp_path, login_limit="2/minute")
    app = create_app(settings, database=Database(settings.database_url), time=ManualTime(MONDAY))
    browser = Browser(app.test_client())
    answers = [browser.sign_in(f"nobody{number}", "wrong") for number in range(3)]
    assert [answer.status_code for answer in answers] == [422, 422, 429]
    assert answers[-1].headers["Retry-After"] == "60"
    assert "操作过于频繁" in answers[-1].get_data(as_text=True)


@pytest.mark.parametrize("address", ["/login", "/logout", "/password", "/admin/people/1/disable"])
def test_every_post_without_a_token_is_refused(site: Site, address: str) -> None:
    answer = site.browser("admin").client.post(address, data={"username": "x", "password": "y"})
    assert answer.status_code == 400
    assert "页面已过期，请刷新后重试" in answer.get_data(as_text=True)


def test_the_token_may_come_in_a_header_as_htmx_sends_it(site: Site) -> None:
    browser = site.browser("chen.jing")
    answer = browser.client.post("/logout", headers={"X-CSRFToken": browser.token(), "HX-Request": "true"})
    assert answer.status_code == 302


def test_an_error_for_htmx_is_a_fragment_for_the_notices(site: Site) -> None:
    answer = site.browser("chen.jing").get("/admin/people", headers={"HX-Request": "true"})
    assert answer.status_code == 403
    assert answer.headers["HX-Retarget"] == "#notices"
    assert "<html" not in answer.get_data(as_text=True)
