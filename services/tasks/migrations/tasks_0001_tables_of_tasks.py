"""The tables of tasks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "tasks_0001"
down_revision = None
branch_labels = ("tasks",)
depends_on = "kernel_0001"


def upgrade() -> None:
    op.create_table(
        "task",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("directive", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("document_code", sa.Text(), nullable=False),
        sa.Column("issue_date", sa.Date(), nullable=False),
        sa.Column("issuing_authority", sa.Text(), nullable=False),
        sa.Column("secrecy", sa.Text(), nullable=False),
        sa.Column("abstract", sa.Text(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("generated", sa.Boolean(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("coordinating", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("monitoring", sa.Text(), nullable=False),
        sa.Column("submitting", sa.Text(), nullable=False),
        sa.Column("concerned", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("limit_class", sa.Text(), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("cadence", sa.Text(), nullable=False),
        sa.Column("limit_origin", sa.Text(), nullable=False),
        sa.Column("limit_in_words", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("profile_version", sa.Integer(), nullable=False),
        sa.Column("due_clock", sa.UUID(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_date", sa.Date(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("evaluated_progress", sa.Text(), nullable=True),
        sa.Column("evaluated_quality", sa.Text(), nullable=True),
        sa.Column("evaluated_effectiveness", sa.Text(), nullable=True),
        sa.Column("evaluation_words", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "secrecy = 'NONE' OR (abstract IS NULL AND content IS NULL AND "
            "limit_in_words IS NULL AND evaluation_words IS NULL)",
            name=op.f("ck_task_no_content_of_classified"),
        ),
        sa.CheckConstraint(
            "secrecy IN ('NONE','CONFIDENTIAL','SECRET','TOP_SECRET')", name=op.f("ck_task_secrecy")
        ),
        sa.CheckConstraint(
            "state IN ('FORWARDED','ACCEPTED','RETURNED','IN_PROGRESS','REPORTED',"
            "'CONFIRMED','CLOSED','WITHDRAWN')",
            name=op.f("ck_task_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.UniqueConstraint("id", "secrecy", name=op.f("uq_task_id_secrecy")),
    )
    op.create_index("ix_task_directive", "task", ["directive"], unique=False)
    op.create_index("ix_task_due", "task", ["due_date", "id"], unique=False)
    op.create_index("ix_task_lead", "task", ["lead", "due_date", "id"], unique=False)
    op.create_table(
        "extension",
        sa.Column("task_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("secrecy", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("requested_due_date", sa.Date(), nullable=False),
        sa.Column("previous_due_date", sa.Date(), nullable=False),
        sa.Column("ask_date", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reason_words", sa.Text(), nullable=True),
        sa.Column("request_document_number", sa.Text(), nullable=True),
        sa.Column("request_document_symbol", sa.Text(), nullable=True),
        sa.Column("request_document_date", sa.Date(), nullable=True),
        sa.Column("request_document_uri", sa.Text(), nullable=True),
        sa.Column("request_document_sha256", sa.Text(), nullable=True),
        sa.Column("request_document_media_type", sa.Text(), nullable=True),
        sa.Column("request_document_title", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("admitted_late", sa.Boolean(), nullable=False),
        sa.Column("admission_words", sa.Text(), nullable=True),
        sa.Column("answer_document_number", sa.Text(), nullable=True),
        sa.Column("answer_document_symbol", sa.Text(), nullable=True),
        sa.Column("answer_document_date", sa.Date(), nullable=True),
        sa.Column("answer_document_uri", sa.Text(), nullable=True),
        sa.Column("answer_document_sha256", sa.Text(), nullable=True),
        sa.Column("answer_document_media_type", sa.Text(), nullable=True),
        sa.Column("answer_document_title", sa.Text(), nullable=True),
        sa.Column("granted_due_date", sa.Date(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "secrecy = 'NONE' OR (reason_words IS NULL AND request_document_uri IS NULL AND "
            "request_document_title IS NULL AND admission_words IS NULL AND "
            "answer_document_uri IS NULL AND answer_document_title IS NULL)",
            name=op.f("ck_extension_no_content_of_classified"),
        ),
        sa.CheckConstraint(
            "state IN ('ASKED','GRANTED','REFUSED')", name=op.f("ck_extension_state")
        ),
        sa.ForeignKeyConstraint(
            ["task_id", "secrecy"],
            ["task.id", "task.secrecy"],
            name=op.f("fk_extension_task_id_secrecy_task"),
        ),
        sa.PrimaryKeyConstraint("task_id", "number", name=op.f("pk_extension")),
    )
    op.create_table(
        "period_start",
        sa.Column("task_id", sa.UUID(), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"], ["task.id"], name=op.f("fk_period_start_task_id_task")
        ),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_period_start")),
    )
    op.create_index("ix_period_start_next_on", "period_start", ["next_on"], unique=False)
    op.create_table(
        "progress_entry",
        sa.Column("task_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("secrecy", sa.Text(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("situation", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("on_behalf", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "secrecy = 'NONE' OR (situation IS NULL)",
            name=op.f("ck_progress_entry_no_content_of_classified"),
        ),
        sa.ForeignKeyConstraint(
            ["task_id", "secrecy"],
            ["task.id", "task.secrecy"],
            name=op.f("fk_progress_entry_task_id_secrecy_task"),
        ),
        sa.PrimaryKeyConstraint("task_id", "number", name=op.f("pk_progress_entry")),
    )
    op.create_table(
        "result",
        sa.Column("task_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("secrecy", sa.Text(), nullable=False),
        sa.Column("done_date", sa.Date(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("quality", sa.Text(), nullable=False),
        sa.Column("effectiveness", sa.Text(), nullable=False),
        sa.Column("document_number", sa.Text(), nullable=True),
        sa.Column("document_symbol", sa.Text(), nullable=True),
        sa.Column("document_date", sa.Date(), nullable=True),
        sa.Column("document_uri", sa.Text(), nullable=True),
        sa.Column("document_sha256", sa.Text(), nullable=True),
        sa.Column("document_media_type", sa.Text(), nullable=True),
        sa.Column("document_title", sa.Text(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("on_behalf", sa.Boolean(), nullable=False),
        sa.Column("receipt_date", sa.Date(), nullable=True),
        sa.Column("sent_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("send_back_reason", sa.Text(), nullable=False),
        sa.Column("send_back_words", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "secrecy = 'NONE' OR (summary IS NULL AND document_uri IS NULL AND "
            "document_title IS NULL AND send_back_words IS NULL)",
            name=op.f("ck_result_no_content_of_classified"),
        ),
        sa.ForeignKeyConstraint(
            ["task_id", "secrecy"],
            ["task.id", "task.secrecy"],
            name=op.f("fk_result_task_id_secrecy_task"),
        ),
        sa.PrimaryKeyConstraint("task_id", "number", name=op.f("pk_result")),
    )
    op.create_table(
        "round",
        sa.Column("task_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("secrecy", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("forwarded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("return_reason", sa.Text(), nullable=False),
        sa.Column("return_words", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "secrecy = 'NONE' OR (content IS NULL AND return_words IS NULL)",
            name=op.f("ck_round_no_content_of_classified"),
        ),
        sa.ForeignKeyConstraint(
            ["task_id", "secrecy"],
            ["task.id", "task.secrecy"],
            name=op.f("fk_round_task_id_secrecy_task"),
        ),
        sa.PrimaryKeyConstraint("task_id", "number", name=op.f("pk_round")),
    )


def downgrade() -> None:
    op.drop_table("round")
    op.drop_table("result")
    op.drop_table("progress_entry")
    op.drop_index("ix_period_start_next_on", table_name="period_start")
    op.drop_table("period_start")
    op.drop_table("extension")
    op.drop_index("ix_task_lead", table_name="task")
    op.drop_index("ix_task_due", table_name="task")
    op.drop_index("ix_task_directive", table_name="task")
    op.drop_table("task")
