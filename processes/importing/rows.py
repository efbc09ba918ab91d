"""Going through a file: what each row would become, or does become.

Each case is started in its own transaction, so an import that is cut short leaves whole cases behind, and the same file
again adds only the rest: a source and a number belong to one case, which the database itself guards.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
from handlers.register.keeping import IMPORT_NOTE, IMPORT_NUMBER, IMPORT_SOURCE, holder, moment, person_digest
from processes.engine.engine import Engine
from processes.engine.errors import CommandRefused
from processes.importing.empty_words import looks_rounded
from processes.importing.preview import PreviewedCase, note_of, standing_of
from processes.importing.registration import PROCESS, Registration
from processes.importing.translation import Answers, Translator, rounded

DUPLICATE_DAYS = 90
"""How far back possible duplicates are looked for when they are counted; the procedure has its own figure."""
PREVIEWED, REPORTED = 5, 200
_STEP = 20
ADDED, KNOWN, BAD = "added", "known", "bad"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a row. `reason`: why it is bad. `case`: of one that is known, which case or row has it already.

    `standing`: the case as it would be, of a row that is registered.
    """

    kind: str
    reason: str = ""
    case: str = ""
    possible: bool = False
    standing: PreviewedCase | None = None


@dataclass(slots=True)
class Outcome:
    """What came of the rows so far. `first` are the first rows as they were understood, `cases` the first new cases.

    `added` are all rows that were registered; `duplicates` of them may repeat an earlier case.
    """

    total: int
    added: int = 0
    duplicates: int = 0
    known: list[tuple[SheetRow, str]] = field(default_factory=list)
    bad: list[tuple[SheetRow, str]] = field(default_factory=list)
    first: list[tuple[SheetRow, Answers, str]] = field(default_factory=list)
    cases: list[tuple[SheetRow, PreviewedCase]] = field(default_factory=list)

    @property
    def done(self) -> int:
        """How many rows have been gone through."""
        return self.added + len(self.known) + len(self.bad)

    @property
    def new(self) -> int:
        """How many rows were registered and repeat nothing that is known: new, known, possible and bad are all rows."""
        return self.added - self.duplicates

    def counts(self) -> dict[str, int]:
        """The figures as the table `import_run` has them."""
        return {
            "rows": self.total,
            "added": self.added,
            "known": len(self.known),
            "bad": len(self.bad),
            "duplicates": self.duplicates,
        }

    def note(self, line: SheetRow, answers: Answers, verdict: Verdict) -> None:
        """Count a row that has been gone through."""
        if verdict.kind == BAD:
            self.bad.append((line, verdict.reason))
        elif verdict.kind == KNOWN:
            self.known.append((line, verdict.case))
        else:
            self.added += 1
            self.duplicates += verdict.possible
        if len(self.first) < PREVIEWED:
            self.first.append((line, answers, verdict.kind))
        if verdict.standing and len(self.cases) < PREVIEWED:
            self.cases.append((line, verdict.standing))


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
        outcome, seen = Outcome(len(self.sheet.lines)), dict[str, str]()
        for line in self.sheet.lines:
            self._row(line, outcome, seen)
            if outcome.done % _STEP == 0:
                yield outcome
        yield outcome

    def _row(self, line: SheetRow, outcome: Outcome, seen: dict[str, str]) -> None:
        answers = self.translator.read(line)
        preview = len(outcome.cases) < PREVIEWED
        outcome.note(line, answers, self._take(line, answers, seen, preview=preview))

    def _take(self, line: SheetRow, answers: Answers, seen: dict[str, str], *, preview: bool) -> Verdict:
        """What becomes of the row. `seen`: numbers that this file has registered, each with its case.

        A number counts as known only where a case bears it: the number of a bad row says nothing of the next one.
        """
        earlier: Any = None
        if answers.number and not answers.damaged:
            if answers.number in seen:
                return Verdict(KNOWN, case=seen[answers.number])
            earlier = self._earlier(answers.number)
        if earlier:
            if looks_rounded(answers.number) and _received_at(answers) != earlier.received_at:
                answers.problems.append(rounded(answers.number))
            elif not self.actor or earlier.started_at < self.since:
                return Verdict(KNOWN, case=f"已登记为 {earlier.number}")
        form, left_open = self._filled(answers)
        if reasons := answers.problems + _complaints(form, answers):
            return Verdict(BAD, "；".join(dict.fromkeys(reasons)) + "。")
        if earlier:
            seen[answers.number] = f"已登记为 {earlier.number}"
            return Verdict(ADDED)
        possible = self._looks_known(form.values())
        verdict = self._start(self.actor, form, answers, left_open) if self.actor else Verdict(ADDED)
        if verdict.kind != ADDED:
            return verdict
        seen[answers.number] = verdict.case or f"与{line.place}编号相同，只登记一件"
        standing = standing_of(self.registration, form, answers, left_open) if preview else None
        return replace(verdict, possible=possible, standing=standing)

    def _filled(self, answers: Answers) -> tuple[FilledForm, list[str]]:
        """The form with the row's answers, checked, and the keys of what it demands and the row leaves open."""
        form = bind(self.registration.form_class, MultiDict(answers.typed), {}, now=self.engine.time.now())
        form.validate()
        keys = [key for key in self.registration.form.answers() if (item := form.find(key)) and item.errors]
        left_open = [key for key in keys if self.translator.may_stay_open(key, answers)]
        for key in left_open:
            form[key].errors = []
        answers.problems += [lost for key in keys if (lost := self.translator.lost(key))]
        answers.unread |= {key for key in keys if self.translator.lost(key)}
        return form, left_open

    def _earlier(self, number: str) -> Any | None:
        """The case that has this number already."""
        with self.engine.database.read() as connection:
            return holder(connection, self.source.code, number)

    def _looks_known(self, values: Mapping[str, Any]) -> bool:
        received_at = moment(values.get("received_at")) or self.engine.time.now()
        subject = duplicates.Subject(received_at, values, person_digest(self.key, values))
        with self.engine.database.read() as connection:
            return bool(duplicates.find(connection, subject, days=DUPLICATE_DAYS))

    def _start(self, actor: Actor, form: FilledForm, answers: Answers, left_open: Sequence[str]) -> Verdict:
        note = note_of(self.registration, self.translator, form, answers, left_open)
        facts = {**form.values(), IMPORT_SOURCE: self.source.code, IMPORT_NUMBER: answers.number, IMPORT_NOTE: note}
        try:
            with in_bulk():
                started = self.engine.start(actor, PROCESS, facts)
        except CommandRefused as refused:
            if earlier := self._earlier(answers.number):  # another import of the same file was quicker
                return Verdict(KNOWN, case=f"已登记为 {earlier.number}")
            return Verdict(BAD, f"{refused}。")
        except OperationalError:
            raise  # the database is away: that is no fault of this row
        except Exception:
            code = secrets.token_hex(4)
            log.exception("row %s of source %s failed (%s)", answers.number, self.source.code, code)
            return Verdict(BAD, f"系统登记这一行时出错（错误编号 {code}），请告诉系统管理员。")
        return Verdict(ADDED, case=f"已登记为 {started.number}")


def _received_at(answers: Answers) -> datetime | None:
    return moment("".join(answers.typed.get("received_at", ())))


def _complaints(form: FilledForm, answers: Answers) -> list[str]:
    """What the form has against the row; a cell that could not even be read has been complained about already."""
    unread = {field.id for key in answers.unread if (field := form.find(key))}
    return [
        message if problem.label in message else f"“{problem.label}”：{message}"
        for problem in form.problems()
        if problem.field_id not in unread and (message := problem.message.rstrip("。"))
    ]
