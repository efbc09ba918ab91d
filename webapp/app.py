"""The application factory."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, redirect, url_for
from flask.typing import ResponseReturnValue
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from handlers.database import Database
from handlers.profiles import load_profile
from handlers.time_source import SystemTime, TimeSource
from webapp import errors, layout, static_files
from webapp.access import protect
from webapp.admin.holidays import blueprint as admin
from webapp.auth import session
from webapp.auth.views import blueprint as auth
from webapp.cases.views import blueprint as cases
from webapp.config import Settings
from webapp.extensions import Services, csrf, limiter
from webapp.files.views import blueprint as files
from webapp.inbox.views import blueprint as inbox
from webapp.register.views import blueprint as register
from webapp.row_id import RowId
from webapp.security import add_headers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

BLUEPRINTS = (auth, inbox, cases, register, files, admin)


class _Application(Flask):
    """Flask with one database connection for a request."""

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        with self.extensions["banli"].database.one_connection():
            return super().wsgi_app(environ, start_response)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function itself: ours are all plain ones, and Flask would find that out anew on every call."""
        return func


def create_app(
    settings: Settings, *, database: Database | None = None, time: TimeSource | None = None, engine: Any = None
) -> Flask:
    """The web application for one installation. Tests hand in their own database, time and engine."""
    app = _Application(__name__)
    app.config.update(_flask_config(settings))
    app.url_map.converters["int"] = RowId
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["banli"] = Services(
        database=database or Database(settings.database_url),
        time=time or SystemTime(),
        settings=settings,
        profile=load_profile(settings.profile),
        make_engine=_make_engine,
        find_actor=session.find_actor,
        _engine=engine,
    )
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=settings.proxies)  # type: ignore[method-assign]
    session.install(app)
    csrf.init_app(app)
    limiter.init_app(app)
    for part in (static_files, layout, errors):
        part.install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    _add_front_doors(app)
    protect(app)
    add_headers(app)
    return app


def _flask_config(settings: Settings) -> dict[str, Any]:
    return {
        "SECRET_KEY": settings.secret_key,
        # The __Host- prefix makes browsers refuse a cookie planted by a neighbouring host; it needs https.
        "SESSION_COOKIE_NAME": "__Host-banli" if settings.secure_cookies else "banli",
        "SESSION_COOKIE_SECURE": settings.secure_cookies,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
        "MAX_CONTENT_LENGTH": settings.upload_limit_bytes,
        "MAX_FORM_MEMORY_SIZE": 4 * 1024 * 1024,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: a plan may take an afternoon to write
        "RATELIMIT_ENABLED": settings.login_limit != "",
        "RATELIMIT_HEADERS_ENABLED": False,
    }


def _make_engine(services: Services) -> Any:
    from webapp.engine import (
        make_engine,
    )  # late: the engine brings SpiffWorkflow, which the login page need not wait for

    return make_engine(services.database, services.time, services.settings)


def _add_front_doors(app: Flask) -> None:
    @app.get("/")
    def home() -> ResponseReturnValue:
        return redirect(url_for(layout.first_page()))

    @app.get("/health")
    def health() -> ResponseReturnValue:
        return {"status": "ok"}
