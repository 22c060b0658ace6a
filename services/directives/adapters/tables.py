"""Tables of `directives`. Agencies are the kernel's table, which this service alone writes.

Columns with words of a document are NULL in rows of classified directives (khoản 2 Điều 5), and the
database itself sees to that: each such table carries `secrecy`, tied to the directive's own.
"""

from __future__ import annotations

from typing import Any

from dondoc.directives.v1 import directive_pb2
from dondoc.type.v1 import document_pb2, limit_pb2
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from services.kernel.runtime.tables import INSTANT, NAMING

metadata = MetaData(naming_convention=NAMING)

agency_group = Table(
    "agency_group",
    metadata,
    Column("slug", Text, primary_key=True),
    Column("display_name", Text, nullable=False),
    Column("kinds", ARRAY(Text), nullable=False),
    Column("members", ARRAY(Text), nullable=False),
    Column("levels", ARRAY(Text), nullable=False, server_default="{}"),
    Column("open", Boolean, nullable=False),
    Column("note", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
)

# The last good copy of who is in charge where, as Keycloak says: one row for each agency of the directory
# that could have somebody. Plain facts: who is told is in the agency itself.
officer_copy = Table(
    "officer_copy",
    metadata,
    Column("agency", Text, primary_key=True),
    # Of the person whom a reading put in charge; empty when there is none.
    Column("subject", Text, nullable=False),
    # The role mailbox that stood in before, and stands in again when the person has gone.
    Column("mailbox", Text, nullable=False),
    Column("gap", Text, nullable=False),
    Column("several", Boolean, nullable=False),
)

# How reading goes, one row: replicas share it, so that they read in turn and pause together.
officer_reading = Table(
    "officer_reading",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", Text, nullable=False),
    Column("read_at", INSTANT),
    Column("attempt_at", INSTANT, nullable=False),
    Column("next_at", INSTANT, nullable=False),
    Column("failed_attempts", Integer, nullable=False),
    Column("failure", Text, nullable=False),
    CheckConstraint("id = 1", name="single"),
)


def _one_of(column: str, enum: Any, prefix: str, *, unsaid: bool = False) -> CheckConstraint:
    """A closed list: free text in these columns could carry content in."""
    names = [name.removeprefix(prefix) for name in enum.DESCRIPTOR.values_by_name]
    allowed = [name for name in names if unsaid or name != "UNSPECIFIED"]
    listed = ",".join(f"'{name}'" for name in allowed)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def _no_content(*columns: str, name: str = "no_content") -> CheckConstraint:
    """The second wall: what the first one would let through the database cannot hold."""
    empty = " AND ".join(f"{column} IS NULL" for column in columns)
    return CheckConstraint(f"secrecy = 'NONE' OR ({empty})", name=name)


directive = Table(
    "directive",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("secrecy", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("normative", Boolean, nullable=False),
    Column("issue_date", Date, nullable=False),
    Column("issuing_authority", Text, nullable=False),
    Column("abstract", Text),
    Column("signer", Text, nullable=False),
    Column("signer_title", Text),
    Column("submitting_agency", Text, nullable=False),
    Column("submission_reference", Text),
    Column("monitoring_agency", Text, nullable=False),
    Column("urgency", Text, nullable=False),
    # The instant of issue, where more than its day is known.
    Column("issued_at", INSTANT),
    Column("source", Text, nullable=False, server_default="DOCUMENT"),
    Column("origin", Text, nullable=False),
    Column("legal_bases", ARRAY(Text)),
    Column("other_information", Text),
    Column("intake", Text, nullable=False),
    Column("generated", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("consulted", ARRAY(Text), nullable=False),
    Column("entered_at", INSTANT, nullable=False),
    Column("forwarded_at", INSTANT),
    Column("intake_clock", UUID(as_uuid=True)),
    Column("cut_over_at", INSTANT),  # go-live: nothing is said of what was due before it
    # How it ceased to count: by which document, why, recorded when and by whom, and what replaces it.
    Column("withdrawn_at", INSTANT),
    Column("withdrawn_by", Text),
    Column("withdrawal_reason", Text),
    Column("withdrawal_number", Text),
    Column("withdrawal_symbol", Text),
    Column("withdrawal_date", Date),
    Column("withdrawal_uri", Text),
    Column("withdrawal_sha256", Text),
    Column("withdrawal_media_type", Text),
    Column("withdrawal_title", Text),
    Column("superseded_by", UUID(as_uuid=True), ForeignKey("directive.id")),
    # How many gaps of Điều 5 there are, for the list of directives that have some.
    Column("gaps", Integer, nullable=False),
    # Field → digest of what was entered first: tells a repeat of a document from another one.
    Column("as_entered", JSONB, nullable=False),
    Column("version", BigInteger, nullable=False),
    UniqueConstraint("id", "secrecy"),
    _one_of("secrecy", document_pb2.Secrecy, "SECRECY_"),
    _one_of("kind", document_pb2.DocumentKind, "DOCUMENT_KIND_"),
    _one_of("issuing_authority", directive_pb2.IssuingAuthority, "ISSUING_AUTHORITY_"),
    _one_of("urgency", directive_pb2.Urgency, "URGENCY_"),
    _one_of("source", directive_pb2.Source, "SOURCE_"),
    _one_of("origin", document_pb2.Origin, "ORIGIN_"),
    _one_of("intake", directive_pb2.Intake, "INTAKE_"),
    _one_of("state", directive_pb2.DirectiveState, "DIRECTIVE_STATE_"),
    _no_content(
        "abstract", "signer_title", "submission_reference", "legal_bases", "other_information"
    ),
    _no_content(
        "withdrawal_reason", "withdrawal_uri", "withdrawal_title", name="no_content_of_withdrawal"
    ),
    CheckConstraint(
        "(state IN ('WITHDRAWN','SUPERSEDED')) = (withdrawn_at IS NOT NULL)", name="withdrawal"
    ),
    CheckConstraint("(state = 'SUPERSEDED') = (superseded_by IS NOT NULL)", name="superseded_by"),
    # Only the Office, by hand, enters a classified directive (khoản 4 Điều 3).
    CheckConstraint("secrecy = 'NONE' OR intake = 'OFFICE'", name="carried"),
    Index("ix_directive_issued", text("issue_date DESC"), text("id DESC")),
    Index(
        "ix_directive_with_gaps",
        text("issue_date DESC"),
        text("id DESC"),
        postgresql_where=text("gaps > 0"),
    ),
    Index("ix_directive_number", "number"),
)


def _of_directive() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["directive_id", "secrecy"], ["directive.id", "directive.secrecy"])


directive_item = Table(
    "directive_item",
    metadata,
    Column("directive_id", UUID(as_uuid=True), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("secrecy", Text, nullable=False),
    Column("content", Text),
    Column("limit_class", Text, nullable=False),
    Column("due_date", Date),
    Column("purpose", Text, nullable=False),
    Column("cadence", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("limit_in_words", Text),
    Column("addressed_groups", ARRAY(Text)),
    Column("unresolved_coordinators", ARRAY(Text)),
    Column("source_place", Text),
    Column("written_report", Boolean, nullable=False),
    _of_directive(),
    _one_of("limit_class", limit_pb2.LimitClass, "LIMIT_CLASS_", unsaid=True),
    _one_of("purpose", limit_pb2.LimitPurpose, "LIMIT_PURPOSE_", unsaid=True),
    _one_of("cadence", limit_pb2.Cadence, "CADENCE_", unsaid=True),
    _one_of("origin", document_pb2.Origin, "ORIGIN_", unsaid=True),
    _no_content(
        "content", "limit_in_words", "addressed_groups", "unresolved_coordinators", "source_place"
    ),
)

directive_item_agency = Table(
    "directive_item_agency",
    metadata,
    Column("directive_id", UUID(as_uuid=True), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("part", Text, primary_key=True),
    Column("agency", Text, primary_key=True),
    Column("position", Integer, nullable=False),
    # The task that forwarding gave to this lead.
    Column("task", UUID(as_uuid=True)),
    ForeignKeyConstraint(
        ["directive_id", "ordinal"], ["directive_item.directive_id", "directive_item.ordinal"]
    ),
    CheckConstraint("part IN ('LEAD','COORDINATING','CONCERNED')", name="part"),
    CheckConstraint("task IS NULL OR part = 'LEAD'", name="task"),
)

directive_attachment = Table(
    "directive_attachment",
    metadata,
    Column("directive_id", UUID(as_uuid=True), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("secrecy", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("date", Date),
    Column("uri", Text),
    Column("sha256", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("title", Text),
    _of_directive(),
    _no_content("uri", "title"),
)

# The journal of the calendar: one row for each edit, one for each of its days as it was and became.
calendar_edit = Table(
    "calendar_edit",
    metadata,
    Column("version", BigInteger, primary_key=True),
    Column("editor", Text, nullable=False),
    Column("editor_agency", Text, nullable=False),
    Column("occurred_at", INSTANT, nullable=False),
    Column("recorded_at", INSTANT, nullable=False),
    Column("documents", ARRAY(Text), nullable=False),
    Column("reason", Text, nullable=False),
    Column("stopped_too", Boolean, nullable=False),
    Column("undoes", BigInteger, ForeignKey("calendar_edit.version")),
    Column("undone_by", BigInteger, ForeignKey("calendar_edit.version")),
)

calendar_edit_day = Table(
    "calendar_edit_day",
    metadata,
    Column("version", BigInteger, ForeignKey("calendar_edit.version"), primary_key=True),
    Column("day", Date, primary_key=True),
    # NULL: an ordinary day without an entry.
    Column("kind_before", Text),
    Column("title_before", Text),
    Column("document_before", Text),
    Column("status_before", Text),
    Column("kind", Text),
    Column("title", Text),
    Column("document", Text),
    Column("status", Text),
    Index("ix_calendar_edit_day_day", "day", "version"),
)
