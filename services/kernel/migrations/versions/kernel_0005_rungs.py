"""What was said can be taken back, and old tasks brought in are silent about the past."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "kernel_0005"
down_revision = "kernel_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("clock", sa.Column("cut_over", sa.DateTime(timezone=True), nullable=True))
    # With a default, so that a replica of the release before can still write its rungs.
    op.add_column(
        "rung", sa.Column("changes", sa.Integer(), nullable=False, server_default=sa.text("0"))
    )


def downgrade() -> None:
    op.drop_column("rung", "changes")
    op.drop_column("clock", "cut_over")
