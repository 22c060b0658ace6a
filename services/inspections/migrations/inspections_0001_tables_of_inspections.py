"""Tables of inspections."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "inspections_0001"
down_revision = None
branch_labels = ("inspections",)
depends_on = "kernel_0001"


def upgrade() -> None:
    op.create_table(
        "inspection",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("secrecy", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decision_number", sa.Text(), nullable=False),
        sa.Column("decision_symbol", sa.Text(), nullable=False),
        sa.Column("decision_date", sa.Date(), nullable=False),
        sa.Column("decision_uri", sa.Text(), nullable=True),
        sa.Column("decision_sha256", sa.Text(), nullable=False),
        sa.Column("decision_media_type", sa.Text(), nullable=False),
        sa.Column("decision_title", sa.Text(), nullable=True),
        sa.Column("legal_basis", sa.Text(), nullable=True),
        sa.Column("scope", sa.Text(), nullable=True),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("start_date", sa.Date(), nullable=False),
        sa.Column("end_date", sa.Date(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "decided_by IN ('CHAIRMAN','HEAD_OF_OFFICE','HEAD_OF_DEPARTMENT','DISTRICT_CHAIRMAN')",
            name=op.f("ck_inspection_decided_by"),
        ),
        sa.CheckConstraint("kind IN ('REGULAR','AD_HOC')", name=op.f("ck_inspection_kind")),
        sa.CheckConstraint(
            "secrecy <> 'NONE' OR"
            " (legal_basis IS NOT NULL AND scope IS NOT NULL AND content IS NOT NULL)",
            name=op.f("ck_inspection_words_of_open"),
        ),
        sa.CheckConstraint(
            "secrecy = 'NONE' OR (legal_basis IS NULL AND scope IS NULL AND content IS NULL"
            " AND decision_uri IS NULL AND decision_title IS NULL)",
            name=op.f("ck_inspection_no_content_of_classified"),
        ),
        sa.CheckConstraint(
            "secrecy IN ('NONE','CONFIDENTIAL','SECRET','TOP_SECRET')",
            name=op.f("ck_inspection_secrecy"),
        ),
        sa.CheckConstraint("state IN ('DECIDED')", name=op.f("ck_inspection_state")),
        sa.CheckConstraint("end_date >= start_date", name=op.f("ck_inspection_period")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection")),
    )
    op.create_index("ix_inspection_decided", "inspection", ["decided_at", "id"], unique=False)
    op.create_table(
        "task_header",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("secrecy", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "secrecy IN ('NONE','CONFIDENTIAL','SECRET','TOP_SECRET')",
            name=op.f("ck_task_header_secrecy"),
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_task_header")),
    )
    op.create_table(
        "inspection_subject",
        sa.Column("inspection_id", sa.UUID(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inspection_id"],
            ["inspection.id"],
            name=op.f("fk_inspection_subject_inspection_id_inspection"),
        ),
        sa.PrimaryKeyConstraint("inspection_id", "position", name=op.f("pk_inspection_subject")),
    )
    op.create_index("ix_inspection_subject_agency", "inspection_subject", ["agency"], unique=False)
    op.create_table(
        "inspection_task",
        sa.Column("inspection_id", sa.UUID(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inspection_id"],
            ["inspection.id"],
            name=op.f("fk_inspection_task_inspection_id_inspection"),
        ),
        sa.PrimaryKeyConstraint("inspection_id", "position", name=op.f("pk_inspection_task")),
    )
    op.create_table(
        "team_member",
        sa.Column("inspection_id", sa.UUID(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("leader", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inspection_id"],
            ["inspection.id"],
            name=op.f("fk_team_member_inspection_id_inspection"),
        ),
        sa.PrimaryKeyConstraint("inspection_id", "position", name=op.f("pk_team_member")),
    )
    op.create_index(
        "ix_team_member_leader",
        "team_member",
        ["inspection_id"],
        unique=True,
        postgresql_where=sa.text("leader"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_team_member_leader", table_name="team_member", postgresql_where=sa.text("leader")
    )
    op.drop_table("team_member")
    op.drop_table("inspection_task")
    op.drop_index("ix_inspection_subject_agency", table_name="inspection_subject")
    op.drop_table("inspection_subject")
    op.drop_table("task_header")
    op.drop_index("ix_inspection_decided", table_name="inspection")
    op.drop_table("inspection")
