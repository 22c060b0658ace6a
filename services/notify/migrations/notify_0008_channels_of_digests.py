"""Through which channels a digest is told: the profile says where reminders go."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "notify_0008"
down_revision = "notify_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    everywhere = sa.text("'{INBOX,EMAIL}'")
    op.add_column(
        "digest",
        sa.Column("channels", ARRAY(sa.Text()), nullable=False, server_default=everywhere),
    )


def downgrade() -> None:
    op.drop_column("digest", "channels")
