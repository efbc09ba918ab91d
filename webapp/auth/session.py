"""The signed-in person of a session.

The cookie holds the account, the account's session epoch, when it began and when it was last seen. Raising the epoch
(sign-out, new password, disabled account) makes every cookie of that person worthless, so a copied cookie does not
outlive a sign-out.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import orjson
from flask import Flask, Request, Response, g, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadSignature

from handlers.people.actors import Actor, load_actor
from webapp.extensions import services

IDLE_LIMIT = timedelta(hours=8)
LONGEST_SESSION = timedelta(hours=12)
"""However much somebody works: a desk that is left overnight asks again."""
SEEN_GRAIN = timedelta(minutes=5)
"""The cookie is written anew at most this often, not on every request."""
KNOWN_COOKIES = 1024
"""Cookies whose signature need not be checked again: those of the people at work, a few hundred bytes each."""


class _PlainJson:
    """What a session of ours holds is plain JSON, without Flask's marks for tuples and dates."""

    @staticmethod
    def dumps(value: object) -> str:
        return orjson.dumps(value).decode()

    @staticmethod
    def loads(text: str | bytes) -> Any:
        return orjson.loads(text)


class Sessions(SecureCookieSessionInterface):
    """Flask's own sessions, signed with SHA-256. A cookie comes with every request: it is checked once, then known."""

    serializer = _PlainJson()  # type: ignore[assignment]
    digest_method = staticmethod(hashlib.sha256)  # given itself, not wrapped as Flask's default: three times as fast

    def __init__(self, app: Flask) -> None:
        self._signer: Any = self.get_signing_serializer(app)
        self._cookie = self.get_cookie_name(app)
        # An error is not remembered. What is remembered is text: a session is changed by its request.
        self._content = lru_cache(maxsize=KNOWN_COOKIES)(self._check)

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession:
        """What the browser's cookie holds; an empty session where there is none or somebody tampered with it."""
        cookie = request.cookies.get(self._cookie)
        if not cookie:
            return self.session_class()
        try:
            return self.session_class(orjson.loads(self._content(cookie)))
        except BadSignature:
            return self.session_class()

    def _check(self, cookie: str) -> bytes:
        return orjson.dumps(self._signer.loads(cookie))

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Give the cookie back if it changed, and keep pages of signed-in people out of caches."""
        if session.accessed and "account" in session:
            # Shared desks: the back button must not show the last person's cases after they signed out, nor must a
            # file of theirs stay in the browser's cache.
            response.headers["Cache-Control"] = "no-store"
            if not session.modified:
                return  # and nothing that caches would have to be told about cookies
        super().save_session(app, session, response)


def install(app: Flask) -> None:
    """Keep sessions in cookies."""
    app.session_interface = Sessions(app)


def begin(actor: Actor) -> None:
    """Start a new session for `actor`. Nothing of the session before survives, its CSRF token included."""
    session.clear()
    session["nonce"] = secrets.token_urlsafe(16)
    session["since"] = session["seen"] = int(services().now().timestamp())
    session["account"] = actor.account_id
    session["epoch"] = actor.session_epoch
    g.actor = actor


def end() -> None:
    """Forget who is signed in, and all else that the cookie holds."""
    session.clear()
    g.actor = None


def find_actor() -> Actor | None:
    """Who the cookie says is there: still active, still of this epoch, and here not too long ago."""
    account_id = session.get("account")
    if not isinstance(account_id, int) or not _is_recent():
        return None
    with services().database.read() as connection:
        actor = load_actor(connection, account_id, services().today())
    return actor if actor is not None and actor.session_epoch == session.get("epoch") else None


def _is_recent() -> bool:
    now = services().now()
    seen = datetime.fromtimestamp(session.get("seen", 0), UTC)
    since = datetime.fromtimestamp(session.get("since", 0), UTC)
    if now - seen > IDLE_LIMIT or now - since > LONGEST_SESSION:
        return False
    if now - seen > SEEN_GRAIN:
        session["seen"] = int(now.timestamp())
    return True
