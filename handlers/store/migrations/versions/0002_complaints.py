"""Complaints and reports: rule sets, suspensions, linked cases, the register, personal data, deliveries, imports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """As handlers/store/tables.py has them now."""
    op.create_table(
        "import_source",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column(
            "mapping", sa.Text(), nullable=False, comment="field key to column heading, and what the words there mean"
        ),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["changed_by"], ["account.id"], name=op.f("fk_import_source_changed_by_account")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_import_source")),
    )
    op.create_table(
        "case_link",
        sa.Column("parent_id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False, comment="message or procedure that made the link"),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["child_id"], ["instance.id"], name=op.f("fk_case_link_child_id_instance")),
        sa.ForeignKeyConstraint(["parent_id"], ["instance.id"], name=op.f("fk_case_link_parent_id_instance")),
        sa.PrimaryKeyConstraint("parent_id", "child_id", name=op.f("pk_case_link")),
    )
    with op.batch_alter_table("case_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_link_child_id"), ["child_id"], unique=False)

    op.create_table(
        "import_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("bad", sa.Integer(), nullable=False),
        sa.Column(
            "duplicates",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="new rows that may tell of a known case",
        ),
        sa.Column("state", sa.String(length=10), nullable=False, comment="checking, checked, running, done or failed"),
        sa.Column("problem", sa.Text(), nullable=True, comment="why the file as a whole could not be taken"),
        sa.Column(
            "report", sa.Text(), nullable=True, comment="first rows, masked, and the reasons of the first bad ones"
        ),
        sa.Column("rejects", sa.String(length=64), nullable=True, comment="SHA-256 of the file with the bad rows"),
        sa.Column("started_by", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["source"], ["import_source.code"], name=op.f("fk_import_run_source_import_source")),
        sa.ForeignKeyConstraint(["started_by"], ["account.id"], name=op.f("fk_import_run_started_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
    )
    op.create_table(
        "register_export",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("filters", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("exported_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_register_export_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_export")),
    )
    op.create_table(
        "personal",
        sa.Column("instance_id", sa.Integer(), nullable=False),
        sa.Column(
            "field", sa.String(length=80), nullable=False, comment="field key; the facts hold only the masked text"
        ),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("masked", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_personal_instance_id_instance")),
        sa.PrimaryKeyConstraint("instance_id", "field", name=op.f("pk_personal")),
    )
    op.create_table(
        "personal_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("instance_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("purpose", sa.String(length=200), nullable=False),
        sa.Column("viewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_personal_view_account_id_account")),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_personal_view_instance_id_instance")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_personal_view")),
    )
    with op.batch_alter_table("personal_view", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_personal_view_instance_id"), ["instance_id"], unique=False)

    op.create_table(
        "post",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sender_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False, comment="of the message"),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True, comment="empty: the system"),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("receivers", sa.Text(), nullable=True, comment="cases that got it, or were started by it"),
        sa.Column("problem", sa.Text(), nullable=True, comment="why it could not be delivered"),
        sa.ForeignKeyConstraint(["actor_id"], ["account.id"], name=op.f("fk_post_actor_id_account")),
        sa.ForeignKeyConstraint(["sender_id"], ["instance.id"], name=op.f("fk_post_sender_id_instance")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
    )
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_post_delivered_at"), ["delivered_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_post_sender_id"), ["sender_id"], unique=False)

    op.create_table(
        "register",
        sa.Column("instance_id", sa.Integer(), nullable=False),
        sa.Column("case_type", sa.String(length=20), server_default="", nullable=False),
        sa.Column("channel", sa.String(length=40), server_default="", nullable=False),
        sa.Column(
            "source",
            sa.String(length=40),
            server_default="",
            nullable=False,
            comment="export that it was imported from",
        ),
        sa.Column(
            "source_number", sa.String(length=80), nullable=True, comment="number there; one case per source and number"
        ),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "person_digest",
            sa.String(length=64),
            nullable=True,
            comment="keyed hash of the person's telephone or identity number",
        ),
        sa.Column("respondent", sa.String(length=200), server_default="", nullable=False),
        sa.Column(
            "respondent_key",
            sa.String(length=200),
            server_default="",
            nullable=False,
            comment="name, made comparable",
        ),
        sa.Column("respondent_code", sa.String(length=18), server_default="", nullable=False),
        sa.Column("order_no", sa.String(length=80), server_default="", nullable=False),
        sa.Column(
            "platform_no",
            sa.String(length=80),
            server_default="",
            nullable=False,
            comment="of the national platform",
        ),
        sa.Column("category", sa.String(length=40), server_default="", nullable=False),
        sa.Column("unit", sa.String(length=40), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_register_instance_id_instance")),
        sa.PrimaryKeyConstraint("instance_id", name=op.f("pk_register")),
        sa.UniqueConstraint("source", "source_number", name=op.f("uq_register_source_source_number")),
    )
    with op.batch_alter_table("register", schema=None) as batch_op:
        batch_op.create_index("ix_register_person", ["person_digest"], unique=False)
        batch_op.create_index(batch_op.f("ix_register_platform_no"), ["platform_no"], unique=False)
        batch_op.create_index("ix_register_received", ["received_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_register_order_no"), ["order_no"], unique=False)
        batch_op.create_index(batch_op.f("ix_register_respondent_code"), ["respondent_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_register_respondent_key"), ["respondent_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_register_unit"), ["unit"], unique=False)

    op.create_table(
        "suspension",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("instance_id", sa.Integer(), nullable=False),
        sa.Column(
            "source_id", sa.Integer(), nullable=True, comment="the case in which it was applied for and approved"
        ),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("stops", sa.Text(), nullable=False, comment="codes of the limits that rest"),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True, comment="empty: still suspended"),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.String(length=40), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_suspension_instance_id_instance")),
        sa.ForeignKeyConstraint(["source_id"], ["instance.id"], name=op.f("fk_suspension_source_id_instance")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suspension")),
    )
    with op.batch_alter_table("suspension", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_suspension_instance_id"), ["instance_id"], unique=False)

    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.String(length=80), nullable=False),
        sa.Column("way", sa.String(length=20), nullable=False),
        sa.Column("delivered_on", sa.Date(), nullable=False),
        sa.Column("proof", sa.Text(), nullable=False, comment="waybill number, signature, screenshot ..."),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_delivery_letter_id_letter")),
        sa.ForeignKeyConstraint(["recorded_by"], ["account.id"], name=op.f("fk_delivery_recorded_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delivery_letter_id"), ["letter_id"], unique=False)

    op.create_table(
        "clock_notice",
        sa.Column("clock_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False, comment="of supervision; each is raised once per clock"),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clock_id"], ["clock.id"], name=op.f("fk_clock_notice_clock_id_clock")),
        sa.PrimaryKeyConstraint("clock_id", "level", name=op.f("pk_clock_notice")),
    )
    with op.batch_alter_table("clock", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "token",
                sa.String(length=40),
                nullable=True,
                comment="the engine's id of the activity or timer that the limit runs with",
            )
        )
        batch_op.add_column(sa.Column("rule_set", sa.String(length=20), server_default="", nullable=False))
        batch_op.add_column(sa.Column("roll", sa.String(length=12), server_default="non-working", nullable=False))
        batch_op.add_column(
            sa.Column(
                "kind",
                sa.String(length=10),
                server_default="legal",
                nullable=False,
                comment="legal, or target: the house's own",
            )
        )
        batch_op.add_column(
            sa.Column(
                "extended",
                sa.Integer(),
                server_default="0",
                nullable=False,
                comment="days added to the amount by extensions",
            )
        )
        batch_op.create_index("ix_clock_state", ["state", "due_on"], unique=False)

    with op.batch_alter_table("instance", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "rule_set",
                sa.String(length=20),
                server_default="",
                nullable=False,
                comment="of the day of receipt, kept for good",
            )
        )
        batch_op.add_column(
            sa.Column(
                "limits_touched",
                sa.Boolean(),
                server_default=sa.false(),
                nullable=False,
                comment="whether any limit was ever suspended or extended",
            )
        )
