"""Tables of `inspections`, and its read copy of tasks. Members and agencies are no content."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import UUID

from services.inspections.domain.inspection import DecidedBy, Kind, Secrecy, State
from services.kernel.runtime.tables import INSTANT, NAMING

metadata = MetaData(naming_convention=NAMING)


def _one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    listed = ",".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


inspection = Table(
    "inspection",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("secrecy", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decision_number", Text, nullable=False),
    Column("decision_symbol", Text, nullable=False),
    Column("decision_date", Date, nullable=False),
    Column("decision_uri", Text),
    Column("decision_sha256", Text, nullable=False),
    Column("decision_media_type", Text, nullable=False),
    Column("decision_title", Text),
    Column("legal_basis", Text),
    Column("scope", Text),
    Column("content", Text),
    Column("start_date", Date, nullable=False),
    Column("end_date", Date, nullable=False),
    Column("decided_at", INSTANT, nullable=False),
    _one_of("state", State),
    _one_of("secrecy", Secrecy),
    _one_of("kind", Kind),
    _one_of("decided_by", DecidedBy),
    CheckConstraint("end_date >= start_date", name="period"),
    # The second wall (khoản 2 Điều 5), and what khoản 3 Điều 15 asks of an open decision.
    CheckConstraint(
        "secrecy = 'NONE' OR (legal_basis IS NULL AND scope IS NULL AND content IS NULL"
        " AND decision_uri IS NULL AND decision_title IS NULL)",
        name="no_content_of_classified",
    ),
    CheckConstraint(
        "secrecy <> 'NONE' OR"
        " (legal_basis IS NOT NULL AND scope IS NOT NULL AND content IS NOT NULL)",
        name="words_of_open",
    ),
    Index("ix_inspection_decided", "decided_at", "id"),
)

subject = Table(
    "inspection_subject",
    metadata,
    Column("inspection_id", ForeignKey("inspection.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("agency", Text, nullable=False),
    Index("ix_inspection_subject_agency", "agency"),
)

inspected_task = Table(
    "inspection_task",
    metadata,
    Column("inspection_id", ForeignKey("inspection.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("task", Text, nullable=False),
)

member = Table(
    "team_member",
    metadata,
    Column("inspection_id", ForeignKey("inspection.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("person", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("leader", Boolean, nullable=False),
    # Khoản 1 Điều 16: one leads.
    Index("ix_team_member_leader", "inspection_id", unique=True, postgresql_where=text("leader")),
)

# What an inspection must know of a task that it names.
task_header = Table(
    "task_header",
    metadata,
    Column("name", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("secrecy", Text, nullable=False),
    _one_of("secrecy", Secrecy),
)
