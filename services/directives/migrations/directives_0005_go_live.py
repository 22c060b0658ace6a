"""Directives that were forwarded before the software was there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "directives_0005"
down_revision = "directives_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("directive", sa.Column("cut_over_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("directive", "cut_over_at")
