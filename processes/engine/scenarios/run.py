"""All scenario files of a folder, played one by one, each scenario in a database of its own."""

from __future__ import annotations

import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from handlers.jobs import queue
from handlers.people.demo_people import install_demo_people
from handlers.people.profiles import install_profile, load_profile
from handlers.store import schema
from handlers.store.database import Database
from processes.engine.diagrams.model import Process
from processes.engine.diagrams.reader import read_bpmn
from processes.engine.language.decision_tables import DecisionTable, read_dmn
from processes.engine.publishing.publish import publish_shipped, shipped_sources
from processes.engine.scenarios.book import Book, read_book
from processes.engine.scenarios.coverage import Gap, gaps
from processes.engine.scenarios.marked import marked
from processes.engine.scenarios.play import Report, play
from processes.engine.scenarios.stage import Stage

OPENED_AT = datetime(2026, 1, 4, tzinfo=UTC)
SUFFIX = ".scenarios.yaml"


def shipped_books(root: Traversable | None = None) -> Iterator[Book]:
    """The scenario files below `root` (default: all that ship)."""
    root = root or files("processes")
    for entry in sorted(root.iterdir(), key=lambda item: item.name):
        if entry.is_dir():
            yield from shipped_books(entry)
        elif entry.name.endswith(SUFFIX):
            yield read_book(entry.read_bytes(), entry.name)


def prepare(database: Database) -> None:
    """Set an empty database up as the stage of a scenario: tables, the demo's people, the shipped set."""
    schema.upgrade(database)
    queue.prepare(database)
    with database.write() as connection:
        install_profile(connection, load_profile("binhai"))
        install_demo_people(connection, OPENED_AT)
        publish_shipped(connection, OPENED_AT)


@contextmanager
def sqlite_stages() -> Iterator[Callable[[], Database]]:
    """A source of fresh stages: one SQLite file is set up, and put back as it was before every scenario.

    The stage before must be closed. It is one `Database` for all: the statements it has compiled serve them all.
    """
    with tempfile.TemporaryDirectory(prefix="banli-scenarios-") as folder:
        template, path = Path(folder, "template.sqlite"), Path(folder, "stage.sqlite")
        database = Database(f"sqlite:///{path}")
        prepare(database)
        database.close()  # the last connection to go writes the log back into the file
        shutil.copyfile(path, template)

        def fresh() -> Database:
            shutil.copyfile(template, path)
            return database

        yield fresh


def play_all(books: Sequence[Book], fresh: Callable[[], Database]) -> Iterator[Report]:
    """Play every scenario of `books` on a stage of its own."""
    for book in books:
        for scenario in book.scenarios:
            database = fresh()
            try:
                yield play(book, scenario, Stage(database))
            finally:
                database.close()


def shipped_parts() -> tuple[dict[str, Process], dict[str, DecisionTable]]:
    """The shipped diagrams and tables, by key."""
    processes: dict[str, Process] = {}
    tables: dict[str, DecisionTable] = {}
    for source in shipped_sources(files("processes")):
        if source.kind == "process":
            processes |= {p.id: p for p in read_bpmn(source.content, f"{source.key}.bpmn").processes}
        elif source.kind == "table":
            tables[source.key] = read_dmn(source.content, f"{source.key}.dmn")
    return processes, tables


def marked_diagrams(reports: Iterable[Report], missing: Iterable[Gap]) -> Iterator[tuple[str, bytes]]:
    """The shipped diagrams with what was walked and what was not marked on them, by process id."""
    diagrams = [
        (source.key, source.content) for source in shipped_sources(files("processes")) if source.kind == "process"
    ]
    return marked(diagrams, reports, missing)


def check_rows(books: Sequence[Book], tables: dict[str, DecisionTable]) -> tuple[list[str], dict[str, set[int]]]:
    """Hold the `tables` sections of the files against the tables: what differs, and which rows were hit."""
    failures: list[str] = []
    hit: dict[str, set[int]] = defaultdict(set)
    for book in books:
        for key, cases in book.tables.items():
            for case in cases:
                decided = tables[key].decide(case["given"]) if key in tables else None
                row = decided.row if decided else None
                hit[key] |= {row} if row else set()
                if row != case["row"]:
                    failures.append(
                        f"{book.filename} 决策表 {key}：{case['given']} 应命中第{case['row']}行，实际 {row}"
                    )
    return failures, hit


def coverage(books: Sequence[Book], reports: Sequence[Report]) -> list[Gap]:
    """What the scenarios of `books` do not walk of everything that ships."""
    processes, tables = shipped_parts()
    return list(gaps(processes.values(), tables.values(), reports, check_rows(books, tables)[1]))
