"""The notice that a task was given what its document had lacked."""

from __future__ import annotations

from alembic import op

revision = "notify_0011"
down_revision = "notify_0010"
branch_labels = None
depends_on = None

_KINDS = (
    "kind IN ('FORWARDED', 'DUE_SOON', 'OVERDUE', 'UPDATE_MISSING', 'RETURNED', "
    "'EXTENSION_ASKED', 'EXTENSION_ANSWERED', 'CONFIRMED', 'SENT_BACK', 'OFFICE_LIMIT', "
    "'DUE_MOVED', 'MISSED_DIGEST', 'CALENDAR_DIGEST', 'CALENDAR_MISSING', 'REPORT_DUE', 'WITHDRAWN', "
    "'EXTENSION_WITHDRAWN', 'DUE_DATE_AMENDED'"
)
_TABLES = ("notice", "digest_entry")


def upgrade() -> None:
    _allow(f"{_KINDS}, 'SUPPLEMENTED')")


def downgrade() -> None:
    told = "SELECT id FROM notice WHERE kind = 'SUPPLEMENTED'"
    op.execute(f"DELETE FROM delivery WHERE notice_id IN ({told})")  # noqa: S608
    op.execute("DELETE FROM notice WHERE kind = 'SUPPLEMENTED'")
    op.execute("DELETE FROM digest_entry WHERE kind = 'SUPPLEMENTED'")
    _allow(f"{_KINDS})")


def _allow(kinds: str) -> None:
    for table in _TABLES:
        op.drop_constraint(op.f(f"ck_{table}_kind"), table)
        op.create_check_constraint(op.f(f"ck_{table}_kind"), table, kinds)
