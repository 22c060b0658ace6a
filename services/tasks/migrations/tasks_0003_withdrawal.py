"""Tasks that are withdrawn, alone or with their directive."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "tasks_0003"
down_revision = "tasks_0002"
branch_labels = None
depends_on = None

_TEXTS = (
    "withdrawn_by",
    "withdrawal_reason",
    "withdrawal_number",
    "withdrawal_symbol",
    "withdrawal_uri",
    "withdrawal_sha256",
    "withdrawal_media_type",
    "withdrawal_title",
    "superseded_by",
)
_CHECKS = {
    "no_content_of_withdrawal": "secrecy = 'NONE' OR (withdrawal_reason IS NULL AND "
    "withdrawal_uri IS NULL AND withdrawal_title IS NULL)",
    "withdrawal": "(state = 'WITHDRAWN') = (withdrawn_at IS NOT NULL)",
}


def upgrade() -> None:
    op.add_column("task", sa.Column("withdrawn_at", sa.DateTime(timezone=True)))
    op.add_column("task", sa.Column("withdrawal_date", sa.Date()))
    for name in _TEXTS:
        op.add_column("task", sa.Column(name, sa.Text()))
    for name, condition in _CHECKS.items():
        op.create_check_constraint(op.f(f"ck_task_{name}"), "task", condition)


def downgrade() -> None:
    for name in _CHECKS:
        op.drop_constraint(op.f(f"ck_task_{name}"), "task")
    for column in (*_TEXTS, "withdrawal_date", "withdrawn_at"):
        op.drop_column("task", column)
