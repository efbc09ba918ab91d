"""What every request may reach for: the application's services, the person at the keyboard, the Flask extensions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask import current_app, g
from flask_wtf.csrf import CSRFProtect

from handlers.clocks.calendar import Calendar
from handlers.clocks.calendar_store import CalendarCache
from handlers.people.actors import Actor
from handlers.people.profiles import Profile
from handlers.store.database import Database
from handlers.time_source import TimeSource, beijing_date
from processes.engine.cases.open_form import OpenForms
from processes.engine.engine import Engine
from webapp.attempts import Attempts
from webapp.config import Settings

csrf = CSRFProtect()
CSRF_FIELD = "csrf_token"
"""Name of the field in which every form sends the token of its session; Flask-WTF's default."""


@dataclass(slots=True)
class Services:
    """One per application, in `app.extensions["banli"]`."""

    database: Database
    time: TimeSource
    settings: Settings
    profile: Profile
    attempts: Attempts
    engine: Engine
    forms: OpenForms
    find_actor: Callable[[], Actor | None]
    calendars: CalendarCache = field(default_factory=CalendarCache)

    def now(self) -> datetime:
        """The present moment, aware, UTC."""
        return self.time.now()

    def today(self) -> date:
        """Beijing date of the present moment."""
        return beijing_date(self.time.now())


def services() -> Services:
    """The services of the application that answers this request."""
    # Asked for a dozen times in a request: from the application itself, and not through its proxy.
    kept: Services = current_app._get_current_object().extensions["banli"]  # type: ignore[attr-defined]
    return kept


def request_calendar() -> Calendar:
    """The working-day calendar as this request first saw it."""
    if "calendar" not in g:
        with services().database.read() as connection:
            g.calendar = services().calendars.get(connection)
    calendar: Calendar = g.calendar
    return calendar


_UNKNOWN: Any = object()


def current_actor() -> Actor:
    """The signed-in person. Only for views whose permission asks for a sign-in."""
    actor = actor_or_none()
    if actor is None:
        raise RuntimeError("nobody is signed in: the access table lets the public into this view")
    return actor


def actor_or_none() -> Actor | None:
    """The signed-in person, or None; looked up once per request."""
    actor: Actor | None = g.get("actor", _UNKNOWN)
    if actor is _UNKNOWN:
        actor = g.actor = services().find_actor()
    return actor
