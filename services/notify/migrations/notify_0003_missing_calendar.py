"""The notice that the next year's holidays are missing."""

from __future__ import annotations

from alembic import op

revision = "notify_0003"
down_revision = "notify_0002"
branch_labels = None
depends_on = None

_KINDS = (
    "kind IN ('FORWARDED', 'DUE_SOON', 'OVERDUE', 'UPDATE_MISSING', 'RETURNED', "
    "'EXTENSION_ASKED', 'EXTENSION_ANSWERED', 'CONFIRMED', 'SENT_BACK', 'OFFICE_LIMIT', "
    "'DUE_MOVED', 'MISSED_DIGEST', 'CALENDAR_DIGEST'"
)
_TABLES = ("notice", "digest_entry")


def upgrade() -> None:
    _allow(f"{_KINDS}, 'CALENDAR_MISSING')")


def downgrade() -> None:
    op.execute(
        "DELETE FROM delivery WHERE notice_id IN "
        "(SELECT id FROM notice WHERE kind = 'CALENDAR_MISSING')"
    )
    op.execute("DELETE FROM notice WHERE kind = 'CALENDAR_MISSING'")
    _allow(f"{_KINDS})")


def _allow(kinds: str) -> None:
    for table in _TABLES:
        op.drop_constraint(op.f(f"ck_{table}_kind"), table)
        op.create_check_constraint(op.f(f"ck_{table}_kind"), table, kinds)
