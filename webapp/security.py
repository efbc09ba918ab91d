"""Headers that every answer carries."""

from __future__ import annotations

from flask import Flask, Response, request, session

from webapp.extensions import services

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


def add_headers(app: Flask) -> None:
    """Put the security headers on every answer, errors included; a view's own header wins."""

    @app.after_request
    def _add(response: Response) -> Response:
        there = {name.lower() for name, _ in response.headers}
        for name, value in _HEADERS.items():
            if name.lower() not in there:
                response.headers.add(name, value)  # setdefault looks through all headers twice, for each name
        if services().settings.secure_cookies:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if "Cache-Control" not in response.headers and request.endpoint != "static" and "account" in session:
            # Shared desks: the back button must not show the last person's cases after they signed out.
            response.headers["Cache-Control"] = "no-store"
        return response
