"""Digests: several events told to one agency in one notice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "notify_0002"
down_revision = "notify_0001"
branch_labels = None
depends_on = None

_KINDS = (
    "kind IN ('FORWARDED', 'DUE_SOON', 'OVERDUE', 'UPDATE_MISSING', 'RETURNED', "
    "'EXTENSION_ASKED', 'EXTENSION_ANSWERED', 'CONFIRMED', 'SENT_BACK', 'OFFICE_LIMIT'"
)
_NEW_KINDS = f"{_KINDS}, 'DUE_MOVED', 'MISSED_DIGEST', 'CALENDAR_DIGEST')"


def upgrade() -> None:
    op.alter_column("notice", "event", nullable=True)
    op.drop_constraint(op.f("ck_notice_kind"), "notice")
    op.create_check_constraint(op.f("ck_notice_kind"), "notice", _NEW_KINDS)
    op.create_table(
        "digest",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("send_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("traceparent", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('MISSED', 'CALENDAR')", name=op.f("ck_digest_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest")),
    )
    op.create_index(
        "uq_digest_waiting",
        "digest",
        ["agency", "kind", "key"],
        unique=True,
        postgresql_where=sa.text("told_at IS NULL"),
    )
    op.create_index(
        "ix_digest_due", "digest", ["send_at"], postgresql_where=sa.text("told_at IS NULL")
    )
    op.create_table(
        "digest_entry",
        sa.Column("event", sa.UUID(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("digest_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("classified", sa.Boolean(), nullable=False),
        sa.Column("document_code", sa.Text(), nullable=False),
        sa.Column("issue_date", sa.Date(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "NOT classified OR words IS NULL",
            name=op.f("ck_digest_entry_classified_without_content"),
        ),
        sa.CheckConstraint(
            "NOT classified OR document_code ~ '^[^\\s]{0,60}$'",
            name=op.f("ck_digest_entry_classified_document_code"),
        ),
        sa.CheckConstraint(_NEW_KINDS, name=op.f("ck_digest_entry_kind")),
        sa.ForeignKeyConstraint(
            ["digest_id"], ["digest.id"], name=op.f("fk_digest_entry_digest_id_digest")
        ),
        sa.PrimaryKeyConstraint("event", "agency", name=op.f("pk_digest_entry")),
    )
    op.create_index("ix_digest_entry_digest", "digest_entry", ["digest_id"])


def downgrade() -> None:
    op.drop_table("digest_entry")
    op.drop_table("digest")
    op.execute(
        "DELETE FROM delivery WHERE notice_id IN (SELECT id FROM notice WHERE event IS NULL)"
    )
    op.execute("DELETE FROM notice WHERE event IS NULL")
    op.drop_constraint(op.f("ck_notice_kind"), "notice")
    op.create_check_constraint(op.f("ck_notice_kind"), "notice", f"{_KINDS})")
    op.alter_column("notice", "event", nullable=False)
