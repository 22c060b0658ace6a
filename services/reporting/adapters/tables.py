"""Tables of `reporting`: read copies, which `replay` makes again from nothing, and reports owed.

No column of a copy holds words of a document: for counting, none is needed (khoản 2 Điều 5).
"""

from __future__ import annotations

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
    false,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from services.kernel.runtime.tables import INSTANT, NAMING

metadata = MetaData(naming_convention=NAMING)

# The newest version seen of each task, as its event told it, less every word: a ClassifiedTask,
# whatever its secrecy. From it and from clock_version its intervals are made.
task = Table(
    "task",
    metadata,
    Column("name", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("occurred_at", INSTANT, nullable=False),
    Column("told", LargeBinary, nullable=False),
)

# One row for each way a task stood: those that hold an instant tell all figures as of it.
task_interval = Table(
    "task_interval",
    metadata,
    Column("task", ForeignKey("task.name", ondelete="CASCADE"), primary_key=True),
    Column("begin_at", INSTANT, primary_key=True),
    Column("end_at", INSTANT),
    Column("agency", Text, nullable=False),
    Column("forwarded_at", INSTANT, nullable=False),
    Column("progress", Text, nullable=False),
    # 00:00 of the day of the act by which it was done: by it lateness goes.
    Column("act_at", INSTANT),
    Column("confirmed", Boolean, nullable=False),
    Column("returned", Boolean, nullable=False),
    # Returned, and by its regulation not counted as incomplete.
    Column("apart", Boolean, nullable=False, server_default=false()),
    # The first late instant; NULL without a limit, or with one in words.
    Column("due_at", INSTANT),
    Column("generated", Boolean, nullable=False),
    # What is not known to be open to the public is not published.
    Column("classified", Boolean, nullable=False, server_default=true()),
    CheckConstraint("progress IN ('NOT_STARTED','IN_PROGRESS','DONE')", name="progress"),
    CheckConstraint("(progress = 'DONE') = (act_at IS NOT NULL)", name="done"),
    CheckConstraint("end_at > begin_at", name="end_at"),
    Index("ix_task_interval_agency", "agency"),
)

# Every version of every clock, so that an extension of May does not change the figure of April.
clock_version = Table(
    "clock_version",
    metadata,
    Column("clock", Text, primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("occurred_at", INSTANT, nullable=False),
    Column("subject", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("article", Text, nullable=False),
    Column("owed_by", Text, nullable=False),
    Column("started_at", INSTANT, nullable=False),
    Column("due_at", INSTANT, nullable=False),
    Column("act_at", INSTANT),
    Column("voided", Boolean, nullable=False),
    Index("ix_clock_version_subject", "subject"),
)

# What a body owes for a period because the regulation says so (Điều 19, Điều 22).
report = Table(
    "report",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("rule", Text, nullable=False),
    Column("profile", Text, nullable=False),
    Column("profile_version", Integer, nullable=False),
    Column("period", Text, nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("agency", Text, nullable=False),
    Column("sent_on", Date),
    Column("document", JSONB, nullable=False),
    Column("version", BigInteger, nullable=False),
    Index("ix_report_period", "rule", "period"),
    Index("ix_report_agency", "agency"),
    Index("ix_report_order", "last_day", "id"),
)

# The period of each rule up to which reports were asked for, by one of its days.
report_plan = Table(
    "report_plan",
    metadata,
    Column("rule", Text, primary_key=True),
    Column("day", Date, nullable=False),
)
