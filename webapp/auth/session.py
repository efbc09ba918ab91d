"""The signed-in person of a session.

The cookie holds the account, the account's session epoch and when it was last seen. Raising the epoch (sign-out, new
password, disabled account) makes every cookie of that person worthless, so a copied cookie does not outlive a sign-out.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from flask import Flask, g, session
from flask.sessions import SecureCookieSessionInterface

from handlers.people import Actor, load_actor
from webapp.extensions import services

IDLE_LIMIT = timedelta(hours=8)
SEEN_GRAIN = timedelta(minutes=5)
"""The cookie is written anew at most this often, not on every request."""


class _Json:
    """What a session of ours holds is plain JSON, without Flask's marks for tuples and dates."""

    @staticmethod
    def dumps(value: object) -> str:
        return orjson.dumps(value).decode()

    @staticmethod
    def loads(text: str | bytes) -> Any:
        return orjson.loads(text)


class Sessions(SecureCookieSessionInterface):
    """Flask's own sessions, signed with SHA-256; the signer is made once and not twice in every request."""

    serializer = _Json()  # type: ignore[assignment]
    digest_method = staticmethod(hashlib.sha256)  # given itself, not wrapped as Flask's default: three times as fast

    def __init__(self) -> None:
        self._signers: dict[Any, Any] = {}

    def get_signing_serializer(self, app: Flask) -> Any:
        """The signer of this application."""
        key = app.secret_key
        if key not in self._signers:
            self._signers[key] = super().get_signing_serializer(app)
        return self._signers[key]


def install(app: Flask) -> None:
    """Keep sessions in cookies, with the signer above."""
    app.session_interface = Sessions()


def begin(actor: Actor) -> None:
    """Start a new session for `actor`. Nothing of the session before survives, its CSRF token included."""
    session.clear()
    session["nonce"] = secrets.token_urlsafe(16)
    session["seen"] = int(services().now().timestamp())
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
    found = services()
    with found.database.read() as connection:
        actor = load_actor(connection, account_id, found.today())
    return actor if actor is not None and actor.session_epoch == session.get("epoch") else None


def _is_recent() -> bool:
    now = services().now()
    seen = datetime.fromtimestamp(session.get("seen", 0), UTC)
    if now - seen > IDLE_LIMIT:
        return False
    if now - seen > SEEN_GRAIN:
        session["seen"] = int(now.timestamp())
    return True
