"""Tables of reporting."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "reporting_0001"
down_revision = None
branch_labels = ("reporting",)
depends_on = "kernel_0001"


def upgrade() -> None:
    op.create_table(
        "clock_version",
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("article", sa.Text(), nullable=False),
        sa.Column("owed_by", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("clock", "version", name=op.f("pk_clock_version")),
    )
    op.create_index("ix_clock_version_subject", "clock_version", ["subject"], unique=False)
    op.create_table(
        "task",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_task")),
    )
    op.create_table(
        "task_interval",
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("begin_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("forwarded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("progress", sa.Text(), nullable=False),
        sa.Column("act_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("returned", sa.Boolean(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("generated", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(progress = 'DONE') = (act_at IS NOT NULL)", name=op.f("ck_task_interval_done")
        ),
        sa.CheckConstraint(
            "progress IN ('NOT_STARTED','IN_PROGRESS','DONE')",
            name=op.f("ck_task_interval_progress"),
        ),
        sa.CheckConstraint("end_at > begin_at", name=op.f("ck_task_interval_end_at")),
        sa.ForeignKeyConstraint(
            ["task"], ["task.name"], name=op.f("fk_task_interval_task_task"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("task", "begin_at", name=op.f("pk_task_interval")),
    )
    op.create_index("ix_task_interval_agency", "task_interval", ["agency"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_task_interval_agency", table_name="task_interval")
    op.drop_table("task_interval")
    op.drop_table("task")
    op.drop_index("ix_clock_version_subject", table_name="clock_version")
    op.drop_table("clock_version")
