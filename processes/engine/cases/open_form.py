"""A form as one person may fill it in now: what it needs of its release, its case and the lists is asked for once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection

from forms.answer_field import Attachment, FormData
from forms.filled_form import FilledForm
from forms.form_class import bind, build_form_class
from forms.form_file import FormFile
from handlers.cases.case_file import may_see, nameable_attachments, task_row
from handlers.choices import choices_of
from handlers.people.actors import Actor, Permit, could_do, may_do
from handlers.people.task import Task
from handlers.store.database import Database
from handlers.store.states import WAITING_STATES, CaseStatus, TaskState
from handlers.time_source import TimeSource
from processes.engine.publishing.library import Library

_NAMES_FILES = frozenset({"filepicker", "dynamiclist"})


@dataclass(frozen=True, slots=True)
class OpenForm:
    """A form that lies before somebody. It knows its release and its case (None where a case is to be started).

    `facts` are what it starts from, `attachments` what may be named in it by id, `opened_at` (aware) is the moment that
    its rules about today go by.
    """

    release_id: int
    instance_id: int | None
    file: FormFile
    form_class: type[FilledForm]
    facts: Mapping[str, Any]
    attachments: Mapping[int, Attachment]
    opened_at: datetime

    def fill(self, typed: FormData | None, uploaded: Iterable[Attachment] = ()) -> FilledForm:
        """The form with `typed` in it, or fresh from the facts. `uploaded` came along with it and may be named too."""
        attachments = {**self.attachments, **{item.id: item for item in uploaded}}
        return bind(self.form_class, typed, self.facts, now=self.opened_at, files=attachments)


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task as one person stands to it. `permit` is None where it is not theirs to do.

    `may_know`: whether the person may know of the task at all.
    """

    row: Any
    permit: Permit | None
    may_know: bool

    @property
    def is_open(self) -> bool:
        """Whether it still waits for somebody."""
        return self.row.state in WAITING_STATES

    @property
    def can_fill(self) -> bool:
        """Whether this person can complete it now."""
        return self.permit is not None and self.row.state == TaskState.OPEN and self.row.status == CaseStatus.ACTIVE


class OpenForms:
    """Opens the forms of one database. Safe to share between threads."""

    def __init__(self, database: Database, library: Library, time: TimeSource) -> None:
        self._database, self._library, self._time = database, library, time
        self._plain_class = lru_cache(maxsize=512)(self._build_plain_class)

    def task(self, actor: Actor, task_id: int) -> TaskView | None:
        """The task without its form; None where there is none."""
        with self._database.read() as connection:
            return _view(connection, actor, task_id)

    def task_form(self, actor: Actor, task_id: int) -> tuple[TaskView, OpenForm] | None:
        """The task and its form, begun from the case's facts but for opinions; None where there is no such task."""
        with self._database.read() as connection:
            view = _view(connection, actor, task_id)
            if view is None:
                return None
            row = view.row
            settings = self._library.release(row.release_id).node(row.scope, row.node).task
            outcome = settings.outcome if settings else ""
            return view, self._open(connection, actor, row.release_id, row.form, row.facts, row.instance_id, outcome)

    def action_form(self, actor: Actor, case: Any, key: str) -> OpenForm:
        """The form `key` of an action on `case` (its row with the facts)."""
        with self._database.read() as connection:
            return self._open(connection, actor, case.release_id, key, case.facts, case.id)

    def start_form(self, actor: Actor, release_id: int, key: str, known: Mapping[str, Any] | None = None) -> OpenForm:
        """The first form of a new case of `release_id`, begun from the facts `known` of the case it comes out of.

        Files stay with the case they were submitted to.
        """
        fields = self._library.form(release_id, key).answers()
        taken = {field_key for field_key, item in fields.items() if item.kind != "filepicker"}
        facts = {name: value for name, value in (known or {}).items() if name in taken}
        with self._database.read() as connection:
            return self._open(connection, actor, release_id, key, facts, None)

    def _open(
        self,
        connection: Connection,
        actor: Actor,
        release_id: int,
        key: str,
        facts: Mapping[str, Any],
        instance_id: int | None,
        outcome: str = "",
    ) -> OpenForm:
        file = self._library.form(release_id, key)
        sources = file.sources()
        form_class = (
            build_form_class(file, choices=choices_of(connection, sources, facts))
            if sources
            else self._plain_class(release_id, key)
        )
        names_files = any(item.kind in _NAMES_FILES for item in file.answers().values())
        attachments = named_files(connection, actor, instance_id) if names_files else {}
        begun = file.begun(facts, outcome)
        return OpenForm(release_id, instance_id, file, form_class, begun, attachments, self._time.now())

    def _build_plain_class(self, release_id: int, key: str) -> type[FilledForm]:
        # A release never changes, so neither does the class of a form that asks for no lists.
        return build_form_class(self._library.form(release_id, key), choices={})


def named_files(connection: Connection, actor: Actor, instance_id: int | None) -> dict[int, Attachment]:
    """Attachments that the person may name or read in a form of the case. One statement."""
    rows = nameable_attachments(connection, actor, instance_id)
    return {row.id: Attachment(row.id, row.filename, row.size) for row in rows}


def _view(connection: Connection, actor: Actor, task_id: int) -> TaskView | None:
    row = task_row(connection, task_id)
    if row is None:
        return None
    task = Task.of(row)
    may_know = could_do(actor, task) or may_see(connection, actor, row.instance_id)
    return TaskView(row, may_do(actor, task) if row.state in WAITING_STATES else None, may_know)
