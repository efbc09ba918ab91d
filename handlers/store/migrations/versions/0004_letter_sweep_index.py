"""The sweep for letters that nobody made finds them without reading all letters that were ever issued."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """As handlers/store/tables.py has it."""
    pending = sa.text("state = 'pending'")
    op.create_index("ix_letter_pending", "letter", ["issued_at"], sqlite_where=pending, postgresql_where=pending)
