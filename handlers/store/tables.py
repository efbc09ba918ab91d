"""Every table, as SQLAlchemy Core tables.

Core and not the ORM: the hot path wants plain compiled statements, and one way to reach the database is enough.
A date column ends in `_on`, an instant in `_at`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from handlers.store.database import Blob, Instant, Json

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def room_of(column: Column[Any]) -> int:
    """How many characters a text column takes: PostgreSQL refuses what is longer, where SQLite does not mind."""
    length: int = column.type.length  # type: ignore[attr-defined]
    return length


# --- people -----------------------------------------------------------------------------------------------------------

setting = Table(
    "setting",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("value", Json, nullable=False),
)

department = Table(
    "department",
    metadata,
    Column("code", String(40), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("position", Integer, nullable=False),
)

account = Table(
    "account",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("username", String(40), nullable=False, unique=True),
    Column("name", String(40), nullable=False),
    Column("password_hash", String(200), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("session_epoch", Integer, nullable=False, comment="raised to end all sessions of this person"),
    Column("failed_logins", Integer, nullable=False),
    Column("locked_until_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("last_login_at", Instant),
)

membership = Table(
    "membership",
    metadata,
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("department", ForeignKey("department.code"), primary_key=True),
    Column("role", String(40), primary_key=True),
    Index(None, "role", "department"),
)

substitution = Table(
    "substitution",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("absent_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("substitute_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False, comment="inclusive, Beijing date"),
    Column("reason", String(200), nullable=False),
    Column("created_by", ForeignKey("account.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
)

# --- what is published ------------------------------------------------------------------------------------------------

definition = Table(
    "definition",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(10), nullable=False, comment="process, table, form or letter"),
    Column("key", String(80), nullable=False),
    Column("number", Integer, nullable=False, comment="1, 2, 3 ... per kind and key"),
    Column("sha256", String(64), nullable=False),
    Column("content", Blob, nullable=False),
    Column("author", String(40), nullable=False),
    Column("note", Text, nullable=False),
    Column("effective_on", Date, nullable=False),
    Column("published_at", Instant, nullable=False),
    UniqueConstraint("kind", "key", "number"),
)

release = Table(
    "release",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("process", String(80), nullable=False),
    Column("number", Integer, nullable=False),
    Column("closure_sha256", String(64), nullable=False, comment="over the sorted parts; equal means nothing changed"),
    Column("effective_on", Date, nullable=False),
    Column("published_at", Instant, nullable=False),
    UniqueConstraint("process", "number"),
)

release_part = Table(
    "release_part",
    metadata,
    Column("release_id", ForeignKey("release.id"), primary_key=True),
    Column("definition_id", ForeignKey("definition.id"), primary_key=True),
)

# --- running cases ----------------------------------------------------------------------------------------------------

instance = Table(
    "instance",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("release_id", ForeignKey("release.id"), nullable=False),
    Column("process", String(80), nullable=False),
    Column("number", String(60), nullable=False, unique=True, comment="the case number people use"),
    Column("title", String(200), nullable=False),
    Column("status", String(12), nullable=False, comment="active, suspended, incident, completed or cancelled"),
    Column("version", Integer, nullable=False, comment="raised by every command"),
    Column("state", Blob, nullable=False, comment="the engine's own, see processes/engine/kernel/codec.py"),
    Column("facts", Json, nullable=False, comment="the case's current values by field key"),
    Column(
        "decisions", Json, nullable=False, comment='by table key: the row that decided last, for "why is this here"'
    ),
    Column("next_due_at", Instant, comment="earliest waiting timer"),
    Column("department", ForeignKey("department.code"), nullable=False),
    Column("started_by", ForeignKey("account.id"), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("outcome", String(80), comment="name of the end event that was reached"),
    Column("event_count", Integer, nullable=False),
    Column("event_head", String(64), nullable=False, comment="hash of the newest event"),
    Column("event_seal", String(64), nullable=False, comment="keyed hash over count and head"),
    Column("rule_set", String(20), nullable=False, server_default="", comment="of the day of receipt, kept for good"),
    Column(
        "limits_touched",
        Boolean,
        nullable=False,
        server_default=false(),
        comment="whether any limit was ever suspended or extended",
    ),
    Column("start_mark", String(64), comment="of the submit that started it; see handlers/cases/start_marks.py"),
    Index(None, "start_mark", unique=True),
    Index("ix_instance_due", "status", "next_due_at"),
    Index("ix_instance_list", "process", "status", "started_at"),
    Index("ix_instance_started_by", "started_by", "started_at"),
)

task = Table(
    "task",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("instance_id", ForeignKey("instance.id"), nullable=False, index=True),
    Column("token", String(40), nullable=False, comment="the engine's id of this task within the instance"),
    Column("scope", String(80), nullable=False, comment="process the node belongs to; differs inside a call activity"),
    Column("node", String(80), nullable=False, comment="BPMN element id"),
    Column("name", String(120), nullable=False),
    Column("role", String(40), nullable=False),
    Column("department", String(40), comment="empty: anyone in the bureau with the role"),
    Column("assignee_id", ForeignKey("account.id")),
    Column("excluded", Json, nullable=False, comment="account ids that may not do it (four eyes)"),
    Column("form", String(80), nullable=False),
    Column("state", String(10), nullable=False, comment="open, held (incident), done or cancelled"),
    Column("why", Json, nullable=False, comment="lane, and the table row that sent it here"),
    Column("created_at", Instant, nullable=False),
    Column("claimed_at", Instant),
    Column("due_on", Date),
    Column("completed_at", Instant),
    Column("completed_by", ForeignKey("account.id")),
    Column("on_behalf_of", ForeignKey("account.id")),
    Column("outcome", String(80)),
    Index("ix_task_assignee", "state", "assignee_id", "due_on"),
    Index("ix_task_pool", "state", "role", "department", "due_on"),
    Index("ix_task_done", "completed_by", "completed_at"),
)

submission = Table(
    "submission",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("instance_id", ForeignKey("instance.id"), nullable=False, index=True),
    Column("task_id", ForeignKey("task.id"), nullable=False),
    Column("values", Json, nullable=False, comment="what was submitted, by field key; never changed"),
    Column("submitted_by", ForeignKey("account.id"), nullable=False),
    Column("submitted_at", Instant, nullable=False),
)

draft = Table(
    "draft",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False),
    Column("subject", String(100), nullable=False, comment="task:<id> or start:<process>"),
    Column("values", Json, nullable=False),
    Column("saved_at", Instant, nullable=False),
    UniqueConstraint("account_id", "subject"),
)

clock = Table(
    "clock",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("instance_id", ForeignKey("instance.id"), nullable=False, index=True),
    Column("task_id", ForeignKey("task.id")),
    Column("code", String(40), nullable=False),
    Column("name", String(80), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("amount", Integer, nullable=False),
    Column("unit", String(2), nullable=False, comment="WD or CD"),
    Column("due_on", Date),
    Column("provisional", Boolean, nullable=False),
    Column("state", String(10), nullable=False, comment="running, paused, met or missed"),
    Column("stopped_at", Instant),
    Column("basis", Text, nullable=False),
    Column("token", String(40), comment="the engine's id of the activity or timer that the limit runs with"),
    Column("rule_set", String(20), nullable=False, server_default=""),
    Column("roll", String(12), nullable=False, server_default="non-working"),
    Column("kind", String(10), nullable=False, server_default="legal", comment="legal, or target: the house's own"),
    Column("extended", Integer, nullable=False, server_default="0", comment="days added to the amount by extensions"),
    Index("ix_clock_state", "state", "due_on"),
)

clock_notice = Table(
    "clock_notice",
    metadata,
    Column("clock_id", ForeignKey("clock.id"), primary_key=True),
    Column("level", Integer, primary_key=True, comment="of supervision; each is raised once per clock"),
    Column("raised_at", Instant, nullable=False),
)

pause = Table(
    "pause",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("instance_id", ForeignKey("instance.id"), nullable=False, index=True),
    Column("source_id", ForeignKey("instance.id"), comment="the case in which it was applied for and approved"),
    Column("reason", String(40), nullable=False),
    Column("stops", Json, nullable=False, comment="codes of the limits that rest"),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, comment="empty: still resting"),
    Column("document", Text, nullable=False),
    Column("approved_by", String(40), nullable=False),
    Column("recorded_at", Instant, nullable=False),
)

# --- between cases ----------------------------------------------------------------------------------------------------

case_link = Table(
    "case_link",
    metadata,
    Column("parent_id", ForeignKey("instance.id"), primary_key=True),
    Column("child_id", ForeignKey("instance.id"), primary_key=True, index=True),
    Column("kind", String(80), nullable=False, comment="message or procedure that made the link"),
    Column("linked_at", Instant, nullable=False),
)

post = Table(
    "post",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sender_id", ForeignKey("instance.id"), nullable=False, index=True),
    Column("name", String(80), nullable=False, comment="of the message"),
    Column("payload", Json, nullable=False),
    Column("actor_id", ForeignKey("account.id"), comment="empty: the system"),
    Column("sent_at", Instant, nullable=False),
    Column("delivered_at", Instant, index=True),
    Column("receivers", Json, comment="cases that got it, or were started by it"),
    Column("problem", Text, comment="why it could not be delivered"),
)

message = Table(
    "message",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("instance_id", ForeignKey("instance.id"), nullable=False, index=True),
    Column("name", String(80), nullable=False),
    Column("payload", Json, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("consumed_at", Instant),
)

incident = Table(
    "incident",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("instance_id", ForeignKey("instance.id"), nullable=False, index=True),
    Column("scope", String(80), nullable=False),
    Column("node", String(80), nullable=False),
    Column("node_name", String(120), nullable=False),
    Column("message", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("command", Json, nullable=False, comment="the command that failed, replayed by retry"),
    Column("attempts", Integer, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("resolved_at", Instant),
    Column("resolved_by", ForeignKey("account.id")),
)

# --- what happened ----------------------------------------------------------------------------------------------------

event = Table(
    "event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("instance_id", ForeignKey("instance.id"), nullable=False),
    Column("position", Integer, nullable=False, comment="1, 2, 3 ... per instance, no gaps"),
    Column("at", Instant, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("actor_id", Integer, comment="empty: the system"),
    Column("actor_name", String(40), nullable=False),
    Column("on_behalf_of", String(40), comment="name of the absent person"),
    Column("task_id", Integer),
    Column("scope", String(80)),
    Column("node", String(80)),
    Column("node_name", String(120)),
    Column("outcome", String(80)),
    Column("comment", Text),
    Column("detail", Json, nullable=False, comment="path walked, decisions taken, and what the kind needs"),
    Column("hash", String(64), nullable=False),
    UniqueConstraint("instance_id", "position"),
)

counter = Table(
    "counter",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("value", Integer, nullable=False),
    Column("seal", String(64), nullable=False, comment="keyed hash over name and value"),
)

# --- papers -----------------------------------------------------------------------------------------------------------

attachment = Table(
    "attachment",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("instance_id", ForeignKey("instance.id"), index=True, comment="empty until the form is submitted"),
    Column("task_id", ForeignKey("task.id")),
    Column("field", String(80), nullable=False),
    Column("filename", String(200), nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("size", Integer, nullable=False, comment="bytes"),
    Column("sha256", String(64), nullable=False),
    Column("uploaded_by", ForeignKey("account.id"), nullable=False),
    Column("uploaded_at", Instant, nullable=False),
)

_PENDING = text("state = 'pending'")

letter = Table(
    "letter",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("instance_id", ForeignKey("instance.id"), nullable=False, index=True),
    Column("definition_id", ForeignKey("definition.id"), nullable=False, comment="the template version"),
    Column("template", String(80), nullable=False),
    Column("title", String(120), nullable=False),
    Column("number", String(80), nullable=False, unique=True, comment="文号"),
    Column("context", Json, nullable=False, comment="snapshot of the values at issue"),
    Column("state", String(10), nullable=False, comment="pending, ready or failed"),
    Column("error", Text),
    Column("sha256", String(64)),
    Column("issued_at", Instant, nullable=False),
    Column("rendered_at", Instant),
    # Of all letters ever issued only those that wait: it stays nearly empty.
    Index("ix_letter_pending", "issued_at", sqlite_where=_PENDING, postgresql_where=_PENDING),
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("letter_id", ForeignKey("letter.id"), nullable=False, index=True),
    Column("recipient", String(80), nullable=False),
    Column("way", String(20), nullable=False),
    Column("delivered_on", Date, nullable=False),
    Column("proof", Text, nullable=False, comment="waybill number, signature, screenshot ..."),
    Column("recorded_by", ForeignKey("account.id"), nullable=False),
    Column("recorded_at", Instant, nullable=False),
)

# --- the register of complaints and reports ---------------------------------------------------------------------------

register = Table(
    "register",
    metadata,
    Column("instance_id", ForeignKey("instance.id"), primary_key=True),
    Column("case_type", String(20), nullable=False, server_default=""),
    Column("channel", String(40), nullable=False, server_default=""),
    Column("source", String(40), nullable=False, server_default="", comment="export that it was imported from"),
    Column("source_number", String(80), comment="number there; one case per source and number"),
    Column("received_at", Instant, nullable=False),
    Column("person_digest", String(64), comment="keyed hash of the person's telephone or identity number"),
    Column("respondent", String(200), nullable=False, server_default=""),
    Column(
        "respondent_key", String(200), nullable=False, server_default="", index=True, comment="name, made comparable"
    ),
    Column("respondent_code", String(18), nullable=False, server_default="", index=True),
    Column("order_no", String(80), nullable=False, server_default="", index=True),
    Column(
        "platform_no", String(80), nullable=False, server_default="", index=True, comment="of the national platform"
    ),
    Column("category", String(40), nullable=False, server_default=""),
    Column("unit", String(40), nullable=False, server_default="", index=True),
    UniqueConstraint("source", "source_number"),
    Index("ix_register_received", "received_at"),
    Index("ix_register_person", "person_digest"),
)

personal = Table(
    "personal",
    metadata,
    Column("instance_id", ForeignKey("instance.id"), primary_key=True),
    Column("field", String(80), primary_key=True, comment="field key; the facts hold only the masked text"),
    Column("value", Text, nullable=False),
    Column("masked", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
)

personal_view = Table(
    "personal_view",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("instance_id", ForeignKey("instance.id"), nullable=False, index=True),
    Column("account_id", ForeignKey("account.id"), nullable=False),
    Column("fields", Json, nullable=False),
    Column("purpose", String(200), nullable=False),
    Column("viewed_at", Instant, nullable=False),
)

import_source = Table(
    "import_source",
    metadata,
    Column("code", String(40), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("mapping", Json, nullable=False, comment="field key to column heading, and what the words there mean"),
    Column("changed_by", ForeignKey("account.id")),
    Column("changed_at", Instant, nullable=False),
)

import_run = Table(
    "import_run",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", ForeignKey("import_source.code"), nullable=False),
    Column("filename", String(200), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("added", Integer, nullable=False),
    Column("known", Integer, nullable=False),
    Column("bad", Integer, nullable=False),
    Column("duplicates", Integer, nullable=False, server_default="0", comment="new rows that may tell of a known case"),
    Column("state", String(10), nullable=False, comment="checking, checked, running, done or failed"),
    Column("problem", Text, comment="why the file as a whole could not be taken"),
    Column("report", Json, comment="first rows, masked, and the reasons of the first bad ones"),
    Column("rejects", String(64), comment="SHA-256 of the file with the bad rows"),
    Column("started_by", ForeignKey("account.id"), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
)

register_export = Table(
    "register_export",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False),
    Column("filters", Json, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("exported_at", Instant, nullable=False),
)

calendar_day = Table(
    "calendar_day",
    metadata,
    Column("day", Date, primary_key=True),
    Column("working", Boolean, nullable=False),
    Column("name", String(40), nullable=False),
    Column("reason", Text, nullable=False),
    Column("set_by", ForeignKey("account.id"), nullable=False),
    Column("set_at", Instant, nullable=False),
)
