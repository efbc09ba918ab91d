"""What people read when something goes wrong."""

from __future__ import annotations

import logging
import re

import pytest
from flask import abort

from processes.engine.errors import AlreadyDone, NotFound, NotYours, Refused
from tests.web.conftest import MONDAY, Site


def raising(site: Site, error: Exception) -> tuple[int, str]:
    """Status and text when the front page raises `error`."""

    def view() -> str:
        raise error

    site.app.view_functions["home"] = view
    answer = site.browser("chen.jing").get("/")
    return answer.status_code, answer.get_data(as_text=True)


def test_a_lost_race_says_who_was_faster_and_when(site: Site) -> None:
    status, text = raising(site, AlreadyDone("赵磊", 2, MONDAY, "同意", state="done"))
    assert status == 409
    assert "此任务已由赵磊办理，时间 2026-03-02 09:30，结果：同意。" in text


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (NotFound("没有这件事项"), 404, "页面不存在"),
        (NotYours("这项任务在刘芳手上"), 403, "这项任务在刘芳手上"),
        (Refused("拟稿人不能审批自己的方案"), 409, "拟稿人不能审批自己的方案"),
    ],
)
def test_a_refused_command_shows_its_sentence(site: Site, error: Exception, status: int, sentence: str) -> None:
    found = raising(site, error)
    assert found[0] == status
    assert sentence in found[1]


def test_an_unexpected_error_gets_a_number_that_stands_in_the_log(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        status, text = raising(site, RuntimeError("the secret reason"))
    number = re.search(r'class="incident">([0-9A-F]{8})<', text)
    assert status == 500
    assert number is not None
    assert number[1] in caplog.text
    assert "secret reason" not in text


def test_a_broken_database_still_gets_a_sentence_and_a_number(site: Site) -> None:
    browser = site.browser("chen.jing")
    with site.database.write() as connection:
        connection.exec_driver_sql("DROP TABLE membership")
    answer = browser.get("/password")
    assert answer.status_code == 500
    assert "问题编号" in answer.get_data(as_text=True)


@pytest.mark.parametrize(("status", "title"), [(404, "页面不存在"), (413, "文件过大"), (405, "不能这样打开")])
def test_http_errors_are_explained_in_chinese(site: Site, status: int, title: str) -> None:
    site.app.view_functions["home"] = lambda: abort(status)
    answer = site.browser("chen.jing").get("/")
    assert answer.status_code == status
    assert title in answer.get_data(as_text=True)


def test_an_upload_above_the_limit_is_explained(site: Site) -> None:
    site.app.request_class.max_content_length = 1000  # type: ignore[method-assign,assignment]
    answer = site.browser().client.post("/login", data={"username": "x" * 5000})
    assert answer.status_code == 413
    assert "文件过大" in answer.get_data(as_text=True)
