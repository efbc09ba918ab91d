"""Going through a file: what each row would become, or does become.

Each case is started in its own transaction, so an import that is cut short leaves whole cases behind, and the same file
again adds only the rest: a source and a number belong to one case, which the database itself guards.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.exc import OperationalError
from werkzeug.datastructures import MultiDict

from forms.filled_form import FilledForm
from forms.form_class import bind
from handlers.files.reading_tables import SheetRow, Spreadsheet
from handlers.jobs.queue import in_bulk
from handlers.people.actors import Actor
from handlers.register import duplicates
from handlers.register.import_sources import ImportSource
from handlers.register.keeping import IMPORT_NUMBER, IMPORT_SOURCE, holder, moment, person_digest
from processes.engine.engine import Engine
from processes.engine.errors import CommandRefused
from processes.importing.registration import PROCESS, Registration
from processes.importing.translation import Answers, Translator

DUPLICATE_DAYS = 90
"""How far back possible duplicates are looked for when they are counted; the procedure has its own figure."""
PREVIEWED, REPORTED = 8, 200
_STEP = 20
ADDED, KNOWN, BAD = "added", "known", "bad"

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Outcome:
    """What came of the rows so far. `first` are the first rows as they were understood."""

    total: int
    added: int = 0
    known: int = 0
    duplicates: int = 0
    bad: list[tuple[SheetRow, str]] = field(default_factory=list)
    first: list[tuple[SheetRow, Answers, str]] = field(default_factory=list)

    @property
    def done(self) -> int:
        """How many rows have been gone through."""
        return self.added + self.known + len(self.bad)

    def counts(self) -> dict[str, int]:
        """The figures as the table `import_run` has them."""
        return {
            "rows": self.total,
            "added": self.added,
            "known": self.known,
            "bad": len(self.bad),
            "duplicates": self.duplicates,
        }


@dataclass(frozen=True, slots=True)
class Importer:
    """One file on its way in. Without an `actor` nothing is started: the rows are only looked at.

    `since`: when this import began. A case of that source and number that was started later is this import's own, of
    an earlier attempt that was cut short, and counts as added.
    """

    engine: Engine
    key: bytes
    source: ImportSource
    sheet: Spreadsheet
    registration: Registration
    translator: Translator
    since: datetime
    actor: Actor | None = None

    def go(self) -> Iterator[Outcome]:
        """Go through the rows; yields after every twentieth, and at the end."""
        outcome, seen = Outcome(len(self.sheet.lines)), set[str]()
        for line in self.sheet.lines:
            self._row(line, outcome, seen)
            if outcome.done % _STEP == 0:
                yield outcome
        yield outcome

    def _row(self, line: SheetRow, outcome: Outcome, seen: set[str]) -> None:
        answers = self.translator.read(line.cells)
        kind, reason = self._take(answers, outcome, seen)
        seen.add(answers.number)
        if kind == BAD:
            outcome.bad.append((line, reason))
        elif kind == ADDED:
            outcome.added += 1
        else:
            outcome.known += 1
        if len(outcome.first) < PREVIEWED:
            outcome.first.append((line, answers, reason if kind == BAD else kind))

    def _take(self, answers: Answers, outcome: Outcome, seen: set[str]) -> tuple[str, str]:
        """(added, known or bad; reason)."""
        if answers.number and answers.number in seen:
            return KNOWN, ""
        if answers.number and (earlier := self._earlier(answers.number)):
            return earlier, ""
        form = bind(self.registration.form_class, MultiDict(answers.typed), {}, now=self.engine.time.now())
        sound = form.validate()
        reasons = answers.problems + ([] if sound else _complaints(form, answers))
        if reasons:
            return BAD, "；".join(dict.fromkeys(reasons)) + "。"
        values = form.values()
        outcome.duplicates += self._looks_known(values)
        return self._start(self.actor, answers.number, values) if self.actor else (ADDED, "")

    def _earlier(self, number: str) -> str:
        """How a case that has this number already counts, or nothing."""
        with self.engine.database.read() as connection:
            earlier = holder(connection, self.source.code, number)
        if earlier is None:
            return ""
        return ADDED if self.actor and earlier.started_at >= self.since else KNOWN

    def _looks_known(self, values: Mapping[str, Any]) -> bool:
        received_at = moment(values.get("received_at")) or self.engine.time.now()
        subject = duplicates.Subject(received_at, values, person_digest(self.key, values))
        with self.engine.database.read() as connection:
            return bool(duplicates.find(connection, subject, days=DUPLICATE_DAYS))

    def _start(self, actor: Actor, number: str, values: Mapping[str, Any]) -> tuple[str, str]:
        facts = {**values, IMPORT_SOURCE: self.source.code, IMPORT_NUMBER: number}
        try:
            with in_bulk():
                self.engine.start(actor, PROCESS, facts)
        except CommandRefused as refused:
            if self._earlier(number):  # another import of the same file was quicker
                return KNOWN, ""
            return BAD, f"{refused}。"
        except OperationalError:
            raise  # the database is away: that is no fault of this row
        except Exception:
            code = secrets.token_hex(4)
            log.exception("row %s of source %s failed (%s)", number, self.source.code, code)
            return BAD, f"系统登记这一行时出错（错误编号 {code}），请告诉系统管理员。"
        return ADDED, ""


def _complaints(form: FilledForm, answers: Answers) -> list[str]:
    """What the form has against the row; a cell that could not even be read has been complained about already."""
    unread = {field.id for key in answers.unread if (field := form.find(key))}
    return [
        message if problem.label in message else f"“{problem.label}”：{message}"
        for problem in form.problems()
        if problem.field_id not in unread and (message := problem.message.rstrip("。"))
    ]
