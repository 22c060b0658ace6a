"""Notices whose telling became untrue."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "notify_0004"
down_revision = "notify_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "taken_back",
        sa.Column("event", sa.UUID(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("event", name=op.f("pk_taken_back")),
    )
    for table in ("notice", "digest_entry"):
        op.add_column(table, sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for table in ("digest_entry", "notice"):
        op.drop_column(table, "withdrawn_at")
    op.drop_table("taken_back")
