"""One real server for all browser tests, and people who look at it through Chromium."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from handlers.people.demo_people import DEMO_PASSWORD
from tests.browser.chromium import ARGS, MISSING, find_chromium

HERE = Path(__file__).parent
TIMEOUT = 20_000
REPEATED = ("Failed to load resource", "Response Status Error Code 4")
DESKTOP = {"width": 1366, "height": 768}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here that looks at pages wants a browser; with xdist's loadgroup one worker has them all."""
    for item in items:
        if HERE in item.path.parents and "new_window" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
            item.add_marker(pytest.mark.xdist_group("browser"))
            item.add_marker(pytest.mark.skipif(find_chromium() is None, reason=MISSING))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The product, running."""
    from tests.browser.server import Server
    from webapp.assets.build import build

    build()
    running = Server(tmp_path_factory.mktemp("browser") / "var")
    yield running
    running.stop()


@pytest.fixture(scope="session")
def backstage(server: Any) -> Iterator[Any]:
    """Commands on the same bureau, to make cases ready."""
    from tests.browser.server import Backstage

    bureau = Backstage(server.settings)
    yield bureau
    bureau.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser program."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=TIMEOUT)
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=find_chromium(), args=list(ARGS))
        yield browser
        browser.close()


@pytest.fixture
def allowed() -> set[int]:
    """Statuses under 500 that a test expects for something that is not a page, e.g. a draft saved too late."""
    return set()


@pytest.fixture
def faults(server: Any, allowed: set[int]) -> Iterator[list[str]]:
    """What a page must never do: script errors, violations of the content security policy, missing parts, 5xx."""
    found: list[str] = []
    said = len(server.log)
    yield found
    assert found == []
    assert [line for line in server.log[said:] if "Traceback" in line or " ERROR " in line] == []


def _watch(context: Any, faults: list[str], allowed: set[int]) -> None:
    def on_console(message: Any) -> None:
        # Chromium and htmx repeat every 4xx on the console; on_response judges those.
        if message.type == "error" and not message.text.startswith(REPEATED):
            faults.append(f"console at {message.page.url if message.page else '?'}: {message.text}")

    def on_response(response: Any) -> None:
        part = response.status >= 400 and response.request.resource_type != "document"
        if response.status >= 500 or (part and response.status not in allowed):
            faults.append(f"{response.status} for {response.url}")

    context.on("console", on_console)
    context.on("weberror", lambda error: faults.append(f"script error: {error.error}"))
    context.on("response", on_response)


@pytest.fixture
def new_window(chromium: Any, server: Any, faults: list[str], allowed: set[int]) -> Iterator[Callable[..., Any]]:
    """Opens a fresh browser with nobody signed in."""
    from tests.browser.visitor import Visitor

    contexts: list[Any] = []

    def create(**options: Any) -> Visitor:
        settings = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "viewport": DESKTOP, **options}
        context = chromium.new_context(**settings)
        context.set_default_timeout(TIMEOUT)
        contexts.append(context)
        _watch(context, faults, allowed)
        return Visitor(context.new_page(), server.address)

    yield create
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def sessions() -> dict[str, Any]:
    """The cookies of people who have signed in before."""
    return {}


@pytest.fixture
def sign_in(new_window: Callable[..., Any], sessions: dict[str, Any]) -> Callable[..., Any]:
    """A person's browser, signed in. `afresh` signs in anew: for tests that end the session."""

    def enter(username: str, *, afresh: bool = False, **options: Any) -> Any:
        if username in sessions and not afresh:
            return new_window(storage_state=sessions[username], **options)
        visitor = new_window(**options)
        visitor.go("/login")
        visitor.page.get_by_label("用户名").fill(username)
        visitor.page.get_by_label("密码").fill(DEMO_PASSWORD)
        visitor.press("登录")
        visitor.page.wait_for_url(lambda url: "/login" not in url)
        if not afresh:
            sessions[username] = visitor.context.storage_state()
        return visitor

    return enter
