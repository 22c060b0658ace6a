"""Clocks, their rungs and ledger, and the calendar: in each service for its own subjects."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from services.kernel.runtime.tables import INSTANT, metadata

__all__ = [
    "calendar_change",
    "calendar_day",
    "calendar_state",
    "clock",
    "clock_ledger",
    "metadata",
    "rung",
    "trace_outbox",
]

clock = Table(
    "clock",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("subject", Text, nullable=False),
    # The object whose parties see it: the task of an extension's clock, else the subject itself.
    Column("owner", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("profile", Text, nullable=False),
    Column("profile_version", Integer, nullable=False),
    Column("owed_by", Text, nullable=False),
    Column("started_at", INSTANT, nullable=False),
    Column("stated_due", Date),
    Column("due_at", INSTANT, nullable=False),
    Column("act_at", INSTANT),
    Column("stopped_at", INSTANT),
    Column("void_reason", Text, nullable=False),
    Column("length_ground", Text, nullable=False),
    Column("calendar_version", BigInteger, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("classified", Boolean, nullable=False),
    # Go-live with old tasks: nothing is said of what was due before it.
    Column("cut_over", INSTANT),
    Index("ix_clock_subject", "subject"),
    Index("ix_clock_owner", "owner"),
    Index("ix_clock_due", "due_at", "id"),
    Index(
        "ix_clock_running",
        "calendar_version",
        postgresql_where=text("stopped_at IS NULL"),
    ),
)

clock_ledger = Table(
    "clock_ledger",
    metadata,
    Column("clock_id", ForeignKey("clock.id"), primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("generation", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", INSTANT, nullable=False),
    Column("from_due", INSTANT),
    Column("to_due", INSTANT),
    Column("ground", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("actor", Text, nullable=False),
    # The act that stopped the clock, as known after this entry.
    Column("act_at", INSTANT),
    CheckConstraint("kind IN ('STARTED','MOVED','STOPPED','REOPENED','VOIDED')", name="kind"),
)

rung = Table(
    "rung",
    metadata,
    Column("clock_id", ForeignKey("clock.id"), primary_key=True),
    Column("rung", Text, primary_key=True),
    Column("generation", Integer, primary_key=True),
    Column("fire_at", INSTANT, primary_key=True),
    Column("fired_at", INSTANT),
    Column("revoked_at", INSTANT),
    Column("skipped", Boolean, nullable=False),
    # How often it was revoked or restored after it had fired: versions of its events after the first.
    Column("changes", Integer, nullable=False, server_default="0"),
    Index(
        "ix_rung_due",
        "fire_at",
        postgresql_where=text("fired_at IS NULL AND revoked_at IS NULL AND NOT skipped"),
    ),
)

# Legal traces that wait for the OTLP receiver: a row for each occasion, gone when it was taken.
trace_outbox = Table(
    "trace_outbox",
    metadata,
    Column("position", BigInteger, Identity(always=True), primary_key=True),
    # The task or directive whose trace is to be sent.
    Column("subject", Text, nullable=False),
    Column("queued_at", INSTANT, nullable=False),
    # Whoever sends it has it until then; real time.
    Column("not_before", INSTANT, nullable=False),
)

# Days that differ from the ordinary week.
calendar_day = Table(
    "calendar_day",
    metadata,
    Column("day", Date, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("status", Text, nullable=False),
)

calendar_state = Table(
    "calendar_state",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="single"),
)

# Edits so far, as clocks need them: which document moved them, and whether stopped ones move too.
calendar_change = Table(
    "calendar_change",
    metadata,
    Column("version", BigInteger, primary_key=True),
    Column("days", ARRAY(Date), nullable=False),
    Column("document", Text, nullable=False),
    Column("stopped_too", Boolean, nullable=False),
    # Stopped clocks still have to be looked at for this edit.
    Column("stopped_pending", Boolean, nullable=False),
)
