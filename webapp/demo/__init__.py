"""The demo: ten stories that the README's tour tells, and a district's letters of two months."""

from __future__ import annotations

from collections.abc import Callable

from handlers.jobs.queue import in_bulk
from handlers.store.database import Database
from handlers.time_source import TimeSource
from webapp.config import Settings
from webapp.demo.bureau import DemoBureau
from webapp.demo.district import District
from webapp.demo.stories import STORIES


def install_demo_cases(
    settings: Settings, database: Database, now: TimeSource, say: Callable[[str], None] = lambda _: None
) -> int:
    """Make the demo's cases in a database that has none; how many letters and stories. `say` tells how far it is."""
    bureau = DemoBureau(settings, database, now.now())
    with in_bulk():
        for tell in STORIES:
            tell(bureau)
        if settings.demo_letters:
            District(bureau, settings.demo_letters, say).live()
    return len(STORIES) + settings.demo_letters
