"""The kernel's tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "kernel_0001"
down_revision = None
branch_labels = ("kernel",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agency",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("parent_display_name", sa.Text(), nullable=False),
        sa.Column("abbreviation", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("aliases", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("successor_display_name", sa.Text(), nullable=False),
        sa.Column("successor", sa.Text(), nullable=True),
        sa.Column("assignable", sa.Boolean(), nullable=False),
        sa.Column("connected", sa.Boolean(), nullable=False),
        sa.Column("officer_subject", sa.Text(), nullable=False),
        sa.Column("officer_email", sa.Text(), nullable=False),
        sa.Column("officer_placeholder", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_agency")),
    )
    op.create_index("ix_agency_parent", "agency", ["parent"], unique=False)
    op.create_table(
        "answer",
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("request_id", sa.UUID(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("response", sa.LargeBinary(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("caller", "request_id", name=op.f("pk_answer")),
    )
    op.create_table(
        "audit",
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("fields", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("digests", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("trace_id", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit")),
    )
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "calendar_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_calendar_state_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_state")),
    )
    op.create_table(
        "clock",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("profile_version", sa.Integer(), nullable=False),
        sa.Column("owed_by", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stated_due", sa.Date(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=False),
        sa.Column("length_ground", sa.Text(), nullable=False),
        sa.Column("calendar_version", sa.BigInteger(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("classified", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock")),
    )
    op.create_index("ix_clock_due", "clock", ["due_at", "id"], unique=False)
    op.create_index("ix_clock_owner", "clock", ["owner"], unique=False)
    op.create_index(
        "ix_clock_running",
        "clock",
        ["calendar_version"],
        unique=False,
        postgresql_where=sa.text("stopped_at IS NULL"),
    )
    op.create_index("ix_clock_subject", "clock", ["subject"], unique=False)
    op.create_table(
        "dead_letter",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("event", sa.LargeBinary(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("stream", "event_id", name=op.f("pk_dead_letter")),
    )
    op.create_table(
        "event_log",
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("aggregate", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.LargeBinary(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_event_log")),
        sa.UniqueConstraint("aggregate", "version", name=op.f("uq_event_log_aggregate_version")),
        sa.UniqueConstraint("id", name=op.f("uq_event_log_id")),
    )
    op.create_index(
        "ix_event_log_unpublished",
        "event_log",
        ["position"],
        unique=False,
        postgresql_where=sa.text("published_at IS NULL"),
    )
    op.create_table(
        "inbox",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("stream", "event_id", name=op.f("pk_inbox")),
    )
    op.create_table(
        "party",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "part IN ('LEAD','COORDINATING','MONITORING','SUBMITTING','CONCERNED')",
            name=op.f("ck_party_part"),
        ),
        sa.PrimaryKeyConstraint("subject", "agency", "part", name=op.f("pk_party")),
    )
    op.create_index("ix_party_agency", "party", ["agency", "subject"], unique=False)
    op.create_table(
        "relay_stream",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("stream", name=op.f("pk_relay_stream")),
    )
    op.create_table(
        "simulated_clock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("now", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_simulated_clock_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_simulated_clock")),
    )
    op.create_table(
        "clock_ledger",
        sa.Column("clock_id", sa.UUID(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("to_due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('STARTED','MOVED','STOPPED','REOPENED','VOIDED')",
            name=op.f("ck_clock_ledger_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["clock_id"], ["clock.id"], name=op.f("fk_clock_ledger_clock_id_clock")
        ),
        sa.PrimaryKeyConstraint("clock_id", "version", name=op.f("pk_clock_ledger")),
    )
    op.create_table(
        "rung",
        sa.Column("clock_id", sa.UUID(), nullable=False),
        sa.Column("rung", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("fire_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("skipped", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["clock_id"], ["clock.id"], name=op.f("fk_rung_clock_id_clock")),
        sa.PrimaryKeyConstraint("clock_id", "rung", "generation", "fire_at", name=op.f("pk_rung")),
    )
    op.create_index(
        "ix_rung_due",
        "rung",
        ["fire_at"],
        unique=False,
        postgresql_where=sa.text("fired_at IS NULL AND revoked_at IS NULL AND NOT skipped"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_rung_due",
        table_name="rung",
        postgresql_where=sa.text("fired_at IS NULL AND revoked_at IS NULL AND NOT skipped"),
    )
    op.drop_table("rung")
    op.drop_table("clock_ledger")
    op.drop_table("simulated_clock")
    op.drop_table("relay_stream")
    op.drop_index("ix_party_agency", table_name="party")
    op.drop_table("party")
    op.drop_table("inbox")
    op.drop_index(
        "ix_event_log_unpublished",
        table_name="event_log",
        postgresql_where=sa.text("published_at IS NULL"),
    )
    op.drop_table("event_log")
    op.drop_table("dead_letter")
    op.drop_index("ix_clock_subject", table_name="clock")
    op.drop_index(
        "ix_clock_running", table_name="clock", postgresql_where=sa.text("stopped_at IS NULL")
    )
    op.drop_index("ix_clock_owner", table_name="clock")
    op.drop_index("ix_clock_due", table_name="clock")
    op.drop_table("clock")
    op.drop_table("calendar_state")
    op.drop_table("calendar_day")
    op.drop_table("audit")
    op.drop_table("answer")
    op.drop_index("ix_agency_parent", table_name="agency")
    op.drop_table("agency")
