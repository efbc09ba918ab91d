"""Backup and restore of one installation: the database and the stored files in one archive.

The database is copied first and the files after it: files are never changed or removed while a row names them, so every
file that a row of the copy names is in the archive. Keys are not in it; whoever holds a backup should not hold them.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.engine import make_url

from webapp.config import Settings

DATABASE_NAMES = {"sqlite": "banli.sqlite", "postgresql": "banli.pgdump"}


class BackupError(Exception):
    """A backup or restore was not done; the text is a sentence for the administrator."""


def backup(settings: Settings, target: Path) -> int:
    """Write a gzipped tar of database and files to `target`, while the system runs; its size in bytes.

    Raises: BackupError.
    """
    if target.exists():
        raise BackupError(f"{target} 已存在，请换一个文件名，以免覆盖旧的备份。")
    kind = _kind(settings)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        copy = Path(folder, DATABASE_NAMES[kind])
        if kind == "sqlite":
            _copy_sqlite(_sqlite_path(settings), copy)
        else:
            _call(["pg_dump", "--format=custom", f"--file={copy}", _plain_url(settings)])
        unfinished = Path(folder, "backup.tar.gz")
        with tarfile.open(unfinished, "w:gz", compresslevel=3) as archive:
            archive.add(copy, copy.name)
            if settings.files.exists():
                archive.add(settings.files, "files")
        unfinished.replace(target)
    return target.stat().st_size


def restore(settings: Settings, source: Path) -> None:
    """Bring a backup back into an empty installation; stop web and worker first.

    Raises: BackupError, if the archive is no backup of this kind of database, or something is there already.
    """
    kind = _kind(settings)
    if kind == "sqlite" and _sqlite_path(settings).exists():
        raise BackupError(f"{_sqlite_path(settings)} 已存在。请先把它移走，再恢复。")
    if settings.files.exists() and any(settings.files.iterdir()):
        raise BackupError(f"{settings.files} 不是空的。请先把它移走，再恢复。")
    if not tarfile.is_tarfile(source):
        raise BackupError(f"{source} 不是备份文件。")
    settings.var.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.var) as folder:
        with tarfile.open(source) as archive:
            archive.extractall(folder, filter="data")
        copy = Path(folder, DATABASE_NAMES[kind])
        if not copy.exists():
            raise BackupError(f"{source} 里没有 {copy.name}：它是另一种数据库的备份。")
        if kind == "sqlite":
            shutil.move(copy, _sqlite_path(settings))
        else:
            _call(["pg_restore", "--exit-on-error", "--no-owner", f"--dbname={_plain_url(settings)}", str(copy)])
        if Path(folder, "files").exists():
            shutil.copytree(Path(folder, "files"), settings.files, dirs_exist_ok=True)


def _kind(settings: Settings) -> str:
    return make_url(settings.database_url).get_backend_name()


def _sqlite_path(settings: Settings) -> Path:
    return Path(make_url(settings.database_url).database or "")


def _plain_url(settings: Settings) -> str:
    return make_url(settings.database_url).set(drivername="postgresql").render_as_string(hide_password=False)


def _copy_sqlite(source: Path, target: Path) -> None:
    if not source.exists():
        raise BackupError(f"没有找到数据库 {source}。")
    with sqlite3.connect(source) as running, sqlite3.connect(target) as copy:
        running.backup(copy)


def _call(command: Sequence[str]) -> None:
    program = shutil.which(command[0])
    if program is None:
        raise BackupError(f"没有找到 {command[0]}。请安装 PostgreSQL 的客户端程序（postgresql-client）。")
    done = subprocess.run([program, *command[1:]], capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise BackupError(f"{command[0]} 没有成功：{done.stderr.strip()}")
