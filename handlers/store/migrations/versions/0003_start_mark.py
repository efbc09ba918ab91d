"""A submit that arrives twice starts one case: the case keeps the submit's mark."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """As handlers/store/tables.py has it."""
    about = "of the submit that started it; see handlers/cases/start_marks.py"
    op.add_column("instance", sa.Column("start_mark", sa.String(length=64), nullable=True, comment=about))
    op.create_index(op.f("ix_instance_start_mark"), "instance", ["start_mark"], unique=True)
