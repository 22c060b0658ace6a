"""Compliance as a message."""

from __future__ import annotations

from collections.abc import Sequence

from dondoc.limits.v1 import compliance_pb2 as pb

from services.kernel.directory.copy import resource
from services.kernel.limits.adapters.compliance_store import Question
from services.kernel.limits.domain.compliance import ComplianceRow, Tally, total
from services.kernel.runtime.protos import to_date, to_timestamp


def to_message(
    question: Question, due_soon_days: int, rows: Sequence[ComplianceRow]
) -> pb.Compliance:
    return pb.Compliance(
        from_date=to_date(question.from_date),
        to_date=to_date(question.to_date),
        as_of_time=to_timestamp(question.as_of),
        due_soon_days=due_soon_days,
        rows=[_row(row) for row in rows],
        total=_counts(total(row.tally for row in rows)),
    )


def _row(row: ComplianceRow) -> pb.ComplianceRow:
    message = _counts(row.tally)
    message.rule, message.article = row.rule, row.article
    message.title_vi, message.title_en = row.title.vi, row.title.en
    message.agency = resource(row.agency)
    return message


def _counts(tally: Tally) -> pb.ComplianceRow:
    return pb.ComplianceRow(
        met=tally.met,
        met_late=tally.met_late,
        late=tally.late,
        running=tally.running,
        due_soon=tally.due_soon,
        voided=tally.void,
        compliance=pb.ComplianceShare(numerator=tally.met, denominator=tally.counted),
    )
