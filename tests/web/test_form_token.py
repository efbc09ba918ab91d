"""The token of forms, and cookies that were looked at before."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest
from flask import Flask, Response, request
from itsdangerous import TimestampSigner

from handlers.store.database import Database
from handlers.time_source import ManualTime
from tests.web.conftest import MONDAY, Browser, Site, site_settings
from webapp.app import create_app

EXPIRED = "页面已过期，请刷新后重试"


def sign_out(browser: Browser, token: str, **options: object) -> int:
    """Post with this token and nothing else; the answer's status."""
    return browser.client.post("/logout", data={"csrf_token": token}, **options).status_code


def test_the_token_of_a_page_of_ones_own_is_good(site: Site) -> None:
    browser = site.browser("chen.jing")
    assert sign_out(browser, browser.token()) == 302


def test_so_is_one_from_another_page_of_the_same_session(site: Site) -> None:
    browser = site.browser("chen.jing")
    first, _second = browser.token(), browser.token()
    assert sign_out(browser, first) == 302


def test_it_is_good_for_as_long_as_the_session_lasts(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = site.browser("chen.jing")
    with monkeypatch.context() as patch:
        patch.setattr(TimestampSigner, "get_timestamp", lambda _signer: int(time.time()) - 7 * 3600)
        written_this_morning = browser.token()
    assert sign_out(browser, written_this_morning) == 302


def test_a_script_may_send_it_as_a_header(site: Site) -> None:
    browser = site.browser("chen.jing")
    assert browser.client.post("/logout", headers={"X-CSRFToken": browser.token()}).status_code == 302


@pytest.mark.parametrize(
    "change",
    [
        lambda token: "",
        lambda token: "办理",
        lambda token: "." + token,
        lambda token: token[1:],
        lambda token: token.swapcase(),
        lambda token: "A" * len(token.partition(".")[0]),
        lambda token: token.partition(".")[0],
        lambda token: token[:-4] + "AAAA",
    ],
    ids=["none", "not_ascii", "empty_secret", "cut", "other_letters", "guessed", "unsigned", "signed_by_another"],
)
def test_any_other_is_refused_in_a_sentence(site: Site, change: object) -> None:
    browser = site.browser("chen.jing")
    answer = browser.client.post("/logout", data={"csrf_token": change(browser.token())})  # type: ignore[operator]
    assert answer.status_code == 400
    assert EXPIRED in answer.get_data(as_text=True)
    assert browser.get("/password").status_code == 200


def test_the_token_of_somebody_elses_session_is_refused(site: Site) -> None:
    mine, theirs = site.browser("chen.jing"), site.browser("wang.jianguo")
    assert sign_out(mine, theirs.token()) == 400


def test_without_a_session_no_token_is_good(site: Site) -> None:
    token = site.browser("chen.jing").token()
    answer = site.browser().client.post("/logout", data={"csrf_token": token})
    assert answer.location == "/login"


def test_over_https_the_post_must_come_from_a_page_of_ours(people_template: Path, tmp_path: Path) -> None:
    shutil.copyfile(people_template, tmp_path / "banli.sqlite")
    settings = site_settings(tmp_path, secure_cookies=True)
    app = create_app(settings, database=Database(settings.database_url), time=ManualTime(MONDAY))
    browser = Browser(app.test_client())
    page = browser.get("/login", base_url="https://office.example").get_data(as_text=True)
    token = page.split('name="csrf-token" content="')[1].split('"')[0]

    def status(**headers: str) -> int:
        given = {"csrf_token": token, "username": "x", "password": "y"}
        return browser.client.post("/login", data=given, base_url="https://office.example", headers=headers).status_code

    assert status() == 400
    assert status(Referer="https://elsewhere.example/login") == 400
    assert status(Referer="http://office.example/login") == 400
    assert status(Referer="https://office.example/login") == 422  # looked at: the password is wrong


def open_session(app: Flask, cookie: str) -> dict[str, object]:
    """What the application reads from a cookie."""
    with app.test_request_context(headers={"Cookie": f"banli={cookie}"}):
        return dict(app.session_interface.open_session(app, request) or {})


def test_a_changed_cookie_is_nobodys_also_after_the_right_one_was_seen(site: Site) -> None:
    browser = site.browser("chen.jing")
    right = browser.cookie()
    assert browser.get("/password").status_code == 200
    payload, *rest = right.rsplit(".", 2)  # a compressed payload begins with a point of its own
    turned = payload[:1] + payload[:0:-1]
    for wrong in (right[:-2] + ("AA" if right[-2:] != "AA" else "BB"), ".".join((turned, *rest)), payload, "x.y.z"):
        assert wrong != right
        assert open_session(site.app, wrong) == {}
    assert open_session(site.app, right)["account"] == site.account_id("chen.jing")


def test_what_one_request_changes_in_its_session_no_other_request_finds(site: Site) -> None:
    app = site.app
    with app.test_request_context():
        session = app.session_interface.session_class()  # type: ignore[attr-defined]
        session["_flashes"] = [["success", "已保存"]]
        answer = Response()
        app.session_interface.save_session(app, session, answer)
    cookie = answer.headers["Set-Cookie"].split("=", 1)[1].split(";")[0]
    first = open_session(app, cookie)
    first["_flashes"].append(["warning", "另一句"])  # type: ignore[attr-defined]
    assert open_session(app, cookie) == {"_flashes": [["success", "已保存"]]}
