"""Headers that every answer carries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # data: for the small pictures inside Tabler's style sheet
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)

_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # the CSRF check over https compares the referrer, so it must reach ourselves
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}

_ONLY_HTTPS = {"Strict-Transport-Security": "max-age=31536000"}


def add_headers(app: Flask) -> None:
    """Put the security headers on every answer, errors included; a view's own header wins."""
    secure = app.extensions["banli"].settings.secure_cookies
    app.wsgi_app = _Headers(app.wsgi_app, _HEADERS | (_ONLY_HTTPS if secure else {}))  # type: ignore[method-assign]


class _Headers:
    """WSGI middleware: below Flask, where each header would be looked for and copied twice."""

    def __init__(self, app: WSGIApplication, headers: Mapping[str, str]) -> None:
        self._app = app
        self._headers = [(name, name.lower(), value) for name, value in headers.items()]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            there = {name.lower() for name, _ in headers}
            missing = [(name, value) for name, lower, value in self._headers if lower not in there]
            return start_response(status, [*headers, *missing], *error)

        return self._app(environ, start)
