"""扣除 is a pause of limits, 中止 a suspension of a case: the table of the first takes its own name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

COLUMNS = "id, instance_id, source_id, reason, stops, starts_on, ends_on, document, approved_by, recorded_at"


def upgrade() -> None:
    """A new table and not a new name: keys and indexes are named after their table, on both databases alike."""
    op.create_table(
        "pause",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("instance_id", sa.Integer(), nullable=False),
        sa.Column(
            "source_id", sa.Integer(), nullable=True, comment="the case in which it was applied for and approved"
        ),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("stops", sa.Text(), nullable=False, comment="codes of the limits that rest"),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True, comment="empty: still resting"),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.String(length=40), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_pause_instance_id_instance")),
        sa.ForeignKeyConstraint(["source_id"], ["instance.id"], name=op.f("fk_pause_source_id_instance")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pause")),
    )
    op.create_index(op.f("ix_pause_instance_id"), "pause", ["instance_id"])
    op.execute(f"INSERT INTO pause ({COLUMNS}) SELECT {COLUMNS} FROM suspension")  # noqa: S608 - a constant
    if op.get_bind().dialect.name == "postgresql":
        newest = "FROM pause HAVING max(id) IS NOT NULL"
        op.execute(f"SELECT setval(pg_get_serial_sequence('pause', 'id'), max(id)) {newest}")
    op.drop_table("suspension")
