"""One engine, and the imports that go through it, for web, worker and command line."""

from __future__ import annotations

from dataclasses import dataclass

import handlers.services  # noqa: F401 - registers the functions that service tasks call
from handlers.files.file_store import FileStore
from handlers.store.database import Database
from handlers.time_source import TimeSource
from processes.engine.engine import Engine
from processes.importing.opening import Imports
from webapp.config import Settings


def make_engine(database: Database, time: TimeSource, settings: Settings) -> Engine:
    """The engine over `database`; seals are made with the installation's audit key."""
    return Engine(database, time, seal_key=settings.audit_key.encode())


@dataclass(frozen=True, slots=True)
class JobsOfEngine:
    """What jobs of a worker ask of the engine and the imports."""

    engine: Engine
    imports: Imports

    def deliver(self, post_id: int) -> None:
        """Deliver a post."""
        self.engine.deliver(post_id)

    def run_import(self, run_id: int) -> None:
        """Carry an import out."""
        self.imports.carry_out(run_id)


def make_imports(engine: Engine, settings: Settings) -> Imports:
    """The imports of one installation."""
    return Imports(engine, settings.audit_key.encode(), FileStore(settings.files))
