"""Jobs reach the engine and the imports that the worker was made with."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import handlers.services  # noqa: F401 - registers the jobs as well
from handlers.files.file_store import FileStore
from handlers.jobs.queue import JobContext, find_job
from handlers.register import import_runs  # noqa: F401 - registers its job
from handlers.time_source import SystemTime
from webapp.engine import JobsOfEngine


def test_a_post_goes_to_the_engine_and_a_run_to_the_imports(tmp_path: Path) -> None:
    asked: list[tuple[str, int]] = []
    engine: Any = SimpleNamespace(deliver=lambda number: asked.append(("post", number)))
    imports: Any = SimpleNamespace(carry_out=lambda number: asked.append(("run", number)))
    database: Any = None
    context = JobContext(database, FileStore(tmp_path), SystemTime(), JobsOfEngine(engine, imports))
    find_job("posts.deliver")(context, 7)
    find_job("imports.run")(context, 8)
    assert asked == [("post", 7), ("run", 8)]
