"""The product in this process, over a clock set by hand: pages for people, and what the worker does between them."""

from __future__ import annotations

import shutil
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, expect
from sqlalchemy import select
from werkzeug.serving import make_server

from forms.beijing import BEIJING
from handlers.cases import posts
from handlers.files.file_store import FileStore
from handlers.jobs.queue import JobContext, find_job
from handlers.people.demo_people import DEMO_PASSWORD
from handlers.store.tables import import_run, letter
from tests.browser.visitor import Visitor, paper
from tests.support.bureau import SEAL_KEY, Bureau
from tests.web.conftest import site_settings
from webapp.app import create_app
from webapp.engine import JobsOfEngine, make_imports

ROUNDS = 20
"""Far more than messages and timers ever set off one another."""


class Town:
    """The bureau, its pages at `address`, and a worker that works when the clock is moved or `work` is called.

    `log` stays empty: what goes wrong in a page is raised there and shown as an error, which the windows notice.
    """

    def __init__(self, template: Path, folder: Path) -> None:
        shutil.copyfile(template, folder / "banli.sqlite")
        self.bureau = Bureau(f"sqlite:///{folder / 'banli.sqlite'}")
        settings = site_settings(folder, audit_key=SEAL_KEY.decode())
        engine, database = self.bureau.engine, self.bureau.database
        app = create_app(settings, database=database, time=self.bureau.time, engine=engine)
        jobs = JobsOfEngine(engine, make_imports(engine, settings))
        self._context = JobContext(database, FileStore(settings.files), self.bureau.time, jobs)
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self.log: list[str] = []

    def close(self) -> None:
        """Shut the doors."""
        self._server.shutdown()
        self._thread.join()
        self.bureau.close()

    def at(self, moment: str) -> None:
        """It is now this time in Beijing, e.g. `2026-08-03 09:30`, and the worker has done what was due."""
        self.bureau.time.move_to(datetime.fromisoformat(moment).replace(tzinfo=BEIJING))
        self.work()

    def work(self) -> None:
        """Imports, posts, timers, warnings and letters, until nothing is left to do."""
        engine, now = self.bureau.engine, self.bureau.time.now()
        for _ in range(ROUNDS):
            jobs = self._jobs()
            for name, row_id in jobs:
                find_job(name)(self._context, row_id)
            fired = engine.fire_all_due(now)
            raised = engine.sweep_deadlines(now)
            if not jobs and not fired and not raised:
                return
        raise AssertionError("the worker does not come to an end")

    def _jobs(self) -> list[tuple[str, int]]:
        wanted = {
            "imports.run": select(import_run.c.id).where(import_run.c.state.in_(("checking", "running"))),
            "letters.render": select(letter.c.id).where(letter.c.state == "pending"),
        }
        with self.bureau.database.read() as connection:
            found = [(name, row_id) for name, rows in wanted.items() for row_id in connection.scalars(rows)]
            return found + [("posts.deliver", post_id) for post_id in posts.on_their_way(connection)]


class Official:
    """Somebody at work in that town. Their session ends at night, so they sign in again when asked to."""

    def __init__(self, town: Town, visitor: Visitor, username: str) -> None:
        self.town, self.visitor, self.username = town, visitor.without_drawings(), username
        self.page = visitor.page

    def go(self, path: str) -> None:
        """Type an address."""
        self.visitor.go(path)
        if "/login" in self.page.url:
            self.page.get_by_label("用户名").fill(self.username)
            self.page.get_by_label("密码").fill(DEMO_PASSWORD)
            self.visitor.press("登录")
            self.page.wait_for_url(lambda url: "/login" not in url)
            self.visitor.go(path)

    def sees(self, *texts: str) -> None:
        """Expect all of these somewhere on the page."""
        self.visitor.sees(*texts)

    def part(self, title: str) -> Locator:
        """The card with this heading."""
        return self.page.get_by_role("region", name=title, exact=True)

    def does(self, case: str, step: str, **answers: Any) -> None:
        """Open the case, go to the task of this name and hand its form in, filled in; then the worker does its part."""
        self.go(case)
        place = self.part("现在在哪里").locator(".list-group-item").filter(has=self.page.get_by_text(step, exact=True))
        place.get_by_role("link").click()
        self.visitor.heading(step)
        self.fill(**answers)
        self.visitor.press("提交")
        self.visitor.heading(f"已提交：{step}")
        self.town.work()

    def opens(self, case: str, procedure: str, **answers: Any) -> str:
        """Start a linked case from the page of this one; its address."""
        self._follow_from(case, procedure, answers)
        self.page.wait_for_url(lambda url: "/open/" not in url)
        self.town.work()
        return self.linked(case, procedure)

    def acts(self, case: str, name: str, **answers: Any) -> None:
        """Let a message event of the case happen; the case's page is shown afterwards."""
        self._follow_from(case, name, answers)
        self.page.wait_for_url(lambda url: "/acts/" not in url)
        self.town.work()
        self.go(case)

    def _follow_from(self, case: str, name: str, answers: dict[str, Any]) -> None:
        self.go(case)
        self.visitor.follow(name, within=self.part("还可以办的"))
        self.fill(**answers)
        self.visitor.press("提交")

    def linked(self, case: str, procedure: str) -> str:
        """The address of the newest case of that procedure among those linked with this one."""
        self.go(case)
        item = self.part("关联事项").locator(".related-item").filter(has_text=procedure).last
        return str(item.get_by_role("link").first.get_attribute("href"))

    def sees_limit(self, case: str, name: str, words: str) -> None:
        """Expect these words beside one limit on the page of the case."""
        self.go(case)
        expect(self.part("期限").locator(".list-group-item").filter(has_text=name).first).to_contain_text(words)

    def fill(self, **answers: Any) -> None:
        """Answer questions by the form's keys: choices by what the page calls them, files by their names."""
        for key, answer in answers.items():
            self._answer(self.visitor.field(key), answer)

    def _answer(self, field: Locator, answer: Any) -> None:
        kind = field.evaluate("field => field.type || field.tagName.toLowerCase()")
        if kind == "file":
            papers: Any = [paper(name) for name in answer]
            field.set_input_files(papers)
        elif kind == "select-one":
            field.select_option(label=answer)
        elif isinstance(answer, bool):
            field.set_checked(answer)
        elif kind in ("radio", "checkbox"):
            group = field.locator("xpath=ancestor::fieldset[1]")
            for label in [answer] if isinstance(answer, str) else answer:
                group.get_by_label(label, exact=True).check()
        else:
            field.fill(str(answer))

    def reads(self, title: str, *texts: str) -> None:
        """Expect all of these in the card with this heading."""
        for text in texts:
            expect(self.part(title)).to_contain_text(text)
