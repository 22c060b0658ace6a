"""The one mapping of reports to messages."""

from __future__ import annotations

from typing import Any

from dondoc.reporting.v1 import report_pb2 as pb
from dondoc.type.v1.document_pb2 import DocumentRef
from google.protobuf.json_format import MessageToDict, ParseDict

from services.kernel.directory.copy import resource
from services.kernel.limits.domain.profile import LimitRule
from services.kernel.runtime.protos import to_date
from services.reporting.domain.report import Report


def to_message(found: Report, document: dict[str, Any], rule: LimitRule) -> pb.Report:
    """`rule` is that of the profile which the report pins; `document` as it is kept."""
    return pb.Report(
        name=found.name,
        rule=found.rule,
        article=rule.article,
        title=rule.name.vi,
        period=found.period,
        first_day=to_date(found.first_day),
        last_day=to_date(found.last_day),
        agency=resource(found.agency),
        state=pb.ReportState.Value(f"REPORT_STATE_{found.state}"),
        sent_date=to_date(found.sent_on),
        document=ParseDict(document, DocumentRef()) if document else None,
        etag=str(found.version),
    )


def document_to_keep(document: DocumentRef) -> dict[str, Any]:
    return MessageToDict(document)
