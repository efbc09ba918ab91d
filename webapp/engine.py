"""One engine, and the imports that go through it, for web, worker and command line."""

from __future__ import annotations

import handlers.services  # noqa: F401 - registers the functions that service tasks call
from handlers.files.store import FileStore
from handlers.store.database import Database
from handlers.time_source import TimeSource
from processes.engine.engine import Engine
from processes.importing.opening import Imports
from webapp.config import Settings


def make_engine(database: Database, time: TimeSource, settings: Settings) -> Engine:
    """The engine over `database`; seals are made with the installation's audit key."""
    return Engine(database, time, seal_key=settings.audit_key.encode())


def make_imports(engine: Engine, settings: Settings) -> Imports:
    """The imports of one installation."""
    return Imports(engine, settings.audit_key.encode(), FileStore(settings.files))
