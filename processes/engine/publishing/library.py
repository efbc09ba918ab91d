"""Published releases, compiled once per process of ours and shared by all cases that run them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from sqlalchemy import func, select

from forms.form_file import FormFile
from forms.form_reader import read_form
from handlers.store.database import Database
from handlers.store.tables import definition, release, release_part
from processes.engine.diagrams.model import Process
from processes.engine.kernel.compile import compile_release
from processes.engine.kernel.release import Parts, Release
from processes.engine.language.decision_tables import DecisionTable, read_dmn
from processes.engine.publishing.publish import read_process


@dataclass(frozen=True, slots=True)
class Startable:
    """A procedure that people can start, with the release a new case would run."""

    release_id: int
    number: int
    process: Process


class Library:
    """Looks releases up by id. What it holds is immutable, so it is never invalidated, only bounded."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.release = lru_cache(maxsize=64)(self._load_release)
        # A letter asks for every form of its release, and releases that pin the same form share what was read.
        self.form = lru_cache(maxsize=4096)(self._load_form)
        self.source = lru_cache(maxsize=128)(self._load_source)
        self._table = lru_cache(maxsize=32)(self._load_table)
        self._process = lru_cache(maxsize=64)(self._read_process)

    def _load_release(self, release_id: int) -> Release:
        """The compiled release. Raises KeyError, CompileError."""
        with self._database.read() as connection:
            process = connection.execute(
                select(release.c.process).where(release.c.id == release_id)
            ).scalar_one_or_none()
            if process is None:
                raise KeyError(release_id)
            rows = connection.execute(
                select(definition.c.kind, definition.c.key, definition.c.content)
                .join(release_part, release_part.c.definition_id == definition.c.id)
                .where(release_part.c.release_id == release_id, definition.c.kind != "letter")
                .order_by(definition.c.kind, definition.c.key)
            ).all()
        return _compiled(process, *(tuple((r.key, r.content) for r in rows if r.kind == kind) for kind in _COMPILED))

    def _load_source(self, release_id: int, kind: str, key: str) -> bytes:
        """The bytes of one part of a release: a diagram's XML, a table, a form, a letter template. Raises KeyError."""
        with self._database.read() as connection:
            content = connection.execute(
                select(definition.c.content)
                .join(release_part, release_part.c.definition_id == definition.c.id)
                .where(release_part.c.release_id == release_id, definition.c.kind == kind, definition.c.key == key)
            ).scalar_one_or_none()
        if content is None:
            raise KeyError((release_id, kind, key))
        return bytes(content)

    def _load_form(self, release_id: int, key: str) -> FormFile:
        """A form as the release pins it. Raises KeyError."""
        return read_form(self.source(release_id, "form", key), f"{key}.form")

    def newest_table(self, key: str) -> DecisionTable | None:
        """A decision table in its newest published version; None if there is none."""
        newest = select(func.max(definition.c.id)).where(definition.c.kind == "table", definition.c.key == key)
        with self._database.read() as connection:
            definition_id = connection.execute(newest).scalar()
        return None if definition_id is None else self._table(definition_id)

    def _load_table(self, definition_id: int) -> DecisionTable:
        with self._database.read() as connection:
            statement = select(definition.c.key, definition.c.content).where(definition.c.id == definition_id)
            row = connection.execute(statement).one()
        return read_dmn(row.content, f"{row.key}.dmn")

    def startable(self, today: date) -> list[Startable]:
        """What a person can start by itself on `today` (Beijing date): the newest release of each, by name."""
        return [
            startable for startable in self.in_force(today) if startable.process.entry and not startable.process.linked
        ]

    def linked_to(self, process: str, today: date) -> list[Startable]:
        """What a person can start from a case of `process`."""
        return [
            startable
            for startable in self.in_force(today)
            if startable.process.entry and process in startable.process.linked
        ]

    def started_by(self, message: str, today: date) -> Startable | None:
        """The procedure of which `message` starts a case."""
        return next(
            (startable for startable in self.in_force(today) if message in startable.process.start_messages), None
        )

    def mentioned(self, release_id: int) -> frozenset[str]:
        """Every variable of the release's process and every field of its forms: what a linked case takes over.

        Not what only called processes mention: a report that comes out of a complaint begins anew, without the
        complaint's decisions. Not files: they stay with the case they were submitted to.
        """
        release = self.release(release_id)
        nodes = release.processes[release.process].nodes.values()
        forms = {node.task.form for node in nodes if node.task}
        fields = (field for key in forms for field in self.form(release_id, key).answers().values())
        return release.own_variables.union(field.key for field in fields if field.kind != "filepicker")

    def in_force(self, today: date) -> list[Startable]:
        """For every procedure with cases of its own, the newest release in force on `today`, by name."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(release.c.id, release.c.process, release.c.number)
                .where(release.c.effective_on <= today)
                .order_by(release.c.process, release.c.number)
            ).all()
        newest = {row.process: row for row in rows}
        return [Startable(row.id, row.number, self._process(row.id, key)) for key, row in newest.items()]

    def _read_process(self, release_id: int, key: str) -> Process:
        return read_process(self.source(release_id, "process", key), key)


_COMPILED = ("process", "table", "form")
_Contents = tuple[tuple[str, bytes], ...]


@lru_cache(maxsize=32)
def _compiled(process: str, processes: _Contents, tables: _Contents, forms: _Contents) -> Release:
    """By content: releases that say the same, of one database or of several, are compiled once."""
    return compile_release(process, Parts(dict(processes), dict(tables), frozenset(key for key, _ in forms)))
