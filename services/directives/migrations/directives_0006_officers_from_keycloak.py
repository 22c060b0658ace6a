"""The last good copy of officers in charge, and how reading them goes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "directives_0006"
down_revision = "directives_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "officer_copy",
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("gap", sa.Text(), nullable=False),
        sa.Column("several", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("agency", name=op.f("pk_officer_copy")),
    )
    op.create_table(
        "officer_reading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failed_attempts", sa.Integer(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_officer_reading_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officer_reading")),
    )


def downgrade() -> None:
    op.drop_table("officer_reading")
    op.drop_table("officer_copy")
