"""The screens over the demo bureau: browsers of its people, and forms filled the way a page would send them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from werkzeug.test import TestResponse

from tests.support.bureau import Bureau
from tests.web.conftest import Browser, site_settings
from webapp.app import create_app
from webapp.extensions import Services

PLAN_FORM: dict[str, Any] = {
    "training_name": "12315平台操作培训",
    "training_kind": "training",
    "organiser": "centre",
    "purpose": "熟悉全国12315平台新版操作",
    "audience": "各市场监督管理所投诉举报岗位人员",
    "people_count": "40",
    "start_at": "2026-03-20T09:00",
    "end_at": "2026-03-20T17:00",
    "place": "局三楼会议室",
    "teachers": "信息科技术人员",
    "courses-0-course_at": "2026-03-20T09:00",
    "courses-0-course_content": "平台登记与分派",
    "courses-0-course_teacher": "赵磊",
    "security": "不使用真实投诉人信息",
    "person_in_charge": "1",
}
"""A training plan as the browser posts it."""

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


class Office:
    """The web application over a bureau."""

    def __init__(self, bureau: Bureau, folder: Path) -> None:
        self.bureau = bureau
        settings = site_settings(folder)
        self.app = create_app(settings, database=bureau.database, time=bureau.time, engine=bureau.engine)

    @property
    def services(self) -> Services:
        """The application's services."""
        found: Services = self.app.extensions["banli"]
        return found

    def browser(self, username: str) -> Browser:
        """A browser in which the person is signed in."""
        browser = Browser(self.app.test_client())
        assert browser.sign_in(username).status_code == 302
        return browser


def text(response: TestResponse) -> str:
    """The page."""
    return response.get_data(as_text=True)


def upload(name: str, content: bytes = PDF) -> tuple[io.BytesIO, str]:
    """A file as a form sends it."""
    return io.BytesIO(content), name
