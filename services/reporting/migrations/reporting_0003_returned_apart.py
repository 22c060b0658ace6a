"""Returned tasks that do not count as incomplete, and what may be published.

Intervals of before are set to what the regulation of Decision 69/2019/QĐ-UBND says of returned tasks, and
count as classified until `replay tasks` has made them again: too little is published rather than too much.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "reporting_0003"
down_revision = "reporting_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, default in (("apart", sa.false()), ("classified", sa.true())):
        op.add_column(
            "task_interval", sa.Column(name, sa.Boolean(), nullable=False, server_default=default)
        )
    op.execute("UPDATE task_interval SET apart = returned")


def downgrade() -> None:
    op.drop_column("task_interval", "classified")
    op.drop_column("task_interval", "apart")
