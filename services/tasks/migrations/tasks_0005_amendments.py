"""Documents that amended the due date of a task."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "tasks_0005"
down_revision = "tasks_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "amendment",
        sa.Column("task_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("secrecy", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("document_number", sa.Text()),
        sa.Column("document_symbol", sa.Text()),
        sa.Column("document_date", sa.Date()),
        sa.Column("document_uri", sa.Text()),
        sa.Column("document_sha256", sa.Text()),
        sa.Column("document_media_type", sa.Text()),
        sa.Column("document_title", sa.Text()),
        sa.Column("previous_due_date", sa.Date()),
        sa.Column("due_date", sa.Date()),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("amended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "secrecy = 'NONE' OR (document_uri IS NULL AND document_title IS NULL)",
            name=op.f("ck_amendment_no_content_of_classified"),
        ),
        sa.ForeignKeyConstraint(
            ["task_id", "secrecy"],
            ["task.id", "task.secrecy"],
            name=op.f("fk_amendment_task_id_secrecy_task"),
        ),
        sa.PrimaryKeyConstraint("task_id", "number", name=op.f("pk_amendment")),
    )


def downgrade() -> None:
    op.drop_table("amendment")
