"""Mails of notices that are not true any more are not sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "notify_0009"
down_revision = "notify_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "delivery",
        sa.Column("withdrawn", sa.Boolean(), nullable=False, server_default=sa.text("false")),
    )
    op.execute(
        "UPDATE delivery SET withdrawn = true FROM notice "
        "WHERE notice.id = delivery.notice_id AND notice.withdrawn_at IS NOT NULL"
    )
    _index_what_is_due("next_attempt_at IS NOT NULL AND NOT withdrawn")


def downgrade() -> None:
    _index_what_is_due("next_attempt_at IS NOT NULL")
    op.drop_column("delivery", "withdrawn")


def _index_what_is_due(where: str) -> None:
    op.drop_index("ix_delivery_due", "delivery")
    op.create_index(
        "ix_delivery_due", "delivery", ["next_attempt_at"], postgresql_where=sa.text(where)
    )
