"""What people may hand in, and that the store never keeps half of it."""

from __future__ import annotations

import errno
import os
import zipfile
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from handlers.cases.drafts import draft_subjects, save_draft
from handlers.files.file_store import FileStore, attach, remove_orphans
from handlers.files.file_types import MAX_NAME_LENGTH, FileRefused, clean_filename
from handlers.store.database import Database
from handlers.store.tables import account, attachment, import_run, import_source, metadata

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
PDF = b"%PDF-1.7\n1 0 obj\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20
OLE = bytes.fromhex("d0cf11e0a1b11ae1")


def zipped(*names: str, content: bytes = b"<x/>") -> bytes:
    result = BytesIO()
    with zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return result.getvalue()


GOOD = {
    "a.pdf": PDF,
    "a.PDF": PDF,
    "a.png": PNG,
    "a.jpg": b"\xff\xd8\xff\xe0" + b"0" * 20,
    "a.docx": zipped("[Content_Types].xml", "word/document.xml"),
    "a.xlsx": zipped("xl/workbook.xml"),
    "a.ofd": zipped("OFD.xml"),
    "a.doc": OLE + b"0" * 600 + "WordDocument".encode("utf-16-le"),
    "a.xls": OLE + b"0" * 600 + "Workbook".encode("utf-16-le"),
    "a.txt": "投诉材料".encode("gb18030"),
    "b.txt": "投诉材料".encode(),
    "a.mp3": b"ID3\x04" + b"0" * 20,
    "a.wav": b"RIFF\x24\0\0\0WAVEfmt " + b"0" * 20,
    "a.mp4": b"\0\0\0\x18ftypmp42" + b"0" * 20,
}
BAD = {
    "a.exe": b"MZ" + b"0" * 20,
    "program-as-photo.png": b"MZ" + b"0" * 20,
    "no-extension": PDF,
    "a.html": b"<script>alert(1)</script>",
    "a.svg": b"<svg/>",
    "page-as-picture.jpg": b"<html>",
    "archive-as-document.docx": zipped("readme.txt"),
    "sheet-as-document.docx": zipped("xl/workbook.xml"),
    "broken.docx": zipped("word/document.xml")[:-30],
    "sheet-as-document.doc": OLE + "Workbook".encode("utf-16-le"),
    "program-as-text.txt": b"MZ\0\0",
    "with-macros.docx": zipped("word/document.xml", "word/vbaProject.bin"),
    "bomb.xlsx": zipped("xl/workbook.xml", content=b"0" * 3_000_000),
}


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = Database(f"sqlite:///{tmp_path / 'banli.sqlite'}")
    with database.write() as connection:
        metadata.create_all(connection)
    with database.write() as connection:
        person = {"id": 1, "username": "a", "name": "陈静", "password_hash": "-", "active": True, "created_at": NOW}
        connection.execute(insert(account).values(person | {"session_epoch": 0, "failed_logins": 0}))
    return database


def files_in(store: FileStore) -> list[Path]:
    return [path for path in store.root.rglob("*") if path.is_file()]


@pytest.mark.parametrize("name", GOOD)
def test_a_file_that_is_what_its_name_says_is_taken(store: FileStore, name: str) -> None:
    stored = store.receive(BytesIO(GOOD[name]), name)
    assert store.open(stored.sha256).read() == GOOD[name]
    assert (stored.filename, stored.size) == (name, len(GOOD[name]))
    assert "/" in stored.media_type


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_is_not_what_its_name_says_is_refused_and_leaves_nothing(store: FileStore, name: str) -> None:
    with pytest.raises(FileRefused, match=r"。$"):
        store.receive(BytesIO(BAD[name]), name)
    assert files_in(store) == []


def test_a_file_over_the_limit_is_refused_while_it_is_read(tmp_path: Path) -> None:
    class Endless(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return b"0" * (size or 1)

    store = FileStore(tmp_path / "files", max_bytes=1024 * 1024)
    with pytest.raises(FileRefused, match="超过 1 MB"):
        store.receive(Endless(), "a.txt")
    assert files_in(store) == []


def test_an_empty_file_is_refused(store: FileStore) -> None:
    with pytest.raises(FileRefused, match="空文件"):
        store.receive(BytesIO(b""), "a.txt")


def test_a_full_disk_is_said_in_a_sentence_and_leaves_nothing(
    store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileRefused, match="存储空间不足"):
        store.receive(BytesIO(PDF), "a.pdf")
    assert files_in(store) == []


def test_a_sender_who_hangs_up_leaves_nothing(store: FileStore) -> None:
    class Broken(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell():
                raise ConnectionResetError
            return super().read(10)

    with pytest.raises(ConnectionResetError):
        store.receive(Broken(PDF), "a.pdf")
    assert files_in(store) == []


def test_the_same_content_is_kept_once(store: FileStore) -> None:
    first, second = store.receive(BytesIO(PDF), "a.pdf"), store.receive(BytesIO(PDF), "b.pdf")
    assert first.sha256 == second.sha256 == store.put(PDF)
    assert len(files_in(store)) == 1


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "0" * 63, "0" * 63 + "G", "0" * 64 + "/.."])
def test_only_hashes_are_paths(store: FileStore, name: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        store.path(name)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\temp\\照片.JPG", "照片.JPG"),
        ("../../etc/passwd", "passwd"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie_ x.pdf"),
        ("\u202egpj.exe.pdf", "gpj.exe.pdf"),
        ("..pdf", "文件.pdf"),
        ("", "文件"),
        (".htaccess", "文件.htaccess"),
        ('a"<b>|?*.pdf', "a__b____.pdf"),
    ],
)
def test_file_names_lose_folders_and_control_marks(given: str, kept: str) -> None:
    assert clean_filename(given) == kept


def test_a_long_file_name_keeps_its_extension() -> None:
    name = clean_filename("证" * 500 + ".pdf")
    assert len(name) == MAX_NAME_LENGTH
    assert name.endswith(".pdf")


def test_uploads_nobody_submitted_and_files_nobody_names_go_away(store: FileStore, database: Database) -> None:
    old, recent, loose = (store.receive(BytesIO(PDF + mark), "a.pdf") for mark in (b"1", b"2", b"3"))
    with database.write() as connection:
        attach(connection, old, field="files", uploaded_by=1, now=NOW - timedelta(days=31))
        attach(connection, recent, field="files", uploaded_by=1, now=NOW - timedelta(days=29))
    for stored in (old, recent, loose):
        os.utime(store.path(stored.sha256), (0, (NOW - timedelta(hours=25)).timestamp()))
    fresh = store.receive(BytesIO(PDF + b"4"), "a.pdf")
    os.utime(store.path(fresh.sha256), (0, (NOW - timedelta(hours=1)).timestamp()))
    assert remove_orphans(database, store, NOW) == 2
    assert {path.name for path in files_in(store)} == {recent.sha256, fresh.sha256}
    with database.read() as connection:
        assert connection.scalars(select(attachment.c.sha256)).all() == [recent.sha256]


def test_an_imported_file_and_its_rejected_rows_go_after_thirty_days_at_the_latest(
    store: FileStore, database: Database
) -> None:
    old, new = NOW - timedelta(days=31), NOW - timedelta(days=29)
    named = {word: store.put(word.encode()) for word in ("left", "waiting", "sent back", "sent back lately")}
    run = {"source": "platform", "filename": "a.csv", "started_by": 1} | dict.fromkeys(
        ("rows", "added", "known", "bad"), 0
    )
    with database.write() as connection:
        source = {"code": "platform", "name": "平台", "mapping": {}, "changed_at": old}
        connection.execute(insert(import_source).values(source))
        for sha256, at in ((named["left"], old), (named["waiting"], new)):
            connection.execute(
                insert(import_run).values(run | {"sha256": sha256, "state": "checked", "started_at": at})
            )
        for rejects, at in ((named["sent back"], old), (named["sent back lately"], new)):
            over = {"sha256": "0" * 64, "state": "done", "rejects": rejects, "started_at": at, "ended_at": at}
            connection.execute(insert(import_run).values(run | over))
    for sha256 in named.values():
        os.utime(store.path(sha256), (0, (NOW - timedelta(hours=25)).timestamp()))
    assert remove_orphans(database, store, NOW) == 2
    assert {path.name for path in files_in(store)} == {named["waiting"], named["sent back lately"]}
    with database.read() as connection:
        assert connection.scalars(select(import_run.c.rejects).where(import_run.c.state == "done")).all() == [
            None,
            named["sent back lately"],
        ]


def test_a_draft_goes_when_its_uploads_do(database: Database, store: FileStore) -> None:
    with database.write() as connection:
        for subject, days in (("task:1", 31), ("task:2", 29)):
            save_draft(connection, 1, subject, {"person_name": "王小明"}, NOW - timedelta(days=days))
    remove_orphans(database, store, NOW)
    with database.read() as connection:
        assert draft_subjects(connection, 1) == {"task:2"}
