"""Tables of directives."""

# ruff: noqa: E501 (closed lists are long)

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "directives_0001"
down_revision = None
branch_labels = ("directives",)
depends_on = "kernel_0001"


def upgrade() -> None:
    op.create_table(
        "agency_group",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("kinds", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("members", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_agency_group")),
    )
    op.create_table(
        "directive",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("secrecy", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("normative", sa.Boolean(), nullable=False),
        sa.Column("issue_date", sa.Date(), nullable=False),
        sa.Column("issuing_authority", sa.Text(), nullable=False),
        sa.Column("abstract", sa.Text(), nullable=True),
        sa.Column("signer", sa.Text(), nullable=False),
        sa.Column("signer_title", sa.Text(), nullable=True),
        sa.Column("submitting_agency", sa.Text(), nullable=False),
        sa.Column("submission_reference", sa.Text(), nullable=True),
        sa.Column("monitoring_agency", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("legal_bases", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("other_information", sa.Text(), nullable=True),
        sa.Column("intake", sa.Text(), nullable=False),
        sa.Column("generated", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("consulted", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("forwarded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("intake_clock", sa.UUID(), nullable=True),
        sa.Column("gaps", sa.Integer(), nullable=False),
        sa.Column("as_entered", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "intake IN ('OFFICE','SHARED_SYSTEM','EDXML','SPREADSHEET')",
            name=op.f("ck_directive_intake"),
        ),
        sa.CheckConstraint(
            "issuing_authority IN ('PEOPLES_COMMITTEE','CHAIRMAN')",
            name=op.f("ck_directive_issuing_authority"),
        ),
        sa.CheckConstraint(
            "kind IN ('RESOLUTION','DECISION','INSTRUCTION','REGULATION','RULES','COMMUNIQUE','NOTICE','GUIDANCE','PROGRAMME','PLAN','SCHEME_OF_ACTION','SCHEME','PROJECT','REPORT','SUBMISSION','TELEGRAM','LETTER','CONCLUSION')",
            name=op.f("ck_directive_kind"),
        ),
        sa.CheckConstraint(
            "origin IN ('PROVINCE','GOVERNMENT','GOVERNMENT_OFFICE','CENTRAL_MINISTRY','PROVINCIAL_PARTY_STANDING_BOARD')",
            name=op.f("ck_directive_origin"),
        ),
        sa.CheckConstraint(
            "secrecy = 'NONE' OR (abstract IS NULL AND signer_title IS NULL AND submission_reference IS NULL AND legal_bases IS NULL AND other_information IS NULL)",
            name=op.f("ck_directive_no_content"),
        ),
        sa.CheckConstraint(
            "secrecy = 'NONE' OR intake = 'OFFICE'", name=op.f("ck_directive_carried")
        ),
        sa.CheckConstraint(
            "secrecy IN ('NONE','CONFIDENTIAL','SECRET','TOP_SECRET')",
            name=op.f("ck_directive_secrecy"),
        ),
        sa.CheckConstraint(
            "state IN ('ENTERED','FORWARDED','NO_TASK')", name=op.f("ck_directive_state")
        ),
        sa.CheckConstraint(
            "urgency IN ('NONE','URGENT','VERY_URGENT','EXPRESS')",
            name=op.f("ck_directive_urgency"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directive")),
        sa.UniqueConstraint("id", "secrecy", name=op.f("uq_directive_id_secrecy")),
        sa.UniqueConstraint("key", name=op.f("uq_directive_key")),
    )
    op.create_index(
        "ix_directive_issued",
        "directive",
        [sa.literal_column("issue_date DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index("ix_directive_number", "directive", ["number"], unique=False)
    op.create_index(
        "ix_directive_with_gaps",
        "directive",
        [sa.literal_column("issue_date DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("gaps > 0"),
    )
    op.create_table(
        "directive_attachment",
        sa.Column("directive_id", sa.UUID(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("secrecy", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("date", sa.Date(), nullable=True),
        sa.Column("uri", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "secrecy = 'NONE' OR (uri IS NULL AND title IS NULL)",
            name=op.f("ck_directive_attachment_no_content"),
        ),
        sa.ForeignKeyConstraint(
            ["directive_id", "secrecy"],
            ["directive.id", "directive.secrecy"],
            name=op.f("fk_directive_attachment_directive_id_secrecy_directive"),
        ),
        sa.PrimaryKeyConstraint("directive_id", "position", name=op.f("pk_directive_attachment")),
    )
    op.create_table(
        "directive_item",
        sa.Column("directive_id", sa.UUID(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("secrecy", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("limit_class", sa.Text(), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("cadence", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("limit_in_words", sa.Text(), nullable=True),
        sa.Column("addressed_groups", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("unresolved_coordinators", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("source_place", sa.Text(), nullable=True),
        sa.Column("written_report", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "cadence IN ('UNSPECIFIED','MONTHLY','QUARTERLY','HALF_YEARLY','YEARLY')",
            name=op.f("ck_directive_item_cadence"),
        ),
        sa.CheckConstraint(
            "limit_class IN ('UNSPECIFIED','WITH_LIMIT','WITHOUT_LIMIT')",
            name=op.f("ck_directive_item_limit_class"),
        ),
        sa.CheckConstraint(
            "origin IN ('UNSPECIFIED','PROVINCE','GOVERNMENT','GOVERNMENT_OFFICE','CENTRAL_MINISTRY','PROVINCIAL_PARTY_STANDING_BOARD')",
            name=op.f("ck_directive_item_origin"),
        ),
        sa.CheckConstraint(
            "purpose IN ('UNSPECIFIED','REPORT','SUBMIT','COMPLETE')",
            name=op.f("ck_directive_item_purpose"),
        ),
        sa.CheckConstraint(
            "secrecy = 'NONE' OR (content IS NULL AND limit_in_words IS NULL AND addressed_groups IS NULL AND unresolved_coordinators IS NULL AND source_place IS NULL)",
            name=op.f("ck_directive_item_no_content"),
        ),
        sa.ForeignKeyConstraint(
            ["directive_id", "secrecy"],
            ["directive.id", "directive.secrecy"],
            name=op.f("fk_directive_item_directive_id_secrecy_directive"),
        ),
        sa.PrimaryKeyConstraint("directive_id", "ordinal", name=op.f("pk_directive_item")),
    )
    op.create_table(
        "directive_item_agency",
        sa.Column("directive_id", sa.UUID(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("task", sa.UUID(), nullable=True),
        sa.CheckConstraint(
            "part IN ('LEAD','COORDINATING','CONCERNED')",
            name=op.f("ck_directive_item_agency_part"),
        ),
        sa.CheckConstraint(
            "task IS NULL OR part = 'LEAD'", name=op.f("ck_directive_item_agency_task")
        ),
        sa.ForeignKeyConstraint(
            ["directive_id", "ordinal"],
            ["directive_item.directive_id", "directive_item.ordinal"],
            name=op.f("fk_directive_item_agency_directive_id_ordinal_directive_item"),
        ),
        sa.PrimaryKeyConstraint(
            "directive_id", "ordinal", "part", "agency", name=op.f("pk_directive_item_agency")
        ),
    )


def downgrade() -> None:
    op.drop_table("directive_item_agency")
    op.drop_table("directive_item")
    op.drop_table("directive_attachment")
    op.drop_index(
        "ix_directive_with_gaps", table_name="directive", postgresql_where=sa.text("gaps > 0")
    )
    op.drop_index("ix_directive_number", table_name="directive")
    op.drop_index("ix_directive_issued", table_name="directive")
    op.drop_table("directive")
    op.drop_table("agency_group")
