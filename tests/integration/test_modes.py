"""Others on the machine cannot read what the bureau was told: not the database, not its files, not a restored copy."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from handlers.files.file_store import FileStore
from handlers.store.database import Database
from handlers.store.tables import metadata
from tests.web.conftest import site_settings
from webapp.config import Settings
from webapp.operations.backup import backup, restore
from webapp.operations.modes import keep_to_owner, wide_modes


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def installation(folder: Path) -> Settings:
    """A database with a stored file."""
    folder.mkdir()
    settings = site_settings(folder)
    database = Database(settings.database_url)
    with database.write() as connection:
        metadata.create_all(connection)
    database.close()
    FileStore(settings.files).put(b"%PDF-1.7")
    return settings


def modes(settings: Settings) -> set[int]:
    """Of everything of the installation, folders as if they were files."""
    every = [settings.var, *settings.var.rglob("*"), settings.files, *settings.files.rglob("*")]
    return {stat.S_IMODE(path.stat().st_mode) & 0o666 for path in every}


def test_what_the_program_makes_is_for_its_own_account_alone(umask: None, tmp_path: Path) -> None:
    keep_to_owner()
    settings = installation(tmp_path / "new")
    assert modes(settings) == {0o600}
    assert list(wide_modes(settings)) == []


def test_what_is_restored_is_so_too(umask: None, tmp_path: Path) -> None:
    old = installation(tmp_path / "old")
    backup(old, tmp_path / "backup.tar.gz")
    keep_to_owner()
    (tmp_path / "new").mkdir()
    new = site_settings(tmp_path / "new")
    restore(new, tmp_path / "backup.tar.gz")
    assert modes(new) == {0o600}


def test_what_others_can_read_is_told_with_what_to_do(umask: None, tmp_path: Path) -> None:
    settings = installation(tmp_path / "old")
    told = list(wide_modes(settings))
    assert any("banli.sqlite 的权限是 644" in sentence and "chmod 600" in sentence for sentence in told)
    assert any("755" in sentence and "chmod 700" in sentence for sentence in told)
