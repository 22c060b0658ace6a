"""Tables of the mechanisms, the same in all five databases."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)

INSTANT = DateTime(timezone=True)

event_log = Table(
    "event_log",
    metadata,
    Column("position", BigInteger, Identity(always=True), primary_key=True),
    Column("id", UUID(as_uuid=True), nullable=False, unique=True),
    Column("type", Text, nullable=False),
    Column("aggregate", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("occurred_at", INSTANT, nullable=False),
    Column("recorded_at", INSTANT, nullable=False),
    Column("event", LargeBinary, nullable=False),
    Column("published_at", INSTANT),
    UniqueConstraint("aggregate", "version"),
    Index("ix_event_log_unpublished", "position", postgresql_where=text("published_at IS NULL")),
)

# Every event of every stream that this service reads, once.
inbox = Table(
    "inbox",
    metadata,
    Column("stream", Text, primary_key=True),
    Column("event_id", UUID(as_uuid=True), primary_key=True),
    Column("recorded_at", INSTANT, nullable=False),
)

dead_letter = Table(
    "dead_letter",
    metadata,
    Column("stream", Text, primary_key=True),
    Column("event_id", UUID(as_uuid=True), primary_key=True),
    Column("type", Text, nullable=False),
    Column("event", LargeBinary, nullable=False),
    Column("error", Text, nullable=False),
    Column("recorded_at", INSTANT, nullable=False),
)

# The first answer to a request id, given again to its repeats. Of the request only a digest is kept.
answer = Table(
    "answer",
    metadata,
    Column("caller", Text, primary_key=True),
    Column("request_id", UUID(as_uuid=True), primary_key=True),
    Column("method", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("response", LargeBinary, nullable=False),
    Column("position", Text, nullable=False),
    Column("recorded_at", INSTANT, nullable=False),
)

# Who did what to which object: names of fields and salted digests, never values.
audit = Table(
    "audit",
    metadata,
    Column("position", BigInteger, Identity(always=True), primary_key=True),
    Column("actor", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("fields", ARRAY(Text), nullable=False),
    Column("digests", JSONB, nullable=False),
    Column("trace_id", Text, nullable=False),
    Column("occurred_at", INSTANT, nullable=False),
    Column("recorded_at", INSTANT, nullable=False),
)

# Which agency has which part in which object: one table makes every scope one SQL clause.
party = Table(
    "party",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("agency", Text, primary_key=True),
    Column("part", Text, primary_key=True),
    CheckConstraint(
        "part IN ('LEAD','COORDINATING','MONITORING','SUBMITTING','CONCERNED')", name="part"
    ),
    Index("ix_party_agency", "agency", "subject"),
)

# One row in simulated mode, none on the real clock.
simulated_clock = Table(
    "simulated_clock",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("now", INSTANT, nullable=False),
    CheckConstraint("id = 1", name="single"),
)

# When the stream to which this service publishes was made: another time means another, empty stream.
relay_stream = Table(
    "relay_stream",
    metadata,
    Column("stream", Text, primary_key=True),
    Column("created_at", INSTANT, nullable=False),
)
