"""Bringing a database's tables to the state this release of the program needs.

Alembic takes a second and a half to import, so it is imported only if there is something to do.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, inspect, text

from handlers.store.database import Database, Instant, Json
from handlers.store.tables import metadata

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0005"
"""Newest step in handlers/store/migrations/versions."""
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('banli.schema', 0))")


class SchemaTooNew(Exception):
    """The database was upgraded by a newer release of the program; the text is a sentence for the administrator."""


def revision(database: Database) -> str | None:
    """The step the database is at; None for an empty one."""
    with database.read() as connection:
        return _revision(connection)


def upgrade(database: Database) -> bool:
    """Run the steps that are missing, all or none; whether there were any.

    Two programs may call it at once: one does the work, the other waits and finds nothing to do.
    Raises: SchemaTooNew.
    """
    if revision(database) == HEAD:
        return False
    with database.write() as connection:  # in SQLite this is the lock
        if not database.is_sqlite:
            connection.execute(_LOCK)
        return _upgrade(connection)


def _upgrade(connection: Connection) -> bool:
    from alembic import command
    from alembic.script import ScriptDirectory

    config, at = alembic_config(connection), _revision(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if at is not None and at not in known:
        raise SchemaTooNew(f"数据库的版本是 {at}，比程序新。请升级程序，或恢复升级之前的备份。")
    command.upgrade(config, "head")
    return at != HEAD


def alembic_config(connection: Connection) -> Config:
    """Alembic's settings for an open connection, wherever the package is installed."""
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config


def include_name(name: str | None, kind: str, _parents: Any) -> bool:
    """Leave DBOS's tables, which share the SQLite file, out of comparisons."""
    return kind != "table" or name in metadata.tables


def is_own_type(_context: Any, _inspected: Any, _ours: Any, _inspected_type: Any, own: Any) -> bool | None:
    """Our types differ from the plain ones by name only; all others are compared by Alembic."""
    return False if isinstance(own, Instant | Json) else None


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision
