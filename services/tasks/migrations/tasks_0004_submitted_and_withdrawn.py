"""Requests for more time that were put to the leadership, or taken back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "tasks_0004"
down_revision = "tasks_0003"
branch_labels = None
depends_on = None

_DOCUMENTS = ("submit_document", "withdraw_document")
_DAYS = ("submit_date", *(f"{document}_date" for document in _DOCUMENTS))
_TEXTS = ("number", "symbol", "uri", "sha256", "media_type", "title")
_STATES = "state IN ('ASKED','GRANTED','REFUSED'"
_CONTENT = (
    "reason_words", "request_document_uri", "request_document_title", "admission_words",
    "answer_document_uri", "answer_document_title",
)  # fmt: skip


def upgrade() -> None:
    for name in _DAYS:
        op.add_column("extension", sa.Column(name, sa.Date()))
    for document in _DOCUMENTS:
        for part in _TEXTS:
            op.add_column("extension", sa.Column(f"{document}_{part}", sa.Text()))
    for name in ("submitted_at", "withdrawn_at"):
        op.add_column("extension", sa.Column(name, sa.DateTime(timezone=True)))
    added = [f"{document}_{part}" for document in _DOCUMENTS for part in ("uri", "title")]
    _check("state", f"{_STATES},'WITHDRAWN')")
    _check("no_content_of_classified", _empty(*_CONTENT, *added))


def downgrade() -> None:
    # A request that was taken back lapses, as one that was never answered.
    op.execute("UPDATE extension SET state = 'ASKED' WHERE state = 'WITHDRAWN'")
    _check("state", f"{_STATES})")
    _check("no_content_of_classified", _empty(*_CONTENT))
    for name in (*_DAYS, "submitted_at", "withdrawn_at"):
        op.drop_column("extension", name)
    for document in _DOCUMENTS:
        for part in _TEXTS:
            op.drop_column("extension", f"{document}_{part}")


def _check(name: str, condition: str) -> None:
    op.drop_constraint(op.f(f"ck_extension_{name}"), "extension")
    op.create_check_constraint(op.f(f"ck_extension_{name}"), "extension", condition)


def _empty(*columns: str) -> str:
    listed = " AND ".join(f"{column} IS NULL" for column in columns)
    return f"secrecy = 'NONE' OR ({listed})"
