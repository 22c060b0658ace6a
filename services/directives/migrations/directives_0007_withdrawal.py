"""Directives that are withdrawn, or superseded by another one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "directives_0007"
down_revision = "directives_0006"
branch_labels = None
depends_on = None

_TEXTS = ("by", "reason", "number", "symbol", "uri", "sha256", "media_type", "title")
_STATES = "state IN ('ENTERED','FORWARDED','NO_TASK'"
_CHECKS = {
    "no_content_of_withdrawal": "secrecy = 'NONE' OR (withdrawal_reason IS NULL AND "
    "withdrawal_uri IS NULL AND withdrawal_title IS NULL)",
    "withdrawal": "(state IN ('WITHDRAWN','SUPERSEDED')) = (withdrawn_at IS NOT NULL)",
    "superseded_by": "(state = 'SUPERSEDED') = (superseded_by IS NOT NULL)",
}


def upgrade() -> None:
    op.add_column("directive", sa.Column("withdrawn_at", sa.DateTime(timezone=True)))
    for name in _TEXTS:
        op.add_column("directive", sa.Column(_column(name), sa.Text()))
    op.add_column("directive", sa.Column("withdrawal_date", sa.Date()))
    op.add_column("directive", sa.Column("superseded_by", sa.UUID()))
    op.create_foreign_key(
        op.f("fk_directive_superseded_by_directive"),
        "directive",
        "directive",
        ["superseded_by"],
        ["id"],
    )
    _allow(f"{_STATES},'WITHDRAWN','SUPERSEDED')")
    for name, condition in _CHECKS.items():
        op.create_check_constraint(op.f(f"ck_directive_{name}"), "directive", condition)


def downgrade() -> None:
    """Refused by the older constraint where a directive was withdrawn: nothing of it is made up."""
    for name in _CHECKS:
        op.drop_constraint(op.f(f"ck_directive_{name}"), "directive")
    _allow(f"{_STATES})")
    op.drop_constraint(op.f("fk_directive_superseded_by_directive"), "directive")
    for column in ("superseded_by", "withdrawal_date", *map(_column, _TEXTS), "withdrawn_at"):
        op.drop_column("directive", column)


def _column(name: str) -> str:
    return "withdrawn_by" if name == "by" else f"withdrawal_{name}"


def _allow(states: str) -> None:
    op.drop_constraint(op.f("ck_directive_state"), "directive")
    op.create_check_constraint(op.f("ck_directive_state"), "directive", states)
