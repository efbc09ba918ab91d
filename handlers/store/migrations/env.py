"""Alembic's way in. The caller hands over an open connection inside a transaction, see handlers/store/schema.py."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from handlers.store.schema import include_name, is_own_type
from handlers.store.tables import metadata

PLAIN_TYPES = {"Instant": "sa.DateTime(timezone=True)", "Json": "sa.Text()"}


def plain_type(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our own column types into migrations as what the database keeps: they may change, a migration may not."""
    return PLAIN_TYPES.get(type(item).__name__, False) if kind == "type" else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_item=plain_type,
    render_as_batch=True,
    compare_type=is_own_type,
    include_name=include_name,
)
context.run_migrations()
