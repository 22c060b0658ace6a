"""ReportingService: proto ↔ handlers, no rules."""

from __future__ import annotations

from typing import Any

from dondoc.reporting.v1 import reporting_service_pb2 as pb
from dondoc.reporting.v1 import reporting_service_pb2_grpc

from services.kernel.directory.copy import slug
from services.kernel.runtime.access import Access
from services.kernel.runtime.protos import to_timestamp
from services.kernel.runtime.service import Kernel, Mounted
from services.kernel.runtime.unit_of_work import UnitOfWork
from services.reporting.adapters import figures_store
from services.reporting.adapters.figures_csv import MEDIA_TYPE, figures_csv
from services.reporting.adapters.figures_messages import clock_figures_message, figures_message
from services.reporting.application.figures import as_of, figures


class ReportingServicer(reporting_service_pb2_grpc.ReportingServiceServicer):
    def __init__(self, kernel: Kernel) -> None:
        self._runner = kernel.runner

    async def GetFigures(self, request: Any, context: Any) -> pb.Figures:
        async def handler(work: UnitOfWork, access: Access) -> pb.Figures:
            return figures_message(await figures(work, access, request))

        return await self._runner.query(handler)

    async def ExportFigures(self, request: Any, context: Any) -> pb.ExportFiguresResponse:
        async def handler(work: UnitOfWork, access: Access) -> pb.ExportFiguresResponse:
            table = await figures(work, access, request)
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


def mounted(kernel: Kernel) -> Mounted:
    return Mounted(
        pb.DESCRIPTOR.services_by_name["ReportingService"],
        ReportingServicer(kernel),
        reporting_service_pb2_grpc.add_ReportingServiceServicer_to_server,
    )
