"""The level of assignees of an agency, where it is another than its kind tells."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "kernel_0003"
down_revision = "kernel_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The default serves replicas of the release before, which do not name the column.
    op.add_column("agency", sa.Column("level", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("agency", "level")
