"""The notice that a request for more time was taken back."""

from __future__ import annotations

from alembic import op

revision = "notify_0007"
down_revision = "notify_0006"
branch_labels = None
depends_on = None

_KINDS = (
    "kind IN ('FORWARDED', 'DUE_SOON', 'OVERDUE', 'UPDATE_MISSING', 'RETURNED', "
    "'EXTENSION_ASKED', 'EXTENSION_ANSWERED', 'CONFIRMED', 'SENT_BACK', 'OFFICE_LIMIT', "
    "'DUE_MOVED', 'MISSED_DIGEST', 'CALENDAR_DIGEST', 'CALENDAR_MISSING', 'REPORT_DUE', 'WITHDRAWN'"
)
_TABLES = ("notice", "digest_entry")


def upgrade() -> None:
    _allow(f"{_KINDS}, 'EXTENSION_WITHDRAWN')")


def downgrade() -> None:
    withdrawn = "SELECT id FROM notice WHERE kind = 'EXTENSION_WITHDRAWN'"
    op.execute(f"DELETE FROM delivery WHERE notice_id IN ({withdrawn})")  # noqa: S608
    op.execute("DELETE FROM notice WHERE kind = 'EXTENSION_WITHDRAWN'")
    op.execute("DELETE FROM digest_entry WHERE kind = 'EXTENSION_WITHDRAWN'")
    _allow(f"{_KINDS})")


def _allow(kinds: str) -> None:
    for table in _TABLES:
        op.drop_constraint(op.f(f"ck_{table}_kind"), table)
        op.create_check_constraint(op.f(f"ck_{table}_kind"), table, kinds)
