"""Files that come with a form: stored at once, so that an error elsewhere in the form does not lose them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from forms.answer_field import Attachment
from handlers.files.file_store import FileStore, StoredFile, attach
from handlers.files.file_types import FileRefused
from webapp.extensions import current_actor, services

UPLOAD_PREFIX = "upload:"
"""The file input of a filepicker is called `upload:<field name>`; the ids it leads to are sent as `<field name>`."""


@dataclass(frozen=True, slots=True)
class RefusedUpload:
    """A file that was not taken, and the sentence that says why."""

    field: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Uploads:
    """What became of the posted files."""

    stored: list[Attachment] = field(default_factory=list)
    refused: list[RefusedUpload] = field(default_factory=list)


def store_uploads(uploads: Any, typed: dict[str, list[str]]) -> Uploads:
    """Store the posted files, and add their numbers to `typed` under the names of their fields."""
    result = Uploads()
    by_field: list[tuple[str, StoredFile]] = []
    store = FileStore(services().settings.files)
    for name, file in uploads.items(multi=True):
        if not name.startswith(UPLOAD_PREFIX) or not file.filename:
            continue
        key = name.removeprefix(UPLOAD_PREFIX)
        try:
            by_field.append((key, store.receive(file.stream, file.filename)))
        except FileRefused as error:
            result.refused.append(RefusedUpload(key, str(error)))
    if by_field:
        for key, attachment in _write_down(by_field):
            typed.setdefault(key, []).append(str(attachment.id))
            result.stored.append(attachment)
    return result


def _write_down(by_field: list[tuple[str, StoredFile]]) -> list[tuple[str, Attachment]]:
    database, now, person = services().database, services().now(), current_actor().account_id
    written = []
    with database.write() as connection:
        for key, file in by_field:
            number = attach(connection, file, field=key, uploaded_by=person, now=now)
            written.append((key, Attachment(number, file.filename, file.size)))
    return written
