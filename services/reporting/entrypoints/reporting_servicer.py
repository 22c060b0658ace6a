"""ReportingService: proto ↔ handlers, no rules."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from dondoc.reporting.v1 import report_pb2, reporting_service_pb2_grpc
from dondoc.reporting.v1 import reporting_service_pb2 as pb

from services.kernel.directory.copy import slug
from services.kernel.runtime.access import Access
from services.kernel.runtime.protos import as_of, to_timestamp
from services.kernel.runtime.service import Kernel, Mounted
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.reporting.adapters import figures_store, report_store
from services.reporting.adapters.figures_csv import MEDIA_TYPE, figures_csv
from services.reporting.adapters.figures_messages import clock_figures_message, figures_message
from services.reporting.application.figures import figures, refuse_unpublished
from services.reporting.application.reports import Reports


class ReportingServicer(reporting_service_pb2_grpc.ReportingServiceServicer):
    def __init__(self, kernel: Kernel, reports: Reports) -> None:
        self._runner, self._pages, self._reports = kernel.runner, kernel.pages, reports

    async def GetFigures(self, request: Any, context: Any) -> pb.Figures:
        async def handler(work: UnitOfWork, access: Access) -> pb.Figures:
            return figures_message(await figures(work, access, request))

        return await self._runner.query(handler)

    async def ExportFigures(self, request: Any, context: Any) -> pb.ExportFiguresResponse:
        async def handler(work: UnitOfWork, access: Access) -> pb.ExportFiguresResponse:
            table = await figures(work, access, request, published=request.for_publication)
            if request.for_publication:
                refuse_unpublished(self._reports.book.profiles, table.question.as_of)
            return pb.ExportFiguresResponse(
                media_type=MEDIA_TYPE,
                data=figures_csv(table),
                as_of_time=to_timestamp(table.question.as_of),
            )

        return await self._runner.query(handler)

    async def GetClockFigures(self, request: Any, context: Any) -> pb.ClockFigures:
        async def handler(work: UnitOfWork, access: Access) -> pb.ClockFigures:
            moment, agency = as_of(request, work.now), slug(request.agency)
            rows = await figures_store.clock_rows(work, access, moment, agency)
            return clock_figures_message(moment, rows)

        return await self._runner.query(handler)

    async def GetReport(self, request: Any, context: Any) -> report_pb2.Report:
        async def handler(work: UnitOfWork, access: Access) -> report_pb2.Report:
            return self._reports.told(*await self._reports.find(work, access, request.name))

        return await self._runner.query(handler)

    async def ListReports(self, request: Any, context: Any) -> pb.ListReportsResponse:
        page = self._pages.open(request)

        async def handler(work: UnitOfWork, access: Access) -> pb.ListReportsResponse:
            after = page.after and (date.fromisoformat(page.after[0]), UUID(page.after[1]))
            state = report_pb2.ReportState.Name(request.state).removeprefix("REPORT_STATE_")
            found = await report_store.list_seen(
                work,
                access,
                rule=request.rule,
                owed_by=slug(request.agency),
                state="" if state == "UNSPECIFIED" else state,
                after=after or None,
                limit=page.size + 1,
            )
            response = pb.ListReportsResponse(
                reports=[self._reports.told(*each) for each in found[: page.size]]
            )
            if len(found) > page.size:
                last, _ = found[page.size - 1]
                response.next_page_token = self._pages.token(
                    request, [last.last_day.isoformat(), str(last.id)]
                )
            return response

        return await self._runner.query(handler)

    async def RecordReport(self, request: Any, context: Any) -> report_pb2.Report:
        return await self._runner.command(
            request, lambda work, access: self._reports.record(work, access, request)
        )


def mounted(kernel: Kernel, reports: Reports) -> Mounted:
    return Mounted(
        pb.DESCRIPTOR.services_by_name["ReportingService"],
        ReportingServicer(kernel, reports),
        reporting_service_pb2_grpc.add_ReportingServiceServicer_to_server,
    )
