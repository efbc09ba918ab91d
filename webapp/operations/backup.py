"""Backup and restore of one installation: the database and the stored files in one archive.

The database is copied first and the files after it: files are never changed or removed while a row names them, so every
file that a row of the copy names is in the archive. Keys are not in it; whoever holds a backup should not hold them.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from handlers.store.database import Database
from webapp.config import Settings

DATABASE_NAMES = {"sqlite": "banli.sqlite", "postgresql": "banli.pgdump"}
FILES_FOLDER = "files"
_STORED_FILE = re.compile(rf"{FILES_FOLDER}/[0-9a-f]{{2}}/[0-9a-f]{{64}}")
_FOREIGN_TABLES = text("SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')")


class BackupError(Exception):
    """A backup or restore was not done; the text is a sentence for the administrator."""


def backup(settings: Settings, target: Path) -> int:
    """Write a gzipped tar of database and files to `target`, while the system runs; its size in bytes.

    Raises: BackupError; then nothing is left behind.
    """
    if target.exists():
        raise BackupError(f"{target} 已存在，请换一个文件名，以免覆盖旧的备份。")
    if not target.parent.is_dir():
        raise BackupError(f"没有 {target.parent} 这个文件夹，请先建立。")
    with _told("备份没有完成"), tempfile.TemporaryDirectory(dir=target.parent) as folder:
        copy = Path(folder, DATABASE_NAMES[_kind(settings)])
        _copy_database(settings, copy)
        unfinished = Path(folder, "backup.tar.gz")
        with tarfile.open(unfinished, "w:gz", compresslevel=3) as archive:
            archive.add(copy, copy.name)
            for path in _stored_files(settings.files):
                _add(archive, path, f"{FILES_FOLDER}/{path.relative_to(settings.files).as_posix()}")
        unfinished.chmod(0o600)  # it holds what complainants told the bureau
        unfinished.replace(target)
        return target.stat().st_size


def restore(settings: Settings, source: Path) -> None:
    """Bring a backup back into an empty installation; stop web and worker first.

    Raises: BackupError, if the archive is no backup of this kind of database, or something is there already.
    """
    _must_be_empty(settings)
    with _told("恢复没有完成"):
        settings.var.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=settings.var) as folder:
            _unpack(source, Path(folder))
            copy = Path(folder, DATABASE_NAMES[_kind(settings)])
            if not copy.exists():
                raise BackupError(f"{source} 里没有 {copy.name}：它不是备份，或者是另一种数据库的备份。")
            _put_back(settings, copy, Path(folder, FILES_FOLDER))


def _put_back(settings: Settings, copy: Path, files: Path) -> None:
    # The database comes last: a restore that broke off before it can simply be run again.
    there = settings.files.exists()
    try:
        if files.exists():
            shutil.copytree(files, settings.files, dirs_exist_ok=True)
        if _kind(settings) == "sqlite":
            _sqlite_path(settings).parent.mkdir(parents=True, exist_ok=True)
            shutil.move(copy, _sqlite_path(settings))
        else:
            _call_postgres(settings, ["pg_restore", "--single-transaction", "--no-owner", "--no-privileges"], copy)
    except BaseException:
        if _kind(settings) == "sqlite":
            _sqlite_path(settings).unlink(missing_ok=True)
        for path in settings.files.iterdir() if settings.files.exists() else ():
            shutil.rmtree(path, ignore_errors=True)
        if not there and settings.files.exists():
            settings.files.rmdir()
        raise


def _must_be_empty(settings: Settings) -> None:
    if _kind(settings) == "sqlite":
        for suffix in ("", "-wal", "-shm"):  # SQLite would play an old log onto the restored file
            if (present := Path(f"{_sqlite_path(settings)}{suffix}")).exists():
                raise BackupError(f"{present} 已存在。请先停止程序，把它移走，再恢复。")
    else:
        with _told("连不上数据库"), closing(Database(settings.database_url)) as database, database.read() as connection:
            if connection.scalar(_FOREIGN_TABLES):
                raise BackupError("数据库不是空的。请新建一个空的数据库，写入 BANLI_DATABASE_URL，再恢复。")
    if settings.files.exists() and any(settings.files.iterdir()):
        raise BackupError(f"{settings.files} 不是空的。请先把它移走，再恢复。")


def _stored_files(root: Path) -> Iterator[Path]:
    # Only finished files: what is under incoming/ is an upload that has not arrived yet.
    for path in sorted(root.glob("[0-9a-f][0-9a-f]/*")):
        if _STORED_FILE.fullmatch(f"{FILES_FOLDER}/{path.relative_to(root).as_posix()}"):
            yield path


def _add(archive: tarfile.TarFile, path: Path, name: str) -> None:
    try:
        archive.add(path, name)
    except FileNotFoundError:
        return  # the sweep removed it since: no row names it


def _unpack(source: Path, folder: Path) -> None:
    try:
        with tarfile.open(source) as archive:
            for member in archive:
                _unpack_member(archive, member, folder)
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise BackupError(f"{source} 不是备份文件，或者已经损坏：{error}。请换一份备份。") from error


def _unpack_member(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    # Nothing is taken but what backup() writes. Stricter than tarfile's own filter, which Python 3.11.2 has not got.
    expected = member.name in DATABASE_NAMES.values() or _STORED_FILE.fullmatch(member.name)
    content = archive.extractfile(member) if member.isreg() and expected else None
    if content is None:
        raise BackupError(f"备份文件中有不该有的内容 {member.name!r}，没有恢复任何东西。请核实备份的来源。")
    target = folder / member.name
    target.parent.mkdir(parents=True, exist_ok=True)
    with content, target.open("wb") as file:
        shutil.copyfileobj(content, file)


def _copy_database(settings: Settings, copy: Path) -> None:
    if _kind(settings) != "sqlite":
        _call_postgres(settings, ["pg_dump", "--format=custom", f"--file={copy}"])
        return
    source = _sqlite_path(settings)
    if not source.exists():
        raise BackupError(f"没有找到数据库 {source}。")
    with closing(sqlite3.connect(source)) as running, closing(sqlite3.connect(copy)) as target:
        running.backup(target)


def _kind(settings: Settings) -> str:
    return make_url(settings.database_url).get_backend_name()


def _sqlite_path(settings: Settings) -> Path:
    return Path(make_url(settings.database_url).database or "")


def _call_postgres(settings: Settings, command: Sequence[str], *more: Path) -> None:
    url = make_url(settings.database_url)
    # The password goes by the environment: everybody on the machine can read a command line.
    address = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    environment = {"PGPASSWORD": str(url.password)} if url.password else {}
    _call([*command, f"--dbname={address.render_as_string()}", *map(str, more)], environment)


def _call(command: Sequence[str], environment: Mapping[str, str]) -> None:
    program = shutil.which(command[0])
    if program is None:
        raise BackupError(f"没有找到 {command[0]}。请安装 PostgreSQL 的客户端程序（postgresql-client）。")
    variables = os.environ | environment
    done = subprocess.run(  # noqa: S603 - our own commands
        [program, *command[1:]], capture_output=True, text=True, check=False, env=variables
    )
    if done.returncode:
        raise BackupError(f"{command[0]} 没有成功（{done.returncode}）：{done.stderr.strip()}")


@contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        place = f"{error.filename}：" if error.filename else ""
        raise BackupError(f"{what}：{place}{error.strerror or error}。") from error
    except (sqlite3.Error, SQLAlchemyError) as error:
        raise BackupError(f"{what}：{error}") from error
