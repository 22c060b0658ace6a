"""Tasks that were given before the software was there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "tasks_0002"
down_revision = "tasks_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("task", sa.Column("cut_over", sa.DateTime(timezone=True), nullable=True))
    # With a default, so that a replica of the release before can still write its tasks.
    op.add_column("task", sa.Column("history", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("task", "history")
    op.drop_column("task", "cut_over")
