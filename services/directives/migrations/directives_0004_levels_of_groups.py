"""Groups of all agencies of a level."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "directives_0004"
down_revision = "directives_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "agency_group",
        sa.Column("levels", ARRAY(sa.Text()), nullable=False, server_default="{}"),
    )


def downgrade() -> None:
    op.drop_column("agency_group", "levels")
