"""The instant of issue, from which limits in hours count, and the form in which tasks were assigned."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "directives_0002"
down_revision = "directives_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("directive", sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True))
    # The default serves replicas of the release before, which do not name the column.
    op.add_column(
        "directive", sa.Column("source", sa.Text(), nullable=False, server_default="DOCUMENT")
    )
    op.create_check_constraint(
        op.f("ck_directive_source"), "directive", "source IN ('DOCUMENT','ORAL_CONCLUSION')"
    )


def downgrade() -> None:
    op.drop_column("directive", "source")
    op.drop_column("directive", "issued_at")
