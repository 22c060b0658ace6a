"""The reports that bodies owe by period: in the demonstration each is sent some days before its last."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from dondoc.reporting.v1 import report_pb2
from dondoc.reporting.v1 import reporting_service_pb2 as pb
from dondoc.reporting.v1.reporting_service_pb2_grpc import ReportingServiceStub
from dondoc.type.v1.document_pb2 import DocumentRef

from cli.client import House
from cli.render import HO_CHI_MINH
from services.kernel.runtime.protos import from_date, to_date

# Longer than the play lets reporting lag, so that none is found too late.
AHEAD = timedelta(days=10)


class SentReports:
    """Whoever owes sends; generated documents, numbered by the day of the year."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def send_due(self, now: datetime) -> int:
        """Sends what is due soon; returns how many."""
        today = now.astimezone(HO_CHI_MINH).date()
        asked = pb.ListReportsRequest(state=report_pb2.REPORT_STATE_REQUESTED)
        listed = await self._house.pages(ReportingServiceStub, "ListReports", asked, "reports")
        due = [r for r in listed if from_date(r.last_day, "last_day") <= today + AHEAD]
        document = DocumentRef(number=f"{today:%j}", symbol="BC", date=to_date(today))
        await asyncio.gather(
            *(
                self._house.call(
                    ReportingServiceStub,
                    "RecordReport",
                    pb.RecordReportRequest(
                        request_id=str(uuid5(NAMESPACE_URL, report.name)),
                        name=report.name,
                        sent_date=to_date(today),
                        document=document,
                    ),
                    user=f"{report.agency.removeprefix('agencies/')}.officer",
                )
                for report in due
            )
        )
        return len(due)
