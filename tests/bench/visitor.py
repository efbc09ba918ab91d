"""A person at a browser, in plain code: one connection, a cookie, and the CSRF token of the page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from typing import NamedTuple
from urllib.parse import urlencode

from handlers.people.demo_people import DEMO_PASSWORD

TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')
FORM = "application/x-www-form-urlencoded"


class Answer(NamedTuple):
    """What the server said."""

    status: int
    location: str
    body: str


class Visitor:
    """Raises OSError and HTTPException where the connection breaks; the next request opens a new one."""

    def __init__(self, host: str, port: int, *, timeout: float = 60) -> None:
        self.connection = HTTPConnection(host, port, timeout=timeout)
        self.cookies: dict[str, str] = {}

    def request(self, method: str, address: str, body: str | None = None) -> Answer:
        """One request, answered in full."""
        headers = {"Content-Type": FORM} if body is not None else {}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            self.connection.request(method, address, body, headers)
            response = self.connection.getresponse()
            text = response.read().decode()
        except BaseException:
            self.connection.close()
            raise
        for header in response.headers.get_all("Set-Cookie", ()):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(header).items()}
        return Answer(response.status, response.headers.get("Location", ""), text)

    def get(self, address: str) -> Answer:
        """Look at a page."""
        return self.request("GET", address)

    def post(self, address: str, token: str, fields: Mapping[str, object]) -> Answer:
        """Send a form."""
        return self.request("POST", address, urlencode({"csrf_token": token, **fields}, doseq=True))

    def sign_in(self, username: str) -> str:
        """Sign in with the demo's password; the CSRF token of the new session."""
        page = self.get("/login")
        if page.status != 302:  # else signed in already: the server died after it had said so
            answer = self.post("/login", token_of(page), {"username": username, "password": DEMO_PASSWORD})
            if answer.status != 302:
                raise AssertionError(f"sign-in of {username}: {answer.status} {answer.body[:500]}")
        return token_of(self.get("/no-such-page"))

    def close(self) -> None:
        """Hang up."""
        self.connection.close()


def token_of(page: Answer) -> str:
    """The CSRF token in a page."""
    found = TOKEN.search(page.body)
    if found is None:
        raise AssertionError(f"no CSRF token in the page: {page.status} {page.body[:500]}")
    return found[1]
