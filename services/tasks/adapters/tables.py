"""Tables of `tasks`. Each table that holds words of a document sees the secrecy of its directive.

Child tables carry `secrecy` in their foreign key, so that a CHECK in each of them refuses content
of a classified task (khoản 2 Điều 5), whatever the code before it let through.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from services.kernel.runtime.tables import INSTANT, NAMING

metadata = MetaData(naming_convention=NAMING)


def _one_of(column: str, *values: str) -> CheckConstraint:
    listed = ",".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def _no_content(*columns: str, name: str = "no_content_of_classified") -> CheckConstraint:
    """The second wall: a classified row holds none of these."""
    empty = " AND ".join(f"{column} IS NULL" for column in columns)
    return CheckConstraint(f"secrecy = 'NONE' OR ({empty})", name=name)


def _document(prefix: str) -> list[Column[Any]]:
    """A document by reference; all NULL where there is none."""
    return [
        Column(f"{prefix}_number", Text),
        Column(f"{prefix}_symbol", Text),
        Column(f"{prefix}_date", Date),
        Column(f"{prefix}_uri", Text),
        Column(f"{prefix}_sha256", Text),
        Column(f"{prefix}_media_type", Text),
        Column(f"{prefix}_title", Text),
    ]


def _of_task() -> list[Any]:
    """The key of a child table, with the secrecy that the task has."""
    return [
        Column("task_id", UUID(as_uuid=True), primary_key=True),
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("secrecy", Text, nullable=False),
        ForeignKeyConstraint(["task_id", "secrecy"], ["task.id", "task.secrecy"]),
    ]


task = Table(
    "task",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("version", BigInteger, nullable=False),
    # Header of the directive.
    Column("directive", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("document_code", Text, nullable=False),
    Column("issue_date", Date, nullable=False),
    Column("issuing_authority", Text, nullable=False),
    Column("secrecy", Text, nullable=False),
    Column("abstract", Text),
    Column("origin", Text, nullable=False),
    Column("urgency", Text, nullable=False),
    Column("generated", Boolean, nullable=False),
    # The assignment.
    Column("ordinal", Integer, nullable=False),
    Column("content", Text),
    Column("lead", Text, nullable=False),
    Column("coordinating", ARRAY(Text), nullable=False),
    Column("monitoring", Text, nullable=False),
    Column("submitting", Text, nullable=False),
    Column("concerned", ARRAY(Text), nullable=False),
    Column("limit_class", Text, nullable=False),
    Column("due_date", Date),
    Column("purpose", Text, nullable=False),
    Column("cadence", Text, nullable=False),
    Column("limit_origin", Text, nullable=False),
    Column("limit_in_words", Text),
    # Where it stands.
    Column("state", Text, nullable=False),
    Column("profile", Text, nullable=False),
    Column("profile_version", Integer, nullable=False),
    Column("due_clock", UUID(as_uuid=True)),
    Column("accepted_at", INSTANT),
    Column("started_at", INSTANT),
    Column("done_date", Date),
    Column("confirmed_at", INSTANT),
    Column("evaluated_progress", Text),
    Column("evaluated_quality", Text),
    Column("evaluated_effectiveness", Text),
    Column("evaluation_words", Text),
    Column("closed_at", INSTANT),
    # How it ceased to count, alone or with its directive.
    Column("withdrawn_at", INSTANT),
    Column("withdrawn_by", Text),
    Column("withdrawal_reason", Text),
    *_document("withdrawal"),
    Column("superseded_by", Text),
    # Loaded at go-live.
    Column("cut_over", INSTANT),
    Column("history", Text, nullable=False, server_default=""),
    UniqueConstraint("id", "secrecy"),
    _one_of(
        "state", "FORWARDED", "ACCEPTED", "RETURNED", "IN_PROGRESS", "REPORTED", "CONFIRMED",
        "CLOSED", "WITHDRAWN",
    ),
    _one_of("secrecy", "NONE", "CONFIDENTIAL", "SECRET", "TOP_SECRET"),
    _no_content("abstract", "content", "limit_in_words", "evaluation_words"),
    _no_content(
        "withdrawal_reason", "withdrawal_uri", "withdrawal_title", name="no_content_of_withdrawal"
    ),
    CheckConstraint("(state = 'WITHDRAWN') = (withdrawn_at IS NOT NULL)", name="withdrawal"),
    # The order of lists: ascending puts NULL last.
    Index("ix_task_due", "due_date", "id"),
    Index("ix_task_lead", "lead", "due_date", "id"),
    Index("ix_task_directive", "directive"),
)  # fmt: skip

round = Table(
    "round",
    metadata,
    *_of_task(),
    Column("lead", Text, nullable=False),
    Column("forwarded_at", INSTANT, nullable=False),
    Column("content", Text),
    Column("due_date", Date),
    Column("returned_at", INSTANT),
    Column("return_reason", Text, nullable=False),
    Column("return_words", Text),
    _no_content("content", "return_words"),
)

progress_entry = Table(
    "progress_entry",
    metadata,
    *_of_task(),
    Column("date", Date, nullable=False),
    Column("situation", Text),
    Column("entered_at", INSTANT, nullable=False),
    Column("agency", Text, nullable=False),
    Column("on_behalf", Boolean, nullable=False),
    _no_content("situation"),
)

result = Table(
    "result",
    metadata,
    *_of_task(),
    Column("done_date", Date, nullable=False),
    Column("summary", Text),
    Column("quality", Text, nullable=False),
    Column("effectiveness", Text, nullable=False),
    *_document("document"),
    Column("entered_at", INSTANT, nullable=False),
    Column("on_behalf", Boolean, nullable=False),
    Column("receipt_date", Date),
    Column("sent_back_at", INSTANT),
    Column("send_back_reason", Text, nullable=False),
    Column("send_back_words", Text),
    _no_content("summary", "document_uri", "document_title", "send_back_words"),
)

amendment = Table(
    "amendment",
    metadata,
    *_of_task(),
    Column("round", Integer, nullable=False),
    *_document("document"),
    Column("previous_due_date", Date),
    Column("due_date", Date),
    Column("origin", Text, nullable=False),
    Column("amended_at", INSTANT, nullable=False),
    Column("by", Text, nullable=False),
    _no_content("document_uri", "document_title"),
)

extension = Table(
    "extension",
    metadata,
    *_of_task(),
    Column("round", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("requested_due_date", Date, nullable=False),
    Column("previous_due_date", Date, nullable=False),
    Column("ask_date", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Column("reason_words", Text),
    *_document("request_document"),
    Column("asked_at", INSTANT, nullable=False),
    Column("admitted_late", Boolean, nullable=False),
    Column("admission_words", Text),
    *_document("answer_document"),
    Column("granted_due_date", Date),
    Column("answered_at", INSTANT),
    Column("submit_date", Date),
    *_document("submit_document"),
    Column("submitted_at", INSTANT),
    *_document("withdraw_document"),
    Column("withdrawn_at", INSTANT),
    _one_of("state", "ASKED", "GRANTED", "REFUSED", "WITHDRAWN"),
    _no_content(
        "reason_words", "request_document_uri", "request_document_title", "admission_words",
        "answer_document_uri", "answer_document_title", "submit_document_uri", "submit_document_title",
        "withdraw_document_uri", "withdraw_document_title",
    ),
)  # fmt: skip

# Tasks without limit that are under way: the first day of the period whose clock starts next.
period_start = Table(
    "period_start",
    metadata,
    Column("task_id", UUID(as_uuid=True), primary_key=True),
    Column("next_on", Date, nullable=False),
    ForeignKeyConstraint(["task_id"], ["task.id"]),
    Index("ix_period_start_next_on", "next_on"),
)
