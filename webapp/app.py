"""The application factory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Request, Response, redirect, url_for
from flask.typing import ResponseReturnValue
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from handlers.people.profiles import load_profile
from handlers.store.database import Database
from handlers.time_source import SystemTime, TimeSource
from processes.engine.cases.open_form import OpenForms
from processes.engine.engine import Engine
from webapp import error_pages, layout, static_files
from webapp.access import protect
from webapp.admin.holidays import blueprint as admin
from webapp.attempts import Attempts
from webapp.auth import session
from webapp.auth.views import blueprint as auth
from webapp.cases.views import blueprint as cases
from webapp.config import Settings
from webapp.engine import make_engine
from webapp.extensions import Services, csrf
from webapp.files.views import blueprint as files
from webapp.handbook.views import blueprint as handbook
from webapp.inbox.views import blueprint as inbox
from webapp.register.views import blueprint as register
from webapp.row_id import RowId
from webapp.security import add_headers

FORM_LIMIT_BYTES = 4 * 1024 * 1024
"""Of one field that is no file, in a form with files; other forms are bounded like uploads."""
FORM_PARTS = 1000
"""Fields and files in one form with files."""

BLUEPRINTS = (auth, inbox, cases, register, files, admin, handbook)


class _Application(Flask):
    """Flask with our static files, and without what it would find out anew in every request."""

    def send_static_file(self, filename: str) -> Response:
        """A file of our own, for the browser to keep."""
        return static_files.keep(super().send_static_file(filename), filename)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function itself: ours are all plain ones, and Flask would find that out anew on every call."""
        return func


def create_app(
    settings: Settings,
    *,
    database: Database | None = None,
    time: TimeSource | None = None,
    engine: Engine | None = None,
) -> Flask:
    """The web application for one installation. Tests hand in their own database, time and engine."""
    app = _Application(__name__)
    app.config.update(_flask_config(settings))
    app.request_class = _limited_request(settings.upload_limit_bytes)
    app.url_map.converters["int"] = RowId
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    database, time = database or Database(settings.database_url), time or SystemTime()
    engine = engine or make_engine(database, time, settings)
    app.extensions["banli"] = Services(
        database=database,
        time=time,
        settings=settings,
        profile=load_profile(settings.profile),
        attempts=Attempts(settings.login_limit),
        engine=engine,
        forms=OpenForms(database, engine.library, time),
        find_actor=session.find_actor,
    )
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=settings.proxies)  # type: ignore[method-assign]
    session.install(app)
    csrf.init_app(app)
    for part in (static_files, layout, error_pages):
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
        "WTF_CSRF_CHECK_DEFAULT": False,  # `access` asks for it, and no view is exempt
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: a plan may take an afternoon to write
    }


def _limited_request(upload_limit_bytes: int) -> type[Request]:
    """Requests with our limits on their class: in the configuration, Flask looks for each of them several times."""
    limits = {
        "max_content_length": upload_limit_bytes,
        "max_form_memory_size": FORM_LIMIT_BYTES,
        "max_form_parts": FORM_PARTS,
    }
    return type("LimitedRequest", (Request,), limits)


def _add_front_doors(app: Flask) -> None:
    @app.get("/")
    def home() -> ResponseReturnValue:
        return redirect(url_for(layout.first_page()))

    @app.get("/health")
    def health() -> ResponseReturnValue:
        return {"status": "ok"}
