"""The screens over the demo bureau: browsers of its people, and forms filled the way a page would send them."""

from __future__ import annotations

import io
from pathlib import Path

from werkzeug.test import TestResponse

from tests.support.bureau import Bureau
from tests.web.conftest import Browser, site_settings
from webapp.app import create_app
from webapp.extensions import Services

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
