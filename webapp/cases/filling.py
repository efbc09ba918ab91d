"""A form on a page: shown over a draft, received from the browser, its typed values kept whatever happens.

What a draft keeps is the posted text as it was, by input name, so that even a value nobody can read comes back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from flask import request
from sqlalchemy import Connection
from werkzeug.datastructures import MultiDict

from forms.build import FilledForm, bind, build_form_class
from forms.fields import Attachment
from forms.model import FormFile
from handlers.cases.case_file import nameable_attachments
from handlers.cases.drafts import Draft, find_draft, save_draft
from handlers.choices import options_of
from handlers.people.actors import Actor
from webapp.cases.uploads import UPLOAD_PREFIX, RefusedUpload, store_uploads
from webapp.extensions import CSRF_FIELD, current_actor, services

PAGE_FIELD = "_page"
"""Where a page that starts a case carries the token of its own."""
NOT_ANSWERS = frozenset({CSRF_FIELD, "_row", PAGE_FIELD})


@dataclass(frozen=True, slots=True)
class Sheet:
    """A form to be filled by one person. `subject` names the draft, `facts` are what it starts from."""

    subject: str
    release_id: int
    form_key: str
    facts: Mapping[str, Any]
    instance_id: int | None = None

    @property
    def file(self) -> FormFile:
        """The form as the release pins it."""
        form: FormFile = services().engine.library.form(self.release_id, self.form_key)
        return form


@dataclass(slots=True)
class Filled:
    """A sheet with answers in it. `typed` is what was posted or drafted, `saved_at` when the draft was kept.

    `changed`: the button was one that adds or removes a row, and not the one that submits.
    """

    sheet: Sheet
    form: FilledForm
    typed: Mapping[str, list[str]]
    saved_at: datetime | None = None
    refused: list[RefusedUpload] = field(default_factory=list)
    changed: bool = False

    def is_valid(self) -> bool:
        """Whether it can be submitted; afterwards the errors stand beside their fields."""
        sound = self.form.validate()
        for upload in self.refused:
            found = self.form.find(upload.field)
            if found is not None:
                found.errors = [*found.errors, upload.sentence]
        return sound and not self.refused


def open_sheet(sheet: Sheet) -> Filled:
    """The form as the person left it, or fresh from the case's facts."""
    found, actor = services(), current_actor()
    with found.database.read() as connection:
        draft = find_draft(connection, actor.account_id, sheet.subject)
        typed = _typed_in(draft)
        form = _bind(connection, actor, sheet, typed if draft else None)
    return Filled(sheet, form, typed, draft.saved_at if draft else None)


def receive_sheet(sheet: Sheet) -> Filled:
    """What the browser posted, with its uploads already stored: a file is kept even where the form has errors."""
    posted = request.form
    typed = {
        name: texts
        for name, texts in posted.to_dict(flat=False).items()
        if name not in NOT_ANSWERS and not name.startswith(UPLOAD_PREFIX)
    }
    refused = store_uploads(request.files, typed)
    form = _receive(sheet, typed)
    filled = Filled(sheet, form, typed, refused=refused)
    if "_row" in posted and (command := posted["_row"]):  # a value that is not there costs Werkzeug an exception
        form.change(command)
        filled.changed = True
    return filled


def _receive(sheet: Sheet, typed: Mapping[str, list[str]]) -> FilledForm:
    file = sheet.file
    if not file.sources() and not _has_pickers(file):  # most forms: nothing to ask the database for
        return bind(_plain_class(sheet.release_id, sheet.form_key), MultiDict(typed), sheet.facts, now=services().now())
    with services().database.read() as connection:
        return _bind(connection, current_actor(), sheet, typed)


def _has_pickers(file: FormFile) -> bool:
    return any(item.kind in ("filepicker", "dynamiclist") for item in file.answers().values())


def keep(filled: Filled) -> Filled:
    """Save what was typed as the person's draft."""
    found = services()
    filled.saved_at = found.now()
    with found.database.write() as connection:
        save_draft(connection, current_actor().account_id, filled.sheet.subject, filled.typed, filled.saved_at)
    return filled


def named_files(connection: Connection, actor: Actor, instance_id: int | None) -> dict[int, Attachment]:
    """Attachments that the person may name or read in a form."""
    rows = nameable_attachments(connection, actor, instance_id)
    return {row.id: Attachment(row.id, row.filename, row.size) for row in rows}


def _bind(connection: Connection, actor: Actor, sheet: Sheet, typed: Mapping[str, list[str]] | None) -> FilledForm:
    file = sheet.file
    form_class = (
        build_form_class(
            file, choices={source: options_of(connection, source, sheet.facts) for source in file.sources()}
        )
        if file.sources()
        else _plain_class(sheet.release_id, sheet.form_key)
    )
    pickers = _has_pickers(file)
    files = named_files(connection, actor, sheet.instance_id) if pickers else {}
    posted: MultiDict[str, str] | None = MultiDict(typed) if typed is not None else None
    return bind(form_class, posted, sheet.facts, now=services().now(), files=files)


@lru_cache(maxsize=512)
def _plain_class(release_id: int, form_key: str) -> type[FilledForm]:
    # A release never changes, so neither does the class of a form that asks for no lists.
    return build_form_class(services().engine.library.form(release_id, form_key), choices={})


def _typed_in(draft: Draft | None) -> dict[str, list[str]]:
    if draft is None:
        return {}
    return {name: texts for name, texts in draft.values.items() if isinstance(texts, list)}
