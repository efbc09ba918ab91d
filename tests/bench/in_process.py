"""The whole POST without a socket, to look inside: `python -m tests.bench.in_process` prints where the time goes."""

from __future__ import annotations

import cProfile
import io
import pstats
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import EnvironBuilder, TestResponse

from handlers.store.tables import task
from handlers.time_source import SystemTime
from tests.bench.procedure import ACTIONS, PROCESS, posted
from tests.bench.served import bench_bureau
from tests.bench.visitor import TOKEN
from tests.support.bureau import SEAL_KEY, Bureau
from webapp.app import create_app
from webapp.config import Settings

PERSON = "chen.jing"


def make_app(bureau: Bureau, folder: Path) -> Flask:
    """The shipped application over the bureau's database."""
    settings = Settings(
        database_url=bureau.database.url,
        secret_key="a secret for this run only, long enough",
        audit_key=SEAL_KEY.decode(),
        var=folder,
        files=folder / "files",
        demo=True,
        secure_cookies=False,
    )
    return create_app(settings, database=bureau.database, time=SystemTime())


class Browser:
    """Somebody signed in to the application in this process."""

    def __init__(self, app: Flask, bureau: Bureau, username: str) -> None:
        self.app = app
        self.client: FlaskClient = app.test_client()
        self.bureau = bureau
        self.token = self._token()
        self.post("/login", {"username": username, "password": "banli-demo-2026"})
        self.token = self._token()

    def _token(self) -> str:
        found = TOKEN.search(self.client.get("/no-such-page").get_data(as_text=True))
        if found is None:
            raise AssertionError("no CSRF token in the page")
        return found[1]

    def post(self, address: str, fields: Mapping[str, object]) -> TestResponse:
        """Send a form; anything but a redirect is a mistake of the benchmark."""
        answer = self.client.post(address, data={"csrf_token": self.token, **fields})
        if answer.status_code != 302:
            raise AssertionError(f"{address}: {answer.status_code} {answer.get_data(as_text=True)[:2000]}")
        return answer

    def start(self) -> int:
        """A new benchmark case; its id."""
        first = int(self.post(f"/cases/new/{PROCESS}", posted(ACTIONS[0][1])).location.split("/")[-2])
        with self.bureau.database.read() as connection:
            return int(connection.execute(select(task.c.instance_id).where(task.c.id == first)).scalar_one())

    def environ(self, address: str, fields: Mapping[str, object]) -> dict[str, Any]:
        """What a server hands to the application for this POST, made beforehand."""
        cookie = self.client.get_cookie("banli")
        assert cookie is not None
        builder = EnvironBuilder(
            address,
            method="POST",
            content_type="application/x-www-form-urlencoded",
            input_stream=io.BytesIO(urlencode({"csrf_token": self.token, **fields}).encode()),
            headers=[("Cookie", f"banli={cookie.value}")],
        )
        environ = builder.get_environ()
        environ["CONTENT_LENGTH"] = str(len(environ["wsgi.input"].getvalue()))
        return environ


def task_at(bureau: Bureau, case: int, node: str) -> int:
    """Id of the case's open task at `node`."""
    return next(int(row.id) for row in bureau.open_tasks(case) if row.node == node)


def call(app: Flask, environ: dict[str, Any]) -> None:
    """Answer a POST as under a web server. AssertionError, if the answer is no redirect."""
    b"".join(app.wsgi_app(environ, _answered))


def _answered(status: str, _headers: object, _error: object = None, /) -> Callable[[bytes], object]:
    assert status.startswith("302"), status
    return lambda _data: None


def look(cases: int) -> str:
    """CPU per POST in this process, and the functions it goes to."""
    profile, spent = cProfile.Profile(time.thread_time), []
    with tempfile.TemporaryDirectory(prefix="banli-bench-") as name, bench_bureau(Path(name)) as bureau:
        app = make_app(bureau, Path(name))
        browser = Browser(app, bureau, PERSON)
        for number in range(cases):
            case = browser.start()
            for node, values in ACTIONS[1:]:
                address = f"/tasks/{task_at(bureau, case, node)}/complete"
                environ = browser.environ(address, posted(values))
                if number % 2:
                    profile.enable()
                begin = time.thread_time_ns()
                call(app, environ)
                if number % 2:
                    profile.disable()
                elif number:
                    spent.append((time.thread_time_ns() - begin) / 1000)
    text = io.StringIO()
    statistics_ = pstats.Stats(profile, stream=text)
    statistics_.sort_stats("cumulative").print_stats(70)
    statistics_.sort_stats("tottime").print_stats(30)
    return f"{statistics.median(spent):.0f} µs CPU per POST, median, without the profiler\n{text.getvalue()}"


if __name__ == "__main__":
    sys.stdout.write(look(int(sys.argv[1]) if len(sys.argv) > 1 else 20))
