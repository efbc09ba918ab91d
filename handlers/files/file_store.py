"""The store of attachments and letters: files by the hash of their content, outside the web root.

A file appears under its name only when it is whole and on the disk, so a database row never points at half a file.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO

from sqlalchemy import Connection, delete, insert, select, update

from handlers.files.file_types import FileRefused, check_type, clean_filename
from handlers.store.database import Database
from handlers.store.tables import attachment, draft, import_run, letter

MAX_BYTES = 20 * 1024 * 1024
CHUNK = 256 * 1024
UNCLAIMED_DAYS = 30
"""How long an upload waits for its form to be submitted; longer than any draft is of use."""
GRACE_HOURS = 24
"""A file younger than this may belong to a transaction that has not committed yet."""
_HASH_LENGTH = 64
_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that is in the store."""

    sha256: str
    size: int
    media_type: str
    filename: str


class FileStore:
    """Files under `root`, each named by the SHA-256 of its content."""

    def __init__(self, root: Path, *, max_bytes: int = MAX_BYTES) -> None:
        """The folder is made at the first use."""
        self.root = root
        self.max_bytes = max_bytes
        self._incoming = root / "incoming"

    def receive(self, stream: BinaryIO, filename: str) -> StoredFile:
        """Take an upload: size, name, and type by name and content are checked.

        Raises FileRefused with a sentence for the sender; then nothing is left behind.
        """
        name = clean_filename(filename)
        with self._temporary() as file:
            sha256, size = self._copy(stream, file, name)
            media_type = check_type(Path(file.name), name)
            self._keep(file, sha256)
        return StoredFile(sha256, size, media_type, name)

    def put(self, content: bytes) -> str:
        """Store what we made ourselves; its SHA-256. Storing the same content again changes nothing."""
        sha256 = hashlib.sha256(content).hexdigest()
        with self._temporary() as file:
            file.write(content)
            self._keep(file, sha256)
        return sha256

    def open(self, sha256: str) -> BinaryIO:
        """The content, for reading. Raises FileNotFoundError."""
        return self.path(sha256).open("rb")

    def path(self, sha256: str) -> Path:
        """Where the file of that hash is or would be. Raises ValueError for anything that is not a hash."""
        if len(sha256) != _HASH_LENGTH or not set(sha256) <= set("0123456789abcdef"):
            raise ValueError("not a SHA-256")
        return self.root / sha256[:2] / sha256

    def remove_unknown(self, known: frozenset[str], before: datetime) -> int:
        """Delete files last stored before `before` whose hash is not in `known`; how many."""
        removed = 0
        for path in self.root.glob("*/*"):
            if path.name not in known and path.stat().st_mtime < before.timestamp():
                path.unlink(missing_ok=True)
                removed += 1
        return removed

    def _copy(self, stream: BinaryIO, file: BinaryIO, name: str) -> tuple[str, int]:
        digest, size = hashlib.sha256(), 0
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > self.max_bytes:
                raise FileRefused(f"“{name}”超过 {self.max_bytes // 1024 // 1024} MB，不能上传。请压缩或拆分后再上传。")
            digest.update(chunk)
            file.write(chunk)
        if not size:
            raise FileRefused(f"“{name}”是空文件。请核对后重新上传。")
        file.flush()
        return digest.hexdigest(), size

    def _keep(self, file: BinaryIO, sha256: str) -> None:
        file.flush()
        os.fsync(file.fileno())
        target = self.path(sha256)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(file.name, target)  # also when it is there: the newer time keeps remove_unknown off it
        for folder in (target.parent, self.root):
            _sync_folder(folder)

    @contextmanager
    def _temporary(self) -> Iterator[BinaryIO]:
        path = ""
        try:
            self._incoming.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=self._incoming, delete=False) as file:
                path = file.name
                yield file  # type: ignore[misc]
        except OSError as error:
            if error.errno in _NO_SPACE:
                raise FileRefused("服务器存储空间不足，文件没有保存。请联系系统管理员后重新上传。") from error
            raise
        finally:
            if path:
                Path(path).unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def attach(
    connection: Connection,
    stored: StoredFile,
    *,
    field: str,
    uploaded_by: int,
    now: datetime,
    instance_id: int | None = None,
    task_id: int | None = None,
) -> int:
    """Write down that `stored` was handed in for the form field `field`; the attachment's id.

    Without an instance it waits, for thirty days, until a command adopts it.
    """
    row = {
        "instance_id": instance_id,
        "task_id": task_id,
        "field": field,
        "filename": stored.filename,
        "media_type": stored.media_type,
        "size": stored.size,
        "sha256": stored.sha256,
        "uploaded_by": uploaded_by,
        "uploaded_at": now,
    }
    new_id: int = connection.execute(insert(attachment).values(row).returning(attachment.c.id)).scalar_one()
    return new_id


def remove_orphans(database: Database, store: FileStore, now: datetime) -> int:
    """Drop uploads whose form was never submitted, then files that no row names; how many files went.

    What a draft or a file handed in to be imported says of people is unprotected. Drafts nobody goes on with, files
    nobody imports and rows that were sent back go after thirty days; an imported file goes at once.
    """
    too_old = now - timedelta(days=UNCLAIMED_DAYS)
    with database.write() as connection:
        stale = attachment.c.instance_id.is_(None), attachment.c.uploaded_at < too_old
        connection.execute(delete(attachment).where(*stale))
        connection.execute(delete(draft).where(draft.c.saved_at < too_old))
        over = import_run.c.rejects.is_not(None), import_run.c.ended_at < too_old
        connection.execute(update(import_run).where(*over).values(rejects=None))
    waiting = import_run.c.state.in_(("checking", "checked", "running")) & (import_run.c.started_at >= too_old)
    with database.read() as connection:
        named = select(attachment.c.sha256).union(
            select(letter.c.sha256).where(letter.c.sha256.is_not(None)),
            select(import_run.c.sha256).where(waiting),
            select(import_run.c.rejects).where(import_run.c.rejects.is_not(None)),
        )
        known = frozenset(connection.scalars(named))
    return store.remove_unknown(known, now - timedelta(hours=GRACE_HOURS))
