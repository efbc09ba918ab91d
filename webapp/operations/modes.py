"""Who on the machine may read what the bureau was told: only the account that the program runs under."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from webapp.config import Settings

OWNER_ONLY = 0o077
"""The umask: what is made from now on is 0600 and 0700."""


def keep_to_owner() -> None:
    """Nothing that this process makes can be read by others. Database, files and restored data are among it."""
    os.umask(OWNER_ONLY)


def wide_modes(settings: Settings) -> Iterator[str]:
    """A sentence for each thing of the installation that others on the machine can read: made before, or copied."""
    for path in _kept(settings):
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & OWNER_ONLY:
            allowed = 0o700 if path.is_dir() else 0o600
            yield f"{path} 的权限是 {mode:o}，别的账号也能读到，请运行 chmod {allowed:o} {path}"


def _kept(settings: Settings) -> Iterator[Path]:
    from sqlalchemy import make_url  # late: every command sets the umask, few need a database

    url = make_url(settings.database_url)
    database = [Path(url.database)] if url.get_backend_name() == "sqlite" and url.database else []
    logs = [Path(f"{path}{suffix}") for path in database for suffix in ("-wal", "-shm")]
    yield from (path for path in (settings.var, settings.files, *database, *logs) if path.exists())
