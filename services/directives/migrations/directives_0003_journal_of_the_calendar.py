"""The journal of edits of the calendar."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "directives_0003"
down_revision = "directives_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_edit",
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("editor", sa.Text(), nullable=False),
        sa.Column("editor_agency", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("documents", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("stopped_too", sa.Boolean(), nullable=False),
        sa.Column("undoes", sa.BigInteger(), nullable=True),
        sa.Column("undone_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["undoes"],
            ["calendar_edit.version"],
            name=op.f("fk_calendar_edit_undoes_calendar_edit"),
        ),
        sa.ForeignKeyConstraint(
            ["undone_by"],
            ["calendar_edit.version"],
            name=op.f("fk_calendar_edit_undone_by_calendar_edit"),
        ),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_calendar_edit")),
    )
    op.create_table(
        "calendar_edit_day",
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind_before", sa.Text(), nullable=True),
        sa.Column("title_before", sa.Text(), nullable=True),
        sa.Column("document_before", sa.Text(), nullable=True),
        sa.Column("status_before", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["version"],
            ["calendar_edit.version"],
            name=op.f("fk_calendar_edit_day_version_calendar_edit"),
        ),
        sa.PrimaryKeyConstraint("version", "day", name=op.f("pk_calendar_edit_day")),
    )
    op.create_index("ix_calendar_edit_day_day", "calendar_edit_day", ["day", "version"])


def downgrade() -> None:
    op.drop_index("ix_calendar_edit_day_day", table_name="calendar_edit_day")
    op.drop_table("calendar_edit_day")
    op.drop_table("calendar_edit")
