"""Tables of `notify`. Times named `…_at` are real, but for `occurred_at` and `read_at`,
which are legal, and those of digests."""

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
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from services.kernel.runtime.tables import INSTANT, NAMING
from services.notify.domain.delivery import DeliveryState
from services.notify.domain.digest import DigestKind
from services.notify.domain.notice import Channel, NoticeKind

metadata = MetaData(naming_convention=NAMING)


def _one_of(column: str, values: type[StrEnum]) -> str:
    return f"{column} IN ({', '.join(repr(value.value) for value in values)})"


# Number and symbol hold no space, so that no sentence fits where a classified document is named.
_ONLY_A_NUMBER = r"NOT classified OR document_code ~ '^[^\s]{0,60}$'"

# Read copy of directives and tasks: rungs of clocks name them and tell nothing else of them.
matter = Table(
    "matter",
    metadata,
    Column("name", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("classified", Boolean, nullable=False),
    Column("document_code", Text, nullable=False),
    Column("issue_date", Date),
    Column("lead", Text, nullable=False),
    Column("monitoring", Text, nullable=False),
    Column("abstract", Text),
    Column("content", Text),
    CheckConstraint(
        "NOT classified OR (abstract IS NULL AND content IS NULL)",
        name="classified_without_content",
    ),
    CheckConstraint(_ONLY_A_NUMBER, name="classified_document_code"),
)

# Events that cannot be told yet: their matter or a recipient is on a stream that is read beside.
waiting_event = Table(
    "waiting_event",
    metadata,
    # "tasks/…", "directives/…", "agencies/…" or "office".
    Column("waits_for", Text, primary_key=True),
    Column("event_id", UUID(as_uuid=True), primary_key=True),
    Column("event", LargeBinary, nullable=False),
)

notice = Table(
    "notice",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    # NULL of a digest, and its subject empty: it tells several events of several matters.
    Column("event", UUID(as_uuid=True)),
    Column("kind", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("classified", Boolean, nullable=False),
    Column("document_code", Text, nullable=False),
    Column("issue_date", Date),
    # NULL for classified ones, whose words are made from number and date when they are read.
    Column("title", Text),
    Column("body", Text),
    Column("occurred_at", INSTANT, nullable=False),
    Column("read_at", INSTANT),
    # Since when what it tells is not true any more (legal).
    Column("withdrawn_at", INSTANT),
    Column("version", BigInteger, nullable=False),
    CheckConstraint(
        "NOT classified OR (title IS NULL AND body IS NULL)", name="classified_without_content"
    ),
    CheckConstraint(_ONLY_A_NUMBER, name="classified_document_code"),
    CheckConstraint(_one_of("kind", NoticeKind), name="kind"),
    UniqueConstraint("event", "agency"),
    Index("ix_notice_agency", "agency", "occurred_at", "id"),
    Index(
        "ix_notice_unread",
        "agency",
        "occurred_at",
        "id",
        postgresql_where=text("read_at IS NULL"),
    ),
)

# What was taken back, or restored, after it had been said: `event` said it. Kept beside the notices,
# since it can arrive before they are made.
taken_back = Table(
    "taken_back",
    metadata,
    Column("event", UUID(as_uuid=True), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("withdrawn_at", INSTANT),  # legal; NULL once it was restored
)

# What one agency will be told, or was told, in one notice. Times are legal.
digest = Table(
    "digest",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("agency", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    # The default is for replicas of the version before, which know of no others.
    Column("channels", ARRAY(Text), nullable=False, server_default=text("'{INBOX,EMAIL}'")),
    Column("send_at", INSTANT, nullable=False),
    Column("told_at", INSTANT),
    Column("traceparent", Text, nullable=False),
    CheckConstraint(_one_of("kind", DigestKind), name="kind"),
    # One at a time collects for an agency and batch; one that was told is followed by a further one.
    Index(
        "uq_digest_waiting",
        "agency",
        "kind",
        "key",
        unique=True,
        postgresql_where=text("told_at IS NULL"),
    ),
    Index("ix_digest_due", "send_at", postgresql_where=text("told_at IS NULL")),
)

digest_entry = Table(
    "digest_entry",
    metadata,
    Column("event", UUID(as_uuid=True), primary_key=True),
    Column("agency", Text, primary_key=True),
    Column("digest_id", UUID(as_uuid=True), ForeignKey("digest.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("classified", Boolean, nullable=False),
    Column("document_code", Text, nullable=False),
    Column("issue_date", Date),
    Column("words", Text),  # NULL for classified ones: number and date are all that is told
    Column("occurred_at", INSTANT, nullable=False),
    Column("event_recorded_at", INSTANT, nullable=False),
    Column("withdrawn_at", INSTANT),  # not told, if it is not yet
    CheckConstraint("NOT classified OR words IS NULL", name="classified_without_content"),
    CheckConstraint(_ONLY_A_NUMBER, name="classified_document_code"),
    CheckConstraint(_one_of("kind", NoticeKind), name="kind"),
    Index("ix_digest_entry_digest", "digest_id"),
)

delivery = Table(
    "delivery",
    metadata,
    Column("notice_id", UUID(as_uuid=True), ForeignKey("notice.id"), primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    # Attempts that were made before somebody asked to try again: back-off starts anew from there.
    Column("attempts_before", Integer, nullable=False),
    Column("last_attempt_at", INSTANT),
    # When the next attempt is due; NULL: none. Of an attempt under way the end of its lease.
    Column("next_attempt_at", INSTANT),
    Column("delivered_at", INSTANT),
    Column("message_id", Text, nullable=False),
    Column("address", Text, nullable=False),  # of the last attempt
    Column("failure", Text, nullable=False),
    Column("traceparent", Text, nullable=False),
    Column("queued_at", INSTANT, nullable=False),
    Column("event_recorded_at", INSTANT, nullable=False),
    # Its notice is not true any more: no attempt begins. Here and not only there, so that one row decides
    # between who takes it back and who claims it.
    Column("withdrawn", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint(_one_of("channel", Channel), name="channel"),
    CheckConstraint(_one_of("state", DeliveryState), name="state"),
    CheckConstraint("(state = 'DELIVERED') = (delivered_at IS NOT NULL)", name="delivered"),
    Index(
        "ix_delivery_due",
        "next_attempt_at",
        postgresql_where=text("next_attempt_at IS NOT NULL AND NOT withdrawn"),
    ),
    Index("ix_delivery_queued", "queued_at", "notice_id", "channel"),
    Index(
        "ix_delivery_trouble",
        "state",
        "queued_at",
        "notice_id",
        postgresql_where=text("state <> 'DELIVERED'"),
    ),
)
