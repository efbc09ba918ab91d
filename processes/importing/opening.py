"""The work of an import from the file to the figures: for the command line at once, for the page as a job."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.exc import OperationalError

from handlers.files.file_store import FileStore
from handlers.files.reading_tables import SpreadsheetRefused, read_spreadsheet
from handlers.files.writing_tables import rejects
from handlers.people.actors import Actor, load_actor
from handlers.register import import_runs
from handlers.register.import_sources import ImportSource, make_known
from handlers.store.database import Database
from handlers.time_source import beijing_date
from processes.engine.engine import Engine
from processes.importing.registration import ImportRefused, as_receiver, find_source, open_registration
from processes.importing.rows import Importer, Outcome
from processes.importing.run_report import report_of
from processes.importing.translation import Translator

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Imports:
    """What imports need: the engine that starts cases, the key of the seals, the store of files."""

    engine: Engine
    key: bytes
    files: FileStore

    @property
    def database(self) -> Database:
        """The engine's database."""
        return self.engine.database

    def now(self) -> datetime:
        """The present moment."""
        return self.engine.time.now()

    def importer(
        self, source: ImportSource, content: bytes, filename: str, actor: Actor | None, since: datetime
    ) -> Importer:
        """Everything ready to go through the file. Raises: SpreadsheetRefused, ImportRefused."""
        sheet = read_spreadsheet(content, filename, source.headings)
        with self.database.read() as connection:
            registration = open_registration(connection, self.engine)
            receiver = as_receiver(connection, actor, registration.role) if actor else None
        translator = Translator(source, registration.form, registration.choices, sheet.headings)
        if missing := translator.missing():
            raise ImportRefused(
                f"“{filename}”缺少必需的列：{'、'.join(missing)}。请核对选的来源，或在“来源设置”中改列名。"
            )
        return Importer(self.engine, self.key, source, sheet, registration, translator, since, receiver)

    def open_run(self, source: ImportSource, filename: str, content: bytes, actor: Actor, state: str) -> int:
        """Keep the file and write down that it is being checked or imported; the run's id."""
        sha256 = self.files.put(content)
        with self.database.write() as connection:
            make_known(connection, source, self.now())
            return import_runs.open_run(
                connection,
                source=source.code,
                filename=filename,
                sha256=sha256,
                state=state,
                started_by=actor.account_id,
                now=self.now(),
            )

    def carry_out(self, run_id: int) -> None:
        """The job: check or import the run's file. Doing it twice changes nothing."""
        for _ in self.steps(run_id):
            pass

    def steps(self, run_id: int) -> Iterator[Outcome]:
        """The same, step by step, for a bar that shows how far it is."""
        with self.database.read() as connection:
            row = import_runs.find_run(connection, run_id)
        if row is None or row.state not in (import_runs.CHECKING, import_runs.RUNNING):
            return
        try:
            yield from self._steps(row)
        except (SpreadsheetRefused, ImportRefused) as refused:
            self._fail(run_id, str(refused))
        except OperationalError:
            raise  # the database is away; the job is tried again
        except Exception:
            log.exception("import run %s was cut short", run_id)
            self._fail(run_id, "导入中断，系统管理员已可看到原因。已经导入的不会重复：稍后把同一个文件再导入一次即可。")

    def _steps(self, row: Row[Any]) -> Iterator[Outcome]:
        importing = row.state == import_runs.RUNNING
        with self.database.read() as connection:
            source = find_source(connection, row.source)
            actor = load_actor(connection, row.started_by, beijing_date(self.now()))
        if importing and actor is None:
            raise ImportRefused("导入人的账号已停用，导入没有进行。请由其他有权限的人重新导入。")
        try:
            content = self.files.path(row.sha256).read_bytes()
        except FileNotFoundError as error:
            raise ImportRefused("上传的文件已经不在服务器上，请重新上传。") from error
        yield from self.keeping_books(
            self.importer(source, content, row.filename, actor if importing else None, row.started_at), row.id
        )

    def keeping_books(self, importer: Importer, run_id: int) -> Iterator[Outcome]:
        """Go through the rows and write down how far it is and what came of it."""
        outcome = Outcome(len(importer.sheet.lines))
        for outcome in importer.go():
            with self.database.write() as connection:
                import_runs.note(connection, run_id, outcome.counts())
            yield outcome
        state = import_runs.DONE if importer.actor else import_runs.CHECKED
        kept = self.files.put(rejects(importer.sheet, outcome.bad)) if outcome.bad else None
        with self.database.write() as connection:
            import_runs.close(
                connection,
                run_id,
                state,
                self.now(),
                counts=outcome.counts(),
                report=report_of(importer, outcome),
                rejects=kept,
            )

    def _fail(self, run_id: int, problem: str) -> None:
        with self.database.write() as connection:
            import_runs.close(connection, run_id, import_runs.FAILED, self.now(), problem=problem)
