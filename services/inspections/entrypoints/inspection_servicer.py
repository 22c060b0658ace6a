"""InspectionService: proto ↔ handlers, no rules."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from dondoc.inspections.v1 import inspection_pb2, inspection_service_pb2_grpc
from dondoc.inspections.v1 import inspection_service_pb2 as pb

from services.inspections.adapters import inspection_store as store
from services.inspections.adapters.inspection_messages import to_message
from services.inspections.application.decide import decide
from services.kernel.directory.copy import slug
from services.kernel.runtime.access import Access
from services.kernel.runtime.errors import not_found
from services.kernel.runtime.service import Kernel, Mounted
from services.kernel.runtime.unit_of_work import UnitOfWork


class InspectionServicer(inspection_service_pb2_grpc.InspectionServiceServicer):
    def __init__(self, kernel: Kernel) -> None:
        self._runner, self._pages = kernel.runner, kernel.pages

    async def DecideInspection(self, request: Any, context: Any) -> inspection_pb2.Inspection:
        return await self._runner.command(
            request, lambda work, access: decide(work, request, access.principal.subject)
        )

    async def GetInspection(self, request: Any, context: Any) -> inspection_pb2.Inspection:
        async def handler(work: UnitOfWork, access: Access) -> inspection_pb2.Inspection:
            try:
                found = await store.get_seen(
                    work, access, UUID(request.name.removeprefix("inspections/"))
                )
            except ValueError:
                found = None
            if found is None:
                raise not_found(request.name)
            return to_message(found)

        return await self._runner.query(handler)

    async def ListInspections(self, request: Any, context: Any) -> pb.ListInspectionsResponse:
        page = self._pages.open(request)

        async def handler(work: UnitOfWork, access: Access) -> pb.ListInspectionsResponse:
            before = page.after and (datetime.fromisoformat(page.after[0]), UUID(page.after[1]))
            found = await store.list_seen(
                work,
                access,
                subject_agency=slug(request.subject_agency),
                before=before or None,
                limit=page.size + 1,
            )
            response = pb.ListInspectionsResponse(
                inspections=[to_message(each) for each in found[: page.size]]
            )
            if len(found) > page.size:
                last = found[page.size - 1]
                response.next_page_token = self._pages.token(
                    request, [last.decided_at.isoformat(), str(last.id)]
                )
            return response

        return await self._runner.query(handler)


def mounted(kernel: Kernel) -> Mounted:
    return Mounted(
        pb.DESCRIPTOR.services_by_name["InspectionService"],
        InspectionServicer(kernel),
        inspection_service_pb2_grpc.add_InspectionServiceServicer_to_server,
    )
