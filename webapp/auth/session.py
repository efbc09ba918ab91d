"""The signed-in person of a session.

The cookie holds the account, the account's session epoch and when it was last seen. Raising the epoch (sign-out, new
password, disabled account) makes every cookie of that person worthless, so a copied cookie does not outlive a sign-out.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, session
from flask.sessions import SecureCookieSessionInterface
from flask_login import UserMixin, login_user

from handlers.people import Actor, load_actor
from webapp.extensions import login_manager, services

IDLE_LIMIT = timedelta(hours=8)
SEEN_GRAIN = timedelta(minutes=5)
"""The cookie is written anew at most this often, not on every request."""


class Sessions(SecureCookieSessionInterface):
    """Flask's own sessions; the signer is made once and not twice in every request."""

    def __init__(self) -> None:
        self._signers: dict[Any, Any] = {}

    def get_signing_serializer(self, app: Flask) -> Any:
        """The signer of this application."""
        key = app.secret_key
        if key not in self._signers:
            self._signers[key] = super().get_signing_serializer(app)
        return self._signers[key]


class SessionUser(UserMixin):  # type: ignore[misc]
    """What Flask-Login passes around."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor

    def get_id(self) -> str:
        """Account and epoch: a cookie of an older epoch finds nobody."""
        return f"{self.actor.account_id}:{self.actor.session_epoch}"


def install(app: Flask) -> None:
    """Let Flask-Login find people here."""
    app.session_interface = Sessions()
    login_manager.init_app(app)
    login_manager.session_protection = None  # it ties sessions to addresses, which change on mobile networks
    login_manager.user_loader(_load)


def begin(actor: Actor) -> None:
    """Start a new session for `actor`. Nothing of the session before survives, its CSRF token included."""
    session.clear()
    session["nonce"] = secrets.token_urlsafe(16)
    session["seen"] = int(services().now().timestamp())
    login_user(SessionUser(actor))


def _load(user_id: str) -> SessionUser | None:
    account, _, epoch = user_id.partition(":")
    if not (account.isdigit() and epoch.isdigit()) or not _is_recent():
        return None
    found = services()
    with found.database.read() as connection:
        actor = load_actor(connection, int(account), found.today())
    if actor is None or actor.session_epoch != int(epoch):
        return None
    return SessionUser(actor)


def _is_recent() -> bool:
    now = services().now()
    seen = datetime.fromtimestamp(session.get("seen", 0), UTC)
    if now - seen > IDLE_LIMIT:
        return False
    if now - seen > SEEN_GRAIN:
        session["seen"] = int(now.timestamp())
    return True
