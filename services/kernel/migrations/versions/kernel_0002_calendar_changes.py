"""Edits of the calendar, as clocks need them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "kernel_0002"
down_revision = "kernel_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_change",
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("days", postgresql.ARRAY(sa.Date()), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("stopped_too", sa.Boolean(), nullable=False),
        sa.Column("stopped_pending", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_calendar_change")),
    )


def downgrade() -> None:
    op.drop_table("calendar_change")
