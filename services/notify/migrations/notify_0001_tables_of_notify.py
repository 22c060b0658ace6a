"""Tables of notify."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "notify_0001"
down_revision = None
branch_labels = ("notify",)
depends_on = "kernel_0001"


def upgrade() -> None:
    op.create_table(
        "matter",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("classified", sa.Boolean(), nullable=False),
        sa.Column("document_code", sa.Text(), nullable=False),
        sa.Column("issue_date", sa.Date(), nullable=True),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("monitoring", sa.Text(), nullable=False),
        sa.Column("abstract", sa.Text(), nullable=True),
        sa.Column("content", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "NOT classified OR document_code ~ '^[^\\s]{0,60}$'",
            name=op.f("ck_matter_classified_document_code"),
        ),
        sa.CheckConstraint(
            "NOT classified OR (abstract IS NULL AND content IS NULL)",
            name=op.f("ck_matter_classified_without_content"),
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_matter")),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("event", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("classified", sa.Boolean(), nullable=False),
        sa.Column("document_code", sa.Text(), nullable=False),
        sa.Column("issue_date", sa.Date(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "NOT classified OR document_code ~ '^[^\\s]{0,60}$'",
            name=op.f("ck_notice_classified_document_code"),
        ),
        sa.CheckConstraint(
            "kind IN ('FORWARDED', 'DUE_SOON', 'OVERDUE', 'UPDATE_MISSING', 'RETURNED', "
            "'EXTENSION_ASKED', 'EXTENSION_ANSWERED', 'CONFIRMED', 'SENT_BACK', 'OFFICE_LIMIT')",
            name=op.f("ck_notice_kind"),
        ),
        sa.CheckConstraint(
            "NOT classified OR (title IS NULL AND body IS NULL)",
            name=op.f("ck_notice_classified_without_content"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("event", "agency", name=op.f("uq_notice_event_agency")),
    )
    op.create_index("ix_notice_agency", "notice", ["agency", "occurred_at", "id"], unique=False)
    op.create_index(
        "ix_notice_unread",
        "notice",
        ["agency", "occurred_at", "id"],
        unique=False,
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_table(
        "waiting_event",
        sa.Column("waits_for", sa.Text(), nullable=False),
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.Column("event", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("waits_for", "event_id", name=op.f("pk_waiting_event")),
    )
    op.create_table(
        "delivery",
        sa.Column("notice_id", sa.UUID(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("attempts_before", sa.Integer(), nullable=False),
        sa.Column("last_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("traceparent", sa.Text(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'DELIVERED') = (delivered_at IS NOT NULL)", name=op.f("ck_delivery_delivered")
        ),
        sa.CheckConstraint("channel IN ('INBOX', 'EMAIL')", name=op.f("ck_delivery_channel")),
        sa.CheckConstraint(
            "state IN ('QUEUED', 'DELIVERED', 'FAILED', 'UNCERTAIN', 'UNDELIVERABLE')",
            name=op.f("ck_delivery_state"),
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notice.id"], name=op.f("fk_delivery_notice_id_notice")
        ),
        sa.PrimaryKeyConstraint("notice_id", "channel", name=op.f("pk_delivery")),
    )
    op.create_index(
        "ix_delivery_due",
        "delivery",
        ["next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("next_attempt_at IS NOT NULL"),
    )
    op.create_index(
        "ix_delivery_queued", "delivery", ["queued_at", "notice_id", "channel"], unique=False
    )
    op.create_index(
        "ix_delivery_trouble",
        "delivery",
        ["state", "queued_at", "notice_id"],
        unique=False,
        postgresql_where=sa.text("state <> 'DELIVERED'"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_delivery_trouble",
        table_name="delivery",
        postgresql_where=sa.text("state <> 'DELIVERED'"),
    )
    op.drop_index("ix_delivery_queued", table_name="delivery")
    op.drop_index(
        "ix_delivery_due",
        table_name="delivery",
        postgresql_where=sa.text("next_attempt_at IS NOT NULL"),
    )
    op.drop_table("delivery")
    op.drop_table("waiting_event")
    op.drop_index(
        "ix_notice_unread", table_name="notice", postgresql_where=sa.text("read_at IS NULL")
    )
    op.drop_index("ix_notice_agency", table_name="notice")
    op.drop_table("notice")
    op.drop_table("matter")
