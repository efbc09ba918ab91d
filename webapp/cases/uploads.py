"""Files that come with a form: stored at once, so that an error elsewhere in the form does not lose them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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


def store_uploads(uploads: Any, typed: dict[str, list[str]]) -> list[RefusedUpload]:
    """Store the posted files, and add their numbers to `typed` under the names of their fields."""
    if not uploads:
        return []
    refused: list[RefusedUpload] = []
    stored: list[tuple[str, StoredFile]] = []
    store = FileStore(services().settings.files)
    for name, file in uploads.items(multi=True):
        if not name.startswith(UPLOAD_PREFIX) or not file.filename:
            continue
        field = name.removeprefix(UPLOAD_PREFIX)
        try:
            stored.append((field, store.receive(file.stream, file.filename)))
        except FileRefused as error:
            refused.append(RefusedUpload(field, str(error)))
    if stored:
        _write_down(stored, typed)
    return refused


def _write_down(stored: list[tuple[str, StoredFile]], typed: dict[str, list[str]]) -> None:
    found = services()
    with found.database.write() as connection:
        for field, file in stored:
            number = attach(connection, file, field=field, uploaded_by=current_actor().account_id, now=found.now())
            typed.setdefault(field, []).append(str(number))
