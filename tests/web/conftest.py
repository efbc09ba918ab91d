"""The web application over a small bureau: real sign-ins, CSRF on, a clock that stands still."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from handlers.people.demo_people import DEMO_PASSWORD, install_demo_people
from handlers.people.profiles import install_profile, load_profile
from handlers.people.sign_in import unknown_names
from handlers.store.database import Database
from handlers.store.tables import account, metadata
from handlers.time_source import ManualTime, beijing_date
from webapp.app import create_app
from webapp.config import Settings

MONDAY = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
"""09:30 in Beijing."""


class Browser:
    """One person's browser: keeps cookies and fills in the CSRF token as the page's form would."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, address: str, **options: object) -> TestResponse:
        """Look at a page."""
        return self.client.get(address, **options)

    def token(self) -> str:
        """The CSRF token, from a page that everybody may see."""
        page = self.client.get("/no-such-page").get_data(as_text=True)
        found = re.search(r'name="csrf-token" content="([^"]+)"', page)
        assert found is not None
        return found[1]

    def post(self, address: str, data: Mapping[str, object] | None = None, **options: object) -> TestResponse:
        """Send a form."""
        return self.client.post(address, data={"csrf_token": self.token(), **(data or {})}, **options)

    def sign_in(self, username: str, password: str = DEMO_PASSWORD, **more: object) -> TestResponse:
        """Fill in the login form."""
        return self.post("/login", {"username": username, "password": password, **more})

    def cookie(self) -> str:
        """The session cookie as the browser would send it."""
        found = self.client.get_cookie("banli")
        return "" if found is None else found.value


class Site:
    """The application with its database and clock."""

    def __init__(self, app: Flask, database: Database, time: ManualTime) -> None:
        self.app, self.database, self.time = app, database, time

    def browser(self, username: str = "") -> Browser:
        """A fresh browser, signed in if a name is given."""
        browser = Browser(self.app.test_client())
        if username:
            assert browser.sign_in(username).status_code == 302
        return browser

    def account_id(self, username: str) -> int:
        """The account of a demo person."""
        with self.database.read() as connection:
            return int(connection.execute(select(account.c.id).where(account.c.username == username)).scalar_one())

    @property
    def today(self) -> str:
        """Beijing date of the standing clock."""
        return beijing_date(self.time.now()).isoformat()


@pytest.fixture(scope="session")
def people_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the demo people, made once: hashing their passwords takes longer than most tests."""
    path = tmp_path_factory.mktemp("people") / "banli.sqlite"
    database = Database(f"sqlite:///{path}")
    with database.write() as connection:
        metadata.create_all(connection)
    with database.write() as connection:
        install_profile(connection, load_profile("binhai"))
        install_demo_people(connection, MONDAY)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


def site_settings(folder: Path, **changes: object) -> Settings:
    """Settings of a demo installation in `folder`."""
    values: dict[str, object] = {
        "database_url": f"sqlite:///{folder / 'banli.sqlite'}",
        "secret_key": "a secret for tests only, long enough",
        "audit_key": "another secret for tests, long enough",
        "var": folder,
        "files": folder / "files",
        "demo": True,
        "secure_cookies": False,
        "login_limit": "",
        **changes,
    }
    return Settings(**values)  # type: ignore[arg-type]


@pytest.fixture
def site(people_template: Path, tmp_path: Path) -> Iterator[Site]:
    """The site with the demo people and nothing published."""
    shutil.copyfile(people_template, tmp_path / "banli.sqlite")
    settings = site_settings(tmp_path)
    database, time = Database(settings.database_url), ManualTime(MONDAY)
    unknown_names._names.clear()
    yield Site(create_app(settings, database=database, time=time), database, time)
    database.close()
